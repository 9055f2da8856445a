// How inbox-bench's options are said and checked, for all scenarios. What is out of range, or
// cannot be written in the end, is refused before anything starts.
#pragma once

#include <chrono>
#include <string>

#include <CLI/CLI.hpp>

#include "bench/inbox_bench/report.hpp"
#include "bench/inbox_bench/target.hpp"
#include "model/limits.hpp"

namespace inboxd::bench {

constexpr double connections_max = 100'000;
constexpr double contacts_max = 100'000'000;
constexpr double messages_max = 1e9;
constexpr double rate_max = 1e7;  // a second
constexpr double rows_max = model::limits::page_rows_max;
constexpr double depth_max = model::limits::in_flight_max - 6;  // what a session may have in flight
constexpr double bytes_max = model::limits::text_bytes_max;

/// Where the result is written besides the terminal; empty: nowhere.
struct Output {
  std::string json, html;
};

void add_output(CLI::App& app, Output& output);
void add_target(CLI::App& app, TargetOptions& target);
CLI::Option* add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& value,
                          const std::string& help);
/// A number from `low` to `high`.
CLI::Validator between(double low, double high);
template <class Number>
void add_number(CLI::App& app, const std::string& name, Number& value, double low, double high,
                const std::string& help) {
  app.add_option(name, value, help)->check(between(low, high))->capture_default_str();
}

/// Throws CLI::ParseError that names the scenarios when the first word is none.
void know_scenario(const CLI::App& app, int argc, const char* const* argv);

/// Prints the result and writes it; 1 when a check failed, else 0.
int finish(const Report& report, const Output& output);

}  // namespace inboxd::bench
