// The parts of a run, each with its histogram. What began in a part counts there, whenever it ends:
// what a stall keeps until the part is over would not be seen otherwise.
#pragma once

#include <algorithm>
#include <vector>

#include "apps/client/connection.hpp"
#include "bench/inbox_bench/histogram.hpp"

namespace inboxd::bench {

class Periods {
 public:
  using Clock = client::Clock;

  /// A part begins now, and the last one ends. `into` (null: nothing is counted) must last as long
  /// as anything is recorded.
  void begin(Histogram* into, Clock::time_point now = Clock::now()) {
    periods_.push_back({.from = now, .into = into});
  }
  void record(Clock::time_point began, Clock::time_point ended) {
    const auto period = std::find_if(periods_.rbegin(), periods_.rend(),
                                     [&](const Period& one) { return began >= one.from; });
    if (period != periods_.rend() && period->into != nullptr) period->into->record(ended - began);
  }

 private:
  struct Period {
    Clock::time_point from;
    Histogram* into = nullptr;
  };
  std::vector<Period> periods_;
};

}  // namespace inboxd::bench
