// Between a socket, what is spoken over it, and the engine: who calls whom.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "actors/outlet.hpp"
#include "model/time.hpp"
#include "net/close_code.hpp"

namespace inboxd::net {

/// The socket's side. I/O thread only.
class FramePort {
 public:
  virtual ~FramePort() = default;
  /// Queues one text frame made of these parts. Goes out at the next flush.
  virtual void send(std::initializer_list<std::string_view> parts) = 0;
  /// The same of `head`, a text that others send too, and `end`.
  virtual void send_shared(std::initializer_list<std::string_view> head,
                           const actors::SharedText& text, std::string_view end) {
    std::string frame;
    for (const auto part : head) frame += part;
    send({frame, *text, end});
  }
  /// Sends what is queued (for `too_slow`: drops it), then closes. Nothing is sent after.
  virtual void close(CloseCode code, std::string_view reason) = 0;
  /// An answer came in, sent or not.
  virtual void settled() {}
  /// What the client has not taken yet.
  virtual std::size_t queued_bytes() const = 0;
};

/// What speaks over a socket. I/O thread only.
class FrameSession {
 public:
  virtual ~FrameSession() = default;
  /// A frame's text, with simdjson's padding readable behind it.
  virtual void on_frame(std::string_view text) = 0;
  /// No more input is at hand.
  virtual void submit() {}
  /// The client took all that was queued.
  virtual void on_drained() {}
  /// About once a second.
  virtual void tick(model::Timestamp now) = 0;
  /// False while too much is unanswered or unread: read no further.
  virtual bool may_read() const { return true; }
  virtual bool idle() const { return true; }
};

/// Whom the engine answers. I/O thread only.
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void on_answer(actors::RequestTag tag, std::string_view body) = 0;
  virtual void on_push(const actors::Push& push) = 0;
  virtual void on_hangup(std::uint16_t code, std::string_view reason) = 0;
};

/// The session as the engine knows it. `session` is null once the socket is gone.
class SessionClient final : public actors::Client {
 public:
  using Client::Client;
  Receiver* session = nullptr;  // I/O thread only
};

}  // namespace inboxd::net
