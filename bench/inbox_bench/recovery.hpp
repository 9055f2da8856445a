// How long a start takes, and where it goes: a data directory with a past, a journal tail that the
// state store does not have, kill -9, start.
#pragma once

#include <cstdint>

#include "bench/inbox_bench/past.hpp"
#include "bench/inbox_bench/report.hpp"
#include "bench/inbox_bench/target.hpp"

namespace inboxd::bench {

struct RecoveryOptions {
  TargetOptions target;
  PastOptions past;
  std::uint64_t tail = 100'000;  // messages after the last flush of the store
  bool cold = false;             // the directory's files leave the page cache before the start
};

Report run_recovery(const RecoveryOptions& options);

}  // namespace inboxd::bench
