// Time as the engine counts it. The model never reads a clock: `now` is always a parameter.
#pragma once

#include <compare>
#include <cstdint>
#include <ostream>

namespace inboxd::model {

/// A length of time in milliseconds.
struct Duration {
  std::int64_t ms = 0;
  friend auto operator<=>(const Duration&, const Duration&) = default;
};

/// Milliseconds since 1970-01-01 UTC.
struct Timestamp {
  std::int64_t ms = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
  friend Timestamp operator+(Timestamp t, Duration d) { return {t.ms + d.ms}; }
  friend Timestamp operator-(Timestamp t, Duration d) { return {t.ms - d.ms}; }
  friend std::ostream& operator<<(std::ostream& out, Timestamp t) { return out << t.ms; }
};

constexpr Duration seconds(std::int64_t n) {
  return {n * 1000};
}
constexpr Duration minutes(std::int64_t n) {
  return seconds(n * 60);
}
constexpr Duration hours(std::int64_t n) {
  return minutes(n * 60);
}
constexpr Duration days(std::int64_t n) {
  return hours(n * 24);
}

}  // namespace inboxd::model
