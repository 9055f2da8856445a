#include "bench/inbox_bench/report.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <sys/utsname.h>
#include <thread>

#include "model/json.hpp"

namespace inboxd::bench {
namespace {

using model::json::Object;

constexpr std::array<std::pair<const char*, double>, 4> percentiles{
    {{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99_9", 99.9}}};

double ms(Histogram::Duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

std::string format(const char* pattern, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), pattern, value);
  return text.data();
}

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

void write_machine(std::string& out) {
  utsname system{};
  ::uname(&system);
  Object{out}("cpu", cpu_model())("cores", std::thread::hardware_concurrency())(
      "kernel", std::string(system.release));
}

void write_latency(std::string& out, const Histogram& histogram) {
  Object object(out);
  object("count", histogram.count())("mean_ms", ms(histogram.mean()));
  for (const auto& [name, percent] : percentiles)
    object(std::string(name) + "_ms", ms(histogram.percentile(percent)));
  object("max_ms", ms(histogram.max()));
}

void write_moment(std::string& out, const Course& course, const Moment& m) {
  Object object(out);
  object("at_s", m.at_s)("per_s", m.per_s)("done", m.done);
  object("server_cores", m.server_cores)("generator_cores", m.generator_cores);
  object("server_rss_mib", m.server_rss_mib)("generator_rss_mib", m.generator_rss_mib);
  object("server_kept_mib", m.server_kept_mib);
  Object latencies(object.key("latencies"));
  for (std::size_t i = 0; i < m.latencies.size(); ++i) {
    const auto& latency = m.latencies[i];
    if (latency.count > 0)
      Object{latencies.key(course.latencies[i])}("count", latency.count)("p50_ms", latency.p50_ms)(
          "p99_ms", latency.p99_ms)("max_ms", latency.max_ms);
  }
}

void write_course(Object& object, const Course& course) {
  std::string& phases = object.key("phases");
  model::json::write_each(phases, course.phases, [&](const auto& phase) {
    Object{phases}("from_s", phase.first)("name", phase.second);
  });
  std::string& moments = object.key("moments");
  model::json::write_each(moments, course.moments,
                          [&](const Moment& m) { write_moment(moments, course, m); });
}

}  // namespace

std::string machine() {
  utsname system{};
  ::uname(&system);
  return cpu_model() + ", " + std::to_string(std::thread::hardware_concurrency()) +
         " cores, Linux " + system.release;
}

std::string readable(double value) {
  const double size = std::abs(value);
  if (size < 10)
    return format(size == std::floor(size) ? "%.0f" : size < 0.1 ? "%.4f" : "%.2f", value);
  if (size < 1000) return format(size == std::floor(size) ? "%.0f" : "%.1f", value);
  std::string digits = format("%.0f", value);
  for (auto i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > (value < 0 ? 1 : 0); i -= 3)
    digits.insert(static_cast<std::size_t>(i), 1, ',');
  return digits;
}

std::string readable_s(std::chrono::milliseconds duration) {
  return readable(std::chrono::duration<double>(duration).count());
}

void Report::usage(const std::string& side, const Usage& before, const Usage& after, double seconds,
                   double operations) {
  const double cpu = after.cpu_s - before.cpu_s;
  figure(side + " CPU", cpu, "s", false);
  figure(side + " cores", cpu / seconds, "", false);
  if (operations > 0) figure(side + " CPU per operation", 1e6 * cpu / operations, "µs", false);
  figure(side + " peak memory", static_cast<double>(after.peak_bytes) / (1 << 20), "MiB", false);
}

Costs::Costs(pid_t server)
    : server_(server),
      server_before_(server == 0 ? Usage{} : usage_of_tree(server)),
      own_before_(usage_of(0)) {}

void Costs::report(Report& report, double seconds, double operations) const {
  if (server_ != 0)
    report.usage("server", server_before_, usage_of_tree(server_), seconds, operations);
  report.usage("generator", own_before_, usage_of(0), seconds, operations);
}

std::string as_table(const Report& report) {
  std::size_t width = 32;
  for (const auto& f : report.figures) width = std::max(width, f.name.size() + 2);
  for (const auto& [name, histogram] : report.latencies) width = std::max(width, name.size() + 2);
  std::string out = report.scenario + ": " + report.title + "\n";
  for (const auto& table : report.tables) out += as_text(table);
  for (const auto& f : report.figures)
    out += "  " + padded(f.name, width) + readable(f.value) + (f.unit.empty() ? "" : " " + f.unit) +
           "\n";
  for (const auto& [name, histogram] : report.latencies) {
    out += "  " + padded(name, width);
    if (histogram.count() == 0) {
      out += "none\n";
      continue;
    }
    for (const auto& [label, percent] : percentiles) {
      const std::string shown = label == std::string_view("p99_9") ? "p99.9" : label;
      out += shown + " " + readable(ms(histogram.percentile(percent))) + "  ";
    }
    out += "max " + readable(ms(histogram.max())) + " ms  (" +
           readable(static_cast<double>(histogram.count())) + ")\n";
  }
  for (const auto& check : report.checks) out += "  ok      " + check + "\n";
  for (const auto& failure : report.failures) out += "  FAILED  " + failure + "\n";
  return out;
}

std::string as_json(const Report& report) {
  std::string out;
  {
    Object object(out);
    object("scenario", report.scenario)("title", report.title);
    object("at_ms", std::chrono::duration_cast<std::chrono::milliseconds>(
                        std::chrono::system_clock::now().time_since_epoch())
                        .count());
    write_machine(object.key("machine"));
    {
      Object options(object.key("options"));
      for (const auto& [name, value] : report.options) options(name, value);
    }
    model::json::write_each(object.key("figures"), report.figures, [&](const Report::Figure& f) {
      Object{out}("name", f.name)("value", f.value)("unit", f.unit)("more_is_better",
                                                                    f.more_is_better);
    });
    {
      Object latencies(object.key("latencies"));
      for (const auto& [name, histogram] : report.latencies)
        write_latency(latencies.key(name), histogram);
    }
    write_course(object, report.course);
    const auto write_texts = [&](const std::vector<std::string>& list) {
      model::json::write_each(out, list,
                              [&](const std::string& text) { model::json::write(out, text); });
    };
    model::json::write_each(object.key("tables"), report.tables, [&](const Table& table) {
      Object written(out);
      written("title", table.title)("labels", table.labels);
      written.key("header");
      write_texts(table.header);
      model::json::write_each(written.key("rows"), table.rows, write_texts);
    });
    const auto texts = [&](const char* name, const std::vector<std::string>& list) {
      model::json::write_each(object.key(name), list,
                              [&](const std::string& text) { model::json::write(out, text); });
    };
    texts("checks", report.checks);
    texts("failures", report.failures);
  }
  out += '\n';
  return out;
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace inboxd::bench
