// One client's conversation, apart from the socket: frames come in, requests go to the engine,
// answers and notifications go out through a port. Over WebSocket, and for one `POST /rpc`.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/engine.hpp"
#include "net/frame.hpp"
#include "net/frame_session.hpp"
#include "net/method.hpp"
#include "net/services.hpp"

namespace inboxd::net {

/// I/O thread only. Made with a port that outlives it.
class RpcSession final : public FrameSession, public Receiver {
 public:
  enum class Transport { websocket, http };

  RpcSession(Services& services, FramePort& port, Transport transport);
  /// Tells the engine that the client is gone.
  ~RpcSession() override;
  RpcSession(const RpcSession&) = delete;
  RpcSession& operator=(const RpcSession&) = delete;

  /// The principal of a request over HTTP, from its bearer token.
  std::optional<model::Error> authenticate(std::string_view token);

  /// A frame's text, with simdjson's padding readable behind it.
  void on_frame(std::string_view text) override;
  /// No more input is at hand: what was decoded goes to the engine as one batch.
  void submit() override;

  // From the engine.
  void on_answer(actors::RequestTag tag, std::string_view body) override;
  void on_push(const actors::Push& push) override;
  void on_hangup(std::uint16_t code, std::string_view reason) override;

  /// The client took all that was queued: asks for the views that were dropped.
  void on_drained() override;
  /// About once a second.
  void tick(model::Timestamp now) override;

  /// False while too much is unanswered or unread: read no further.
  bool may_read() const override;
  bool idle() const override { return in_flight_ == 0; }
  bool is_open() const { return client_ != nullptr; }

 private:
  /// A batch array whose answers are collected (S8).
  struct Batch {
    std::size_t waiting = 0;
    std::size_t weight = 0;              // of its requests
    std::vector<std::string> responses;  // by place in the array; empty: a notification's
    std::vector<std::string> held;       // notifications of its subscriptions: after the answer
  };
  using BatchPtr = std::shared_ptr<Batch>;
  /// Where an answer goes.
  struct Place {
    std::string id;  // raw; empty: nobody waits for it
    BatchPtr batch;  // null: a frame of its own
    std::size_t index = 0;
  };
  struct Pending {
    Place place;
    const Method* method = nullptr;
    std::uint32_t sub = 0;  // the subscription that it makes
    std::size_t weight = 0;
    std::int64_t since_us = 0;
  };
  struct Subscription {
    const Method* method = nullptr;
    bool active = false;   // it was answered
    BatchPtr batch;        // that the answer is part of
    bool dropped = false;  // deltas were lost: wait for a reset
    bool reset_asked = false;
    model::Timestamp dropped_at;
  };

  void handle(const Envelope& envelope, Place place);
  std::optional<model::Error> check(const Envelope& envelope, const Method* method);
  std::optional<model::Error> check_rate();
  std::optional<model::Error> dispatch(const Method& method, Call&& call, Place& place,
                                       std::uint32_t sub_before);
  std::optional<model::Error> open(const Method& method, std::string_view token,
                                   const Place& place);
  std::optional<model::Error> refresh(const Method& method, std::string_view token,
                                      const Place& place);
  void expire();
  void turn_away(const Method& method, const model::Error& error, const Place& place);
  std::optional<model::Error> forward(const Method& method, actors::Request&& request, Place& place,
                                      std::uint32_t sub_before);
  std::optional<model::Error> unsubscribe(const Method& method, actors::SubId sub,
                                          const Place& place);
  Subscription* active_sub(actors::SubId sub);
  void finish_subscribe(Pending& pending, bool ok);
  bool make_room(const actors::Push& push, Subscription& sub);
  bool hold(Subscription& sub, std::initializer_list<std::string_view> head, std::string_view tail,
            std::string_view end);

  void respond(const Place& place, std::string_view body);
  void finish(Batch& batch);
  std::string session_body() const;
  std::size_t index_of(const Method& method) const;

  Services& services_;
  FramePort& port_;
  const Transport transport_;
  std::shared_ptr<SessionClient> client_;
  model::Role role_ = model::Role::agent;
  model::Timestamp expires_at_, started_at_;
  std::string id_;
  Rate rate_;
  std::shared_ptr<Rate> principal_rate_;
  std::size_t refused_in_a_row_ = 0;
  bool closed_ = false;
  bool told_presence_ = false;

  Frame frame_;  // kept for its memory
  std::vector<actors::Submission> outgoing_;
  std::vector<Pending> pending_;  // by tag
  std::vector<actors::RequestTag> free_tags_;
  std::size_t in_flight_ = 0;
  std::size_t in_flight_weight_ = 0;
  std::size_t held_bytes_ = 0;  // of all batches
  std::uint32_t last_sub_ = 0;
  std::unordered_map<std::uint32_t, Subscription> subs_;
};

}  // namespace inboxd::net
