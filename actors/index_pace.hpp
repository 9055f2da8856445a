// How long the search index rests while commits keep coming, so that nobody who waits for an answer
// pays for it (decision 0085).
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace inboxd::actors {

/// One thread.
class IndexPace {
 public:
  using Clock = std::chrono::steady_clock;

  /// Sums since the start.
  struct Done {
    std::uint64_t commits = 0;    // that there were to index
    std::uint64_t documents = 0;  // that were made
    std::chrono::microseconds cpu{0};
  };

  /// Told now and then; looks once a second.
  void see(const Done& done, Clock::time_point now) {
    const std::chrono::duration<double> elapsed = now - seen_at_;
    if (elapsed < interval) return;
    const bool first = seen_at_ == Clock::time_point{};
    seen_at_ = now;
    const auto before = std::exchange(seen_, done);
    if (first) return;
    // A few documents say nothing about what one costs.
    if (done.documents - before.documents >= documents_min)
      document_cost_ =
          (done.cpu - before.cpu) / static_cast<double>(done.documents - before.documents);
    const auto commits = static_cast<double>(done.commits - before.commits);
    demand_ = (demand_ + commits * document_cost_ / elapsed) / 2;
  }

  /// Processors that it takes to index each commit as it comes.
  double demand() const { return demand_; }

  /// In times of what it worked since it last rested. `busy` and `pressure` are `Outlet`'s.
  double rest(double busy, double pressure) const {
    const auto at_work = busy_rest * between(busy, 0.4, 0.6);
    return std::max(keeps_up() ? std::min(at_work, rest_to_keep_up())
                               : at_work + (full_rest - busy_rest) * between(busy, 0.6, 0.7),
                    full_rest * between(pressure, 0.5, 1));
  }

 private:
  static constexpr std::chrono::seconds interval{1};
  static constexpr std::uint64_t documents_min = 100;
  static constexpr double busy_rest = 3;      // a quarter of a processor, unless more keeps it up
  static constexpr double full_rest = 8;      // a ninth
  static constexpr double demand_most = 0.5;  // more than that it does not try to keep up with
  static constexpr double spare = 1.25;       // times the demand: it is to catch up, too

  using Cost = std::chrono::duration<double, std::micro>;

  bool keeps_up() const { return demand_ <= demand_most; }
  /// The longest rest with which it stays up to date.
  double rest_to_keep_up() const { return std::max(0.0, 1 / (spare * demand_) - 1); }
  /// Where `value` lies between `from` (0) and `to` (1).
  static double between(double value, double from, double to) {
    return std::clamp((value - from) / (to - from), 0.0, 1.0);
  }

  Clock::time_point seen_at_{};
  Done seen_;
  Cost document_cost_{0};
  double demand_ = 0;
};

}  // namespace inboxd::actors
