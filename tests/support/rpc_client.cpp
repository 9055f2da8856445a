#include "tests/support/rpc_client.hpp"

#include <algorithm>
#include <deque>
#include <stdexcept>

#include <boost/asio.hpp>
#include <boost/beast.hpp>

namespace inboxd::tests {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using Clock = std::chrono::steady_clock;

std::string detail(const Json& error, const char* key) {
  if (!error.is_object() || !error.contains("data")) return "";
  return error.at("data").value(key, "");
}

}  // namespace

std::string RpcReply::reason() const {
  return detail(error, "reason");
}
std::string RpcReply::field() const {
  return detail(error, "field");
}

// One read is always under way (but after stop_reading); each wait runs the event loop until what
// it wants is here.
struct RpcClient::Impl {
  asio::io_context io{1};
  websocket::stream<asio::ip::tcp::socket> socket{io};
  beast::flat_buffer buffer;
  std::deque<Json> notifications;
  std::deque<Json> strays;
  std::map<std::int64_t, RpcReply> replies;
  std::int64_t last_id = 0;
  std::optional<unsigned> close_code;
  bool read_pending = false;
  bool reading = true;

  void read() {
    if (read_pending || !reading || close_code) return;
    read_pending = true;
    socket.async_read(buffer, [this](beast::error_code error, std::size_t) {
      read_pending = false;
      if (error) {
        close_code = error == websocket::error::closed ? socket.reason().code : 1006U;
        return;
      }
      take(Json::parse(beast::buffers_to_string(buffer.data())));
      buffer.clear();
      read();
    });
  }

  void take(Json message) {
    const bool object = message.is_object();
    if (object && message.contains("method")) return notifications.push_back(std::move(message));
    const bool ours = object && message.contains("id") && message["id"].is_number_integer() &&
                      message["id"].get<std::int64_t>() <= last_id;
    if (!ours) return strays.push_back(std::move(message));
    replies[message["id"].get<std::int64_t>()] = {message.value("result", Json()),
                                                  message.value("error", Json())};
  }

  // Runs until `done`; throws when time runs out, or the connection ends before.
  void run_until(const std::function<bool()>& done, std::chrono::milliseconds timeout,
                 const std::string& what) {
    const auto deadline = Clock::now() + timeout;
    while (!done()) {
      if (close_code)
        throw std::runtime_error("closed with " + std::to_string(*close_code) +
                                 " while waiting for " + what);
      io.restart();
      if (io.run_one_until(deadline) == 0 && Clock::now() >= deadline)
        throw std::runtime_error("timed out waiting for " + what + kept());
    }
  }

  std::string kept() const {
    std::string text;
    for (const Json& notification : notifications) text += "\n  kept: " + notification.dump();
    return text;
  }

  void write(const std::string& frame, bool text) {
    std::optional<beast::error_code> result;
    socket.text(text);
    socket.async_write(asio::buffer(frame),
                       [&](beast::error_code error, std::size_t) { result = error; });
    const auto deadline = Clock::now() + patience;
    while (!result && Clock::now() < deadline) {
      io.restart();
      io.run_one_until(deadline);
    }
    if (result && !*result) return;
    socket.next_layer().close();  // ends the write, which refers to our frame
    while (!result) {
      io.restart();
      io.run_one();
    }
    throw std::runtime_error("cannot send: " + result->message());
  }
};

RpcClient::RpcClient(std::uint16_t port, const std::string& target)
    : impl_(std::make_unique<Impl>()) {
  Impl& impl = *impl_;
  impl.socket.next_layer().connect({asio::ip::address_v4::loopback(), port});
  impl.socket.next_layer().set_option(asio::ip::tcp::no_delay(true));
  impl.socket.read_message_max(std::size_t{256} << 20);
  std::optional<beast::error_code> result;
  impl.socket.async_handshake("127.0.0.1:" + std::to_string(port), target,
                              [&](beast::error_code error) { result = error; });
  impl.io.run_for(patience);
  if (!result || *result) {
    impl.socket.next_layer().close();
    impl.io.restart();
    impl.io.run();
    throw std::runtime_error("no WebSocket at port " + std::to_string(port) + target + ": " +
                             (result ? result->message() : "no answer"));
  }
  impl.read();
}

