#include "bench/inbox_bench/options.hpp"

#include <charconv>
#include <filesystem>
#include <iostream>
#include <unistd.h>

#include "bench/inbox_bench/report_page.hpp"

namespace inboxd::bench {
namespace {

namespace fs = std::filesystem;

/// "" if a file of this name can be written.
std::string not_writable(const std::string& name) {
  const fs::path path(name);
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!fs::is_directory(folder)) return "there is no directory " + folder.string();
  if (fs::is_directory(path)) return name + " is a directory";
  const auto& written = fs::exists(path) ? path : folder;
  return ::access(written.c_str(), W_OK) == 0 ? "" : written.string() + " cannot be written";
}

}  // namespace

void add_output(CLI::App& app, Output& output) {
  app.add_option("--json", output.json, "Also write the result to this file")->check(not_writable);
  app.add_option("--html", output.html, "Also write the result, with plots, as one page")
      ->check(not_writable);
}

CLI::Validator between(double low, double high) {
  const auto text = readable(low) + " to " + readable(high);
  return {[low, high, text](const std::string& given) -> std::string {
            double value = 0;
            const auto read = std::from_chars(given.data(), given.data() + given.size(), value);
            const bool whole = read.ec == std::errc{} && read.ptr == given.data() + given.size();
            if (whole && value >= low && value <= high) return "";
            return "'" + given + "' is not a number from " + text;
          },
          ""};
}

CLI::Option* add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& value,
                          const std::string& help) {
  constexpr double longest_s = 30.0 * 24 * 3600;
  const double shown = std::chrono::duration<double>(value).count();
  return app
      .add_option_function<double>(
          name,
          [&value](double seconds) {
            value = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
          },
          help + ", in seconds")
      ->check(between(0, longest_s))
      ->default_str(CLI::detail::to_string(shown));
}

void add_target(CLI::App& app, TargetOptions& target) {
  app.add_option("--url", target.url, "A running engine (ws://…); without, one is started");
  app.add_option("--data", target.data, "The running engine's data directory, for its signing key");
  app.add_option("--workspace", target.workspace)->capture_default_str();
  app.add_option("--pid", target.pid,
                 "The running engine's process, to measure its CPU and memory");
  app.add_option("--place", target.place, "Where the started engine's directory is made");
  app.add_option("--engine-option", target.engine_options,
                 "An option for the started engine, as --engine-option=--sync=none");
  add_duration(app, "--answer-within", target.patience,
               "The run fails when an answer takes longer");
}

void know_scenario(const CLI::App& app, int argc, const char* const* argv) {
  if (argc < 2 || *argv[1] == '-') return;
  std::string names;
  for (const auto* scenario : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (scenario->get_name() == argv[1]) return;
    names += (names.empty() ? "" : ", ") + scenario->get_name();
  }
  throw CLI::ValidationError("There is no scenario " + std::string(argv[1]), "there are " + names);
}

int finish(const Report& report, const Output& output) {
  std::cout << as_table(report);
  if (!output.json.empty()) write_file(output.json, as_json(report));
  if (!output.html.empty()) write_file(output.html, as_page(report));
  return report.failures.empty() ? 0 : 1;
}

}  // namespace inboxd::bench
