#include "persistence/search/candidates.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "persistence/search/terms.hpp"

namespace inboxd::search {
namespace {

constexpr std::size_t expansions_max = 256;  // words that one long beginning may stand for

std::span<const std::size_t> beginnings_in(Where where) {
  if (where == Where::entries) return terms::entry_beginnings;
  return terms::contact_beginnings;
}

/// Builds lists for one query, and notes whether they are exact.
class Builder {
 public:
  Builder(Where where, const Xapian::Database& database) : where_(where), database_(database) {}

  bool exact() const { return exact_; }

  PostingsPtr of(const Term& term) {
    if (term.phrase) return phrase(term);
    std::vector<PostingsPtr> words;
    for (const auto& word : term.words) words.push_back(like(word));
    std::vector<PostingsPtr> either;
    either.push_back(all_of(std::move(words)));
    if (where_ == Where::contacts && term.digits.size() >= 2) either.push_back(run(term.digits));
    return any_of(std::move(either));
  }

  /// Documents with a word that begins so.
  PostingsPtr beginning(const Word& word) {
    const char family = where_ == Where::names ? 'n' : 'p';
    const auto points = count_points(word.text);
    const auto lengths = beginnings_in(where_);
    if (points > lengths.back()) return longer(family, lengths.back(), word.text);
    const auto next = std::lower_bound(lengths.begin(), lengths.end(), points);
    if (*next == points) return postings_of(database_, terms::beginning(family, points, word.text));
    // Lengths are at most one apart from any other: what does not go on is the word itself.
    auto lists = expand(terms::beginning(family, *next, word.text), SIZE_MAX);
    lists.push_back(postings_of(database_, terms::word(word.text)));
    return any_of(std::move(lists));
  }

 private:
  /// A beginning longer than those that are terms: the whole words, or if they are too many, those
  /// with as much of it as is a term, to be checked.
  PostingsPtr longer(char family, std::size_t points, const std::string& text) {
    auto all = postings_of(database_, terms::beginning(family, points, first_points(text, points)));
    if (all == nullptr) return nullptr;
    if (where_ != Where::names) {
      auto lists = expand(terms::word(text), expansions_max);
      if (lists.size() < expansions_max) return any_of(std::move(lists));
    }
    exact_ = false;
    return all;
  }

  /// Documents with this word, or of entries perhaps with one that goes on.
  PostingsPtr whole(const std::string& text) {
    const auto points = count_points(text);
    if (where_ != Where::entries || !terms::is_entry_beginning(points))
      return postings_of(database_, terms::word(text));
    exact_ = false;
    return postings_of(database_, terms::beginning('p', points, text));
  }

  std::vector<PostingsPtr> expand(const std::string& term, std::size_t limit) {
    std::vector<PostingsPtr> lists;
    const auto end = database_.allterms_end(term);
    for (auto at = database_.allterms_begin(term); at != end && lists.size() < limit; ++at)
      lists.push_back(postings_of(database_, *at));
    return lists;
  }

  /// With stems, where there are.
  PostingsPtr like(const Word& word) {
    if (where_ != Where::entries) return beginning(word);
    std::vector<PostingsPtr> lists;
    lists.push_back(beginning(word));
    lists.push_back(postings_of(database_, terms::stem(word.text)));
    for (const auto& stem : word.stems) {
      lists.push_back(postings_of(database_, terms::stem(stem)));
      lists.push_back(whole(stem));
    }
    return any_of(std::move(lists));
  }

  PostingsPtr run(const std::string& digits) {
    constexpr auto longest = terms::digit_runs.back();
    std::size_t length = std::min(digits.size(), longest);
    if (length == 5) length = 4;
    std::vector<PostingsPtr> lists;
    for (std::size_t at = 0; at + length <= digits.size(); ++at)
      lists.push_back(postings_of(database_, terms::digits(digits.substr(at, length))));
    if (lists.size() > 1) exact_ = false;  // the runs may stand apart
    return all_of(std::move(lists));
  }

  PostingsPtr phrase(const Term& term) {
    exact_ = false;
    std::vector<PostingsPtr> lists;
    for (std::size_t i = 0; i < term.words.size(); ++i) {
      const auto& word = term.words[i];
      const bool last = i + 1 == term.words.size();
      const bool begins = word.unspaced || (term.open && last);
      lists.push_back(begins ? beginning(word) : whole(word.text));
      if (where_ != Where::entries || last || begins) continue;
      const auto& next = term.words[i + 1];
      const bool next_begins = next.unspaced || (term.open && i + 2 == term.words.size());
      if (next_begins) continue;
      if (const auto both = terms::pair(word.text, next.text); !both.empty())
        lists.push_back(postings_of(database_, both));
    }
    return all_of(std::move(lists));
  }

  Where where_;
  const Xapian::Database& database_;
  bool exact_ = true;
};

}  // namespace

bool Candidates::left_out(DocId id) {
  return std::any_of(without.begin(), without.end(), [id](const PostingsPtr& list) {
    if (list == nullptr) return false;
    list->skip_to(id);
    return list->at() == id;
  });
}

Candidates candidates_of(const Query& query, Where where, const Xapian::Database& database,
                         std::vector<PostingsPtr> more) {
  Candidates candidates;
  Builder with(where, database);
  auto lists = std::move(more);
  for (const auto& term : query.terms) {
    if (!term.negated) lists.push_back(with.of(term));
  }
  candidates.exact = with.exact();
  // Only with something that has to be there is there something to leave out: names that have not
  // got a word may have it elsewhere.
  for (const auto& term : query.terms) {
    if (!term.negated) continue;
    Builder out(where == Where::names ? Where::contacts : where, database);
    auto list = out.of(term);
    if (out.exact()) {
      candidates.without.push_back(std::move(list));
    } else {
      candidates.exact = false;
    }
  }
  if (lists.empty()) lists.push_back(postings_of(database, ""));
  candidates.list = all_of(std::move(lists));
  return candidates;
}

PostingsPtr beginning_with(const Xapian::Database& database, Where where, const Word& word) {
  return Builder(where, database).beginning(word);
}

}  // namespace inboxd::search
