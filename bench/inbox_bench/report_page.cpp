#include "bench/inbox_bench/report_page.hpp"

#include <array>
#include <chrono>
#include <utility>

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

/// Nothing in it yet: the course's phases, and its time as the x axis.
Plot over_time(const Course& course, std::string title, std::string unit) {
  return {.title = std::move(title),
          .x_label = "s since measuring began",
          .y_label = std::move(unit),
          .log_x = false,
          .log_y = false,
          .series = {},
          .marks = course.phases};
}

template <class Value>
Series series_of(const Course& course, std::string name, Value value) {
  Series series{.name = std::move(name), .points = {}};
  for (const auto& moment : course.moments) series.points.emplace_back(moment.at_s, value(moment));
  return series;
}

/// What one side and the other take, by `server` and `generator`; a server that is not known is
/// left out.
Plot sides_over_time(const Course& course, std::string title, std::string unit,
                     double Moment::*server, double Moment::*generator) {
  auto plot = over_time(course, std::move(title), std::move(unit));
  const auto add = [&](const char* name, double Moment::*value, unsigned colour) {
    plot.series.push_back(series_of(course, name, [&](const Moment& m) { return m.*value; }));
    plot.series.back().colour = colour;
  };
  if (course.moments.back().server_rss_mib > 0) add("server", server, 0);
  add("generator", generator, 1);
  return plot;
}

Plot latencies_over_time(const Course& course) {
  auto plot = over_time(course, "Latency over time, of what was answered in each moment", "ms");
  plot.log_y = true;
  for (std::size_t i = 0; i < course.latencies.size(); ++i) {
    Series p99{
        .name = course.latencies[i] + ", p99", .points = {}, .colour = static_cast<unsigned>(i)};
    Series p50{.name = course.latencies[i] + ", p50",
               .points = {},
               .colour = static_cast<unsigned>(i),
               .dashed = true};
    for (const auto& moment : course.moments) {
      const auto& latency = moment.latencies[i];
      if (latency.count == 0) continue;
      p99.points.emplace_back(moment.at_s, latency.p99_ms);
      p50.points.emplace_back(moment.at_s, latency.p50_ms);
    }
    plot.series.push_back(std::move(p99));
    plot.series.push_back(std::move(p50));
  }
  return plot;
}

std::vector<Plot> plots_of(const Course& course) {
  std::vector<Plot> plots;
  if (course.moments.size() < 2) return plots;
  if (!course.what.empty()) {
    plots.push_back(over_time(course, "Throughput", course.what + "/s"));
    plots.back().series.push_back(
        series_of(course, course.what, [](const Moment& m) { return m.per_s; }));
  }
  if (!course.latencies.empty()) plots.push_back(latencies_over_time(course));
  plots.push_back(
      sides_over_time(course, "CPU", "cores", &Moment::server_cores, &Moment::generator_cores));
  plots.push_back(sides_over_time(course, "Memory", "MiB", &Moment::server_rss_mib,
                                  &Moment::generator_rss_mib));
  if (course.moments.back().server_kept_mib > 0) {
    plots.push_back(over_time(course, "What the server keeps beside the store's caches", "MiB"));
    plots.back().series.push_back(
        series_of(course, "server", [](const Moment& m) { return m.server_kept_mib; }));
  }
  return plots;
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
  for (const auto& plot : plots_of(report.course)) parts.push_back(as_svg(plot));
  parts.push_back(as_html(options_of(report)));
  return html_page("inbox-bench " + report.scenario, parts);
}

}  // namespace inboxd::bench
