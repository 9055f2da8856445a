// How far the start is: a bar on a terminal, lines in the log, and a line for /readyz.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace inboxd::app {

/// One thread.
class StartProgress {
 public:
  using Clock = std::chrono::steady_clock;
  /// `tell` gets the line for /readyz, every 100 ms, and at a phase's begin and end.
  explicit StartProgress(std::function<void(std::string)> tell) : tell_(std::move(tell)) {}
  /// Takes the bar away.
  ~StartProgress() { end(); }
  StartProgress(const StartProgress&) = delete;
  StartProgress& operator=(const StartProgress&) = delete;

  /// What is being done, how much of how much; a total of 0: not known.
  void report(std::string_view phase, std::uint64_t done, std::uint64_t total);
  void end();

 private:
  void begin(std::string_view phase, Clock::time_point now);
  void finish(Clock::time_point now);
  void draw(std::uint64_t percent, bool known) const;

  std::function<void(std::string)> tell_;
  std::string phase_;
  Clock::time_point phase_since_{}, told_{}, logged_{};
  std::uint64_t total_ = 0;
};

}  // namespace inboxd::app
