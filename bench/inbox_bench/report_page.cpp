#include "bench/inbox_bench/report_page.hpp"

#include <array>
#include <chrono>

namespace inboxd::bench {
namespace {

double ms(Histogram::Duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

Table figures_of(const Report& report) {
  Table table{"Figures", {"", "value", "unit"}, {}};
  for (const auto& f : report.figures) table.rows.push_back({f.name, readable(f.value), f.unit});
  return table;
}

Table options_of(const Report& report) {
  Table table{"Options", {"", "value"}, {}};
  for (const auto& [name, value] : report.options) table.rows.push_back({name, value});
  return table;
}

Table latencies_of(const Report& report) {
  Table table{"Latencies, ms", {"", "p50", "p90", "p99", "p99.9", "max", "count"}, {}};
  for (const auto& [name, h] : report.latencies) {
    std::vector<std::string> row{name};
    for (const double percent : {50.0, 90.0, 99.0, 99.9, 100.0})
      row.push_back(h.count() == 0 ? "–" : readable(ms(h.percentile(percent))));
    row.push_back(readable(static_cast<double>(h.count())));
    table.rows.push_back(std::move(row));
  }
  return table;
}

// By the share of slower ones (10 is p90, 1 is p99), as HdrHistogram's plots do: a straight look
// into the tail.
Plot latency_plot(const Report& report) {
  constexpr std::array<double, 15> percents{1,  10,   25,   50,   75,    90,    95,   98,
                                            99, 99.5, 99.8, 99.9, 99.95, 99.98, 99.99};
  Plot plot{.title = "Latency by percentile",
            .x_label = "1 / share of slower ones (10: p90, 100: p99, 1,000: p99.9)",
            .y_label = "ms",
            .series = {}};
  unsigned colour = 0;
  for (const auto& [name, h] : report.latencies) {
    Series series{.name = name, .points = {}, .colour = colour++};
    for (const double percent : percents) {
      if (static_cast<double>(h.count()) * (100 - percent) < 100) break;  // less than one is slower
      series.points.emplace_back(100 / (100 - percent), ms(h.percentile(percent)));
    }
    plot.series.push_back(std::move(series));
  }
  return plot;
}

Plot over_time(const Report& report, const std::string& title, const std::string& unit,
               double Report::Moment::*what) {
  Plot plot{.title = title,
            .x_label = "s since measuring began",
            .y_label = unit,
            .log_x = false,
            .log_y = false,
            .series = {{.name = title, .points = {}}}};
  for (const auto& moment : report.moments)
    plot.series.front().points.emplace_back(moment.at_s, moment.*what);
  return plot;
}

}  // namespace

std::string as_page(const Report& report) {
  std::vector<std::string> parts{html_paragraph(report.title), html_paragraph(machine())};
  for (const auto& check : report.checks) parts.push_back(html_paragraph("ok: " + check));
  for (const auto& failure : report.failures) parts.push_back(html_paragraph("FAILED: " + failure));
  for (const auto& table : report.tables) parts.push_back(as_html(table));
  parts.push_back(as_html(figures_of(report)));
  if (!report.latencies.empty()) {
    parts.push_back(as_html(latencies_of(report)));
    parts.push_back(as_svg(latency_plot(report)));
  }
  for (const auto& plot : report.plots) parts.push_back(as_svg(plot));
  if (report.moments.size() > 1) {
    parts.push_back(as_svg(over_time(report, "Throughput", "/s", &Report::Moment::per_s)));
    parts.push_back(
        as_svg(over_time(report, "Server's CPU", "cores", &Report::Moment::server_cores)));
    parts.push_back(
        as_svg(over_time(report, "Server's memory", "MiB", &Report::Moment::server_rss_mib)));
    if (report.moments.back().server_kept_mib > 0)
      parts.push_back(as_svg(over_time(report, "What it keeps beside the store's caches", "MiB",
                                       &Report::Moment::server_kept_mib)));
  }
  parts.push_back(as_html(options_of(report)));
  return html_page("inbox-bench " + report.scenario, parts);
}

}  // namespace inboxd::bench
