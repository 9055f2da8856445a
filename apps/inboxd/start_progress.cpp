#include "apps/inboxd/start_progress.hpp"

#include <algorithm>
#include <iostream>
#include <unistd.h>
#include <utility>

#include <spdlog/spdlog.h>

namespace inboxd::app {
namespace {

constexpr std::chrono::milliseconds between_lines{100};
constexpr std::chrono::seconds between_logs{5};
constexpr std::uint64_t whole = 100;

bool on_terminal() {
  static const bool terminal = ::isatty(STDERR_FILENO) != 0;
  return terminal;
}

}  // namespace

void StartProgress::report(std::string_view phase, std::uint64_t done, std::uint64_t total) {
  const auto now = Clock::now();
  const bool fresh = phase != phase_;
  if (fresh) begin(phase, now);
  total_ = std::max(total, total_);
  const bool finished = total > 0 && done >= total;
  if (!fresh && !finished && now - told_ < between_lines) return;
  told_ = now;
  const auto percent = total == 0 ? 0 : std::min(done, total) * whole / total;
  tell_(total == 0 ? phase_ : phase_ + ": " + std::to_string(percent) + " %");
  draw(percent, total > 0);
  if (now - logged_ < between_logs) return;
  logged_ = now;
  spdlog::info("event=start phase=\"{}\" done={} total={} percent={}", phase_, done, total,
               percent);
}

void StartProgress::begin(std::string_view phase, Clock::time_point now) {
  finish(now);
  phase_ = phase;
  phase_since_ = logged_ = now;
  total_ = 0;
}

void StartProgress::finish(Clock::time_point now) {
  if (on_terminal()) std::cerr << "\r\033[K" << std::flush;
  if (phase_.empty()) return;
  spdlog::info("event=start phase=\"{}\" finished total={} seconds={:.2f}", phase_, total_,
               std::chrono::duration<double>(now - phase_since_).count());
}

void StartProgress::draw(std::uint64_t percent, bool known) const {
  if (!on_terminal()) return;
  constexpr std::uint64_t width = 30;
  std::cerr << "\r\033[K" << phase_;
  if (known) {
    const auto full = percent * width / whole;
    std::cerr << " [" << std::string(full, '#') << std::string(width - full, ' ') << "] " << percent
              << " %";
  }
  std::cerr << std::flush;
}

void StartProgress::end() {
  finish(Clock::now());
  phase_.clear();
}

}  // namespace inboxd::app
