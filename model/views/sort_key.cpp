#include "model/views/sort_key.hpp"

#include <algorithm>
#include <array>

namespace inboxd::model {
namespace {

// Times take the low 60 bits: more than JSON's integers have (S38), and room above for a sort's
// first criterion.
constexpr unsigned time_bits = 60;
constexpr std::uint64_t time_max = (std::uint64_t{1} << time_bits) - 1;

std::uint64_t ascending(Timestamp t) {
  return std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(t.ms, 0)), time_max);
}
std::uint64_t descending(Timestamp t) {
  return time_max - ascending(t);
}

std::uint64_t rank_of(Sort sort, const Row& row) {
  switch (sort) {
    case Sort::newest: return descending(row.sort_at);
    case Sort::oldest: return ascending(row.sort_at);
    case Sort::longest_waiting:
      return row.waiting_since ? ascending(*row.waiting_since) : std::uint64_t{1} << time_bits;
    case Sort::unread_first:
      return std::uint64_t{row.unread > 0 ? 0U : 1U} << time_bits | descending(row.sort_at);
    case Sort::priority: {
      const auto below_urgent =
          static_cast<unsigned>(Priority::urgent) - static_cast<unsigned>(row.priority);
      return std::uint64_t{below_urgent} << time_bits | descending(row.sort_at);
    }
  }
  return 0;
}

// A cursor is the sort, the rank and the id, 17 bytes, in base64url (RFC 4648 §5) without padding.
constexpr std::size_t cursor_bytes = 17;
constexpr std::size_t cursor_chars = 23;
constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using Bytes = std::array<unsigned char, cursor_bytes>;

void put(Bytes& bytes, std::size_t at, std::uint64_t number) {
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[at + i] = static_cast<unsigned char>(number >> (56 - 8 * i));
  }
}
std::uint64_t get(const Bytes& bytes, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | bytes[at + i];
  return number;
}

}  // namespace

SortKey sort_key(Sort sort, const Row& row) {
  return {rank_of(sort, row), row.id};
}

std::string cursor_of(Sort sort, const SortKey& key) {
  Bytes bytes{};
  bytes[0] = static_cast<unsigned char>(sort);
  put(bytes, 1, key.rank);
  put(bytes, 9, key.id.value);

  std::string text;
  text.reserve(cursor_chars);
  unsigned held = 0;
  unsigned held_bits = 0;
  for (const auto byte : bytes) {
    held = held << 8 | byte;
    for (held_bits += 8; held_bits >= 6; held_bits -= 6) {
      text += digits[held >> (held_bits - 6) & 0x3FU];
    }
  }
  text += digits[held << (6 - held_bits) & 0x3FU];
  return text;
}

std::optional<SortKey> parse_cursor(Sort sort, std::string_view text) {
  if (text.size() != cursor_chars) return std::nullopt;
  Bytes bytes{};
  std::size_t filled = 0;
  unsigned held = 0;
  unsigned held_bits = 0;
  for (const char c : text) {
    const auto digit = digits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    held = held << 6 | static_cast<unsigned>(digit);
    held_bits += 6;
    if (held_bits >= 8 && filled < bytes.size()) {
      held_bits -= 8;
      bytes[filled++] = static_cast<unsigned char>(held >> held_bits);
    }
  }
  const SortKey key{get(bytes, 1), {get(bytes, 9)}};
  // One text a position: left-over bits must be zero, and so on.
  if (bytes[0] != static_cast<unsigned char>(sort) || cursor_of(sort, key) != text) {
    return std::nullopt;
  }
  return key;
}

}  // namespace inboxd::model
