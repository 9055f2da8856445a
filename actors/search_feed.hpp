// Keeps the search index after the released commits, on a thread of low priority. What it cannot
// take as it comes (it was away, or commits come faster than they can be indexed) it notes by
// contact, and brings in from the state store.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <queue>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "actors/handover.hpp"
#include "actors/index_pace.hpp"
#include "actors/outlet.hpp"
#include "actors/search_rows.hpp"
#include "persistence/search/index.hpp"
#include "persistence/store.hpp"

namespace inboxd::actors {

class SearchFeed {
 public:
  /// How far the index is.
  struct Progress {
    model::Offset offset;  // every commit up to here is in it
    bool partial = false;  // there may be more that is not: it is being made anew, or catches up
    double done = 1;       // of that, 0 … 1
  };
  struct Stats {
    std::uint64_t commits = 0;  // taken as they came
    std::uint64_t missed = 0;   // contacts noted, to be brought in from the store
    std::uint64_t waiting = 0;  // commits handed over and not looked at yet
    std::uint64_t rebuilds = 0;
    std::int64_t cpu_us = 0;  // of the thread
  };

  /// `outlet` says how much there is to do besides.
  SearchFeed(search::Index& index, const persistence::StateStore& store, const Outlet& outlet)
      : index_(index), store_(store), outlet_(outlet) {}
  ~SearchFeed() { stop(); }

  /// Before `start`.
  void load(const WorkspacePtr& workspace, const std::vector<model::RowPtr>& rows,
            const std::vector<KnownContact>& contacts, model::Offset offset, model::Timestamp at);
  void start();
  /// Takes what was handed over, writes the index and ends the thread.
  void stop();

  /// Any thread; cheap, never waits.
  void follow(const CommitBatch& batch);

  /// Calls `look` with the rows as of the last commit handed over; they do not change meanwhile.
  template <class Look>
  auto with_rows(Look look) {
    const std::lock_guard lock(rows_mutex_);
    advance();
    return look(static_cast<const SearchRows&>(rows_));
  }

  Progress progress() const;
  Stats stats() const;

 private:
  /// Commits handed over: whole, or what is left of them when there were too many.
  using Handed = std::variant<CommitBatch, std::vector<SearchCommit>>;
  /// What is missing of a contact.
  struct Missing {
    model::Offset since;  // of the first commit that was not taken
    model::Seq last_seq;  // so far it is known to go
    model::Version version;
  };
  /// A contact by the `since` of what is missing of it.
  using Since = std::pair<model::Offset, model::ContactId>;
  /// An entry that a rebuild has to bring in.
  struct Place {
    std::int64_t at = 0;
    std::uint64_t contact = 0;
    std::uint32_t seq = 0;
  };

  // On the thread.
  void run();
  void work();
  void wait_for_work();
  void open_index();
  void begin_again(const std::string& why);
  void wait_for_disk(std::chrono::steady_clock::time_point until);

  // With rows_mutex_: rows follow what was handed over.
  void advance();
  void advance(const CommitPtr& commit);

  /// At most so many whole; of the others the contacts are noted.
  void take_commits(std::size_t most);
  void take(const Commit& commit);
  void take_contact(const model::Contact& contact, const Commit& commit);
  void note_missing(const Noted& noted);
  /// The first commit of which something is missing; nothing: there is none.
  std::optional<model::Offset> missing_since();
  bool fill_missing();
  /// Of the entries the documents only: they are put when all contacts of a go have theirs.
  bool fill(model::ContactId contact, const Missing& missing,
            std::vector<search::DocumentPtr>& entries);
  void bring_in(model::ContactId contact, model::Seq after, model::Seq last,
                std::vector<search::DocumentPtr>& documents);

  void scan_store();
  void scan_contact(const model::Contact& contact, std::vector<Place>& places);
  void rebuild_entries(std::vector<Place>& places);
  void write_if_due();
  void write();
  void pause();
  void give_way();

  void set_phase(double from, double to) { phase_from_ = from, phase_to_ = to; }
  void set_done(std::uint64_t done, std::uint64_t total);
  void publish();

  search::Index& index_;
  const persistence::StateStore& store_;
  const Outlet& outlet_;

  // In offset order. Without a lock: whoever releases commits never waits for us.
  Handover<Handed> handed_;
  std::atomic<std::size_t> handed_commits_{0};
  Bell came_;
  std::atomic<bool> idle_{false}, stopping_{false};

  mutable std::mutex rows_mutex_;
  SearchRows rows_;
  // What the rows have followed and the index has not: the first commits whole, of the others what
  // to bring in later.
  std::vector<CommitPtr> to_index_;
  std::vector<Noted> to_note_;
  std::size_t whole_max_ = 0;

  // The thread's own.
  std::unordered_map<model::ContactId, Missing> missing_;
  // Of each that is missing, and of some that no longer are.
  std::priority_queue<Since, std::vector<Since>, std::greater<>> missing_order_;
  model::Offset taken_;      // every commit up to here was taken or noted
  model::Offset loaded_;     // what the store was at the start, at least
  bool complete_ = false;    // nothing from before the start is missing but what is noted
  bool rebuilding_ = false;  // of the entries
  bool ending_ = false;
  bool more_to_fill_ = false;
  double phase_from_ = 0, phase_to_ = 0;
  // When it last gave way: its processor time, and how far commits had come.
  std::int64_t rested_us_ = 0;
  model::Offset rested_offset_;
  IndexPace pace_;
  std::chrono::steady_clock::time_point filled_at_{}, failed_at_{};

  std::atomic<std::uint64_t> offset_{0};
  std::atomic<bool> partial_{true};
  std::atomic<double> done_{0};
  std::atomic<std::uint64_t> commits_{0}, missed_{0}, rebuilds_{0};
  std::atomic<std::int64_t> cpu_us_{0};
  std::thread thread_;
};

}  // namespace inboxd::actors
