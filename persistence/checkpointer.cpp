#include "persistence/checkpointer.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <thread>
#include <time.h>
#include <unistd.h>
#include <utility>

#include "persistence/crash_point.hpp"
#include "persistence/journal.hpp"
#include "persistence/store.hpp"

namespace inboxd::persistence {
namespace {

using Clock = std::chrono::steady_clock;

/// What a change holds in memory, roughly: it is only there to bound the heap.
std::uint64_t bytes_of(const Change& change) {
  std::uint64_t bytes = sizeof change;
  bytes += change.contacts.size() * 1024;
  for (const auto& entry : change.entries) {
    bytes += sizeof entry + 256 + (entry.json ? entry.json->size() : 512);
  }
  return bytes + change.workspace_events.size() * 512;
}

std::int64_t thread_cpu_us() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1000;
}

/// The calling thread gives way to the others, but not so far that it cannot keep up on a machine
/// that has no time to spare: then all commits would wait for it (`held_bytes_max`).
void be_modest() {
  constexpr int niceness = 5;
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), niceness);
}

}  // namespace

class Checkpointer::Impl {
 public:
  Impl(StateStore& store, Journal* journal, CheckpointerOptions options,
       CheckpointerCallbacks callbacks)
      : store_(store),
        journal_(journal),
        options_(options),
        callbacks_(std::move(callbacks)),
        saved_(store.applied_offset()) {
    if (options_.threaded) thread_ = std::thread([this] { run(); });
  }
  ~Impl() { end(); }

  void add(std::vector<Change>&& changes);
  void checkpoint(bool durable);
  void stop();
  CheckpointerStats stats() const;

 private:
  using Changes = std::vector<Change>;
  /// What came with one `add`.
  struct Held {
    Changes changes;
    std::uint64_t bytes = 0;
  };

  void run();
  bool is_due() const;
  Changes take(std::uint64_t bytes_max);
  void round(Changes& changes, bool durable);
  void write(Changes& changes);
  void flush();
  void became_durable();
  bool flush_journal();
  void fail(const std::string& reason);
  void end();
  void wait_for_room(std::unique_lock<std::mutex>& lock);

  StateStore& store_;
  Journal* journal_;
  CheckpointerOptions options_;
  CheckpointerCallbacks callbacks_;

  mutable std::mutex mutex_;
  std::condition_variable work_, done_, room_;
  std::deque<Held> pending_;
  std::uint64_t pending_bytes_ = 0, pending_commits_ = 0;
  std::uint64_t writing_bytes_ = 0;  // taken from there, not written yet
  bool journal_is_asked_ = false;    // its thread must not wait in `add`: this one waits for it
  Clock::time_point first_pending_{};
  std::uint64_t asked_ = 0, asked_durable_ = 0, finished_ = 0;
  bool ending_ = false, failed_ = false;
  CheckpointerStats counts_;
  model::Offset saved_;

  // The thread's own.
  Clock::time_point last_flush_ = Clock::now();
  std::uint64_t round_bytes_ = 0, bytes_since_flush_ = 0;

  std::mutex checkpoint_mutex_;  // without a thread: one `checkpoint` at a time
  std::thread thread_;
};

void Checkpointer::Impl::add(Changes&& changes) {
  if (changes.empty()) return;
  bool wake = false;
  std::uint64_t bytes = 0;
  for (const auto& change : changes) bytes += bytes_of(change);
  {
    std::unique_lock lock(mutex_);
    wait_for_room(lock);
    if (failed_) return;
    if (pending_.empty()) first_pending_ = Clock::now();
    wake = pending_.empty();
    pending_bytes_ += bytes;
    pending_commits_ += changes.size();
    pending_.push_back({std::move(changes), bytes});
    wake |= pending_bytes_ >= options_.bytes_max;
  }
  if (wake) work_.notify_one();
}

void Checkpointer::Impl::wait_for_room(std::unique_lock<std::mutex>& lock) {
  const auto has_room = [this] {
    return pending_bytes_ + writing_bytes_ < options_.held_bytes_max || journal_is_asked_ ||
           failed_ || ending_;
  };
  if (!options_.threaded || has_room()) return;
  work_.notify_one();
  const auto from = Clock::now();
  room_.wait(lock, has_room);
  counts_.waited_us +=
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - from).count();
}

bool Checkpointer::Impl::is_due() const {
  return ending_ || asked_ != finished_ || pending_bytes_ >= options_.bytes_max ||
         (!pending_.empty() &&
          Clock::now() - first_pending_ >= std::chrono::milliseconds(options_.every.ms));
}

/// The oldest that wait, about as much as asked for.
Checkpointer::Impl::Changes Checkpointer::Impl::take(std::uint64_t bytes_max) {
  Changes taken;
  writing_bytes_ = 0;
  while (!pending_.empty() && writing_bytes_ < bytes_max) {
    auto& held = pending_.front();
    writing_bytes_ += held.bytes;
    if (taken.empty()) {
      taken = std::move(held.changes);
    } else {
      taken.insert(taken.end(), std::make_move_iterator(held.changes.begin()),
                   std::make_move_iterator(held.changes.end()));
    }
    pending_.pop_front();
  }
  pending_bytes_ -= writing_bytes_;
  pending_commits_ -= taken.size();
  round_bytes_ = writing_bytes_;
  bytes_since_flush_ += writing_bytes_;
  first_pending_ = Clock::now();
  return taken;
}

