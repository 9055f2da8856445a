// The physical limit on this machine, measured with the same frames, connections and depth: a plain
// Beast echo (Beast's own stream: reads of 1.5 KB, one write a frame, one thread) and a bare loop
// of append and fdatasync.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "bench/inbox_bench/report.hpp"

namespace inboxd::bench {

struct CeilingOptions {
  unsigned connections = 100;
  unsigned depth = 16;
  std::size_t text_bytes = 300;
  std::chrono::milliseconds warm_up{1000};
  std::chrono::milliseconds duration{5000};
  std::uint64_t seed = 1;
  std::filesystem::path place;  // where the appended file is; empty: temporary files
};

/// Measures the limit and adds, for a report of `ingest`, what share of it that run reached.
void add_ratios(const CeilingOptions& options, Report& report);

Report run_ceiling(const CeilingOptions& options);

}  // namespace inboxd::bench
