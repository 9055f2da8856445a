// A blocking JSON-RPC client over WebSocket for tests. Every wait has a deadline and throws
// std::runtime_error, saying what it waited for and what came instead. One thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/process.hpp"

namespace inboxd::tests {

using Json = nlohmann::json;

struct RpcReply {
  Json result;  // null after an error
  Json error;   // null after a success; else {code, message, data}

  bool ok() const { return error.is_null(); }
  int code() const { return ok() ? 0 : error.at("code").get<int>(); }
  /// data.reason of an error, "" without one.
  std::string reason() const;
  /// data.field of an error, "" without one.
  std::string field() const;
};

class RpcClient {
 public:
  /// Connects and upgrades; throws if nobody listens or the upgrade is refused.
  explicit RpcClient(std::uint16_t port, const std::string& target = "/ws");
  ~RpcClient();
  RpcClient(RpcClient&&) noexcept;
  RpcClient& operator=(RpcClient&&) noexcept;

  /// Sends a request and waits for its reply. Notifications that come meanwhile are kept.
  RpcReply call(const std::string& method, const Json& params = Json::object(),
                std::chrono::milliseconds timeout = patience);
  /// The same, for a call that must succeed: its result. Throws with the error otherwise.
  Json must(const std::string& method, const Json& params = Json::object(),
            std::chrono::milliseconds timeout = patience);

  /// Sends a request without waiting; the reply is fetched with `wait_reply`.
  std::int64_t send(const std::string& method, const Json& params = Json::object());
  RpcReply wait_reply(std::int64_t id, std::chrono::milliseconds timeout = patience);

  /// Sends a frame as it is, valid or not.
  void send_text(const std::string& frame);
  void send_binary(const std::string& frame);

  using Predicate = std::function<bool(const Json& notification)>;
  /// The first kept or coming notification that matches, removed from those kept; earlier ones stay
  /// kept.
  Json wait_notification(const Predicate& wanted, std::chrono::milliseconds timeout = patience);
  Json wait_notification(const std::string& method, std::chrono::milliseconds timeout = patience);
  /// All notifications that have arrived, in order; none are kept afterwards.
  std::vector<Json> take_notifications();

  /// The next frame that is neither a notification nor the reply to a `send`: errors with id null,
  /// replies to `send_text`, and batches' arrays, whole.
  Json wait_stray(std::chrono::milliseconds timeout = patience);

  /// Waits until the other side closes: its close code, 1006 if the connection just broke.
  unsigned wait_close(std::chrono::milliseconds timeout = patience);
  bool closed() const;

  /// From now on nothing is read, as by a client that hangs; `resume_reading` ends it.
  void stop_reading();
  void resume_reading();

  /// Closes in order, and waits for the other side's close.
  void close();
  /// Cuts the connection without a word.
  void drop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inboxd::tests
