// The figures of `inbox-bench views`, and what is made of them: tables, ratios, plots.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bench/inbox_bench/report.hpp"

namespace inboxd::bench {

/// CPU of an update, in µs.
struct ViewsCell {
  std::size_t contacts = 0;
  std::size_t idle = 0;
  std::size_t matching = 0;
  double engine = 0;     // each change sent at once
  double conflated = 0;  // as inboxd does by default, at 1,000 changes a second
  std::optional<double> naive, sql = {};
};

struct ViewsFigures {
  std::vector<ViewsCell> cells;
  std::string sql_version;  // or why there is none
};

void add_tables(const ViewsFigures& figures, Report& report);
/// The ratios that the targets are about.
void add_ratios(const ViewsFigures& figures, Report& report);
void add_plots(const ViewsFigures& figures, Report& report);

}  // namespace inboxd::bench