RpcClient::~RpcClient() = default;
RpcClient::RpcClient(RpcClient&&) noexcept = default;
RpcClient& RpcClient::operator=(RpcClient&&) noexcept = default;

std::int64_t RpcClient::send(const std::string& method, const Json& params) {
  const std::int64_t id = ++impl_->last_id;
  send_text(Json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}}.dump());
  return id;
}

RpcReply RpcClient::wait_reply(std::int64_t id, std::chrono::milliseconds timeout) {
  impl_->run_until([&] { return impl_->replies.contains(id); }, timeout,
                   "the reply to request " + std::to_string(id));
  return std::move(impl_->replies.extract(id).mapped());
}

RpcReply RpcClient::call(const std::string& method, const Json& params,
                         std::chrono::milliseconds timeout) {
  return wait_reply(send(method, params), timeout);
}

Json RpcClient::must(const std::string& method, const Json& params,
                     std::chrono::milliseconds timeout) {
  RpcReply reply = call(method, params, timeout);
  if (!reply.ok())
    throw std::runtime_error(method + " " + params.dump() + " failed: " + reply.error.dump());
  return std::move(reply.result);
}

void RpcClient::send_text(const std::string& frame) {
  impl_->write(frame, true);
}
void RpcClient::send_binary(const std::string& frame) {
  impl_->write(frame, false);
}

Json RpcClient::wait_notification(const Predicate& wanted, std::chrono::milliseconds timeout) {
  std::deque<Json>& kept = impl_->notifications;
  auto found = kept.end();
  impl_->run_until([&] { return (found = std::ranges::find_if(kept, wanted)) != kept.end(); },
                   timeout, "a notification");
  Json notification = std::move(*found);
  kept.erase(found);
  return notification;
}

Json RpcClient::wait_notification(const std::string& method, std::chrono::milliseconds timeout) {
  return wait_notification([&](const Json& n) { return n.at("method") == method; }, timeout);
}

std::vector<Json> RpcClient::take_notifications() {
  impl_->io.restart();
  impl_->io.poll();
  std::vector<Json> all(std::make_move_iterator(impl_->notifications.begin()),
                        std::make_move_iterator(impl_->notifications.end()));
  impl_->notifications.clear();
  return all;
}

Json RpcClient::wait_stray(std::chrono::milliseconds timeout) {
  impl_->run_until([&] { return !impl_->strays.empty(); }, timeout, "a reply without a request");
  Json stray = std::move(impl_->strays.front());
  impl_->strays.pop_front();
  return stray;
}

unsigned RpcClient::wait_close(std::chrono::milliseconds timeout) {
  impl_->run_until([&] { return impl_->close_code.has_value(); }, timeout, "the close");
  return *impl_->close_code;
}

bool RpcClient::closed() const {
  return impl_->close_code.has_value();
}

void RpcClient::stop_reading() {
  impl_->reading = false;
}

void RpcClient::resume_reading() {
  impl_->reading = true;
  impl_->read();
}

void RpcClient::close() {
  bool done = closed();
  if (done) return;
  impl_->socket.async_close(websocket::close_code::normal, [&](beast::error_code) { done = true; });
  const auto deadline = Clock::now() + patience;
  while (!done && Clock::now() < deadline) {
    impl_->io.restart();
    impl_->io.run_one_until(deadline);
  }
  drop();
}

void RpcClient::drop() {
  beast::error_code ignored;
  impl_->socket.next_layer().close(ignored);
  impl_->io.restart();
  impl_->io.poll();
  if (!impl_->close_code) impl_->close_code = 1006;
}

}  // namespace inboxd::tests
