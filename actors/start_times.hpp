// Where a start spends its time, part by part, for the log and the metrics.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace inboxd::actors {

/// One thread, before anybody is served; read-only afterwards.
class StartTimes {
 public:
  using Clock = std::chrono::steady_clock;

  /// The part that ran since the last call, or since construction, is over.
  void finished(std::string part) {
    const auto now = Clock::now();
    parts_.emplace_back(std::move(part), std::chrono::duration<double>(now - since_).count());
    since_ = now;
  }
  /// Names and seconds, in the order in which they ran.
  const std::vector<std::pair<std::string, double>>& parts() const { return parts_; }
  double total_s() const {
    double sum = 0;
    for (const auto& [part, seconds] : parts_) sum += seconds;
    return sum;
  }

 private:
  Clock::time_point since_ = Clock::now();
  std::vector<std::pair<std::string, double>> parts_;
};

}  // namespace inboxd::actors
