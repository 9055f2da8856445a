// What the actors count for the metrics: once a batch or a turn, never once a row, with relaxed
// atomics and no lock.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "model/channel.hpp"
#include "persistence/histogram.hpp"

namespace inboxd::actors {

/// Messages on their way to one kind of actor: CAF's mailboxes cannot be asked from outside.
struct MailboxCount {
  std::atomic<std::uint64_t> sent{0}, taken{0};

  void send(std::uint64_t messages = 1) { sent.fetch_add(messages, std::memory_order_relaxed); }
  void take(std::uint64_t messages = 1) { taken.fetch_add(messages, std::memory_order_relaxed); }
  /// What waits now.
  std::uint64_t depth() const {
    const auto out = taken.load(std::memory_order_relaxed);  // first: never more than was sent
    const auto in = sent.load(std::memory_order_relaxed);
    return in > out ? in - out : 0;
  }
};

/// Of the channels of one kind, in all workspaces. The first two are what is now, and are added to
/// and taken from; the others only grow.
struct OutboxStats {
  std::atomic<std::uint64_t> pending{0}, connectors{0}, sent{0}, failed{0}, retries{0};
};

struct EngineStats {
  MailboxCount directory;  // requests
  MailboxCount views;      // batches of commits, of the view aggregators
  MailboxCount agents;     // batches of commits, of the agents' actors
  MailboxCount followers;  // batches of commits, of the timers, outboxes and presence boards

  /// A batch of commits through one aggregator's or agent's views: indexes, counters, and the
  /// deltas that were due.
  persistence::Histogram view_update_us;
  std::atomic<std::uint64_t> view_changes{0};  // rows that changed, one count a desk
  std::atomic<std::uint64_t> view_deltas{
      0};  // computed and encoded; conflation: fewer than changes
  std::atomic<std::uint64_t> view_resets{0};  // lists sent anew
  std::atomic<std::uint64_t> agents_running{0};
  std::array<OutboxStats, model::channel_kinds> outbox;

  void count_views(std::uint64_t changes, std::uint64_t deltas, std::uint64_t resets) {
    const auto add = [](std::atomic<std::uint64_t>& to, std::uint64_t more) {
      if (more != 0) to.fetch_add(more, std::memory_order_relaxed);
    };
    add(view_changes, changes);
    add(view_deltas, deltas);
    add(view_resets, resets);
  }
};

/// Measures from its making to its end.
class TimedUpdate {
 public:
  explicit TimedUpdate(EngineStats& stats) : stats_(stats) {}
  ~TimedUpdate() {
    const auto took = std::chrono::steady_clock::now() - began_;
    stats_.view_update_us.record(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  }
  TimedUpdate(const TimedUpdate&) = delete;
  TimedUpdate& operator=(const TimedUpdate&) = delete;

 private:
  EngineStats& stats_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace inboxd::actors
