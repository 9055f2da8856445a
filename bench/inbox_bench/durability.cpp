#include "bench/inbox_bench/durability.hpp"

namespace inboxd::bench {

void DurabilityCosts::report(Report& report, double seconds, double server_cpu_s) const {
  const auto after = metrics_of(url_);
  const auto grown = [&](const std::string& name) {
    return value_of(after, name) - value_of(before_, name);
  };
  const double commits = grown("inboxd_commits_total");
  const double syncs = grown("inboxd_journal_syncs_total");
  if (commits <= 0 || syncs <= 0) return;
  report.figure("durable commits", commits / seconds, "/s");
  report.figure("commits a sync", commits / syncs, "");
  const double checkpoint_us = grown("inboxd_checkpoint_cpu_microseconds_total") +
                               grown("inboxd_store_cpu_microseconds_total");
  report.figure("checkpoint CPU a commit", checkpoint_us / commits, "µs", false);
  if (server_cpu_s > 0) {
    report.figure("checkpoint's share of CPU", checkpoint_us / server_cpu_s / 1e4, "%", false);
    report.figure("search index's share of CPU",
                  grown("inboxd_search_cpu_microseconds_total") / server_cpu_s / 1e4, "%", false);
  }
  report.figure("waited for the store", grown("inboxd_checkpoint_waited_microseconds_total") / 1e6,
                "s", false);
}

}  // namespace inboxd::bench
