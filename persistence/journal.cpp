#include "persistence/journal.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "persistence/crash_point.hpp"
#include "persistence/file.hpp"
#include "persistence/segment.hpp"

namespace inboxd::persistence {
namespace {

using Clock = std::chrono::steady_clock;

/// A segment's space is overwritten with zeros in runs of this size, ahead of the records, by the
/// write that first reaches into a run: a sync of bytes in space that was written before has no
/// file system metadata to write, and costs a third less (bench/micro/journal_append).
constexpr std::uint64_t zeroed_run_bytes = std::uint64_t{256} * 1024;
/// A batch larger than this is written in parts, and synced once.
constexpr std::size_t write_bytes_max = 4 << 20;
constexpr auto space_check_every = std::chrono::seconds(1);

std::chrono::milliseconds to_chrono(model::Duration d) {
  return std::chrono::milliseconds(d.ms);
}

}  // namespace

std::string_view name_of(SyncPolicy policy) {
  switch (policy) {
    case SyncPolicy::always: return "always";
    case SyncPolicy::interval: return "interval";
    case SyncPolicy::none: break;
  }
  return "none";
}

std::optional<SyncPolicy> sync_policy_of(std::string_view name) {
  for (const auto policy : {SyncPolicy::always, SyncPolicy::interval, SyncPolicy::none}) {
    if (name == name_of(policy)) return policy;
  }
  return std::nullopt;
}

std::string loss_of(SyncPolicy policy, model::Duration sync_interval) {
  switch (policy) {
    case SyncPolicy::always:
      return "what is acknowledged is on disk: a crash of the process or the machine takes nothing";
    case SyncPolicy::interval:
      return "a crash of the process takes nothing, a crash of the machine up to the last " +
             std::to_string(sync_interval.ms) + " ms of what was acknowledged";
    case SyncPolicy::none: break;
  }
  return "a crash of the process takes nothing, a crash of the machine whatever the kernel had not "
         "written yet";
}

class Journal::Impl {
 public:
  Impl(JournalOptions options, JournalCallbacks callbacks);
  ~Impl();

  Placed submit(Commit commit);
  std::size_t pump();
  bool flush();
  bool stop();
  void drop_up_to(model::Offset offset);

  model::Offset last() const;
  JournalStats stats() const;
  std::vector<SegmentInfo> segments() const;

  std::atomic<std::uint64_t> released{0};
  std::atomic<bool> failed{false};

 private:
  struct Item {
    std::string payload;
    Released released;
  };
  using Batch = std::vector<Item>;

  // On the journal thread (or in `pump`).
  void run();
  void gather(std::unique_lock<std::mutex>& lock);
  void process(Batch& batch);
  void write(const Batch& batch);
  void write_buffer();
  void sync();
  void start_segment(model::Offset first);
  void release(Batch& batch);
  void fail(const std::string& reason);
  void check_space();
  bool sync_is_due() const;

  FileSystem& files() const { return *options_.files; }

  JournalOptions options_;
  JournalCallbacks callbacks_;

  // Shared with submitters.
  mutable std::mutex mutex_;
  std::condition_variable work_, done_;
  Batch queue_;
  model::Offset last_;
  model::Timestamp last_at_;
  bool idle_ = false;        // the thread waits for work
  bool stopping_ = false;    // end when the queue is empty
  bool discarding_ = false;  // end at once
  bool ended_ = false;       // there is no thread any more
  std::uint64_t flush_asked_ = 0, flush_done_ = 0;

  // The journal thread's own.
  std::unique_ptr<File> file_;
  std::string buffer_;
  std::uint64_t position_ = 0;  // where the buffer goes
  std::uint64_t zeroed_ = 0;    // the segment's space is written up to here
  std::uint64_t capacity_ = 0;  // of the segment
  model::Offset written_, synced_;
  Clock::time_point sync_began_{}, last_sync_ = Clock::now(), last_space_check_{};
  bool low_ = false;

  mutable std::mutex segments_mutex_;
  std::vector<SegmentInfo> segments_;
  std::atomic<std::uint64_t> records_{0}, bytes_{0}, batches_{0}, syncs_{0};
  Histogram sync_us_, batch_records_;

