#include "bench/inbox_bench/flat.hpp"

#include <algorithm>
#include <cmath>

namespace inboxd::bench {
namespace {

constexpr std::size_t parts = 12;

std::vector<Kept> lows_of(const std::vector<Kept>& kept) {
  const std::size_t begin = kept.size() / 3;
  const std::size_t count = kept.size() - begin;
  std::vector<Kept> lows;
  for (std::size_t part = 0; part < parts; ++part) {
    const auto at = [&](std::size_t p) {
      return kept.begin() + static_cast<std::ptrdiff_t>(begin + count * p / parts);
    };
    lows.push_back(*std::min_element(
        at(part), at(part + 1), [](const Kept& a, const Kept& b) { return a.bytes < b.bytes; }));
  }
  return lows;
}

}  // namespace

std::optional<Growth> growth_of(const std::vector<Kept>& kept) {
  if (kept.size() < 2 * parts) return std::nullopt;
  const auto lows = lows_of(kept);
  constexpr auto n = static_cast<double>(parts);
  double mean_x = 0, mean_y = 0;
  for (const auto& low : lows) {
    mean_x += low.messages / n;
    mean_y += low.bytes / n;
  }
  double xx = 0, xy = 0;
  for (const auto& low : lows) {
    xx += (low.messages - mean_x) * (low.messages - mean_x);
    xy += (low.messages - mean_x) * (low.bytes - mean_y);
  }
  if (xx <= 0) return std::nullopt;
  Growth growth{.bytes_per_message = xy / xx};
  double rest = 0;
  for (const auto& low : lows) {
    const double off = low.bytes - mean_y - growth.bytes_per_message * (low.messages - mean_x);
    rest += off * off;
  }
  growth.uncertain_bytes = 2 * std::sqrt(rest / (n - 2) / xx);
  return growth;
}

}  // namespace inboxd::bench
