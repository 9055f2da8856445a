// What it costs that nothing is lost, by the engine's own counters. A peer has none of them: then
// nothing is reported.
#pragma once

#include "bench/inbox_bench/http.hpp"
#include "bench/inbox_bench/report.hpp"

namespace inboxd::bench {

class DurabilityCosts {
 public:
  /// From here on.
  explicit DurabilityCosts(client::Url url) : url_(std::move(url)), before_(metrics_of(url_)) {}
  /// `server_cpu_s`: that the server used meanwhile; 0: not known.
  void report(Report& report, double seconds, double server_cpu_s) const;

 private:
  client::Url url_;
  Metrics before_;
};

}  // namespace inboxd::bench
