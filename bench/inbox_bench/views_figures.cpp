#include "bench/inbox_bench/views_figures.hpp"

#include <algorithm>
#include <set>

#include "bench/inbox_bench/plot.hpp"

namespace inboxd::bench {
namespace {

std::string amount(std::size_t value) {
  return readable(static_cast<double>(value));
}

std::string cost(const std::optional<double>& us) {
  return us ? readable(*us) : "-";
}

using Value = std::optional<double> (*)(const ViewsCell&);

struct Way {
  std::string name;
  Value value;
};

std::vector<Way> ways_of(const ViewsFigures& figures) {
  return {
      {"engine", [](const ViewsCell& cell) { return std::optional(cell.engine); }},
      {"engine, conflated", [](const ViewsCell& cell) { return std::optional(cell.conflated); }},
      {"naive", [](const ViewsCell& cell) { return cell.naive; }},
      {"PostgreSQL " + figures.sql_version, [](const ViewsCell& cell) { return cell.sql; }}};
}

std::set<std::size_t> sizes_of(const ViewsFigures& figures) {
  std::set<std::size_t> sizes;
  for (const auto& cell : figures.cells) sizes.insert(cell.contacts);
  return sizes;
}

/// A line for each way and size, over the cells that `picks` and placed by `x`.
template <class Picks, class X>
Plot plot_of(const ViewsFigures& figures, std::string title, std::string x_label, Picks picks,
             X x) {
  Plot plot{
      .title = std::move(title), .x_label = std::move(x_label), .y_label = "CPU of a change, µs"};
  const auto ways = ways_of(figures);
  const auto sizes = sizes_of(figures);
  for (unsigned way = 0; way < ways.size(); ++way) {
    for (const auto size : sizes) {
      if (size != *sizes.begin() && size != *sizes.rbegin()) continue;  // the middle one is tabled
      Series series{.name = ways[way].name + ", " + amount(size),
                    .points = {},
                    .colour = way,
                    .dashed = size == *sizes.begin()};
      for (const auto& cell : figures.cells) {
        const auto value = ways[way].value(cell);
        if (cell.contacts == size && picks(cell) && value)
          series.points.emplace_back(x(cell), *value);
      }
      if (!series.points.empty()) plot.series.push_back(std::move(series));
    }
  }
  return plot;
}

const ViewsCell* find(const ViewsFigures& figures, std::size_t contacts, std::size_t idle,
                      std::size_t matching) {
  const auto found =
      std::find_if(figures.cells.begin(), figures.cells.end(), [&](const ViewsCell& cell) {
        return cell.contacts == contacts && cell.idle == idle && cell.matching == matching;
      });
  return found == figures.cells.end() ? nullptr : &*found;
}

}  // namespace

void add_tables(const ViewsFigures& figures, Report& report) {
  const auto ways = ways_of(figures);
  for (const auto size : sizes_of(figures)) {
    Table table{.title = amount(size) + " contacts: µs of CPU a change",
                .header = {"idle views", "matching"},
                .rows = {},
                .labels = 2};
    for (const auto& way : ways) table.header.push_back(way.name);
    for (const auto& cell : figures.cells) {
      if (cell.contacts != size) continue;
      std::vector<std::string> row{amount(cell.idle), amount(cell.matching)};
      for (const auto& way : ways) row.push_back(cost(way.value(cell)));
      table.rows.push_back(std::move(row));
    }
    report.tables.push_back(std::move(table));
  }
}

void add_ratios(const ViewsFigures& figures, Report& report) {
  const auto sizes = sizes_of(figures);
  std::set<std::size_t> idle;
  for (const auto& cell : figures.cells) idle.insert(cell.idle);
  const auto few = *idle.begin(), many = *idle.rbegin();
  const auto ratio = [&](const std::string& name, const ViewsCell* of, const ViewsCell* to) {
    if (of == nullptr || to == nullptr || of == to) return;
    report.figure(name, of->engine / to->engine, "x", false);
    report.figure(name + ", conflated", of->conflated / to->conflated, "x", false);
  };
  for (const auto size : sizes) {
    ratio(amount(many) + " idle views / " + amount(few) + ", " + amount(size) + " contacts",
          find(figures, size, many, 0), find(figures, size, few, 0));
  }
  const auto least = *sizes.begin(), most = *sizes.rbegin();
  for (const auto views : {few, many}) {
    ratio(amount(most) + " contacts / " + amount(least) + ", " + amount(views) + " idle views",
          find(figures, most, views, 0), find(figures, least, views, 0));
  }
}

void add_plots(const ViewsFigures& figures, Report& report) {
  const auto sizes = sizes_of(figures);
  std::size_t most_idle = 0;
  for (const auto& cell : figures.cells) most_idle = std::max(most_idle, cell.idle);
  const auto span = amount(*sizes.begin()) + " contacts (dashed) and " + amount(*sizes.rbegin());
  report.plots.push_back(plot_of(
      figures, "Views that the change does not touch, " + span, "idle views",
      [](const ViewsCell& cell) { return cell.matching == 0; },
      [](const ViewsCell& cell) { return static_cast<double>(cell.idle); }));
  report.plots.push_back(plot_of(
      figures, "Views that it does touch, " + span, "matching views, each watched",
      [&](const ViewsCell& cell) { return cell.matching > 0 && cell.idle == most_idle; },
      [](const ViewsCell& cell) { return static_cast<double>(cell.matching); }));
}

}  // namespace inboxd::bench
