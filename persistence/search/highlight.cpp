#include <algorithm>
#include <utility>

#include "persistence/search/document.hpp"

namespace inboxd::search {
namespace {

constexpr std::size_t whole_bytes_max = 240;  // longer texts are cut
constexpr std::size_t before_bytes = 60;      // of the first match are kept

struct Range {
  std::size_t begin = 0, end = 0;  // bytes
};

bool same_stem(const Word& wanted, const std::string& word) {
  const auto& of_word = Stems::here().of(word);
  const auto among = [](const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
  };
  return among(of_word, wanted.text) || among(wanted.stems, word) ||
         std::any_of(wanted.stems.begin(), wanted.stems.end(),
                     [&](const std::string& stem) { return among(of_word, stem); });
}

/// Where the digits `run` stand in the text, whatever stands between them.
void mark_digits(const std::string& run, std::string_view text, std::vector<Range>& ranges) {
  if (run.size() < 2 || !is_number(text)) return;
  const auto at = digits_of(text).find(run);
  if (at == std::string::npos) return;
  std::size_t seen = 0;
  Range range;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') continue;
    if (seen == at) range.begin = i;
    if (++seen == at + run.size()) {
      range.end = i + 1;
      break;
    }
  }
  ranges.push_back(range);
}

void mark_word(const Word& wanted, bool whole, bool stemmed, std::string_view text,
               const std::vector<Word>& words, std::vector<Range>& ranges) {
  for (const auto& word : words) {
    const bool found =
        whole && !wanted.unspaced ? word.text == wanted.text : word.text.starts_with(wanted.text);
    if (found) {
      const auto original = text.substr(word.begin, word.end - word.begin);
      ranges.push_back({word.begin, word.begin + original_bytes(original, wanted.text.size())});
    } else if (stemmed && same_stem(wanted, word.text)) {
      ranges.push_back({word.begin, word.end});
    }
  }
}

std::vector<Range> ranges_of(const Query& query, std::string_view text, bool is_contact) {
  std::vector<Range> ranges;
  const auto words = words_of(text);
  for (const auto& term : query.terms) {
    if (term.negated) continue;
    if (is_contact) mark_digits(term.digits, text, ranges);
    for (const auto& word : term.words) {
      const bool whole = term.phrase && !(term.open && &word == &term.words.back());
      mark_word(word, whole, !is_contact && !term.phrase, text, words, ranges);
    }
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return a.begin < b.begin; });
  std::vector<Range> joined;
  for (const auto& range : ranges) {
    if (!joined.empty() && range.begin <= joined.back().end) {
      joined.back().end = std::max(joined.back().end, range.end);
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

/// The nearest beginning of a code point at or before `at`.
std::size_t to_boundary(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U)
    --at;
  return std::min(at, text.size());
}

}  // namespace

std::vector<std::string> highlight(const Query& query, const Field& field, bool is_contact) {
  const std::string_view text = field.text;
  const auto ranges = ranges_of(query, text, is_contact);
  std::size_t begin = 0, end = text.size();
  if (end > whole_bytes_max) {
    const auto first = ranges.empty() ? 0 : ranges.front().begin;
    begin = to_boundary(text, first > before_bytes ? first - before_bytes : 0);
    end = to_boundary(text, std::min(text.size(), begin + whole_bytes_max));
  }
  std::vector<std::string> parts{begin > 0 ? "…" : ""};
  std::size_t at = begin;
  for (const auto& range : ranges) {
    if (range.begin >= end) break;
    const auto stop = std::min(range.end, end);
    parts.back() += text.substr(at, range.begin - at);
    parts.emplace_back(text.substr(range.begin, stop - range.begin));
    parts.emplace_back();
    at = stop;
  }
  parts.back() += text.substr(at, end - at);
  if (end < text.size()) parts.back() += "…";
  return parts;
}

}  // namespace inboxd::search
