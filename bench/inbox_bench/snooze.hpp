// Many snoozes that end at one moment, under live traffic: how soon all are back, and what the
// others notice. Scenario `snooze`.
#pragma once

#include <chrono>
#include <cstdint>

#include "bench/inbox_bench/report.hpp"
#include "bench/inbox_bench/target.hpp"

namespace inboxd::bench {

struct SnoozeOptions {
  TargetOptions target;
  std::uint32_t snoozed = 100'000;  // all until the same moment
  std::uint32_t live = 10'000;      // contacts that go on writing
  double rate = 2000;               // open loop: live messages a second; 0: closed loop
  unsigned depth = 1;               // closed loop: in flight on each connection
  unsigned connections = 50;
  unsigned watchers = 20;  // of `unassigned`, where the snoozed come back to
  std::size_t text_bytes = 300;
  std::chrono::milliseconds warm_up{3000};
  std::chrono::milliseconds duration{5000};
  std::uint64_t seed = 1;
};

Report run_snooze(const SnoozeOptions& options);

}  // namespace inboxd::bench
