#include "net/process_metrics.hpp"

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <unistd.h>

#include "actors/metric_text.hpp"
#include "model/json.hpp"

// jemalloc's, if the program is linked with it (docs/decisions/0006); null in sanitizer builds.
extern "C" [[gnu::weak]] int mallctl(const char* name, void* old, std::size_t* old_bytes, void* set,
                                     std::size_t set_bytes);

namespace inboxd::net {
namespace {

using actors::write_metric;

std::optional<std::uint64_t> allocator_bytes(const char* name) {
  std::size_t value = 0;
  std::size_t size = sizeof value;
  if (mallctl(name, &value, &size, nullptr, 0) != 0) return std::nullopt;
  return value;
}

void write_allocator(std::string& out) {
  if (mallctl == nullptr) return;
  std::uint64_t epoch = 1;  // makes the figures current
  mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch);
  const auto line = [&out](std::string_view name, std::string_view help, const char* from) {
    if (const auto bytes = allocator_bytes(from)) write_metric(out, name, "gauge", help, *bytes);
  };
  line("inboxd_allocated_bytes", "Memory in use, as the allocator counts it.", "stats.allocated");
  line("inboxd_allocator_resident_bytes", "Memory that the allocator holds in RAM.",
       "stats.resident");
}

}  // namespace

void write_process_metrics(std::string& out) {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0, resident = 0;
  if (statm >> total >> resident) {
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    write_metric(out, "process_resident_memory_bytes", "gauge", "Resident memory.",
                 resident * page);
    write_metric(out, "process_virtual_memory_bytes", "gauge", "Virtual memory.", total * page);
  }
  write_allocator(out);
  std::error_code error;
  const std::filesystem::directory_iterator open_files("/proc/self/fd", error);
  if (!error) {
    write_metric(out, "process_open_fds", "gauge", "Open file descriptors.",
                 static_cast<std::uint64_t>(std::distance(begin(open_files), end(open_files))));
  }
  actors::write_metric_head(out, "process_cpu_seconds_total", "counter",
                            "CPU time, user and system.");
  out += "process_cpu_seconds_total ";
  model::json::write(out, static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
  out += "\n";
}

}  // namespace inboxd::net
