#include "persistence/search/terms.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace inboxd::search::terms {
namespace {

constexpr char length_base = '0';

void add_beginnings(char family, const std::string& word, std::span<const std::size_t> lengths,
                    std::vector<std::string>& out) {
  const auto points = count_points(word);
  for (const auto length : lengths) {
    if (length > points) break;
    out.push_back(beginning(family, length, first_points(word, length)));
  }
}

void add_digits(const std::string& number, std::vector<std::string>& out) {
  for (const auto length : digit_runs) {
    for (std::size_t at = 0; at + length <= number.size(); ++at)
      out.push_back(digits(std::string_view(number).substr(at, length)));
  }
}

void add_contact(const Document& document, std::vector<std::string>& out) {
  for (std::size_t i = 0; i < document.words.size(); ++i) {
    const auto& text = document.words[i];
    if (text.empty()) continue;
    out.push_back(word(text));
    add_beginnings('p', text, contact_beginnings, out);
    if (i < document.name_words) add_beginnings('n', text, contact_beginnings, out);
  }
  for (const auto& number : document.digits) add_digits(number, out);
}

void add_entry(const Document& document, std::vector<std::string>& out) {
  const std::string* before = nullptr;
  for (const auto& text : document.words) {
    if (!text.empty()) {
      if (!is_entry_beginning(count_points(text))) out.push_back(word(text));
      add_beginnings('p', text, entry_beginnings, out);
      if (before != nullptr && !before->empty()) {
        if (auto both = pair(*before, text); !both.empty()) out.push_back(std::move(both));
      }
    }
    before = &text;
  }
  for (const auto& text : document.stems) out.push_back(stem(text));
  if (!document.channel.empty()) out.push_back(channel(document.channel.str()));
  if (document.kind == Document::Kind::comment) out.emplace_back(comment);
}

}  // namespace

bool is_entry_beginning(std::size_t points) {
  return std::find(entry_beginnings.begin(), entry_beginnings.end(), points) !=
         entry_beginnings.end();
}

std::string word(std::string_view word) {
  return std::string("w").append(word);
}
std::string beginning(char family, std::size_t points, std::string_view begin) {
  std::string term{family, static_cast<char>(length_base + static_cast<char>(points))};
  return term.append(begin);
}
std::string digits(std::string_view run) {
  return std::string("d").append(run);
}
std::string stem(std::string_view stem) {
  return std::string("z").append(stem);
}
std::string channel(std::string_view channel) {
  return std::string("c").append(channel);
}

std::string pair(std::string_view first, std::string_view second) {
  if (std::max(count_points(first), count_points(second)) > pair_points_max) return {};
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a, folded to 16 bits
  const auto add = [&](unsigned char byte) { hash = (hash ^ byte) * 0x100000001B3U; };
  for (const char c : first) add(static_cast<unsigned char>(c));
  add(' ');
  for (const char c : second) add(static_cast<unsigned char>(c));
  hash ^= hash >> 32;
  hash ^= hash >> 16;
  // Bytes that need no escape in Xapian's keys.
  constexpr std::string_view hex = "0123456789abcdef";
  std::string term = "b";
  for (int shift = 12; shift >= 0; shift -= 4) term += hex[hash >> shift & 0xFU];
  return term;
}

std::vector<std::string> of(const Document& document) {
  std::vector<std::string> all;
  all.reserve(document.words.size() * 8);
  if (document.kind == Document::Kind::contact) {
    add_contact(document, all);
  } else {
    add_entry(document, all);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace inboxd::search::terms
