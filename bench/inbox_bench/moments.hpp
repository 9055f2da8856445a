// How a run goes, for plots and for who waits: moment by moment what was done, how long it took and
// what both sides cost.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "apps/client/connection.hpp"
#include "bench/inbox_bench/histogram.hpp"
#include "bench/inbox_bench/progress.hpp"
#include "bench/inbox_bench/usage.hpp"

namespace inboxd::bench {

/// What happened since the moment before.
struct Moment {
  struct Latency {
    std::uint64_t count = 0;  // 0: the rest says nothing
    double p50_ms = 0, p99_ms = 0, max_ms = 0;
  };
  double at_s = 0;  // since the first
  double per_s = 0;
  double server_cores = 0, generator_cores = 0;
  double server_rss_mib = 0, generator_rss_mib = 0;
  double server_kept_mib = 0;  // in use, without the store's caches; 0: not asked for
  double done = 0;             // since the first
  std::vector<Latency> latencies;
};

struct Course {
  std::string what;                    // is done: "messages"; empty: nothing is counted
  std::vector<std::string> latencies;  // names, in the order of each moment's
  std::vector<std::pair<double, std::string>> phases;  // from when, in seconds
  std::vector<Moment> moments;
};

/// Adds a moment to a course again and again. One thread; what it looks at must outlive it.
class MomentTaker {
 public:
  struct Latency {
    std::string name;
    std::vector<const Histogram*> of;  // all together
  };
  struct Plan {
    std::string what;                     // is done; empty: nothing that could be counted
    std::function<std::uint64_t()> done;  // so far
    std::vector<Latency> latencies{};
    pid_t server = 0;                      // 0: not known
    std::function<double()> kept_bytes{};  // see Moment; none: not asked for
    std::chrono::milliseconds step{500};   // twice as long after every 600 moments
  };

  /// Begins now.
  MomentTaker(client::Loop& loop, Course& course, const Progress& progress, Plan plan);
  ~MomentTaker() { stop(); }
  MomentTaker(const MomentTaker&) = delete;
  MomentTaker& operator=(const MomentTaker&) = delete;

  /// Something else begins; `name` is shown while it lasts.
  void phase(std::string name);
  /// Now, beside those that the loop's timers take: where a loop does not run.
  void take();
  void stop();

 private:
  void later();
  Moment::Latency latency_since(std::size_t index);
  void tell(const Moment& moment) const;

  client::Loop& loop_;
  Course& course_;
  const Progress& progress_;
  Plan plan_;
  client::Clock::time_point begin_, last_;
  std::uint64_t done_before_, done_last_;
  Usage server_last_, own_last_;
  std::vector<Histogram> counted_;  // up to the last moment
  client::Loop::TimerId timer_ = 0;
};

}  // namespace inboxd::bench