  std::thread thread_;
};

Journal::Impl::Impl(JournalOptions options, JournalCallbacks callbacks)
    : options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      last_(options_.last),
      last_at_(options_.last_at),
      written_(options_.last),
      synced_(options_.last) {
  if (options_.files == nullptr) options_.files = &posix_file_system();
  released = options_.last.value;
  for (const auto& name : files().list(options_.directory)) {
    const auto path = options_.directory / name;
    if (name.ends_with(".tmp")) {
      files().remove(path);
    } else if (const auto first = segment_first(name); first && *first <= last_) {
      segments_.push_back({*first, path, files().size(path)});
    }
  }
  start_segment(last_ + 1);
  if (options_.threaded) thread_ = std::thread([this] { run(); });
}

Journal::Impl::~Impl() {
  {
    const std::lock_guard lock(mutex_);
    discarding_ = true;
  }
  work_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Placed Journal::Impl::submit(Commit commit) {
  const bool passes_through = commit.payload.empty();
  bool wake = false;
  Placed placed;
  {
    const std::lock_guard lock(mutex_);
    if (!passes_through) {
      ++last_;
      last_at_ = std::max(last_at_, commit.at);
    }
    placed = {last_, last_at_};
    if (failed || stopping_) return placed;
    if (commit.effect) commit.effect->placed(last_);
    queue_.push_back(
        {std::move(commit.payload), {last_, last_at_, passes_through, std::move(commit.effect)}});
    wake = std::exchange(idle_, false);
  }
  if (wake) work_.notify_one();
  return placed;
}

void Journal::Impl::run() {
  Batch batch;
  std::unique_lock lock(mutex_);
  for (;;) {
    idle_ = true;
    const auto patience =
        options_.sync == SyncPolicy::interval
            ? std::min<Clock::duration>(to_chrono(options_.sync_interval), space_check_every)
            : space_check_every;
    work_.wait_for(lock, patience, [&] {
      return discarding_ || stopping_ || !queue_.empty() || flush_asked_ != flush_done_;
    });
    idle_ = false;
    gather(lock);
    if (discarding_) return;
    const auto flush = flush_asked_;
    const bool last_round = stopping_;
    batch.swap(queue_);
    lock.unlock();
    try {
      process(batch);
      if ((flush != flush_done_ || sync_is_due()) && synced_ < written_) sync();
      check_space();
    } catch (const std::exception& error) {
      fail(error.what());
    }
    batch.clear();
    lock.lock();
    flush_done_ = flush;
    done_.notify_all();
    if (failed || (last_round && queue_.empty())) return;
  }
}

/// Lets more commits come that one sync makes durable: what a sync costs is, above all, to wake all
/// who wait for it.
void Journal::Impl::gather(std::unique_lock<std::mutex>& lock) {
  if (options_.sync != SyncPolicy::always) return;
  work_.wait_until(lock, sync_began_ + options_.sync_spacing,
                   [&] { return discarding_ || stopping_ || flush_asked_ != flush_done_; });
}

std::size_t Journal::Impl::pump() {
  Batch batch;
  {
    const std::lock_guard lock(mutex_);
    if (failed) return 0;
    batch.swap(queue_);
  }
  const auto count = batch.size();
  try {
    process(batch);
    check_space();
  } catch (const std::exception& error) {
    fail(error.what());
    return 0;
  }
  return count;
}

void Journal::Impl::process(Batch& batch) {
  if (failed || batch.empty()) return;
  write(batch);
  if (options_.sync == SyncPolicy::always && synced_ < written_) sync();
  ++batches_;
  release(batch);
}

void Journal::Impl::write(const Batch& batch) {
  const auto before = written_;
  for (const auto& item : batch) {
    if (item.released.passes_through) continue;
    const auto size = framed_bytes(item.payload.size());
    if (position_ + buffer_.size() + size > capacity_) {
      write_buffer();
      sync();  // whatever the policy: only the last segment may have a torn tail
      start_segment(item.released.offset);
      if (segment::header_bytes + size > capacity_) {
        capacity_ = segment::header_bytes + size;
        file_->allocate(capacity_);
      }
    } else if (buffer_.size() + size > write_bytes_max) {
      write_buffer();
    }
    const auto behind = std::min<std::uint64_t>(item.released.offset.value - synced_.value,
                                                std::numeric_limits<std::uint32_t>::max());
    append_frame(buffer_, item.released.offset, item.released.at,
                 static_cast<std::uint32_t>(behind), item.payload);
    written_ = item.released.offset;
    ++records_;
  }
  write_buffer();
  if (written_ != before) batch_records_.record(written_.value - before.value);
}

void Journal::Impl::write_buffer() {
  if (buffer_.empty()) return;
  const auto bytes = buffer_.size();
  const auto end = position_ + bytes;
  if (end > zeroed_) {
    zeroed_ = std::min(capacity_, (end / zeroed_run_bytes + 1) * zeroed_run_bytes);
    buffer_.resize(zeroed_ - position_);
  }
  write_all(*file_, position_, buffer_);
  position_ = end;
  bytes_ += bytes;
  buffer_.clear();
}

void Journal::Impl::sync() {
  sync_began_ = Clock::now();
  file_->sync();
  synced_ = written_;
  last_sync_ = Clock::now();
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(last_sync_ - sync_began_);
  sync_us_.record(static_cast<std::uint64_t>(took.count()));
  ++syncs_;
}

bool Journal::Impl::sync_is_due() const {
  return options_.sync == SyncPolicy::interval &&
         Clock::now() - last_sync_ >= to_chrono(options_.sync_interval);
}

/// Made under another name and renamed when it is whole, so that a segment's header is never torn.
void Journal::Impl::start_segment(model::Offset first) {
  const auto path = options_.directory / segment_name(first);
  auto unfinished = path;
  unfinished += ".tmp";
  file_ = files().open(unfinished);
  file_->allocate(options_.segment_bytes);
  write_all(*file_, 0, encode_header({first, options_.sync, options_.epoch}));
  file_->sync();
  crash_point("segment.made");
  files().rename(unfinished, path);
  crash_point("segment.named");
  files().sync_directory(options_.directory);
  capacity_ = options_.segment_bytes;
  position_ = segment::header_bytes;
  zeroed_ = position_;
  const std::lock_guard lock(segments_mutex_);
  segments_.push_back({first, path, capacity_});
}

void Journal::Impl::release(Batch& batch) {
  std::vector<Released> out;
  out.reserve(batch.size());
  for (auto& item : batch) out.push_back(std::move(item.released));
  released.store(out.back().offset.value, std::memory_order_release);
  if (callbacks_.release) callbacks_.release(std::move(out));
}

void Journal::Impl::fail(const std::string& reason) {
  if (failed.exchange(true)) return;
  Batch lost;
  {
    const std::lock_guard lock(mutex_);
    lost.swap(queue_);
  }
  done_.notify_all();
  if (callbacks_.failed) callbacks_.failed(reason);
}

void Journal::Impl::check_space() {
  const auto now = Clock::now();
  if (options_.threaded && now - last_space_check_ < space_check_every) return;
  last_space_check_ = now;
  const auto free = files().free_bytes(options_.directory);
  const bool low = free < options_.low_space_bytes * (low_ ? 2 : 1);
  if (low == low_) return;
  low_ = low;
  if (callbacks_.low_space) callbacks_.low_space(low);
}

bool Journal::Impl::flush() {
  if (!options_.threaded) {
    try {
      pump();
      if (!failed && synced_ < written_) sync();
    } catch (const std::exception& error) {
      fail(error.what());
    }
    return !failed;
  }
  std::unique_lock lock(mutex_);
  const auto mine = ++flush_asked_;
  work_.notify_one();
  done_.wait(lock, [&] { return failed || discarding_ || ended_ || flush_done_ >= mine; });
  return !failed;
}

bool Journal::Impl::stop() {
  const bool good = flush();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  if (!good || failed) return false;
  const auto marker = options_.directory / unsynced_marker;
  if (options_.sync != SyncPolicy::always && files().exists(marker)) {
    files().remove(marker);
    files().sync_directory(options_.directory);
  }
  return true;
}

model::Offset Journal::Impl::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

void Journal::Impl::drop_up_to(model::Offset offset) {
  std::vector<SegmentInfo> dropped;
  {
    const std::lock_guard lock(segments_mutex_);
    std::size_t unneeded = 0;  // segments at the front with nothing after `offset`
    while (unneeded + 1 < segments_.size() &&
           segments_[unneeded + 1].first.value <= offset.value + 1) {
      ++unneeded;
    }
    std::uint64_t kept_bytes = 0;
    while (unneeded > 0 && kept_bytes + segments_[unneeded - 1].bytes <= options_.retention_bytes) {
      kept_bytes += segments_[--unneeded].bytes;
    }
    const auto end = segments_.begin() + static_cast<std::ptrdiff_t>(unneeded);
    dropped.assign(segments_.begin(), end);
    segments_.erase(segments_.begin(), end);
  }
  if (dropped.empty()) return;
  // Oldest first, so that what is left after a crash has no gap.
  for (const auto& segment : dropped) {
    files().remove(segment.path);
    crash_point("segment.dropped");
  }
  files().sync_directory(options_.directory);
}

JournalStats Journal::Impl::stats() const {
  JournalStats stats{.records = records_, .bytes = bytes_, .batches = batches_, .syncs = syncs_};
  stats.sync_us = sync_us_.counts();
  stats.batch_records = batch_records_.counts();
  {
    const std::lock_guard lock(mutex_);
    stats.queued = queue_.size();
  }
  for (const auto& segment : segments()) {
    ++stats.segments;
    stats.segment_bytes += segment.bytes;
  }
  return stats;
}

std::vector<SegmentInfo> Journal::Impl::segments() const {
  const std::lock_guard lock(segments_mutex_);
  return segments_;
}

Journal::Journal(JournalOptions options, JournalCallbacks callbacks)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(callbacks))) {}
Journal::~Journal() = default;
Placed Journal::submit(Commit commit) {
  return impl_->submit(std::move(commit));
}
std::size_t Journal::pump() {
  return impl_->pump();
}
bool Journal::flush() {
  return impl_->flush();
}
bool Journal::stop() {
  return impl_->stop();
}
model::Offset Journal::last() const {
  return impl_->last();
}
model::Offset Journal::released() const {
  return {impl_->released.load(std::memory_order_acquire)};
}
bool Journal::failed() const {
  return impl_->failed;
}
JournalStats Journal::stats() const {
  return impl_->stats();
}
void Journal::drop_up_to(model::Offset offset) {
  impl_->drop_up_to(offset);
}
std::vector<SegmentInfo> Journal::segments() const {
  return impl_->segments();
}

}  // namespace inboxd::persistence
