// Search over many contacts and messages while more come in. Scenario `search`.
#pragma once

#include <chrono>
#include <cstdint>

#include "bench/inbox_bench/report.hpp"
#include "bench/inbox_bench/target.hpp"

namespace inboxd::bench {

struct SearchOptions {
  TargetOptions target;
  unsigned connections = 50;
  std::uint32_t contacts = 20'000;
  std::uint64_t messages = 100'000;
  bool through_store = false;              // filled before the start, instead of by clients
  double rate = 1'000;                     // messages a second that come in while it is searched
  unsigned queries = 200;                  // of each kind
  unsigned searchers = 1;                  // agents who search
  double search_rate = 0;                  // open loop: searches a second in all; 0: closed loop
  std::chrono::milliseconds quiet{5'000};  // of messages coming in without searches, for comparison
  std::chrono::milliseconds patience{1'800'000};  // for the index to be as far as the commits
  std::uint64_t seed = 1;
};

Report run_search(const SearchOptions& options);

}  // namespace inboxd::bench
