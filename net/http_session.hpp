// One connection's HTTP: requests one after another, until it ends or becomes a WebSocket.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/beast/http.hpp>

#include "model/error_json.hpp"
#include "net/chat_session.hpp"
#include "net/connection.hpp"
#include "net/cork_stream.hpp"
#include "net/http_response.hpp"
#include "net/rpc_session.hpp"
#include "net/ws_session.hpp"

namespace inboxd::net {

template <class Lower>
class HttpSession final : public Connection,
                          public FramePort,
                          public std::enable_shared_from_this<HttpSession<Lower>> {
 public:
  HttpSession(std::shared_ptr<Shared> shared, CorkStream<Lower> stream)
      : shared_(std::move(shared)), stream_(std::move(stream)), since_(shared_->services.clock()) {
    shared_->connections.enter(*this);
    ++shared_->services.metrics.connections;
  }
  ~HttpSession() override {
    stream_.call_nobody();
    --shared_->services.metrics.connections;
    shared_->connections.leave(*this);
  }
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  void run() {
    stream_.on_starved([stream = &stream_] { stream->flush(); });
    stream_.on_progress([this](std::size_t) { since_ = shared_->services.clock(); });
    stream_.on_drained([this] { on_drained(); });
    if constexpr (std::is_same_v<Lower, TlsStream>) {
      stream_.next_layer().async_handshake(asio::ssl::stream_base::server,
                                           [self = this->shared_from_this()](error_code error) {
                                             if (!error) self->read();
                                           });
    } else {
      read();
    }
  }

  // FramePort: the answer to `POST /rpc`, one frame at most.
  void send(std::initializer_list<std::string_view> parts) override {
    for (const auto part : parts) answer_ += part;
  }
  void close(CloseCode, std::string_view) override { keep_alive_ = false; }
  void settled() override {
    if (touched_) return;
    touched_ = true;
    shared_->touched.push_back(this->weak_from_this());
  }
  std::size_t queued_bytes() const override { return stream_.queued_bytes(); }

  // Connection.
  void tick(model::Timestamp now) override {
    // While a command is carried out the time is the engine's.
    if (rpc_) return;
    if (now - shared_->services.options.handshake_timeout > since_) kill();
  }
  void flush() override {
    touched_ = false;
    finish_rpc();
  }
  void stop() override {
    stopping_ = true;
    if (!rpc_) kill();
  }
  void kill() override {
    const auto self = std::exchange(alive_, nullptr);
    error_code ignored;
    beast::get_lowest_layer(stream_).close(ignored);
  }

 private:
  using Parser = beast::http::request_parser<beast::http::string_body>;

  void read() {
    constexpr std::uint32_t head_bytes_max = 16 * 1024;
    parser_.emplace();
    parser_->header_limit(head_bytes_max);
    parser_->body_limit(shared_->services.options.frame_bytes_max);
    since_ = shared_->services.clock();
    beast::http::async_read_header(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](error_code error, std::size_t) { self->on_head(error); });
  }

