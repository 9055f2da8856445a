// A crowd of agents who have their lists open and do nothing, as most of a contact centre at any
// moment: what they cost, and what happens when they all come back at once. Scenarios `idle`,
// `reconnect`.
#pragma once

#include <chrono>
#include <cstdint>

#include "bench/inbox_bench/report.hpp"
#include "bench/inbox_bench/target.hpp"

namespace inboxd::bench {

struct CrowdOptions {
  TargetOptions target;
  unsigned sessions = 5000;
  unsigned agents = 100;  // whose sessions these are
  std::uint32_t contacts = 1000;
  unsigned rows = 50;  // of each list
  std::chrono::milliseconds duration{10'000};
  std::uint64_t seed = 1;

  // Of `reconnect`.
  std::chrono::milliseconds work{3000};    // of who stays, measured before the cut
  std::chrono::milliseconds within{1000};  // the time in which all come back
  unsigned stayed = 20;                    // clients that keep asking meanwhile
};

/// Each session has its list (`all`, `unassigned` or `mine` in turn), its counters, its
/// notifications and the agents' presence. Its cost is the server's memory with them minus the
/// memory before. Checked: every session is alive at the end and its list is the engine's.
Report run_idle(const CrowdOptions& options);

/// The crowd is cut off, contacts change meanwhile, and all come back within `within`, resuming
/// where they were. Checked: everybody is live again with the list that a fresh client gets, and
/// those who stayed had every answer.
Report run_reconnect(const CrowdOptions& options);

}  // namespace inboxd::bench
