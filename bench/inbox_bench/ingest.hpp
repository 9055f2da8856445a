// Connectors push inbound messages as fast as the engine takes them, or at a fixed rate, while
// agents watch their lists, and in `desk` work on them too. Scenarios `ingest`, `desk`,
// `fanout`, `soak`.
#pragma once

#include <chrono>
#include <cstdint>

#include "bench/inbox_bench/agent_work.hpp"
#include "bench/inbox_bench/flat.hpp"
#include "bench/inbox_bench/report.hpp"
#include "bench/inbox_bench/target.hpp"

namespace inboxd::bench {

struct IngestOptions {
  std::string scenario = "ingest";
  TargetOptions target;
  unsigned connections = 100;
  unsigned depth = 16;                 // closed loop: in flight on each connection
  std::chrono::milliseconds think{0};  // closed loop: mean time from an answer to the next
  double rate = 0;                     // open loop: messages a second in all; 0: closed loop
  bool daily_curve = false;  // open loop: warm-up and duration are one day, `rate` its mean
  double burst_mean = 1;     // messages that a customer writes in a row
  std::uint32_t contacts = 100'000;
  double assigned = 0.5;  // share of the contacts that are given to the agents of `mine`
  std::size_t text_bytes = 300;
  unsigned watchers = 100;  // a third each on `all`, `unassigned`, `mine`
  unsigned rows = 50;       // of each watcher's window
  std::chrono::milliseconds warm_up{3000};
  std::chrono::milliseconds duration{10'000};
  std::uint64_t seed = 1;
  double agent_rate = 0;  // what agents do, in all, a second; 0: nothing, or closed loop
  std::chrono::milliseconds agent_think{
      0};  // closed loop: mean time from an answer to the next act
  ActMix acts{};
  unsigned agent_connections = 50;
  bool counters = false;     // who watches has the counters of all its views open, too
  bool one_window = false;   // all watch `all`
  bool resets_fail = false;  // a list that had to be sent anew fails the run
  bool memory_flat = false;  // memory that keeps growing fails the run
  double leak_bytes = Growth::leak_bytes_min;  // that is: by more than so many a message
  bool ceiling = false;  // measure the machine's limit before, and print ratios
};

Report run_ingest(const IngestOptions& options);

}  // namespace inboxd::bench
