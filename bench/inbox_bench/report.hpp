// What a run found out: figures, latencies, checks. Printed as a table, kept as JSON.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bench/inbox_bench/histogram.hpp"
#include "bench/inbox_bench/moments.hpp"
#include "bench/inbox_bench/plot.hpp"
#include "bench/inbox_bench/usage.hpp"

namespace inboxd::bench {

struct Report {
  struct Figure {
    std::string name;
    double value = 0;
    std::string unit;
    bool more_is_better = true;
  };

  std::string scenario;
  std::string title;                                         // one line: what was done
  std::vector<std::pair<std::string, std::string>> options;  // as given or defaulted
  std::vector<Figure> figures;
  std::vector<std::pair<std::string, Histogram>> latencies;
  Course course;                      // over time, for plots
  std::vector<Table> tables;          // where figures are many
  std::vector<Plot> plots;            // besides those of the course and latencies
  std::vector<std::string> checks;    // what was checked and held
  std::vector<std::string> failures;  // what did not

  void figure(std::string name, double value, std::string unit, bool more_is_better = true) {
    figures.push_back({std::move(name), value, std::move(unit), more_is_better});
  }
  /// CPU and memory of one side over the measured time, in which `operations` were done.
  void usage(const std::string& side, const Usage& before, const Usage& after, double seconds,
             double operations);
};

/// What was measured on: "Intel …, 2 cores, Linux 6.1".
std::string machine();

/// What both sides cost from here on: the server, if its process is known (else 0), and ours.
class Costs {
 public:
  explicit Costs(pid_t server);
  void report(Report& report, double seconds, double operations) const;

 private:
  pid_t server_;
  Usage server_before_, own_before_;
};

/// A table for people.
std::string as_table(const Report& report);
std::string as_json(const Report& report);
void write_file(const std::filesystem::path& path, const std::string& text);

/// "12,345", "1.23", "0.0123": a figure as people read it.
std::string readable(double value);
/// Of a duration, in seconds.
std::string readable_s(std::chrono::milliseconds duration);

}  // namespace inboxd::bench
