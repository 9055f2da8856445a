#include "model/json.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>

namespace inboxd::model::json {
namespace {

constexpr bool needs_escape(unsigned char c) {
  return c < 0x20 || c == '"' || c == '\\';
}

/// None of the eight bytes needs an escape. The sums say of some byte whether it is less than 0x20,
/// or zero, as in Sean Anderson's "Bit Twiddling Hacks" (hasless, haszero).
bool eight_are_plain(const char* text) {
  constexpr auto all = [](std::uint64_t byte) { return byte * 0x0101010101010101U; };
  std::uint64_t eight = 0;
  std::memcpy(&eight, text, sizeof eight);
  const auto less = [&](std::uint64_t bytes, std::uint64_t than) {
    return (bytes - all(than)) & ~bytes;
  };
  const auto found =
      less(eight, 0x20) | less(eight ^ all('"'), 0x01) | less(eight ^ all('\\'), 0x01);
  return (found & all(0x80)) == 0;
}

void write_escape(std::string& out, unsigned char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  constexpr std::string_view hex = "0123456789abcdef";
  out += "\\u00";
  out += hex[c >> 4];
  out += hex[c & 0xF];
}

}  // namespace

void write(std::string& out, std::string_view text) {
  out += '"';
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (i + 8 < text.size() && eight_are_plain(text.data() + i)) i += 8;
    const auto c = static_cast<unsigned char>(text[i]);
    if (!needs_escape(c)) continue;
    out.append(text, copied, i - copied);
    write_escape(out, c);
    copied = i + 1;
  }
  out.append(text, copied);
  out += '"';
}

void write(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  out.append(text, end);
}

}  // namespace inboxd::model::json
