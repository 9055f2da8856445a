// The two searches of the index: contacts, best first, and entries, newest first.
#include <algorithm>
#include <utility>

#include "persistence/search/candidates.hpp"
#include "persistence/search/index.hpp"
#include "persistence/search/terms.hpp"

namespace inboxd::search {
namespace {

/// Asked now and then whether the time is up.
class Patience {
 public:
  explicit Patience(std::chrono::milliseconds most)
      : until_(std::chrono::steady_clock::now() + most) {}
  bool ends() {
    constexpr unsigned steps_between_looks = 256;
    if (++steps_ % steps_between_looks == 0 && std::chrono::steady_clock::now() >= until_)
      ended_ = true;
    return ended_;
  }
  bool ended() const { return ended_; }

 private:
  std::chrono::steady_clock::time_point until_;
  unsigned steps_ = 0;
  bool ended_ = false;
};

bool wants_something(const Query& query) {
  return std::any_of(query.terms.begin(), query.terms.end(),
                     [](const Term& term) { return !term.negated; });
}

/// Contacts that can have the tags asked for: their words are searched like all others.
std::vector<PostingsPtr> tagged(const Query& query, const Xapian::Database& database) {
  std::vector<PostingsPtr> lists;
  for (const auto& condition : query.conditions) {
    if (condition.kind != Condition::Kind::tag || condition.negated || is_number(condition.value))
      continue;
    for (const auto& word : query_words_of(condition.value))
      lists.push_back(beginning_with(database, Where::contacts, word));
  }
  return lists;
}

bool has(const std::vector<model::ChannelId>& channels, const model::ChannelId& channel) {
  return std::find(channels.begin(), channels.end(), channel) != channels.end();
}

}  // namespace

bool better(const ContactHit& a, const ContactHit& b) {
  if (a.by_name != b.by_name) return a.by_name;
  if (a.recency != b.recency) return a.recency > b.recency;
  return a.contact < b.contact;
}

bool ChannelScope::holds(const model::ChannelId& channel) const {
  return (!only || has(*only, channel)) && !has(without, channel);
}

/// The `limit` best contacts after a place in the order. Candidates are compared by recency first,
/// which is at hand; only the few that would be among the best are looked at.
class Index::ContactSearch {
 public:
  using Found = FoundContacts;

  ContactSearch(Index& index, const Query& query, const std::optional<ContactHit>& after,
                std::size_t limit, Judge& judge)
      : index_(index),
        query_(query),
        after_(after),
        limit_(limit),
        judge_(judge),
        by_words_(wants_something(query)),
        patience_(index.options_.query_time_max) {}

  void begin() {
    best_.clear();
    for (const auto& [id, document] : index_.recent_contacts_) look_at(*document);
  }

  void on_disk() {
    const auto& database = index_.reader_.contacts();
    // Whoever has it in the name comes before all others: with enough of them the rest can wait.
    if (by_words_ && !(after_ && !after_->by_name)) walk(Where::names, database);
    if (best_.size() < limit_ || !best_.front().by_name) walk(Where::contacts, database);
  }

  Found end() {
    std::sort(best_.begin(), best_.end(), better);
    return {.hits = std::move(best_), .cut_short = patience_.ended()};
  }

 private:
  bool would_do(const ContactHit& hit) const {
    if (after_ && !better(*after_, hit)) return false;
    return best_.size() < limit_ || better(hit, best_.front());
  }

  /// Keeps the worst of the best on top.
  void keep(const ContactHit& hit) {
    if (best_.size() == limit_) {
      std::pop_heap(best_.begin(), best_.end(), better);
      best_.pop_back();
    }
    best_.push_back(hit);
    std::push_heap(best_.begin(), best_.end(), better);
  }

  void look_at(const Document& document) {
    const auto recency = judge_.recency(document.contact);
    if (!recency || !matches(query_, document)) return;
    const ContactHit hit{.contact = document.contact,
                         .by_name = by_words_ && matches_name(query_, document),
                         .recency = *recency};
    if (would_do(hit) && judge_.admits(hit.contact)) keep(hit);
  }

  void walk(Where where, const Xapian::Database& database) {
    auto candidates = candidates_of(query_, where, database, tagged(query_, database));
    if (candidates.list == nullptr) return;
    for (auto& list = *candidates.list; list.at() != no_document; list.next()) {
      if (patience_.ends()) return;
      const model::ContactId contact{list.at()};
      const auto recency = judge_.recency(contact);
      if (!recency) continue;
      ContactHit hit{.contact = contact, .by_name = where == Where::names, .recency = *recency};
      if (!would_do(hit) || candidates.left_out(list.at())) continue;
      if (index_.recent_contacts_.contains(contact.value) || !judge_.admits(contact)) continue;
      if (confirm(hit, candidates.exact, where)) keep(hit);
    }
  }

