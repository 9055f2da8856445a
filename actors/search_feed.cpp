#include "actors/search_feed.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <tuple>
#include <unistd.h>
#include <utility>

#include <spdlog/spdlog.h>

#include "model/overload.hpp"
#include "persistence/state_json.hpp"

namespace inboxd::actors {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t handed_max = 20'000;      // commits kept whole; of more as little as may be
constexpr std::size_t commits_at_once = 4'000;  // taken as they came in one go; more are noted
constexpr std::size_t fills_at_once = 64;
constexpr std::chrono::milliseconds gather{20};       // between goes while commits keep coming
constexpr std::chrono::milliseconds look_again{500};  // for what the store has not got yet
constexpr std::chrono::seconds retry_after{10};       // when the index fails again so soon:
constexpr std::chrono::seconds failures_apart{60};
constexpr std::size_t contacts_between_pauses = 64;
/// After a crash with a journal that is synced late, or a restored older state.
constexpr const char* ahead_of_store = "It holds commits that the state does not have.";

/// The calling thread gives way to all others: to index a message costs as much as to handle it,
/// and what is missed under full load is brought in from the store when there is time again.
void be_modest() {
  constexpr int niceness = 19;
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), niceness);
}

std::int64_t thread_cpu_us() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1000;
}

std::uint32_t narrow(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}

/// The time of a message's or comment's JSON, read without the rest (model/entry_json.hpp writes
/// `contact`, `seq`, `at`, `kind` first). Nothing for events.
std::optional<std::int64_t> time_of_searched(std::string_view json) {
  constexpr std::string_view key = "\"at\":";
  const auto at = json.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  std::int64_t ms = 0;
  const auto* const first = json.data() + at + key.size();
  const auto [end, error] = std::from_chars(first, json.data() + json.size(), ms);
  const auto rest = json.substr(static_cast<std::size_t>(end - json.data()));
  if (error != std::errc() || rest.starts_with(",\"kind\":\"event\"")) return std::nullopt;
  return ms;
}

}  // namespace

void SearchFeed::load(const WorkspacePtr& workspace, const std::vector<model::RowPtr>& rows,
                      const std::vector<KnownContact>& contacts, model::Offset offset,
                      model::Timestamp at) {
  rows_.load(workspace, rows, contacts, offset, at);
  loaded_ = taken_ = offset;
  whole_max_ = commits_at_once;
}

void SearchFeed::start() {
  thread_ = std::thread([this] { run(); });
}

void SearchFeed::stop() {
  stopping_ = true;
  came_.ring();
  if (thread_.joinable()) thread_.join();
}

void SearchFeed::follow(const CommitBatch& batch) {
  if (handed_commits_.fetch_add(batch->size()) < handed_max) {
    handed_.give(batch);
  } else {
    std::vector<SearchCommit> rest;
    rest.reserve(batch->size());
    for (const auto& commit : *batch) rest.emplace_back(*commit);
    handed_.give(std::move(rest));
  }
  if (idle_.exchange(false)) came_.ring();
}

void SearchFeed::advance() {
  for (auto& handed : handed_.take()) {
    if (const auto* batch = std::get_if<CommitBatch>(&handed)) {
      handed_commits_ -= (*batch)->size();
      for (const auto& commit : **batch) advance(commit);
    } else {
      const auto& rest = std::get<std::vector<SearchCommit>>(handed);
      handed_commits_ -= rest.size();
      for (const auto& commit : rest) {
        rows_.follow(commit);
        to_note_.insert(to_note_.end(), commit.noted.begin(), commit.noted.end());
      }
    }
  }
  rows_.forget_saved(store_.applied_offset());
}

/// What is too much to index as it comes is not held on to: under full load most is.
void SearchFeed::advance(const CommitPtr& commit) {
  const bool whole = to_note_.empty() && to_index_.size() < whole_max_;
  rows_.follow(*commit, whole);
  if (whole) {
    to_index_.push_back(commit);
  } else {
    note(*commit, to_note_);
  }
}

