// One armed timer for an actor (CAF.md "Timers"): a later alarm makes an earlier one stale by its
// generation.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include <caf/event_based_actor.hpp>

#include "actors/messages.hpp"
#include "model/time.hpp"

namespace inboxd::actors {

class WakeUp {
 public:
  explicit WakeUp(caf::event_based_actor* self) : self_(self) {}

  /// Sends `msg::Alarm` to the actor at `at`, or at once if that has passed. An alarm that is armed
  /// for the same time or sooner is kept.
  void arm(std::optional<model::Timestamp> at, model::Timestamp now) {
    if (!at || (armed_for_ && *armed_for_ <= std::max(*at, now))) return;
    armed_for_ = std::max(*at, now);
    const auto wait = std::chrono::milliseconds(std::max<std::int64_t>(0, at->ms - now.ms));
    const msg::Alarm alarm{++generation_};
    if (wait.count() == 0) {
      self_->send(self_, alarm);
    } else {
      self_->delayed_send(self_, wait, alarm);
    }
  }
  /// True if the alarm is the one that was armed last; it is spent then.
  bool rings(const msg::Alarm& alarm) {
    if (alarm.generation != generation_) return false;
    armed_for_.reset();
    return true;
  }

 private:
  caf::event_based_actor* self_;
  std::uint64_t generation_ = 0;
  std::optional<model::Timestamp> armed_for_;
};

}  // namespace inboxd::actors
