#include "bench/inbox_bench/http.hpp"

#include <array>
#include <cstdlib>
#include <netdb.h>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

namespace inboxd::bench {
namespace {

/// A connected socket, or -1.
int connect_to(const client::Url& url) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &found) != 0)
    return -1;
  int connected = -1;
  for (const auto* at = found; at != nullptr && connected < 0; at = at->ai_next) {
    const int fd = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
    if (fd < 0) continue;
    if (::connect(fd, at->ai_addr, at->ai_addrlen) == 0) {
      connected = fd;
    } else {
      ::close(fd);
    }
  }
  ::freeaddrinfo(found);
  return connected;
}

}  // namespace

std::optional<Page> get_page(const client::Url& url, const std::string& path) {
  const int fd = connect_to(url);
  if (fd < 0) return std::nullopt;
  const auto request =
      "GET " + path + " HTTP/1.1\r\nHost: " + url.host + "\r\nConnection: close\r\n\r\n";
  std::string reply;
  if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
      static_cast<ssize_t>(request.size())) {
    std::array<char, 16 * 1024> piece;
    for (ssize_t n = 0; (n = ::read(fd, piece.data(), piece.size())) > 0;)
      reply.append(piece.data(), static_cast<std::size_t>(n));
  }
  ::close(fd);
  const auto status = reply.find(' ');
  const auto body = reply.find("\r\n\r\n");
  if (status == std::string::npos || body == std::string::npos) return std::nullopt;
  return Page{std::atoi(reply.c_str() + status), reply.substr(body + 4)};
}

Metrics metrics_of(const client::Url& url) {
  Metrics metrics;
  const auto page = get_page(url, "/metrics");
  if (!page || page->status != 200) return metrics;
  std::istringstream lines(page->body);
  for (std::string line; std::getline(lines, line);) {
    const auto space = line.rfind(' ');
    if (line.starts_with('#') || space == std::string::npos) continue;
    metrics[line.substr(0, space)] = std::strtod(line.c_str() + space, nullptr);
  }
  return metrics;
}

double kept_bytes(const Metrics& metrics) {
  return value_of(metrics, "inboxd_allocated_bytes") -
         value_of(metrics, "inboxd_store_memory_bytes");
}

double value_of(const Metrics& metrics, const std::string& name) {
  const auto found = metrics.find(name);
  return found == metrics.end() ? 0 : found->second;
}

}  // namespace inboxd::bench
