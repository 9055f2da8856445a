// A client of the simulated server: speaks the JSON protocol through a real RpcSession, keeps its
// folded lists, counters and timelines as PROTOCOL.md says, and objects to every frame that a
// client could not follow.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "net/rpc_session.hpp"

namespace inboxd::sim {

using nlohmann::json;

class World;

struct Sub {
  enum class Kind { view, counters, contact, notifications, agents, outbox };
  Kind kind = Kind::view;
  std::string id;
  json params;  // as asked for
  std::uint64_t offset = 0;
  // A view's window, or counters.
  std::vector<json> rows;
  json counters, cursor;
  bool more = false;
  std::size_t limit = 50;
  std::optional<json> after;       // the row whose place the window begins after
  std::optional<json> cursor_row;  // the row that `cursor` names
  // A contact and what is known of its timeline.
  json contact;
  std::map<std::uint64_t, json> entries;
};

class Client final : public net::FramePort {
 public:
  Client(World& world, std::size_t index, std::string workspace, model::Principal principal);
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  const std::size_t index;
  const std::string workspace;
  const model::Principal principal;
  bool is_agent() const { return principal.kind == model::PrincipalKind::agent; }
  bool is_connector() const { return principal.kind == model::PrincipalKind::connector; }

  // The connection.
  bool connected() const { return session_ != nullptr; }
  /// The engine's side of the connection, as long as neither side has ended it.
  bool has(const net::Receiver* session) const {
    return session != nullptr && session_.get() == session && !closed_;
  }
  void connect();
  /// Cut, by either side; answers that were on the way are lost.
  void lose_connection();
  bool awake() const { return awake_; }
  void sleep() { awake_ = false; }
  void wake() { awake_ = true; }
  /// Takes up to so many frames of what waits.
  void read(std::size_t frames = SIZE_MAX);
  void tick();
  /// Sees whether the server closed.
  void reap();

  // Requests.
  struct Request {
    std::string method;
    json params;
    std::optional<Sub> sub;     // the subscription that it makes, or resumes
    std::optional<json> after;  // the row that the cursor of a `view.window` names
  };
  void request(std::string method, json params = json::object());
  void subscribe(Sub sub, std::string method, json params);
  void move(const Sub& sub, json params);
  /// Ends a connector's subscription; until that is answered it may yet be given something.
  void leave(const std::string& sub);
  bool leaving = false;
  /// Several in one frame (S8).
  void batch(std::vector<Request> requests);
  void raw(const std::string& text);
  /// The next subscriptions take up where lost ones were.
  void resume();
  /// What the last answers of these methods were, for the auditor.
  std::vector<json> results;
  bool keep_results = false;

  /// A connector's deliveries as it was told them: where each text belongs.
  std::map<std::string, json> hands;
  std::size_t deliveries = 0;

  std::map<std::string, Sub> subs;
  std::vector<Sub> lost_subs;  // of the last connection
  bool busy() const { return !pending_.empty(); }
  std::string epoch;

  // FramePort.
  void send(std::initializer_list<std::string_view> parts) override;
  void close(net::CloseCode code, std::string_view reason) override;
  std::size_t queued_bytes() const override { return queued_bytes_; }

 private:
  struct Pending {
    Request request;
    std::uint64_t floor = 0;  // the greatest offset answered before it was sent (S7)
    std::uint64_t order = 0;
  };
  json frame_of(Request request);
  void take(const std::string& text);
  void answered(const json& response);
  void refused(const Pending& pending, const json& error);
  void settle(const Pending& pending, const json& result);
  void subscribed(Pending pending, const json& result);
  void told(const std::string& method, const json& params);
  void delta(Sub& sub, const json& params);
  void contact_delta(Sub& sub, const json& params);
  void take_deliveries(const json& list);
  void replace(Sub& sub, const json& with);
  void apply(Sub& sub, const json& ops);
  void check_window(const Sub& sub) const;
  /// What the subscription shows now must be what there was at its offset.
  void check_shown(const Sub& sub, const json& told) const;
  void add_entries(Sub& sub, const json& entries, bool grow);
  [[noreturn]] void object(const std::string& what, const json& frame) const;

  World& world_;
  std::unique_ptr<net::RpcSession> session_;
  std::deque<std::string> inbox_;
  std::size_t queued_bytes_ = 0;
  std::optional<net::CloseCode> closed_;
  bool awake_ = true;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Pending> pending_;
  std::uint64_t answered_offset_ = 0;
  std::map<std::string, std::map<std::uint64_t, std::uint64_t>> order_;  // contact: order → seq
};

}  // namespace inboxd::sim
