// What a search asks, read from what was typed (docs/SEARCH.md has the language).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"
#include "model/time.hpp"
#include "persistence/search/words.hpp"

namespace inboxd::search {

inline constexpr std::size_t query_words_max = 32;

/// One thing that has to be there, or with `negated` must not be. Without `phrase` each of its
/// words is a prefix of some word of the document; with it they are words of the document, one
/// after the other.
struct Term {
  std::vector<Word> words;
  bool phrase = false;
  bool open = false;  // a phrase without its closing quote: the last word is a prefix
  bool negated = false;
  std::string digits;  // of a number as people write it: also a run of digits of a telephone number
};

/// A condition on the contact, or for channel and time on the message.
struct Condition {
  enum class Kind : std::uint8_t { tag, channel, assignee, status, before, after };
  Kind kind = Kind::tag;
  std::string value;    // as typed; status: `open`, `done` or `snoozed`
  bool quoted = false;  // the whole value, not its beginning
  bool negated = false;
  model::Timestamp at;  // before, after
};

struct Query {
  std::vector<Term> terms;
  std::vector<Condition> conditions;

  /// Nothing but white space and punctuation: finds nothing.
  bool empty() const { return terms.empty() && conditions.empty(); }
};

/// `now` is what `after:7d` counts from. Errors: invalid_params `query`, with what is wrong.
model::Result<Query> parse_query(std::string_view text, model::Timestamp now);

}  // namespace inboxd::search
