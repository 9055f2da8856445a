// What agents search for, and whether the answer is right: whom they mean is among what is found.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "bench/inbox_bench/driver.hpp"
#include "bench/inbox_bench/search_corpus.hpp"

namespace inboxd::bench {

struct SearchQuery {
  std::string text;
  std::optional<std::uint32_t> customer = std::nullopt;  // who must be among what is found
};

struct SearchKind {
  std::string name;
  std::string scope;  // empty: everything
  std::function<SearchQuery(SearchCorpus& corpus, std::uint32_t contacts)> query;
  bool finds_nothing = false;
};

/// One letter, a name, a number, an e-mail, a phrase, …
std::vector<SearchKind> search_kinds();

class SearchWork final : public Work {
 public:
  SearchWork(SearchCorpus& corpus, std::uint32_t contacts, Failures& failures)
      : corpus_(corpus), contacts_(contacts), failures_(failures) {}

  /// From now on this is searched for. Nothing may be under way.
  void ask(const SearchKind& kind) {
    kind_ = &kind;
    asked_.clear();
  }

  void write(std::string& frame, std::uint64_t id, std::uint32_t& subject,
             client::Clock::time_point when) override;
  std::optional<std::uint64_t> read(std::string_view text) override;
  void answered(std::uint32_t subject) override;

 private:
  void check(const SearchQuery& query, simdjson::dom::array hits);

  SearchCorpus& corpus_;
  const std::uint32_t contacts_;
  Failures& failures_;
  const SearchKind* kind_ = nullptr;
  std::vector<SearchQuery> asked_;  // by subject
  simdjson::dom::parser parser_;
  std::optional<simdjson::dom::array> hits_;  // of the answer just read
};

}  // namespace inboxd::bench
