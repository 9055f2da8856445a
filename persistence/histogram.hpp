// Measured values, counted by size: what the metrics' histograms are made of. Bucket n counts the
// values up to 2^n, so recording is a few instructions and needs no table of bounds.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace inboxd::persistence {

/// What a histogram held at one moment.
struct HistogramCounts {
  static constexpr std::size_t buckets = 24;  // 2^23 µs are 8.4 s
  /// `by_size[n]`: values above 2^(n-1) and up to 2^n; the last also holds all that are larger.
  std::array<std::uint64_t, buckets> by_size{};
  std::uint64_t sum = 0;
};

/// Any thread may record and read; a reader may see a value in one place and not yet in the other.
class Histogram {
 public:
  void record(std::uint64_t value) {
    const auto size = static_cast<std::size_t>(value <= 1 ? 0 : std::bit_width(value - 1));
    add(by_size_[size < HistogramCounts::buckets ? size : HistogramCounts::buckets - 1], 1);
    add(sum_, value);
  }

  HistogramCounts counts() const {
    HistogramCounts counts;
    for (std::size_t n = 0; n < by_size_.size(); ++n) {
      counts.by_size[n] = by_size_[n].load(std::memory_order_relaxed);
    }
    counts.sum = sum_.load(std::memory_order_relaxed);
    return counts;
  }

 private:
  static void add(std::atomic<std::uint64_t>& to, std::uint64_t value) {
    to.fetch_add(value, std::memory_order_relaxed);
  }

  std::array<std::atomic<std::uint64_t>, HistogramCounts::buckets> by_size_{};
  std::atomic<std::uint64_t> sum_{0};
};

}  // namespace inboxd::persistence
