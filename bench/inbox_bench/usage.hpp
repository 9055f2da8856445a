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

/// The process and all that it started (a database behind a web server): CPU in all; memory each
/// page counted once (Pss) if there is more than one process, and then the peak is the highest that
/// was seen by this function's callers.
Usage usage_of_tree(pid_t pid);

}  // namespace inboxd::bench
