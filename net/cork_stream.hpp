// The layer between Beast and the socket: reads ahead, and collects what is written until `flush`.
// Beast reads in small pieces and writes a frame per system call; through this, a burst of frames
// costs one read and one write (DESIGN "Sockets", docs/decisions/0030).
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "net/out_queue.hpp"

namespace inboxd::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using TlsStream = asio::ssl::stream<Socket>;

/// What a CorkStream holds; its own operations keep it alive.
template <class Lower>
class CorkCore : public std::enable_shared_from_this<CorkCore<Lower>> {
 public:
  template <class... Args>
  explicit CorkCore(Args&&... args) : lower(std::forward<Args>(args)...), ahead_(ahead_min) {}

  Lower lower;
  OutQueue out;
  std::function<void()> starved, drained;
  std::function<void(std::size_t)> progress;

  std::size_t queued_bytes() const { return out.bytes() + writing_.bytes(); }
  bool flushing() const { return flushing_; }

  void flush() {
    if (flushing_ || failed_ || out.empty()) return;
    flushing_ = true;
    writing_.begin(out);
    write_more();
  }

  /// What another reader took from the socket and did not use.
  void put_back(std::string_view bytes) {
    ahead_.assign(bytes.begin(), bytes.end());
    ahead_.resize(std::max(ahead_.size(), ahead_min));
    begin_ = 0;
    end_ = bytes.size();
  }

  template <class Buffers, class Handler>
  void read(const Buffers& into, Handler handler) {
    if (begin_ != end_) {
      const auto size = take(into);
      return complete(std::move(handler), {}, size);
    }
    fit_ahead();
    if (starved) starved();
    lower.async_read_some(asio::buffer(ahead_),
                          [self = this->shared_from_this(), into, handler = std::move(handler)](
                              error_code error, std::size_t size) mutable {
                            self->begin_ = 0;
                            self->end_ = self->last_read_ = size;
                            std::move(handler)(error, error ? 0 : self->take(into));
                          });
  }

  template <class Buffers, class Handler>
  void write(const Buffers& from, Handler handler) {
    std::size_t size = 0;
    const auto end = asio::buffer_sequence_end(from);
    for (auto it = asio::buffer_sequence_begin(from); it != end; ++it) {
      const asio::const_buffer piece(*it);
      out.own().append(static_cast<const char*>(piece.data()), piece.size());
      size += piece.size();
    }
    complete(std::move(handler), failed_, size);
  }

 private:
  static constexpr std::size_t ahead_min = std::size_t{2} * 1024;   // of an idle session
  static constexpr std::size_t ahead_max = std::size_t{64} * 1024;  // of a busy one

  template <class Handler>
  void complete(Handler handler, error_code error, std::size_t size) {
    asio::post(lower.get_executor(), beast::bind_handler(std::move(handler), error, size));
  }

  template <class Buffers>
  std::size_t take(const Buffers& into) {
    const auto size = asio::buffer_copy(into, asio::buffer(ahead_.data() + begin_, end_ - begin_));
    begin_ += size;
    return size;
  }

  /// A read that fills the buffer makes it larger; one that uses little of it brings it back.
  void fit_ahead() {
    if (last_read_ == ahead_.size() && ahead_.size() < ahead_max) {
      ahead_.resize(std::min(ahead_.size() * 4, ahead_max));
    } else if (last_read_ < ahead_.size() / 16 && ahead_.size() > ahead_min) {
      std::vector<char>(ahead_min).swap(ahead_);
    }
  }

  void write_more() {
    lower.async_write_some(writing_.rest(),
                           [self = this->shared_from_this()](error_code error, std::size_t size) {
                             self->after_write(error, size);
                           });
  }

  void after_write(error_code error, std::size_t size) {
    if (error) {
      failed_ = error;
      flushing_ = false;
      writing_.clear();
      out.clear();
      return;
    }
    writing_.written(size);
    if (progress) progress(size);
    if (writing_.bytes() > 0) return write_more();
    flushing_ = false;
    if (!out.empty()) return flush();
    if (drained) drained();
  }

  std::vector<char> ahead_;
  std::size_t begin_ = 0, end_ = 0, last_read_ = 0;
  OutWrite writing_;
  bool flushing_ = false;
  error_code failed_;
};

/// An AsyncStream on one thread. Writes complete at once, into a buffer; whoever writes calls
/// `flush` when it has no more.
template <class Lower>
class CorkStream {
 public:
  using executor_type = Executor;
  using next_layer_type = Lower;

  template <class... Args>
  explicit CorkStream(std::in_place_t, Args&&... args)
      : core_(std::make_shared<CorkCore<Lower>>(std::forward<Args>(args)...)) {}

  executor_type get_executor() { return core_->lower.get_executor(); }
  Lower& next_layer() { return core_->lower; }
  const Lower& next_layer() const { return core_->lower; }

  /// Called when a read finds nothing read ahead and goes to the socket: all input at hand has been
  /// taken.
  void on_starved(std::function<void()> call) { core_->starved = std::move(call); }
  /// Called after a flush took everything.
  void on_drained(std::function<void()> call) { core_->drained = std::move(call); }
  /// Called with the number of bytes whenever the socket took some.
  void on_progress(std::function<void(std::size_t)> call) { core_->progress = std::move(call); }
  /// For who goes before the stream's own operations end; nothing on a stream that was moved from.
  void call_nobody() {
    if (core_) core_->starved = core_->drained = nullptr, core_->progress = nullptr;
  }

  /// What waits to be flushed; append whole frames. Beast's own control frames land here too.
  std::string& out() { return core_->out.own(); }
  /// Appends a text that is part of a frame of others too. TLS makes records of what it is given at
  /// a time, so for it everything is put together.
  void append(const actors::SharedText& text) {
    constexpr bool gathers = std::is_same_v<Lower, Socket>;
    constexpr std::size_t shared_min = std::size_t{2} * 1024;  // less is copied sooner than told
    if (gathers && text->size() >= shared_min) {
      core_->out.share(text);
    } else {
      core_->out.own() += *text;
    }
  }
  /// Forgets what waits to be flushed.
  void drop() { core_->out.clear(); }
  std::size_t queued_bytes() const { return core_->queued_bytes(); }
  bool flushing() const { return core_->flushing(); }
  void flush() { core_->flush(); }
  void put_back(std::string_view bytes) { core_->put_back(bytes); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [core = core_.get()](auto handler, const Buffers& into) {
          core->read(into, std::move(handler));
        },
        token, buffers);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [core = core_.get()](auto handler, const Buffers& from) {
          core->write(from, std::move(handler));
        },
        token, buffers);
  }

 private:
  std::shared_ptr<CorkCore<Lower>> core_;
};

// Found by ADL when Beast ends a connection.

template <class Lower>
void teardown(beast::role_type role, CorkStream<Lower>& stream, error_code& error) {
  stream.flush();
  using beast::websocket::teardown;
  teardown(role, stream.next_layer(), error);
}

template <class Lower, class Handler>
void async_teardown(beast::role_type role, CorkStream<Lower>& stream, Handler&& handler) {
  stream.flush();  // the answer to a close frame; a socket takes so little at once
  using beast::websocket::async_teardown;
  async_teardown(role, stream.next_layer(), std::forward<Handler>(handler));
}

}  // namespace inboxd::net
