// What is typed into the search: it is understood or refused in words, within its bounds; each of
// its words is found in the text that it was typed from; and what is shown of that text joins to
// it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>

#include "persistence/search/document.hpp"

using namespace inboxd;

namespace {

void must(bool good) {
  if (!good) std::abort();
}

void check_words(const search::Query& query, std::string_view text) {
  const auto there = search::words_of(text);
  std::size_t words = 0;
  for (const auto& term : query.terms) {
    must(!term.words.empty());
    words += term.words.size();
    for (const auto& word : term.words) {
      must(!word.text.empty() && word.text.size() <= 4 * search::word_bytes_max);
      must(std::any_of(there.begin(), there.end(),
                       [&](const search::Word& w) { return w.text.starts_with(word.text); }));
    }
  }
  must(words <= search::query_words_max);
}

void check_highlight(const search::Query& query, std::string_view text, bool is_contact) {
  constexpr std::size_t shown_whole = 240;
  const auto parts = search::highlight(query, {"text", std::string(text)}, is_contact);
  must(parts.size() % 2 == 1);
  if (text.size() > shown_whole) return;  // cut, then
  must(std::accumulate(parts.begin(), parts.end(), std::string()) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto query = search::parse_query(text, {1'800'000'000'000});
  if (!query) {
    must(query.error().reason == model::Reason::invalid_params && query.error().field == "query" &&
         !query.error().message.empty());
    return 0;
  }
  check_words(*query, text);
  check_highlight(*query, text, false);
  check_highlight(*query, text, true);
  return 0;
}
