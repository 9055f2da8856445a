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

constexpr std::size_t handed_max = 20'000;      // commits kept whole; of more only the rows
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
  std::vector<Handed> handed;
  handed.reserve(batch->size());
  const bool whole = handed_commits_ < handed_max;
  for (const auto& commit : *batch) {
    if (whole) {
      handed.emplace_back(commit);
    } else {
      handed.emplace_back(SearchCommit(*commit));
    }
  }
  handed_commits_ += handed.size();
  handed_.give(std::move(handed));
  if (idle_.exchange(false)) came_.ring();
}

void SearchFeed::advance() {
  for (auto& handed : handed_.take()) {
    handed_commits_ -= handed.size();
    for (auto& one : handed) {
      if (const auto* whole = std::get_if<CommitPtr>(&one)) {
        rows_.follow(SearchCommit(**whole));
      } else {
        rows_.follow(std::get<SearchCommit>(one));
      }
      if (to_index_.size() >= handed_max && std::holds_alternative<CommitPtr>(one))
        one = SearchCommit(*std::get<CommitPtr>(one));
      to_index_.push_back(std::move(one));
    }
  }
  rows_.forget_saved(store_.applied().offset);
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
  ending_ = stopping_;
}

void SearchFeed::take_commits(std::size_t most) {
  std::deque<Handed> commits;
  {
    const std::lock_guard lock(rows_mutex_);
    advance();
    commits.swap(to_index_);
  }
  std::size_t taken = 0;
  for (const auto& one : commits) {
    if (const auto* whole = std::get_if<CommitPtr>(&one)) {
      if (taken < most) {
        take(**whole);
        ++taken;
      } else {
        for (const auto& state : (*whole)->states)
          note_missing(state->id, (*whole)->offset, state->last_seq, state->version);
      }
      taken_ = std::max(taken_, (*whole)->offset);
    } else {
      const auto& rest = std::get<SearchCommit>(one);
      for (const auto& row : rest.rows) {
        if (row.after == nullptr) continue;
        const auto& last = row.after->last_message;
        note_missing(row.contact, rest.offset, last ? last->seq : model::Seq{}, row.after->version);
      }
      for (const auto& entry : rest.entries)
        note_missing(entry.contact, rest.offset, entry.entry->seq, {});
      taken_ = std::max(taken_, rest.offset);
    }
  }
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
    note_missing(contact.id, commit.offset, contact.last_seq, contact.version);
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

void SearchFeed::note_missing(model::ContactId contact, model::Offset since, model::Seq last_seq,
                              model::Version version) {
  const auto [known, fresh] = missing_.try_emplace(
      contact, Missing{.since = since, .last_seq = last_seq, .version = version});
  if (fresh) {
    ++missed_;
    return;
  }
  known->second.last_seq = std::max(known->second.last_seq, last_seq);
  known->second.version = std::max(known->second.version, version);
}

bool SearchFeed::fill_missing() {
  std::size_t filled = 0;
  if (!index_.has_room()) return false;
  std::vector<search::DocumentPtr> entries;
  for (auto at = missing_.begin(); at != missing_.end() && filled < fills_at_once;) {
    if (fill(at->first, at->second, entries)) {
      at = missing_.erase(at);
      ++filled;
    } else {
      ++at;
    }
  }
  // Entries are numbered as they are put: in the order of time over all these contacts.
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a->at < b->at; });
  for (auto& entry : entries) index_.put(std::move(entry));
  return filled == fills_at_once;
}

/// True when nothing that is known of is missing any more; otherwise the store has not got it yet.
bool SearchFeed::fill(model::ContactId id, const Missing& missing,
                      std::vector<search::DocumentPtr>& entries) {
  if (store_.applied().offset < missing.since) return false;
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
    note_missing(contact.id, index_.offset() + 1, contact.last_seq, contact.version);
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
  auto offset = taken_;
  for (const auto& [contact, missing] : missing_)
    offset = std::min(offset, missing.since.value > 0 ? missing.since - 1 : model::Offset{});
  offset_ = offset.value;
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
                return std::uint64_t{handed_commits_ + to_index_.size()};
              }(),
          .rebuilds = rebuilds_.load(),
          .cpu_us = cpu_us_.load()};
}

}  // namespace inboxd::actors
