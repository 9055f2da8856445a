#include "bench/inbox_bench/usage.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>
#include <vector>

namespace inboxd::bench {
namespace {

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

// The word of /proc/PID/stat so many places after the name, which stands in parentheses and may
// hold anything.
std::string stat_word(pid_t pid, int place) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return "";
  std::istringstream rest(line.substr(line.rfind(')') + 1));
  std::string word;
  for (int i = 0; i < place; ++i) rest >> word;
  return word;
}

// The kernel counts in ticks of 10 ms for others; for ourselves there is a finer source.
double cpu_of(pid_t pid) {
  if (pid == 0) {
    rusage own{};
    ::getrusage(RUSAGE_SELF, &own);
    return seconds(own.ru_utime) + seconds(own.ru_stime);
  }
  const auto user = stat_word(pid, 12);
  const auto system = stat_word(pid, 13);
  if (user.empty() || system.empty()) return 0;
  return (std::stod(user) + std::stod(system)) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

// `pid` and its descendants.
std::vector<pid_t> tree_of(pid_t pid) {
  std::vector<std::pair<pid_t, pid_t>> parents;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto parent = stat_word(std::stoi(name), 2);
    if (!parent.empty()) parents.emplace_back(std::stoi(name), std::stoi(parent));
  }
  std::vector<pid_t> tree{pid};
  for (std::size_t i = 0; i < tree.size(); ++i)
    for (const auto& [child, parent] : parents)
      if (parent == tree[i]) tree.push_back(child);
  return tree;
}

std::uint64_t pss_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  for (std::string word; file >> word;) {
    std::uint64_t kib = 0;
    if (word == "Pss:" && file >> kib) return kib * 1024;
  }
  return 0;
}

}  // namespace

Usage usage_of_tree(pid_t pid) {
  const auto tree = tree_of(pid);
  if (tree.size() == 1) return usage_of(pid);
  Usage usage;
  for (const auto one : tree) {
    usage.cpu_s += cpu_of(one);
    usage.rss_bytes += pss_of(one);
  }
  usage.peak_bytes = usage.rss_bytes;
  return usage;
}

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
