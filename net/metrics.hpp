// What the network side counts, and Prometheus' text of it. Touched on the I/O thread only.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/error.hpp"
#include "model/time.hpp"
#include "persistence/histogram.hpp"

namespace inboxd::net {

class Metrics {
 public:
  static constexpr std::size_t reasons = static_cast<std::size_t>(model::Reason::blocked) + 1;

  explicit Metrics(std::size_t methods) : methods_(methods) {}

  void answered(std::size_t method, std::int64_t took_us);
  void answered_at_once(std::size_t method) { ++methods_[method].ok; }
  void refused(std::size_t method, model::Reason reason);
  /// What names no method that there is.
  void refused(model::Reason reason) { ++no_method_[static_cast<std::size_t>(reason)]; }

  /// How long the engine's answers took.
  persistence::HistogramCounts latency_us() const { return latency_us_.counts(); }

  /// Appends the lines.
  void write(std::string& out) const;

  std::uint64_t connections = 0, sessions = 0, in_flight = 0;  // now
  std::uint64_t queued_bytes = 0;                              // now, set before `write`
  std::uint64_t accepted = 0, turned_away = 0, frames_in = 0, frames_out = 0, bytes_in = 0,
                bytes_out = 0, flushes = 0, pushes = 0, dropped_pushes = 0, resets = 0,
                closed_slow = 0, rate_limited = 0, http_requests = 0;

 private:
  void write_requests(std::string& out) const;

  struct OfMethod {
    std::uint64_t ok = 0;
    std::array<std::uint64_t, reasons> errors{};
  };
  std::vector<OfMethod> methods_;
  std::array<std::uint64_t, reasons> no_method_{};
  persistence::Histogram latency_us_;
};

}  // namespace inboxd::net