// ── the thread ──

void SearchFeed::run() {
  be_modest();
  while (!ending_) {
    try {
      open_index();
      while (!ending_) work();
      if (complete_) write();
      return;
    } catch (const std::exception& error) {
      begin_again(error.what());
    } catch (const Xapian::Error& error) {
      begin_again(error.get_description());
    }
  }
}

void SearchFeed::begin_again(const std::string& why) {
  spdlog::warn("event=search_index_failed reason=\"{}\"", why);
  complete_ = false;
  partial_ = true;
  missing_.clear();
  missing_order_ = {};
  try {
    index_.recreate();
  } catch (const std::exception&) {  // the next try says why
  } catch (const Xapian::Error&) {
  }
  // Once is an accident; again so soon is a disk that cannot be written.
  const auto now = Clock::now();
  const auto wait =
      now - std::exchange(failed_at_, now) < failures_apart ? retry_after : std::chrono::seconds(0);
  ending_ = stopping_;
  wait_for_disk(now + wait);
}

/// Commits go on meanwhile: they are let go of as they come, and their contacts noted.
void SearchFeed::wait_for_disk(std::chrono::steady_clock::time_point until) {
  while (!ending_ && Clock::now() < until) {
    take_commits(0);
    if (!stopping_) came_.wait_for(look_again);
    ending_ = stopping_;
  }
}

void SearchFeed::open_index() {
  const auto why = index_.open();
  if (index_.offset() > loaded_) throw std::runtime_error(ahead_of_store);
  rebuilding_ = index_.rebuilding();
  if (rebuilding_) {
    ++rebuilds_;
    spdlog::info("event=search_index_rebuild reason=\"{}\"", why);
  }
  if (!rebuilding_ && index_.offset() == loaded_ && taken_ == loaded_) {
    complete_ = true;
    publish();
    return;
  }
  offset_ = index_.offset().value;
  const auto begun = Clock::now();
  scan_store();
  if (ending_) return;
  complete_ = true;
  index_.forget_opened();
  publish();
  spdlog::info("event=search_index_ready contacts={} entries={} seconds={:.1f}",
               index_.stats().contacts, index_.stats().entries,
               std::chrono::duration<double>(Clock::now() - begun).count());
}

void SearchFeed::work() {
  wait_for_work();
  if (index_.is_damaged()) throw std::runtime_error("The index on disk is damaged.");
  take_commits(index_.has_room() ? commits_at_once : 0);
  if (Clock::now() - filled_at_ >= look_again || ending_) {
    more_to_fill_ = fill_missing();
    if (!more_to_fill_) filled_at_ = Clock::now();
  }
  write_if_due();
  publish();
  give_way();
}

void SearchFeed::wait_for_work() {
  // A lonely commit is taken at once; when they keep coming, some together.
  if (!handed_.empty()) {
    if (!stopping_) came_.wait_for(gather);
  } else if (!stopping_ && !more_to_fill_) {
    idle_ = true;
    if (handed_.empty() && !stopping_) came_.wait_for(look_again);
    idle_ = false;
  }
  ending_ = stopping_;
}

void SearchFeed::pause() {
  take_commits(index_.has_room() ? commits_at_once : 0);
  if (index_.is_damaged()) throw std::runtime_error("The index on disk is damaged.");
  give_way();
  ending_ = stopping_;
}

/// On a busy machine each document would be paid for by those who wait for an answer, also at the
/// lowest priority: it takes the caches and the processor's other half. So it rests, as long as
/// commits keep coming.
void SearchFeed::give_way() {
  const std::chrono::microseconds worked(thread_cpu_us() - rested_us_);
  auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
      worked * pace_.rest(outlet_.busy(), outlet_.pressure()));
  const auto commits_came = [this] {
    const std::lock_guard lock(rows_mutex_);
    advance();
    return std::exchange(rested_offset_, rows_.offset()) < rows_.offset();
  };
  for (; rest.count() > 0 && !stopping_ && commits_came(); rest -= gather)
    came_.wait_for(std::min(rest, gather));
  cpu_us_ = rested_us_ = thread_cpu_us();
  pace_.see({.commits = taken_.value,
             .documents = index_.documents_put(),
             .cpu = std::chrono::microseconds(rested_us_)},
            Clock::now());
}