  void on_head(error_code error) {
    if (error || parser_->is_done()) return on_read(error);
    const auto expected = parser_->get()[beast::http::field::expect];
    if (beast::iequals(expected, "100-continue")) {
      // A body that is too large was refused already, by its length.
      stream_.out() += "HTTP/1.1 100 Continue\r\n\r\n";
      stream_.flush();
    } else if (!expected.empty()) {
      return refuse(417, "Only 100-continue can be expected.\n");
    }
    beast::http::async_read(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](error_code read, std::size_t) { self->on_read(read); });
  }

  void on_read(error_code error) {
    if (error == beast::http::error::body_limit) return refuse(413, "The body is too large.\n");
    if (error == beast::http::error::header_limit) return refuse(431, "The head is too large.\n");
    if (error.category() ==
            beast::http::make_error_code(beast::http::error::bad_method).category() &&
        error != beast::http::error::end_of_stream &&
        error != beast::http::error::partial_message) {
      return refuse(400, "This is not HTTP/1.1.\n");
    }
    if (error) return kill();
    ++shared_->services.metrics.http_requests;
    request_ = parser_->release();
    keep_alive_ = request_.keep_alive() && !stopping_;
    if (shared_->services.engine == nullptr)
      return respond(answer_start(request_, shared_->services));
    if (beast::websocket::is_upgrade(request_)) return upgrade();
    if (path() == "/rpc" && !origin_allowed(request_, shared_->services.options)) {
      return refuse(403, "Pages of this origin may not call: see --origin.\n");
    }
    if (request_.method() == beast::http::verb::post && path() == "/rpc") return rpc();
    respond(answer_http(request_, *shared_));
  }

  std::string_view path() const {
    const std::string_view target(request_.target().data(), request_.target().size());
    return target.substr(0, target.find('?'));
  }

  void upgrade() {
    if (path() == "/chat/ws") return upgrade_chat();
    if (path() != "/ws") return refuse(404, "The WebSocket is at /ws.\n");
    if (!origin_allowed(request_, shared_->services.options)) {
      return refuse(403, "Pages of this origin may not connect: see --origin.\n");
    }
    auto& services = shared_->services;
    become(
        [&services](FramePort& port) {
          return std::make_unique<RpcSession>(services, port, RpcSession::Transport::websocket);
        },
        services.options.frame_bytes_max);
  }

  /// A visitor of a page that shows a webchat.
  void upgrade_chat() {
    auto& services = shared_->services;
    const std::string_view target(request_.target().data(), request_.target().size());
    const auto host = request_[beast::http::field::host];
    const auto entrance = shared_->chats.enter(services, target, origin_of(request_),
                                               {host.data(), host.size()}, peer());
    if (entrance.desk == nullptr) return refuse(entrance.status, entrance.refusal);
    become([&services, desk = entrance.desk](
               FramePort& port) { return std::make_unique<ChatSession>(services, *desk, port); },
           chat_frame_bytes_max);
  }

  std::string peer() {
    error_code ignored;
    return beast::get_lowest_layer(stream_).remote_endpoint(ignored).address().to_string();
  }

  void become(const typename WsSession<Lower>::Speak& speak, std::size_t frame_bytes_max) {
    const auto rest = buffer_.data();
    if (rest.size() > 0) {
      stream_.put_back({static_cast<const char*>(rest.data()), rest.size()});
    }
    stream_.call_nobody();
    std::make_shared<WsSession<Lower>>(shared_, std::move(stream_), speak, frame_bytes_max)
        ->run(std::move(request_));
  }

  void rpc() {
    rpc_ = std::make_unique<RpcSession>(shared_->services, *this, RpcSession::Transport::http);
    if (auto error = rpc_->authenticate(bearer_of(request_))) {
      rpc_.reset();
      write_response(answer_, {}, model::error_member(*error));
      return respond_json(401);
    }
    auto& body = request_.body();
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    if (!simdjson::validate_utf8(body)) body = "\"not UTF-8";  // as any other text that is no JSON
    alive_ = this->shared_from_this();
    rpc_->on_frame(body);
    rpc_->submit();
    finish_rpc();
  }

  void finish_rpc() {
    if (!rpc_ || !rpc_->idle()) return;
    rpc_.reset();
    const auto self = std::exchange(alive_, nullptr);
    respond_json(answer_.empty() ? 204 : 200);
  }

  void respond_json(unsigned status) {
    HttpResponse response;
    response.status = status;
    response.content_type = "application/json";
    response.text = std::exchange(answer_, {});
    if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    respond(std::move(response));
  }

  void refuse(unsigned status, std::string text) {
    keep_alive_ = false;
    HttpResponse response;
    response.status = status;
    response.text = std::move(text);
    respond(std::move(response));
  }

  void respond(HttpResponse response) {
    keep_alive_ = keep_alive_ && !stopping_;
    allow_origin(request_, shared_->services.options, response);
    write_http(stream_.out(), response, keep_alive_, request_.method() == beast::http::verb::head);
    if (keep_alive_) return read_on();
    // The socket closes when all is written: the reading that finds the client's end keeps us.
    ending_ = true;
    stream_.flush();
    read_to_end();
  }

  /// The next request, once there is room for what it may be answered with.
  void read_on() {
    if (stream_.queued_bytes() <= shared_->services.options.queue_bytes_max) return read();
    alive_ = this->shared_from_this();
    waits_for_room_ = true;
    stream_.flush();
  }

  void on_drained() {
    if (ending_) return end();
    if (!std::exchange(waits_for_room_, false)) return;
    const auto self = std::exchange(alive_, nullptr);
    read();
  }

  void end() {
    error_code ignored;
    beast::get_lowest_layer(stream_).shutdown(asio::socket_base::shutdown_send, ignored);
  }

  void read_to_end() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(1024),
                            [self = this->shared_from_this()](error_code error, std::size_t) {
                              if (!error) self->read_to_end();
                            });
  }

  std::shared_ptr<Shared> shared_;
  CorkStream<Lower> stream_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  HttpRequest request_;
  std::unique_ptr<RpcSession> rpc_;
  std::shared_ptr<void> alive_;  // ourselves, while only the engine knows of us
  std::string answer_;
  model::Timestamp since_;
  bool keep_alive_ = false, stopping_ = false, touched_ = false;
  bool ending_ = false, waits_for_room_ = false;
};

extern template class HttpSession<Socket>;
extern template class HttpSession<TlsStream>;

}  // namespace inboxd::net
