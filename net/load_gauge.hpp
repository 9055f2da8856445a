// Whether there is time to spare: how busy the machine is, how long what the engine hands over
// waits for the thread of the sockets, and how long requests take to be answered.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace inboxd::net {

/// Sums since the machine started, in ticks of the kernel.
struct CpuTimes {
  std::uint64_t busy = 0, all = 0;
};
/// Of the first line of Linux's /proc/stat. What runs at a nicer priority (the checkpointer, the
/// search index) gives way to all others and so counts as idle. Nothing if it is not such a line.
std::optional<CpuTimes> cpu_times(std::string_view proc_stat);

/// Of the engine, since the start.
struct Answers {
  std::uint64_t count = 0, us = 0;  // how many, and how long they took together
};

class LoadGauge {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds interval{100};  // between looks at the machine

  /// On one thread: something handed over has waited this long. True: it is time to `look`.
  [[nodiscard]] bool waited(Clock::duration wait, Clock::time_point now);
  /// On that thread: looks at the machine, and at the answers given so far.
  void look(Answers answers);

  /// 0: there is time to spare; 1: there is none, or the machine does not say. Any thread.
  double pressure() const { return pressure_.load(std::memory_order_relaxed); }

  /// `CpuTimes::busy`'s share, of about the last second; 1 where the machine does not say. Any
  /// thread.
  double busy() const { return busy_.load(std::memory_order_relaxed); }

  /// What these mean for `pressure`, before it is smoothed.
  static double pressure_of(double busy, Clock::duration wait, Clock::duration answer);
  /// The share of the last second or so, from what it was and what it is, so long after.
  static double smoothed(double before, double now, Clock::duration since);
  /// How long an answer took on average between two looks; 0 if they were too few to tell a busy
  /// engine from a few long requests.
  static Clock::duration mean(Answers before, Answers after);

 private:
  Clock::duration longest_{}, since_look_{};
  Clock::time_point looked_at_;
  bool measured_ = false;  // `busy_`
  std::optional<CpuTimes> last_;
  Answers answers_;
  std::atomic<double> pressure_{1}, busy_{1};
};

}  // namespace inboxd::net
