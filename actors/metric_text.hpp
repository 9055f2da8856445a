// Prometheus' text format (version 0.0.4), as far as the engine and net/ need it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "persistence/histogram.hpp"

namespace inboxd::actors {

/// `# HELP` and `# TYPE`; the samples follow.
void write_metric_head(std::string& out, std::string_view name, std::string_view type,
                       std::string_view help);
/// `labels` is empty or `{key="value"}`; values must need no escaping.
void write_sample(std::string& out, std::string_view name, std::string_view labels,
                  std::uint64_t value);
/// A metric of one sample.
void write_metric(std::string& out, std::string_view name, std::string_view type,
                  std::string_view help, std::uint64_t value);
/// A histogram of values that were recorded in units of `unit`: 1e-6 when they are microseconds and
/// the name says seconds.
void write_histogram(std::string& out, std::string_view name, std::string_view help,
                     const persistence::HistogramCounts& counts, double unit);

}  // namespace inboxd::actors
