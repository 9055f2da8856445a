#include "tests/support/http.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include <boost/asio.hpp>
#include <boost/beast.hpp>

#include "tests/support/process.hpp"

namespace inboxd::tests {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

// Writes the request and reads the answer on `stream`, whose deadline is set.
asio::awaitable<HttpReply> exchange(beast::tcp_stream& stream,
                                    http::request<http::string_body> request) {
  co_await http::async_write(stream, request, asio::use_awaitable);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(std::uint64_t{256} << 20);
  co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
  HttpReply reply;
  reply.status = parser.get().result_int();
  for (const auto& field : parser.get()) {
    std::string name(field.name_string());
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    reply.headers[name] = std::string(field.value());
  }
  reply.body = std::move(parser.get().body());
  co_return reply;
}

}  // namespace

HttpReply http_request(std::uint16_t port, const std::string& method, const std::string& target,
                       const std::string& body, const std::map<std::string, std::string>& headers) {
  http::request<http::string_body> request;
  request.method_string(method);
  request.target(target);
  request.version(11);
  request.set(http::field::host, "127.0.0.1:" + std::to_string(port));
  request.set(http::field::connection, "close");
  for (const auto& [name, value] : headers) request.set(name, value);
  request.body() = body;
  request.prepare_payload();

  asio::io_context io{1};
  beast::tcp_stream stream(io);
  stream.socket().connect({asio::ip::address_v4::loopback(), port});
  stream.expires_after(patience);
  auto reply = asio::co_spawn(io, exchange(stream, std::move(request)), asio::use_future);
  io.run();
  return reply.get();
}

HttpReply http_get(std::uint16_t port, const std::string& target) {
  return http_request(port, "GET", target);
}

HttpReply http_rpc(std::uint16_t port, const std::string& token, const std::string& body) {
  return http_request(port, "POST", "/rpc", body,
                      {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}});
}

}  // namespace inboxd::tests
