#include "model/ids.hpp"

#include <algorithm>
#include <array>

namespace inboxd::model {
namespace {

// Crockford's base 32: digits before letters, ascending in ASCII, so that byte order is numeric
// order.
constexpr std::string_view digits = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr unsigned bits_per_digit = 5;

constexpr std::array<std::int8_t, 256> digit_values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}();

}  // namespace

void ContactId::append_to(std::string& out) const {
  std::array<char, text_size> text{};
  text[0] = 'c';
  auto rest = value;
  for (std::size_t i = text_size - 1; i > 0; --i) {
    text[i] = digits[rest & (digits.size() - 1)];
    rest >>= bits_per_digit;
  }
  out.append(text.data(), text.size());
}

std::string ContactId::str() const {
  std::string out;
  append_to(out);
  return out;
}

std::optional<ContactId> ContactId::parse(std::string_view text) {
  if (text.size() != text_size || text[0] != 'c') return std::nullopt;
  ContactId id;
  for (const char c : text.substr(1)) {
    const auto digit = digit_values[static_cast<unsigned char>(c)];
    if (digit < 0) return std::nullopt;
    id.value = id.value << bits_per_digit | static_cast<std::uint64_t>(digit);
  }
  if (id.value == 0) return std::nullopt;
  return id;
}

bool is_chosen_id(std::string_view text) {
  constexpr std::size_t size_max = 64;
  return !text.empty() && text.size() <= size_max &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '.' || c == '-';
         });
}

}  // namespace inboxd::model
