#include "model/text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace inboxd::model {
namespace {

/// The bytes of the code point that starts with `lead`; 0: nothing starts so.
std::size_t length_after(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

/// What the second byte may be, where the lead narrows it: no overlong form, no surrogate, no
/// number above U+10FFFF (RFC 3629, table in section 4).
bool second_byte_fits(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xE0: return second >= 0xA0;
    case 0xED: return second <= 0x9F;
    case 0xF0: return second >= 0x90;
    case 0xF4: return second <= 0x8F;
    default: return true;
  }
}

bool is_continuation(unsigned char byte) {
  return (byte & 0xC0U) == 0x80U;
}

/// The code point at the start of valid, non-empty UTF-8.
std::uint32_t code_point(std::string_view text, std::size_t length) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
  };
  switch (length) {
    case 1: return byte(0);
    case 2: return (byte(0) & 0x1FU) << 6 | (byte(1) & 0x3FU);
    case 3: return (byte(0) & 0x0FU) << 12 | (byte(1) & 0x3FU) << 6 | (byte(2) & 0x3FU);
    default:
      return (byte(0) & 0x07U) << 18 | (byte(1) & 0x3FU) << 12 | (byte(2) & 0x3FU) << 6 |
             (byte(3) & 0x3FU);
  }
}

/// Unicode's White_Space property.
bool is_space(std::uint32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

/// Length of the code point at the start; at least one, so that loops end on any input.
std::size_t step(std::string_view text) {
  const auto length = length_after(static_cast<unsigned char>(text.front()));
  return std::clamp<std::size_t>(length, 1, text.size());
}

/// How many bytes at the start are ASCII: eight at a time, most texts are nothing else.
std::size_t ascii_run(std::string_view text) {
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  std::size_t run = 0;
  for (std::uint64_t eight = 0; run + sizeof eight <= text.size(); run += sizeof eight) {
    std::memcpy(&eight, text.data() + run, sizeof eight);
    if ((eight & high_bits) != 0) break;
  }
  while (run < text.size() && static_cast<unsigned char>(text[run]) < 0x80) ++run;
  return run;
}

/// How many bytes at the start are words of visible ASCII with one space between them: what
/// squeezing leaves as it is.
std::size_t squeezed_run(std::string_view text) {
  std::size_t run = 0;  // to the end of a word
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] > ' ' && text[i] < '\x7F') {
      run = i + 1;
    } else if (text[i] != ' ' || run != i || i == 0) {
      break;
    }
  }
  return run;
}

bool starts_with_space(std::string_view text) {
  return !text.empty() && is_space(code_point(text, step(text)));
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (text.remove_prefix(ascii_run(text)); !text.empty(); text.remove_prefix(ascii_run(text))) {
    const auto lead = static_cast<unsigned char>(text.front());
    const auto length = length_after(lead);
    if (length == 0 || length > text.size()) return false;
    for (std::size_t i = 1; i < length; ++i) {
      if (!is_continuation(static_cast<unsigned char>(text[i]))) return false;
    }
    if (length > 1 && !second_byte_fits(lead, static_cast<unsigned char>(text[1]))) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool has_control(std::string_view text) {
  for (; !text.empty(); text.remove_prefix(step(text))) {
    const auto c = code_point(text, step(text));
    if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) return true;
  }
  return false;
}

std::string_view trimmed(std::string_view text) {
  while (starts_with_space(text)) text.remove_prefix(step(text));
  while (!text.empty()) {
    auto start = text.size() - 1;
    while (start > 0 && is_continuation(static_cast<unsigned char>(text[start]))) --start;
    if (!starts_with_space(text.substr(start))) break;
    text.remove_suffix(text.size() - start);
  }
  return text;
}

std::string squeezed(std::string_view text, std::size_t count) {
  std::string out;
  bool gap = false;
  const auto take = [&](std::size_t bytes, std::size_t points) {
    if (gap && !out.empty()) out += ' ';
    gap = false;
    out += text.substr(0, bytes);
    text.remove_prefix(bytes);
    count -= points;
  };
  while (!text.empty() && count > 0) {
    if (const auto run = squeezed_run(text.substr(0, count)); run > 0) {
      take(run, run);
    } else if (const auto length = step(text); !is_space(code_point(text, length))) {
      take(length, 1);
    } else {
      gap = true;
      text.remove_prefix(length);
      --count;
    }
  }
  return out;
}

}  // namespace inboxd::model
