// The search index: documents on disk, and before them the newest in memory, which are looked at
// one by one. So a document is found at once, and the disk is written seldom and in bulk.
//
// One thread writes (`open` … `write`), one reads (`contacts`, `entries`); `stats` is for any.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/ids.hpp"
#include "model/time.hpp"
#include "persistence/search/disk.hpp"
#include "persistence/search/document.hpp"
#include "persistence/search/query.hpp"

namespace inboxd::search {

/// Who is asked about what was found: the live state, and the rights of the one who searches.
/// Called on the reading thread, within `contacts` or `entries`.
class Judge {
 public:
  virtual ~Judge() = default;
  /// The contact's place in the order: later is better; nothing: there is no such contact. Cheap:
  /// it is asked for every candidate.
  virtual std::optional<model::Timestamp> recency(model::ContactId contact) = 0;
  /// Whether the one who searches may see the contact and the conditions hold. Asked for those that
  /// would be among the best.
  virtual bool admits(model::ContactId contact) = 0;
  /// Likewise of an entry, of its contact as it was when it was written.
  virtual bool admits(const EntryValue& entry) = 0;
  /// The contact as it is now.
  virtual Document document(model::ContactId contact, std::vector<std::string> external_ids) = 0;
  /// Null if it is not to be had.
  virtual DocumentPtr document(const EntryValue& entry) = 0;
};

struct ContactHit {
  model::ContactId contact;
  bool by_name = false;
  model::Timestamp recency;
};
/// Those found in the name first, then by recency.
bool better(const ContactHit& a, const ContactHit& b);

struct EntryHit {
  DocId number = 0;
  EntryValue entry;
};

/// Which channels a message may be of; comments are of none.
struct ChannelScope {
  std::optional<std::vector<model::ChannelId>> only;  // nothing: any
  std::vector<model::ChannelId> without;

  bool holds(const model::ChannelId& channel) const;
};

struct FoundContacts {
  std::vector<ContactHit> hits;
  bool cut_short = false;  // the time was up: there may be more and better
};
struct FoundEntries {
  std::vector<EntryHit> hits;
  bool cut_short = false;
};

struct IndexOptions {
  std::filesystem::path path;
  std::string epoch;
  std::size_t recent_max = 20'000;                // documents in memory before they are written
  std::chrono::milliseconds write_every{30'000};  // or when the oldest is so old
  std::chrono::milliseconds query_time_max{2'000};
};

struct IndexStats {
  std::uint64_t contacts = 0, entries = 0, recent = 0, bytes = 0, writes = 0;
};

class Index {
 public:
  explicit Index(IndexOptions options);

  // ── the writing thread ──

  /// Opens the index, or begins a new one if there is none or it cannot be used. Returns why.
  std::string open();
  /// Begins a new one: it turned out to be damaged.
  void recreate();
  /// Everything up to `offset` was in the index when it was last written; nothing: not known.
  model::Offset offset() const { return disk_.offset(); }
  /// The entries have to be brought in from the first on (a new index, or an interrupted rebuild).
  bool rebuilding() const { return disk_.rebuilding(); }

  Stamp stamp(model::ContactId contact) const;
  void set_stamp(model::ContactId contact, Stamp stamp);
  /// As it was found by `open`, until `forget_opened`.
  Stamp stamp_at_open(model::ContactId contact) const {
    return contact.value < opened_.size() ? opened_[contact.value] : Stamp{};
  }
  void forget_opened() { opened_ = {}; }

  /// To be found from here on.
  void put(DocumentPtr document);
  /// Found only after the next `write`. For a rebuild, which brings the newest entries first.
  void put_in_bulk(DocumentPtr document);

  /// How many were put, in both ways.
  std::uint64_t documents_put() const { return put_; }

  /// False: so many documents wait in memory, while the disk is written, that searches would
  /// suffer.
  bool has_room() const;
  bool write_is_due() const;
  /// Brings everything to disk. `pause` is called again and again meanwhile; it may `put`.
  void write(model::Offset offset, bool rebuilding, const std::function<void()>& pause);
  bool has_something_to_write() const;

  /// The reader met a damaged index.
  bool is_damaged() const { return damaged_; }

  // ── the reading thread ──

  FoundContacts contacts(const Query& query, const std::optional<ContactHit>& after,
                         std::size_t limit, Judge& judge);
  /// Newest first; `kind` message or comment, `after` a hit's number.
  FoundEntries entries(const Query& query, Document::Kind kind, const ChannelScope& channels,
                       DocId after, std::size_t limit, Judge& judge);
  std::vector<std::string> external_ids(model::ContactId contact);

  IndexStats stats() const;

 private:
  class ContactSearch;
  class EntrySearch;
  struct Recent {
    DocumentPtr document;
    DocId number = 0;  // of entries
  };

  /// Runs a search, again if the index on disk moved on beneath it. With the mutex.
  template <class Search>
  auto run(Search& search);
  bool refresh();  // the reader's; with the mutex
  void fail_reading(const std::string& what);
  static bool is_contact(const Document& document) {
    return document.kind == Document::Kind::contact;
  }

  const IndexOptions options_;
  DiskWriter disk_;
  std::vector<Stamp> stamps_, opened_;
  std::unordered_map<std::size_t, Stamp> touched_;  // by contact, since the last write
  std::vector<Stamp> saved_;                        // as on disk
  std::vector<Recent> bulk_;
  std::uint64_t put_ = 0;
  std::chrono::steady_clock::time_point oldest_{};

  mutable std::mutex mutex_;  // over what follows
  std::deque<Recent> recent_;
  std::unordered_map<std::uint64_t, DocumentPtr> recent_contacts_;  // the latest of each
  DiskReader reader_;
  std::uint64_t generation_ = 0, reader_generation_ = 0;
  bool reader_usable_ = false;
  IndexStats stats_;

  std::atomic<bool> damaged_{false};
};

}  // namespace inboxd::search
