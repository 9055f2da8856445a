#include "bench/inbox_bench/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace inboxd::bench {
namespace {

// A value of b bits falls in the bucket of its upper `digits` bits: an error below 1/1024.
constexpr int digits = 11;
constexpr std::uint64_t half = 1U << (digits - 1);
constexpr std::int64_t ns_max = std::int64_t{3600} * 1'000'000'000;

std::size_t index_of(std::uint64_t value) {
  const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - digits);
  return static_cast<std::size_t>(static_cast<std::uint64_t>(shift) * half + (value >> shift));
}

// The largest value of a bucket.
std::int64_t upper_end(std::size_t index) {
  if (index < 2 * half) return static_cast<std::int64_t>(index);
  const auto shift = index / half - 1;
  const auto mantissa = index - shift * half;
  return static_cast<std::int64_t>(((mantissa + 1) << shift) - 1);
}

}  // namespace

Histogram::Histogram() : buckets_(index_of(ns_max) + 1) {}

void Histogram::record(Duration duration) {
  const auto ns = std::clamp<std::int64_t>(duration.count(), 0, ns_max);
  ++buckets_[index_of(static_cast<std::uint64_t>(ns))];
  ++count_;
  sum_ += Duration(ns);
  max_ = std::max(max_, Duration(ns));
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

Histogram Histogram::since(const Histogram& earlier) const {
  Histogram later;
  later.count_ = count_ - earlier.count_;
  later.sum_ = sum_ - earlier.sum_;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    later.buckets_[i] = buckets_[i] - earlier.buckets_[i];
    if (later.buckets_[i] > 0) later.max_ = std::min(max_, Duration(upper_end(i)));
  }
  return later;
}

Histogram::Duration Histogram::mean() const {
  return count_ == 0 ? Duration(0) : Duration(sum_.count() / static_cast<std::int64_t>(count_));
}

Histogram::Duration Histogram::percentile(double percent) const {
  const auto wanted = static_cast<std::uint64_t>(
      std::max(1.0, std::ceil(percent / 100 * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return std::min(max_, Duration(upper_end(i)));
  }
  return max_;
}

}  // namespace inboxd::bench
