// What a process costs: CPU time and memory, from /proc.
#pragma once

#include <cstdint>
#include <sys/types.h>

namespace inboxd::bench {

struct Usage {
  double cpu_s = 0;              // user and system, all threads
  std::uint64_t rss_bytes = 0;   // now
  std::uint64_t peak_bytes = 0;  // highest since it started
};

/// All zero for a process that is gone or not ours to see. 0 is this process.
Usage usage_of(pid_t pid);

}  // namespace inboxd::bench
