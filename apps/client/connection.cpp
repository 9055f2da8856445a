#include "apps/client/connection.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace inboxd::client {
namespace {

constexpr std::size_t padding_bytes = 64;  // simdjson reads past the end
constexpr std::size_t read_more_bytes = std::size_t{64} * 1024;
constexpr std::size_t handshake_bytes_max = std::size_t{16} * 1024;

std::string system_text(int error) {
  return std::generic_category().message(error);
}

// A connected or connecting socket; -1 with errno set.
int start_connect(const Url& url, std::string& why) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &found);
  if (error != 0) {
    why = url.host + ": " + ::gai_strerror(error);
    return -1;
  }
  int fd = -1;
  for (const addrinfo* a = found; a != nullptr && fd < 0; a = a->ai_next) {
    fd = ::socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) break;
    if (::connect(fd, a->ai_addr, a->ai_addrlen) == 0 || errno == EINPROGRESS) break;
    why = system_text(errno);
    ::close(fd);
    fd = -1;
  }
  ::freeaddrinfo(found);
  if (fd < 0 && why.empty()) why = system_text(errno);
  return fd;
}

bool header_is(std::string_view head, std::string_view name, std::string_view value) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  const std::string wanted = "\r\n" + std::string(name) + ":";
  const auto found = std::search(head.begin(), head.end(), wanted.begin(), wanted.end(), same);
  if (found == head.end()) return false;
  std::string_view rest(
      head.substr(static_cast<std::size_t>(found - head.begin()) + wanted.size()));
  rest = rest.substr(0, rest.find("\r\n"));
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  while (rest.ends_with(' ')) rest.remove_suffix(1);
  return rest == value;
}

}  // namespace

Url Url::parse(std::string_view text) {
  const std::string whole(text);
  std::string_view rest = text;
  for (const std::string_view scheme : {"ws://", "http://"}) {
    if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
  }
  if (rest.find("://") != std::string_view::npos)
    throw std::invalid_argument("'" + whole + "' is not a ws:// URL");
  Url url;
  const auto slash = rest.find('/');
  if (slash != std::string_view::npos && rest.substr(slash) != "/") url.target = rest.substr(slash);
  std::string_view authority = rest.substr(0, slash);
  const auto colon = authority.rfind(':');
  if (colon != std::string_view::npos && !authority.ends_with(']')) {
    const auto digits = authority.substr(colon + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
    if (error != std::errc() || end != digits.data() + digits.size())
      throw std::invalid_argument("'" + whole + "' has no valid port");
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']'))
    authority = authority.substr(1, authority.size() - 2);
  if (authority.empty()) throw std::invalid_argument("'" + whole + "' names no host");
  url.host = authority;
  return url;
}

std::string Url::str() const {
  const bool v6 = host.find(':') != std::string::npos;
  return "ws://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port) + target;
}

Connection::Connection(Loop& loop, Events events)
    : loop_(loop), events_(std::move(events)), masks_(std::random_device{}()) {}

Connection::~Connection() {
  drop();
}

void Connection::connect(const Url& url) {
  drop();
  url_ = url;
  std::string why;
  fd_ = start_connect(url, why);
  if (fd_ < 0) {
    // Told later, like every other failure, so that callers need not expect it inside `connect`.
    failure_ = loop_.after({}, [this, why] { end({1006, why}); });
    return;
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  state_ = State::connecting;
  wanted_ = EPOLLOUT;
  loop_.watch(fd_, wanted_, *this);
}

void Connection::start_handshake() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return end({1006, system_text(error)});
  std::string nonce(16, '\0');
  for (char& c : nonce) c = static_cast<char>(masks_());
  key_ = base64(nonce);
  out_ = "GET " + url_.target + " HTTP/1.1\r\nHost: " + url_.host + ":" +
         std::to_string(url_.port) +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: " +
         key_ + "\r\n\r\n";
  state_ = State::handshake;
  want(EPOLLIN);
  mark_dirty();
}

