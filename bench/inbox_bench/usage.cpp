#include "bench/inbox_bench/usage.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

namespace inboxd::bench {
namespace {

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

// The kernel counts in ticks of 10 ms for others; for ourselves there is a finer source.
double cpu_of(pid_t pid) {
  if (pid == 0) {
    rusage own{};
    ::getrusage(RUSAGE_SELF, &own);
    return seconds(own.ru_utime) + seconds(own.ru_stime);
  }
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return 0;
  // The name, in parentheses, may hold anything; utime and stime are the 12th and 13th words after.
  std::istringstream rest(line.substr(line.rfind(')') + 1));
  std::string word;
  for (int i = 0; i < 11; ++i) rest >> word;
  double user = 0;
  double system = 0;
  rest >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

Usage usage_of(pid_t pid) {
  Usage usage;
  usage.cpu_s = cpu_of(pid);
  std::ifstream file("/proc/" + (pid == 0 ? "self" : std::to_string(pid)) + "/status");
  for (std::string word; file >> word;) {
    std::uint64_t kib = 0;
    if (word == "VmHWM:" && file >> kib) usage.peak_bytes = kib * 1024;
    if (word == "VmRSS:" && file >> kib) usage.rss_bytes = kib * 1024;
  }
  return usage;
}

}  // namespace inboxd::bench
