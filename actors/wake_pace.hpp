// How fast contacts wake whose time has come: a hundred thousand snoozes that end at once must not
// stand before live traffic, and must not take too long either.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "model/time.hpp"

namespace inboxd::actors {

/// 30,000 a second, which leaves most of a core to others; once the first that waits is three
/// seconds late twice that, and twice as much again with each further second. One thread at a time.
class WakePace {
 public:
  /// How many may wake at `now`, if the soonest that waits was due at `due`; spends it.
  std::size_t take(model::Timestamp now, model::Timestamp due) {
    const auto elapsed = std::clamp<std::int64_t>(now.ms - last_.ms, 0, longest_credit_ms);
    last_ = now;
    return std::min<std::size_t>(per_ms << doublings(now, due), most_per_ms) * elapsed;
  }

 private:
  static constexpr std::size_t per_ms = 30, most_per_ms = 256;
  /// What was not spent for longer is gone: a burst is a burst again.
  static constexpr std::int64_t longest_credit_ms = 8;

  static unsigned doublings(model::Timestamp now, model::Timestamp due) {
    return static_cast<unsigned>(std::clamp<std::int64_t>((now.ms - due.ms) / 1000 - 2, 0, 8));
  }

  model::Timestamp last_;
};

}  // namespace inboxd::actors