void Connection::on_ready(std::uint32_t epoll_events) {
  if (state_ == State::connecting) return start_handshake();
  if ((epoll_events & EPOLLOUT) != 0) {
    want(paused_ ? 0U : static_cast<std::uint32_t>(EPOLLIN));
    flush();
  }
  if (state_ != State::idle && !paused_ &&
      (epoll_events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0)
    read();
}

void Connection::read() {
  const auto life = life_;  // handlers may end this connection, and start the next
  // Without a rest, frames are taken where they were read; an incomplete one is kept apart.
  if (rest_.empty()) {
    const auto room = loop_.scratch();
    const auto size = ::recv(fd_, room.data(), room.size() - padding_bytes, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) return end({1006, size == 0 ? "the server hung up" : system_text(errno)});
    received_bytes_ += static_cast<std::size_t>(size);
    const std::string_view bytes(room.data(), static_cast<std::size_t>(size));
    const auto used = take(bytes);
    if (life == life_ && used < bytes.size()) rest_ = bytes.substr(used);
    return;
  }
  const auto before = rest_.size();
  rest_.resize(before + read_more_bytes + padding_bytes);
  const auto size = ::recv(fd_, rest_.data() + before, read_more_bytes, 0);
  const int error = errno;
  rest_.resize(before + (size > 0 ? static_cast<std::size_t>(size) : 0));
  if (size < 0 && (error == EAGAIN || error == EINTR)) return;
  if (size <= 0) return end({1006, size == 0 ? "the server hung up" : system_text(error)});
  received_bytes_ += static_cast<std::size_t>(size);
  const auto used = take(rest_);
  if (life == life_) rest_.erase(0, used);
}

std::size_t Connection::take(std::string_view bytes) {
  std::size_t used = 0;
  const auto life = life_;
  if (state_ == State::handshake) used = take_handshake(bytes);
  if (life != life_) return used;
  if (state_ == State::open || state_ == State::closing) used += take_frames(bytes.substr(used));
  return used;
}

std::size_t Connection::take_handshake(std::string_view bytes) {
  const auto end_of_head = bytes.find("\r\n\r\n");
  if (end_of_head == std::string_view::npos) {
    if (bytes.size() > handshake_bytes_max) end({1006, "the answer to the upgrade has no end"});
    return 0;
  }
  const std::string_view head = bytes.substr(0, end_of_head + 2);
  if (!head.starts_with("HTTP/1.1 101")) {
    end({1006, "upgrade refused: " + std::string(head.substr(0, head.find("\r\n")))});
    return 0;
  }
  if (!header_is(head, "Sec-WebSocket-Accept", accept_of(key_))) {
    end({1006, "the answer to the upgrade has a wrong Sec-WebSocket-Accept"});
    return 0;
  }
  state_ = State::open;
  if (events_.opened) events_.opened();
  return end_of_head + 4;
}

std::size_t Connection::take_frames(std::string_view bytes) {
  std::size_t used = 0;
  const auto life = life_;
  while (life == life_) {
    const auto found = find_frame(bytes.substr(used));
    if (found.what == FrameFound::What::incomplete) break;
    if (found.what == FrameFound::What::broken) {
      end({1006, "the server sent a broken frame"});
      break;
    }
    used += found.frame.wire_bytes;
    take_frame(found.frame);
  }
  return used;
}

void Connection::take_frame(const Frame& frame) {
  switch (frame.opcode) {
    case Opcode::ping: send_frame(Opcode::pong, frame.payload); return;
    case Opcode::pong: return;
    case Opcode::close: {
      CloseReason why{1005, ""};
      if (frame.payload.size() >= 2) {
        why.code = static_cast<unsigned>(static_cast<unsigned char>(frame.payload[0])) << 8 |
                   static_cast<unsigned char>(frame.payload[1]);
        why.reason = frame.payload.substr(2);
      }
      if (state_ == State::open) send_frame(Opcode::close, frame.payload.substr(0, 2));
      flush();
      return end(why);
    }
    default: break;
  }
  if (frame.last && frame.opcode != Opcode::more) return events_.text(frame.payload);
  message_ += frame.payload;
  if (!frame.last) return;
  std::string whole = std::exchange(message_, {});
  whole.reserve(whole.size() + padding_bytes);
  events_.text(whole);
}

void Connection::send_frame(Opcode opcode, std::string_view payload) {
  if (state_ != State::open) return;
  append_frame(out_, opcode, payload, static_cast<std::uint32_t>(masks_()));
  mark_dirty();
}

void Connection::close(std::uint16_t code) {
  if (state_ != State::open) return;
  const char payload[] = {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  send_frame(Opcode::close, {payload, sizeof payload});
  state_ = State::closing;
}

void Connection::drop() {
  loop_.cancel(failure_);
  ++life_;
  if (fd_ < 0) return;
  loop_.forget(fd_, *this);
  ::close(fd_);
  fd_ = -1;
  state_ = State::idle;
  dirty_ = paused_ = false;
  out_.clear();
  rest_.clear();
  message_.clear();
  sent_ = 0;
}

void Connection::pause(bool on) {
  if (fd_ < 0) return;
  paused_ = on;
  want((wanted_ & EPOLLOUT) | (on ? 0U : static_cast<std::uint32_t>(EPOLLIN)));
}

void Connection::end(const CloseReason& why) {
  drop();
  if (events_.closed) events_.closed(why);
}

void Connection::want(std::uint32_t epoll_events) {
  if (epoll_events == wanted_) return;
  wanted_ = epoll_events;
  loop_.change(fd_, wanted_, *this);
}

void Connection::mark_dirty() {
  if (dirty_) return;
  dirty_ = true;
  loop_.flush_soon(*this);
}

void Connection::flush() {
  dirty_ = false;
  if (fd_ < 0 || (wanted_ & EPOLLOUT) != 0) return;  // the socket is full: it tells when it is not
  while (sent_ < out_.size()) {
    const auto size = ::send(fd_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) return want(wanted_ | EPOLLOUT);
    if (size < 0) return end({1006, system_text(errno)});
    sent_ += static_cast<std::size_t>(size);
  }
  out_.clear();
  sent_ = 0;
}

}  // namespace inboxd::client
