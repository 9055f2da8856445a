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

/// Adds its figures to `report` and returns the echo's rate per second.
double measure_echo(const CeilingOptions& options, Report& report);
/// Records a second of a bare loop that appends `batch` records and syncs, on the same disk.
double append_rate(const CeilingOptions& options, std::size_t batch);
/// Appends records of this size, one and many a sync.
void measure_append(const CeilingOptions& options, Report& report);

Report run_ceiling(const CeilingOptions& options);

}  // namespace inboxd::bench