void Checkpointer::Impl::run() {
  be_modest();
  std::unique_lock lock(mutex_);
  for (;;) {
    while (!is_due()) {
      if (pending_.empty()) {
        work_.wait(lock);
      } else {
        work_.wait_until(lock, first_pending_ + std::chrono::milliseconds(options_.every.ms));
      }
    }
    if (ending_) return;
    const auto asked = asked_;
    // A little at a time: who waits for room waits as long as one round takes.
    auto changes = take(asked != finished_ ? pending_bytes_ : options_.bytes_max);
    const bool durable = asked_durable_ > finished_;
    lock.unlock();
    try {
      round(changes, durable);
    } catch (const std::exception& error) {
      fail(error.what());
    }
    changes.clear();
    lock.lock();
    counts_.cpu_us = thread_cpu_us();
    finished_ = asked;
    done_.notify_all();
    if (failed_) return;
  }
}

void Checkpointer::Impl::round(Changes& changes, bool durable) {
  write(changes);
  changes.clear();
  {
    const std::lock_guard lock(mutex_);
    writing_bytes_ = 0;
  }
  room_.notify_all();
  const bool flush_is_due =
      bytes_since_flush_ >= options_.flush_bytes ||
      Clock::now() - last_flush_ >= std::chrono::milliseconds(options_.flush_every.ms);
  const bool anything = store_.durable() < store_.applied_offset();
  if (anything && (durable || flush_is_due)) flush();
}

void Checkpointer::Impl::write(Changes& changes) {
  if (changes.empty()) return;
  crash_point("checkpoint.collected");
  // With a policy that syncs late, the store would otherwise get ahead of the journal on disk.
  const bool durable = round_bytes_ >= options_.files_bytes_min && flush_journal();
  if (durable) {
    store_.write_durably(changes);
  } else {
    store_.write(changes);
  }
  crash_point("checkpoint.written");
  const auto saved = store_.applied_offset();
  {
    const std::lock_guard lock(mutex_);
    ++counts_.checkpoints;
    counts_.commits += changes.size();
    for (const auto& change : changes) {
      counts_.contacts += change.contacts.size();
      counts_.entries += change.entries.size();
    }
    saved_ = saved;
  }
  if (callbacks_.saved) callbacks_.saved(saved);
  if (durable) became_durable();
}

bool Checkpointer::Impl::flush_journal() {
  if (journal_ == nullptr) return true;
  const auto ask = [this](bool asked) {
    const std::lock_guard lock(mutex_);
    journal_is_asked_ = asked;
  };
  ask(true);
  room_.notify_all();
  const bool flushed = journal_->flush();
  ask(false);
  return flushed;
}

void Checkpointer::Impl::flush() {
  // With a policy that syncs late, the store would otherwise get ahead of the journal on disk.
  if (!flush_journal()) return;
  store_.flush();
  became_durable();
}

void Checkpointer::Impl::became_durable() {
  crash_point("checkpoint.flushed");
  last_flush_ = Clock::now();
  bytes_since_flush_ = 0;
  {
    const std::lock_guard lock(mutex_);
    ++counts_.flushes;
  }
  if (journal_ != nullptr) journal_->drop_up_to(store_.durable());
}

void Checkpointer::Impl::fail(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    pending_.clear();
    pending_bytes_ = pending_commits_ = 0;
  }
  room_.notify_all();
  if (callbacks_.failed) callbacks_.failed(reason);
}

void Checkpointer::Impl::checkpoint(bool durable) {
  if (!options_.threaded) {
    const std::lock_guard one(checkpoint_mutex_);
    Changes changes;
    {
      const std::lock_guard lock(mutex_);
      changes = take(pending_bytes_);
    }
    try {
      round(changes, durable);
    } catch (const std::exception& error) {
      fail(error.what());
    }
    return;
  }
  std::unique_lock lock(mutex_);
  const auto mine = ++asked_;
  if (durable) asked_durable_ = mine;
  work_.notify_one();
  done_.wait(lock, [&] { return finished_ >= mine || failed_ || ending_; });
}

void Checkpointer::Impl::stop() {
  checkpoint(true);
  end();
}

void Checkpointer::Impl::end() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  work_.notify_all();
  done_.notify_all();
  room_.notify_all();
  if (thread_.joinable()) thread_.join();
}

CheckpointerStats Checkpointer::Impl::stats() const {
  const std::lock_guard lock(mutex_);
  auto stats = counts_;
  stats.pending_commits = pending_commits_;
  stats.pending_bytes = pending_bytes_;
  stats.saved = saved_;
  stats.durable = store_.durable();
  return stats;
}

Checkpointer::Checkpointer(StateStore& store, Journal* journal, CheckpointerOptions options,
                           CheckpointerCallbacks callbacks)
    : impl_(std::make_unique<Impl>(store, journal, options, std::move(callbacks))) {}
Checkpointer::~Checkpointer() = default;
void Checkpointer::add(std::vector<Change>&& changes) {
  impl_->add(std::move(changes));
}
void Checkpointer::checkpoint(bool durable) {
  impl_->checkpoint(durable);
}
void Checkpointer::stop() {
  impl_->stop();
}
CheckpointerStats Checkpointer::stats() const {
  return impl_->stats();
}

}  // namespace inboxd::persistence