  /// Looks at the contact itself, as far as the index does not say it all.
  bool confirm(ContactHit& hit, bool exact, Where where) {
    if (where == Where::contacts && by_words_) {
      hit.by_name = matches_name(query_, judge_.document(hit.contact, {}));
      const bool known = std::any_of(best_.begin(), best_.end(), [&](const ContactHit& other) {
        return other.contact == hit.contact;
      });
      if (known || !would_do(hit)) return false;
    }
    if (exact) return true;
    const auto document = judge_.document(hit.contact, index_.reader_.external_ids(hit.contact));
    return matches(query_, document) && (where != Where::names || matches_name(query_, document));
  }

  Index& index_;
  const Query& query_;
  const std::optional<ContactHit>& after_;
  const std::size_t limit_;
  Judge& judge_;
  const bool by_words_;
  Patience patience_;
  std::vector<ContactHit> best_;
};

/// The first `limit` entries after a number: the newest, as they are numbered.
class Index::EntrySearch {
 public:
  using Found = FoundEntries;

  EntrySearch(Index& index, const Query& query, Document::Kind kind, const ChannelScope& channels,
              DocId after, std::size_t limit, Judge& judge)
      : index_(index),
        query_(query),
        kind_(kind),
        channels_(channels),
        after_(after),
        limit_(limit),
        judge_(judge),
        patience_(index.options_.query_time_max) {}

  void begin() {
    hits_.clear();
    on_disk_after_ = after_;
    const auto& recent = index_.recent_;
    for (auto one = recent.rbegin(); one != recent.rend(); ++one) {
      if (is_contact(*one->document)) continue;
      on_disk_after_ = std::max(on_disk_after_, one->number);
      if (hits_.size() < limit_ && one->number > after_ && !patience_.ends()) look_at(*one);
    }
  }

  void on_disk() {
    if (hits_.size() == limit_) return;
    const auto& database = index_.reader_.entries();
    auto candidates = candidates_of(query_, Where::entries, database, conditions(database));
    if (candidates.list == nullptr) return;
    auto left_out = without(database);
    for (auto& list : left_out) candidates.without.push_back(std::move(list));
    DiskReader::Values values(database);
    auto& list = *candidates.list;
    for (list.skip_to(on_disk_after_ + 1); list.at() != no_document; list.next()) {
      if (hits_.size() == limit_ || patience_.ends()) return;
      if (candidates.left_out(list.at())) continue;
      const auto entry = values.at(list.at());
      if (!entry || entry->kind != kind_ || !judge_.admits(*entry)) continue;
      if (!candidates.exact) {
        const auto document = judge_.document(*entry);
        if (!document || !matches(query_, *document)) continue;
      }
      hits_.push_back({.number = list.at(), .entry = *entry});
    }
  }

  Found end() { return {.hits = std::move(hits_), .cut_short = patience_.ended()}; }

 private:
  void look_at(const Recent& recent) {
    const auto& document = *recent.document;
    if (document.kind != kind_ || !channels_.holds(document.channel)) return;
    const EntryValue entry{
        .kind = document.kind, .contact = document.contact, .seq = document.seq, .at = document.at};
    if (matches(query_, document) && judge_.admits(entry))
      hits_.push_back({.number = recent.number, .entry = entry});
  }

  std::vector<PostingsPtr> conditions(const Xapian::Database& database) const {
    std::vector<PostingsPtr> lists;
    if (kind_ == Document::Kind::comment) lists.push_back(postings_of(database, terms::comment));
    if (channels_.only) {
      std::vector<PostingsPtr> of_channels;
      for (const auto& id : *channels_.only)
        of_channels.push_back(postings_of(database, terms::channel(id.str())));
      lists.push_back(any_of(std::move(of_channels)));
    }
    return lists;
  }

  std::vector<PostingsPtr> without(const Xapian::Database& database) const {
    std::vector<PostingsPtr> lists;
    for (const auto& id : channels_.without)
      lists.push_back(postings_of(database, terms::channel(id.str())));
    return lists;
  }

  Index& index_;
  const Query& query_;
  const Document::Kind kind_;
  const ChannelScope& channels_;
  const DocId after_;
  const std::size_t limit_;
  Judge& judge_;
  Patience patience_;
  DocId on_disk_after_ = 0;
  std::vector<EntryHit> hits_;
};

template <class Search>
auto Index::run(Search& search) {
  constexpr int tries_max = 3;
  for (int tries = 1;; ++tries) {
    search.begin();
    try {
      if (refresh()) search.on_disk();
      return search.end();
    } catch (const Xapian::DatabaseModifiedError& error) {
      if (tries == tries_max) return search.end();
      reader_usable_ = reader_.refresh();
    } catch (const Xapian::Error& error) {
      fail_reading(error.get_description());
      return search.end();
    }
  }
}

FoundContacts Index::contacts(const Query& query, const std::optional<ContactHit>& after,
                              std::size_t limit, Judge& judge) {
  const std::lock_guard lock(mutex_);
  ContactSearch search(*this, query, after, limit, judge);
  return run(search);
}

FoundEntries Index::entries(const Query& query, Document::Kind kind, const ChannelScope& channels,
                            DocId after, std::size_t limit, Judge& judge) {
  const std::lock_guard lock(mutex_);
  EntrySearch search(*this, query, kind, channels, after, limit, judge);
  return run(search);
}

}  // namespace inboxd::search
