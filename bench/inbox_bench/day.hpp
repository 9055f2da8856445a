// How busy a contact centre is over a day: quiet at night, a peak before noon and a lower one in
// the evening.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace inboxd::bench {

/// The rate at `share` of the day (0 to 1) relative to the day's mean, which is 1.
inline double daily_curve(double share) {
  constexpr std::array<double, 24> hours{0.18, 0.10, 0.07, 0.06, 0.08, 0.18, 0.45, 0.95,
                                         1.55, 2.05, 2.25, 2.10, 1.70, 1.45, 1.50, 1.65,
                                         1.75, 1.70, 1.45, 1.15, 0.85, 0.60, 0.40, 0.25};
  double sum = 0;
  for (const double hour : hours) sum += hour;
  const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(hours.size());
  const auto hour = static_cast<std::size_t>(at) % hours.size();
  const double part = at - std::floor(at);
  const double rate = hours[hour] * (1 - part) + hours[(hour + 1) % hours.size()] * part;
  return rate * static_cast<double>(hours.size()) / sum;
}

}  // namespace inboxd::bench
