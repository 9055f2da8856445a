// A WebSocket at /ws: Beast reads frames, keeps the protocol and closes; answers are framed
// straight into the cork's buffer. The same template over plain and TLS sockets.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <boost/beast/http.hpp>
#include <simdjson.h>
#include <spdlog/spdlog.h>

#include "net/connection.hpp"
#include "net/cork_stream.hpp"
#include "net/frame_session.hpp"
#include "net/version.hpp"
#include "net/websocket_frame.hpp"

namespace inboxd::net {

template <class Lower>
class WsSession final : public Connection,
                        public FramePort,
                        public std::enable_shared_from_this<WsSession<Lower>> {
 public:
  using Upgrade = beast::http::request<beast::http::string_body>;

  /// Makes what is spoken over the socket, for the port that it is to use.
  using Speak = std::function<std::unique_ptr<FrameSession>(FramePort&)>;

  WsSession(std::shared_ptr<Shared> shared, CorkStream<Lower> stream, const Speak& speak,
            std::size_t frame_bytes_max)
      : shared_(std::move(shared)),
        ws_(std::move(stream)),
        session_(speak(*this)),
        frame_bytes_max_(frame_bytes_max),
        last_input_(shared_->services.clock()),
        last_progress_(last_input_) {
    shared_->connections.enter(*this);
    ++shared_->services.metrics.connections;
  }
  ~WsSession() override {
    cork().call_nobody();
    shared_->services.queued_bytes -= accounted_bytes_;
    --shared_->services.metrics.connections;
    shared_->connections.leave(*this);
  }
  WsSession(const WsSession&) = delete;
  WsSession& operator=(const WsSession&) = delete;

  void run(Upgrade upgrade) {
    configure();
    upgrade_ = std::move(upgrade);
    ws_.async_accept(upgrade_, [self = this->shared_from_this()](error_code error) {
      self->upgrade_ = {};
      if (error) return self->cork().flush();  // Beast said no in HTTP
      self->accepted_ = true;
      if (self->closing_) return self->begin_close();
      self->read();
    });
  }

  // FramePort.
  void send(std::initializer_list<std::string_view> parts) override {
    if (closing_) return;
    ++shared_->services.metrics.frames_out;
    std::size_t size = 0;
    for (const auto part : parts) size += part.size();
    if (shared_->services.options.deflate) {
      queue_for_beast(parts, size);
      return account();
    }
    begin_frame(size, parts);
    account();
    touch();
  }

  void send_shared(std::initializer_list<std::string_view> head, const actors::SharedText& text,
                   std::string_view end) override {
    if (closing_ || shared_->services.options.deflate)
      return FramePort::send_shared(head, text, end);
    ++shared_->services.metrics.frames_out;
    std::size_t size = text->size() + end.size();
    for (const auto part : head) size += part.size();
    begin_frame(size, head);
    cork().append(text);
    cork().out() += end;
    account();
    touch();
  }

  void close(CloseCode code, std::string_view reason) override {
    if (closing_) return;
    closing_ = true;
    closing_since_ = shared_->services.clock();
    // What a slow reader has not been given yet is not worth its memory.
    if (code == CloseCode::too_slow) {
      cork().drop();
      waiting_.clear();
      waiting_bytes_ = 0;
      account();
    }
    beast::websocket::close_reason why(static_cast<std::uint16_t>(code));
    why.reason.assign(reason.data(), std::min(reason.size(), why.reason.max_size()));
    close_reason_ = why;
    // Beast must not close what it is still accepting: neither would ever end.
    if (accepted_ && !writing_) begin_close();
    paused_ = false;
    const auto self = std::exchange(alive_, nullptr);  // what is under way keeps us now
  }

  void settled() override { touch(); }

  std::size_t queued_bytes() const override {
    return ws_.next_layer().queued_bytes() + waiting_bytes_;
  }

  // Connection.
  void tick(model::Timestamp now) override {
    const auto& options = shared_->services.options;
    if (closing_) {
      if (now - options.stop_timeout > closing_since_) kill();
      return;
    }
    session_->tick(now);
    if (closing_) return;
    if (queued_bytes() == 0) last_progress_ = now;
    if (now - options.stuck_timeout > last_progress_) {
      ++shared_->services.metrics.closed_slow;
      return close(CloseCode::too_slow, "too slow a reader");
    }
    // A session that is not read from cannot show life.
    if (paused_) return flush();
    if (now - options.idle_timeout > last_input_) return kill();
    if (now - options.ping_after > last_input_ && now - options.ping_after > last_ping_) ping(now);
  }

  void flush() override {
    touched_ = false;
    if (paused_ && session_->may_read() && !stopping_) read();
    if (stopping_ && session_->idle()) return close(CloseCode::going_away, "going away");
    cork().flush();
  }

  void stop() override {
    stopping_ = true;
    flush();
  }

  void kill() override {
    const auto self = std::exchange(alive_, nullptr);
    error_code ignored;
    beast::get_lowest_layer(ws_).close(ignored);
  }

 private:
  CorkStream<Lower>& cork() { return ws_.next_layer(); }

  void configure() {
    const auto& options = shared_->services.options;
    beast::websocket::stream_base::timeout none{};
    none.handshake_timeout = none.idle_timeout = beast::websocket::stream_base::none();
    none.keep_alive_pings = false;
    ws_.set_option(none);
    ws_.set_option(
        beast::websocket::stream_base::decorator([](beast::websocket::response_type& response) {
          response.set(beast::http::field::server, server_name);
        }));
    if (options.deflate) {
      beast::websocket::permessage_deflate deflate;
      deflate.server_enable = true;
      deflate.server_no_context_takeover = deflate.client_no_context_takeover = true;
      deflate.msg_size_threshold = 256;
      ws_.set_option(deflate);
    }
    ws_.read_message_max(frame_bytes_max_);
    ws_.text(true);
    cork().on_starved([this] {
      session_->submit();
      flush_now();
    });
    cork().on_drained([this] {
      session_->on_drained();
      if (paused_) flush();
    });
    cork().on_progress([this](std::size_t bytes) {
      auto& metrics = shared_->services.metrics;
      ++metrics.flushes;
      metrics.bytes_out += bytes;
      account();
      last_progress_ = shared_->services.clock();
    });
    ws_.control_callback([this](beast::websocket::frame_type, beast::string_view) {
      last_input_ = shared_->services.clock();
    });
  }

  void read() {
    paused_ = false;
    const auto self = std::exchange(alive_, nullptr);
    ws_.async_read(in_, [self = this->shared_from_this()](error_code error, std::size_t) {
      self->on_read(error);
    });
  }

  void on_read(error_code error) {
    if (error) {
      // A reading that ended for a reason of its own (a bad frame) has its answer in the buffer.
      cork().flush();
      return;
    }
    last_input_ = shared_->services.clock();
    // The close reads on to the client's close frame by itself. Another reading beside one that
    // waits to do so would take its turn in Beast (1.74), and both would wait for ever.
    if (closing_) return in_.clear();
    if (!ws_.got_text()) {
      in_.clear();
      close(CloseCode::protocol_error, "text frames only");
      return flush_now();
    }
    handle();
    if (closing_) return;
    if (session_->may_read()) return read();
    paused_ = true;
    alive_ = this->shared_from_this();
    session_->submit();
    flush_now();
  }

  void handle() {
    const auto size = in_.size();
    in_.prepare(simdjson::SIMDJSON_PADDING);
    session_->on_frame({static_cast<const char*>(in_.data().data()), size});
    in_.clear();
    constexpr std::size_t kept_max = std::size_t{16} * 1024;
    if (in_.capacity() > kept_max) in_.shrink_to_fit();
  }

  void begin_frame(std::size_t size, std::initializer_list<std::string_view> parts) {
    auto& out = cork().out();
    write_frame_head(out, Opcode::text, size);
    for (const auto part : parts) out += part;
  }

  void ping(model::Timestamp now) {
    last_ping_ = now;
    write_frame_head(cork().out(), Opcode::ping, 0);
    flush_now();
  }

  void flush_now() { cork().flush(); }

  /// Keeps the sum of all sessions' queues.
  void account() {
    auto& all = shared_->services.queued_bytes;
    all -= accounted_bytes_;
    accounted_bytes_ = queued_bytes();
    all += accounted_bytes_;
  }

  /// Marks the connection for the flush at the end of the engine's batch.
  void touch() {
    if (touched_) return;
    touched_ = true;
    shared_->touched.push_back(this->weak_from_this());
  }

  void begin_close() {
    ws_.async_close(close_reason_,
                    [self = this->shared_from_this()](error_code) { self->cork().flush(); });
    flush_now();
  }

  // With compression Beast has to make the frames, one at a time.
  void queue_for_beast(std::initializer_list<std::string_view> parts, std::size_t size) {
    std::string text;
    text.reserve(size);
    for (const auto part : parts) text += part;
    waiting_bytes_ += size;
    waiting_.push_back(std::move(text));
    touch();
    if (!writing_) write_next();
  }

  void write_next() {
    writing_ = true;
    beast_out_ = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= beast_out_.size();
    ws_.async_write(asio::buffer(beast_out_),
                    [self = this->shared_from_this()](error_code error, std::size_t) {
                      self->writing_ = false;
                      if (error) return;
                      if (!self->waiting_.empty()) return self->write_next();
                      if (self->closing_) return self->begin_close();
                      self->cork().flush();
                    });
  }

  std::shared_ptr<Shared> shared_;
  beast::websocket::stream<CorkStream<Lower>> ws_;
  std::unique_ptr<FrameSession> session_;
  std::size_t frame_bytes_max_;
  Upgrade upgrade_;
  beast::flat_buffer in_;
  model::Timestamp last_input_, last_progress_, last_ping_, closing_since_;
  beast::websocket::close_reason close_reason_;
  std::shared_ptr<void> alive_;  // ourselves, while nothing is being read
  bool accepted_ = false, closing_ = false, stopping_ = false, paused_ = false, touched_ = false;

  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t accounted_bytes_ = 0;
  std::string beast_out_;
  bool writing_ = false;
};

extern template class WsSession<Socket>;
extern template class WsSession<TlsStream>;

}  // namespace inboxd::net
