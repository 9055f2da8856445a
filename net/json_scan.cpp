#include "net/json_scan.hpp"

#include <array>
#include <cstdint>

namespace inboxd::net {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// What ends a run of plain characters in a string: the quote, the backslash, control characters.
constexpr std::array<bool, 256> stops_string = [] {
  std::array<bool, 256> stops{};
  for (std::size_t c = 0; c < 0x20; ++c) stops[c] = true;
  stops['"'] = stops['\\'] = true;
  return stops;
}();

}  // namespace

void JsonScan::skip_space() {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
}

bool JsonScan::at_end() {
  skip_space();
  return at_ == end_;
}

char JsonScan::peek() {
  skip_space();
  return at_ == end_ ? '\0' : *at_;
}

bool JsonScan::take(char c) {
  if (peek() != c || at_ == end_) return false;
  ++at_;
  return true;
}

std::string_view JsonScan::string() {
  if (peek() != '"') {
    fail(Fault::malformed);
    return {};
  }
  const auto* start = at_;
  if (!skip_string()) return {};
  return {start, static_cast<std::size_t>(at_ - start)};
}

std::string_view JsonScan::value() {
  skip_space();
  const auto* start = at_;
  if (!skip_value()) return {};
  return {start, static_cast<std::size_t>(at_ - start)};
}

bool JsonScan::skip_value() {
  skip_space();
  if (at_ == end_) return fail(Fault::malformed);
  switch (*at_) {
    case '{': return skip_container('}', true);
    case '[': return skip_container(']', false);
    case '"': return skip_string();
    case 't': return skip_word("true");
    case 'f': return skip_word("false");
    case 'n': return skip_word("null");
    default: return skip_number();
  }
}

bool JsonScan::skip_container(char close, bool keyed) {
  if (depth_left_ == 0) return fail(Fault::too_deep);
  --depth_left_;
  ++at_;
  if (!take(close)) {
    do {
      if (keyed) {
        if (peek() != '"') return fail(Fault::malformed);
        if (!skip_string()) return false;
        if (!take(':')) return fail(Fault::malformed);
      }
      if (!skip_value()) return false;
    } while (take(','));
    if (!take(close)) return fail(Fault::malformed);
  }
  ++depth_left_;
  return true;
}

bool JsonScan::skip_string() {
  ++at_;
  for (;;) {
    while (at_ != end_ && !stops_string[static_cast<std::uint8_t>(*at_)]) ++at_;
    if (at_ == end_) return fail(Fault::malformed);
    const char c = *at_++;
    if (c == '"') return true;
    if (c != '\\' || at_ == end_) return fail(Fault::malformed);
    const char escaped = *at_++;
    if (escaped == 'u') {
      for (int i = 0; i < 4; ++i) {
        if (at_ == end_ || !is_hex(*at_++)) return fail(Fault::malformed);
      }
    } else if (std::string_view("\"\\/bfnrt").find(escaped) == std::string_view::npos) {
      return fail(Fault::malformed);
    }
  }
}

bool JsonScan::skip_number() {
  const auto digits = [this] {
    const auto* start = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return at_ != start;
  };
  if (at_ != end_ && *at_ == '-') ++at_;
  if (at_ != end_ && *at_ == '0') {
    ++at_;
  } else if (!digits()) {
    return fail(Fault::malformed);
  }
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    if (!digits()) return fail(Fault::malformed);
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    if (!digits()) return fail(Fault::malformed);
  }
  return true;
}

bool JsonScan::skip_word(std::string_view word) {
  if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) {
    at_ += word.size();
    return true;
  }
  return fail(Fault::malformed);
}

}  // namespace inboxd::net
