#include "apps/inboxctl/progress.hpp"

#include <chrono>
#include <iostream>
#include <unistd.h>

namespace inboxd::inboxctl {
namespace {

bool on_terminal() {
  static const bool terminal = ::isatty(STDERR_FILENO) != 0;
  return terminal;
}

}  // namespace

void show_progress(std::string_view phase, std::uint64_t done, std::uint64_t total) {
  using Clock = std::chrono::steady_clock;
  static Clock::time_point last{};
  if (!on_terminal()) return;
  const auto now = Clock::now();
  if (now - last < std::chrono::milliseconds(100)) return;
  last = now;
  std::cerr << "\r\033[K" << phase << ": " << done;
  if (total > 0) std::cerr << " of " << total << " (" << done * 100 / total << " %)";
  std::cerr << std::flush;
}

void end_progress() {
  if (on_terminal()) std::cerr << "\r\033[K" << std::flush;
}

}  // namespace inboxd::inboxctl
