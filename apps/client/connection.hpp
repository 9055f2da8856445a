// A WebSocket client connection on a Loop: non-blocking connect and handshake, frames in, frames
// out. What is sent is corked: everything written while one event is handled leaves in one system
// call. One thread: the loop's.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>

#include "apps/client/loop.hpp"
#include "apps/client/websocket_frame.hpp"

namespace inboxd::client {

struct Url {
  std::string host;  // a name or an address
  std::uint16_t port = 80;
  std::string target = "/ws";

  /// `ws://host[:port][/path]`, also with `http://`. Throws std::invalid_argument for anything else
  /// (this client speaks no TLS: put it behind a proxy for that).
  static Url parse(std::string_view text);
  std::string str() const;
};

/// Why a connection ended. `code` is the WebSocket close code; 1006 when it just broke, with the
/// cause in `reason`.
struct CloseReason {
  unsigned code = 1006;
  std::string reason;
};

class Connection final : public Pollable {
 public:
  // Called by the loop. The connection must not be destroyed inside them. `text` is followed by at
  // least 64 readable bytes, as simdjson wants, and lasts for the call.
  struct Events {
    std::function<void()> opened;
    std::function<void(std::string_view text)> text;
    std::function<void(const CloseReason&)> closed;  // once, whoever ended it, but for `drop`
  };

  Connection(Loop& loop, Events events);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Starts to connect; `opened` or `closed` follows. May be called again after the end.
  void connect(const Url& url);
  /// Queues a text frame. Nothing happens on a connection that is not open.
  void send(std::string_view text) { send_frame(Opcode::text, text); }
  void send_frame(Opcode opcode, std::string_view payload);
  /// Sends a close frame and waits for the other side's.
  void close(std::uint16_t code = 1000);
  /// Cuts the connection without a word, and without `closed`.
  void drop();
  /// Stops reading, as a client that hangs would; false goes on.
  void pause(bool on);

  bool open() const { return state_ == State::open; }
  std::size_t queued_bytes() const { return out_.size() - sent_; }
  std::uint64_t received_bytes() const { return received_bytes_; }

  void on_ready(std::uint32_t epoll_events) override;
  void flush() override;

 private:
  enum class State : std::uint8_t { idle, connecting, handshake, open, closing };

  void start_handshake();
  void read();
  std::size_t take(std::string_view bytes);
  std::size_t take_handshake(std::string_view bytes);
  std::size_t take_frames(std::string_view bytes);
  void take_frame(const Frame& frame);
  void end(const CloseReason& why);
  void want(std::uint32_t epoll_events);
  void mark_dirty();

  Loop& loop_;
  Events events_;
  Url url_;
  State state_ = State::idle;
  int fd_ = -1;
  std::uint32_t wanted_ = 0;
  std::uint64_t life_ = 0;  // grows with each end
  Loop::TimerId failure_ = 0;
  bool dirty_ = false;
  bool paused_ = false;
  std::string key_;
  std::string out_;
  std::size_t sent_ = 0;  // of out_
  std::string rest_;      // an incomplete frame
  std::string message_;   // fragments so far
  std::uint64_t received_bytes_ = 0;
  std::minstd_rand masks_;
};

}  // namespace inboxd::client