void SearchFeed::take_commits(std::size_t most) {
  std::vector<CommitPtr> commits;
  std::vector<Noted> noted;
  {
    const std::lock_guard lock(rows_mutex_);
    whole_max_ = most;
    advance();
    commits.swap(to_index_);
    noted.swap(to_note_);
    taken_ = std::max(taken_, rows_.offset());
  }
  const auto taken = std::min(most, commits.size());
  for (std::size_t i = 0; i < taken; ++i) take(*commits[i]);
  std::vector<Noted> left;  // when there is less room than there was
  for (auto i = taken; i < commits.size(); ++i) note(*commits[i], left);
  for (const auto& one : left) note_missing(one);
  for (const auto& one : noted) note_missing(one);
  commits_ += taken;
}

void SearchFeed::take(const Commit& commit) {
  for (const auto& state : commit.states) {
    if (!state->merged_into) take_contact(*state, commit);
  }
}

void SearchFeed::take_contact(const model::Contact& contact, const Commit& commit) {
  auto stamp = index_.stamp(contact.id);
  if (stamp.version < contact.version.value) {
    index_.put(std::make_shared<const search::Document>(search::contact_document(contact)));
    stamp.version = narrow(contact.version.value);
  }
  std::uint64_t appended = 0;
  for (const auto& change : commit.entries)
    appended += change.appended && change.contact == contact.id ? 1 : 0;
  if (contact.last_seq.value > stamp.through + appended) {
    index_.set_stamp(contact.id, stamp);
    note_missing({contact.id, commit.offset, contact.last_seq, contact.version});
    return;
  }
  for (const auto& change : commit.entries) {
    const auto& entry = *change.entry;
    if (!change.appended || change.contact != contact.id || entry.seq.value <= stamp.through)
      continue;
    // What a merge moved here is in the index under its old place, as far as that went.
    if (change.moved && commit.moved) {
      const auto original = entry.seq.value - commit.moved->base.value;
      if (original <= index_.stamp(commit.moved->secondary).through) continue;
    }
    if (auto document = search::entry_document(contact.id, entry)) index_.put(std::move(document));
  }
  stamp.through = std::max(stamp.through, narrow(contact.last_seq.value));
  index_.set_stamp(contact.id, stamp);
}

// ── what was missed ──

void SearchFeed::note_missing(const Noted& noted) {
  const auto [known, fresh] = missing_.try_emplace(
      noted.contact,
      Missing{.since = noted.offset, .last_seq = noted.last_seq, .version = noted.version});
  if (fresh) {
    ++missed_;
    missing_order_.emplace(noted.offset, noted.contact);
    return;
  }
  known->second.last_seq = std::max(known->second.last_seq, noted.last_seq);
  known->second.version = std::max(known->second.version, noted.version);
}

std::optional<model::Offset> SearchFeed::missing_since() {
  while (!missing_order_.empty()) {
    const auto& [since, contact] = missing_order_.top();
    const auto known = missing_.find(contact);
    if (known != missing_.end() && known->second.since == since) return since;
    missing_order_.pop();
  }
  return std::nullopt;
}

/// What has been missing for longest comes first. True: there is more to do at once.
bool SearchFeed::fill_missing() {
  if (!index_.has_room()) return false;
  const auto saved = store_.applied_offset();
  std::size_t tried = 0;
  std::vector<search::DocumentPtr> entries;
  for (auto since = missing_since(); since && *since <= saved && tried < fills_at_once;
       since = missing_since()) {
    const auto missing = missing_.find(missing_order_.top().second);
    missing_order_.pop();
    ++tried;
    if (fill(missing->first, missing->second, entries)) {
      missing_.erase(missing);
    } else {  // of what the store had nothing is
      missing->second.since = saved + 1;
      missing_order_.emplace(missing->second.since, missing->first);
    }
  }
  // Entries are numbered as they are put: in the order of time over all these contacts.
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a->at < b->at; });
  for (auto& entry : entries) index_.put(std::move(entry));
  return tried == fills_at_once;
}

