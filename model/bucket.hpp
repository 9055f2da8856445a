// A token bucket that is one number: the generic cell rate algorithm (ITU-T I.371, annex A). Whole
// microseconds, so that a rate is exact over days. Time is an input.
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/channel.hpp"
#include "model/time.hpp"

namespace inboxd::model {

class Bucket {
 public:
  /// When the next may go: `now` or earlier if at once. Up to a millisecond early, so that clocks
  /// of milliseconds do not slow a rate down: what is early is owed.
  Timestamp ready_at(const Throughput& rate) const {
    const auto early = full_at_us_ - static_cast<std::int64_t>(rate.burst - 1) * interval_us(rate);
    return {early <= 0 ? 0 : early / 1000};
  }
  void take(const Throughput& rate, Timestamp now) {
    full_at_us_ = std::max(full_at_us_, now.ms * 1000) + interval_us(rate);
  }
  /// From then on it is as if it had never been used.
  Timestamp full_at() const { return {(full_at_us_ + 999) / 1000}; }
  /// Two customers that turned out to be one owe what either owes.
  void join(const Bucket& other) { full_at_us_ = std::max(full_at_us_, other.full_at_us_); }

 private:
  static std::int64_t interval_us(const Throughput& rate) {
    return std::max<std::int64_t>(1, rate.per.ms * 1000 / rate.count);
  }
  std::int64_t full_at_us_ = 0;
};

}  // namespace inboxd::model
