// Does memory grow with the messages? A server's memory goes up and down by tens of megabytes:
// between checkpoints, between commits of the search index. What a leak raises are the lows.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace inboxd::bench {

/// What was kept at one moment, after how many messages.
struct Kept {
  double messages = 0;
  double bytes = 0;
};

struct Growth {
  /// The least that anything costs that is kept for each message: a pointer in a list.
  static constexpr double leak_bytes_min = 16;

  double bytes_per_message = 0;  // the slope of the lows (least squares)
  double uncertain_bytes = 0;    // twice its standard error

  /// More than `least`, and not by chance.
  bool is_leak(double least = leak_bytes_min) const {
    return bytes_per_message - uncertain_bytes > least;
  }
  /// So uncertain that a leak of a message's text would not show.
  bool says_nothing() const { return !is_leak() && uncertain_bytes > 300; }
};

/// Over the last two thirds, by the lowest of each of twelve parts. Nothing: too few moments.
std::optional<Growth> growth_of(const std::vector<Kept>& kept);

}  // namespace inboxd::bench