/// True when nothing that is known of is missing any more; otherwise the store has not got it yet.
bool SearchFeed::fill(model::ContactId id, const Missing& missing,
                      std::vector<search::DocumentPtr>& entries) {
  const auto stored = store_.contact(id);
  if (!stored) return false;
  const auto& contact = stored->contact;
  if (contact.merged_into) return true;
  auto stamp = index_.stamp(id);
  if (stamp.version < contact.version.value) {
    index_.put(std::make_shared<const search::Document>(search::contact_document(contact)));
    stamp.version = narrow(contact.version.value);
  }
  if (stamp.through < contact.last_seq.value) {
    bring_in(id, {stamp.through}, contact.last_seq, entries);
    stamp.through = narrow(contact.last_seq.value);
  }
  index_.set_stamp(id, stamp);
  return stamp.through >= missing.last_seq.value && stamp.version >= missing.version.value;
}

// From the newest back, a page at a time: a `merged` event stands behind what it tells of, so what
// came along and is in the index under its old place is not even read.
void SearchFeed::bring_in(model::ContactId contact, model::Seq after, model::Seq last,
                          std::vector<search::DocumentPtr>& documents) {
  constexpr std::uint64_t page_entries = 1000;
  const auto first_document = documents.size();
  std::vector<std::pair<model::Seq, model::Seq>> present;  // moved here, and in the index already
  const auto present_with = [&](model::Seq seq) {
    return std::find_if(present.begin(), present.end(), [&](const auto& range) {
      return seq >= range.first && seq < range.second;
    });
  };
  for (auto next = last; next > after;) {
    const auto page =
        store_.page(contact, next + 1, std::min(page_entries, next.value - after.value));
    if (page.entries.empty()) break;
    for (auto json = page.entries.rbegin(); json != page.entries.rend(); ++json) {
      const auto entry = persistence::read_entry(*json);
      next = entry.seq - 1;
      if (present_with(entry.seq) != present.end()) continue;
      const auto* event = entry.event();
      const auto* merged = event != nullptr ? std::get_if<model::Merged>(&event->data) : nullptr;
      // One that came along with a later merge speaks of seqs that were its old contact's.
      if (merged != nullptr && merged->last + 1 == entry.seq) {
        const auto through = index_.stamp(merged->from).through;
        present.emplace_back(merged->first, std::min(merged->first + through, entry.seq));
      }
      if (auto document = search::entry_document(contact, entry))
        documents.push_back(std::move(document));
    }
    if (const auto range = present_with(next); range != present.end()) next = range->first - 1;
  }
  std::reverse(documents.begin() + static_cast<std::ptrdiff_t>(first_document), documents.end());
}

// ── from the store ──

void SearchFeed::scan_store() {
  std::vector<Place> places;
  std::uint64_t seen = 0;
  std::uint64_t total = 0;
  {
    const std::lock_guard lock(rows_mutex_);
    total = rows_.size();
  }
  struct Ended {};
  set_phase(0, rebuilding_ ? 0.3 : 1);
  try {
    store_.for_each_contact(1, [&](std::size_t, persistence::StoredContact&& stored) {
      scan_contact(stored.contact, places);
      if (++seen % contacts_between_pauses != 0) return;
      set_done(seen, total);
      pause();
      write_if_due();
      if (ending_) throw Ended{};
    });
  } catch (const Ended&) {
    return;
  }
  if (rebuilding_) rebuild_entries(places);
}

