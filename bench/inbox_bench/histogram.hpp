// Latencies with three significant digits from 1 µs to an hour, in fixed memory: buckets that
// double in width every 1,024 steps, after Gil Tene's HdrHistogram (Debian packages no C library of
// it).
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace inboxd::bench {

class Histogram {
 public:
  using Duration = std::chrono::nanoseconds;

  Histogram();
  /// Durations below zero count as zero, above an hour as an hour.
  void record(Duration duration);
  void merge(const Histogram& other);
  /// What was recorded after this one was `earlier`. Its maximum is known to a thousandth.
  Histogram since(const Histogram& earlier) const;

  std::uint64_t count() const { return count_; }
  Duration max() const { return max_; }
  Duration mean() const;
  /// The smallest value that at least `percent` of those recorded do not exceed; zero when empty.
  Duration percentile(double percent) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  Duration sum_{0};
  Duration max_{0};
};

}  // namespace inboxd::bench