void SearchFeed::scan_contact(const model::Contact& contact, std::vector<Place>& places) {
  if (contact.merged_into) return;
  const auto found = index_.stamp_at_open(contact.id);
  if (found.version > contact.version.value || found.through > contact.last_seq.value)
    throw std::runtime_error(ahead_of_store);
  auto stamp = index_.stamp(contact.id);
  if (stamp.version < contact.version.value) {
    auto document = std::make_shared<const search::Document>(search::contact_document(contact));
    if (rebuilding_) {
      index_.put_in_bulk(std::move(document));
    } else {
      index_.put(std::move(document));
    }
    stamp.version = narrow(contact.version.value);
  }
  const auto last = contact.last_seq.value;
  if (stamp.through < last && !rebuilding_) {
    index_.set_stamp(contact.id, stamp);
    note_missing({contact.id, index_.offset() + 1, contact.last_seq, contact.version});
    return;
  }
  if (stamp.through < last) {
    // From here on these are the rebuild's; what comes later is taken as it comes.
    store_.for_each_entry(contact.id, [&](model::Seq seq, std::string_view json) {
      if (seq.value <= stamp.through || seq.value > last) return;
      if (const auto at = time_of_searched(json))
        places.push_back({.at = *at, .contact = contact.id.value, .seq = narrow(seq.value)});
    });
    stamp.through = narrow(last);
    const auto noted = missing_.find(contact.id);
    if (noted != missing_.end() && noted->second.last_seq.value <= last) missing_.erase(noted);
  }
  index_.set_stamp(contact.id, stamp);
}

/// Newest first, so that what is asked for most is found first.
void SearchFeed::rebuild_entries(std::vector<Place>& places) {
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return std::tie(a.at, a.contact, a.seq) > std::tie(b.at, b.contact, b.seq);
  });
  set_phase(0.3, 1);
  std::uint64_t seen = 0;
  for (const auto& place : places) {
    const model::ContactId contact{place.contact};
    auto entry = store_.entry(contact, {place.seq});
    if (!entry) {  // merged away meanwhile
      SearchRows::Place now;
      {
        const std::lock_guard lock(rows_mutex_);
        now = rows_.resolve(contact, {place.seq});
      }
      entry = store_.entry(now.first, now.second);
      if (entry) entry->seq = {place.seq};
    }
    if (entry) {
      if (auto document = search::entry_document(contact, *entry))
        index_.put_in_bulk(std::move(document));
    }
    if (++seen % contacts_between_pauses != 0) continue;
    set_done(seen, places.size());
    pause();
    write_if_due();
    if (ending_) return;
  }
  rebuilding_ = false;
  write();
}

// ── to disk ──

void SearchFeed::write_if_due() {
  if (index_.write_is_due()) write();
}

void SearchFeed::write() {
  if (!index_.has_something_to_write()) return;
  const bool known = complete_ && missing_.empty();
  index_.write(known ? taken_ : model::Offset{}, rebuilding_, [this] {
    // At the end nothing comes any more, and everything handed over is in what is written.
    if (!ending_) pause();
  });
}

// ── what is told ──

void SearchFeed::set_done(std::uint64_t done, std::uint64_t total) {
  const double part = total == 0 ? 1 : std::min(1.0, double(done) / double(total));
  done_ = phase_from_ + (phase_to_ - phase_from_) * part;
  cpu_us_ = thread_cpu_us();
}

void SearchFeed::publish() {
  const auto since = missing_since();
  offset_ = since && *since <= taken_ ? std::max(since->value, std::uint64_t{1}) - 1 : taken_.value;
  partial_ = !complete_;
  if (complete_) done_ = 1;
  cpu_us_ = thread_cpu_us();
}

SearchFeed::Progress SearchFeed::progress() const {
  return {.offset = {offset_.load()}, .partial = partial_.load(), .done = done_.load()};
}

SearchFeed::Stats SearchFeed::stats() const {
  return {.commits = commits_.load(),
          .missed = missed_.load(),
          .waiting =
              [this] {
                const std::lock_guard lock(rows_mutex_);
                return std::uint64_t{handed_commits_ + to_index_.size() + to_note_.size()};
              }(),
          .rebuilds = rebuilds_.load(),
          .cpu_us = cpu_us_.load()};
}

}  // namespace inboxd::actors
