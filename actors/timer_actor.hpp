// The one clock-watcher of a workspace: wakes snoozed contacts and commits ticks for relative-time
// filters (DESIGN 9).
#pragma once

#include <map>

#include <caf/event_based_actor.hpp>

#include "actors/alarms.hpp"
#include "actors/messages.hpp"
#include "actors/services.hpp"
#include "actors/wake_pace.hpp"
#include "actors/wake_up.hpp"

namespace inboxd::actors {

class TimerActor final : public caf::event_based_actor {
 public:
  TimerActor(caf::actor_config& config, model::WorkspaceId workspace, const Services& services,
             Alarms alarms, caf::actor directory);

 private:
  caf::behavior make_behavior() override;
  void on_exit() override { directory_ = nullptr; }
  void follow(const CommitBatch& batch);
  void ring();
  void tick_if_due(model::Timestamp now);
  void arm(model::Timestamp now);

  const model::WorkspaceId workspace_;
  const Services& services_;
  Alarms alarms_;
  WakePace pace_;
  caf::actor directory_;
  std::map<std::size_t, model::Timestamp> flips_;  // by aggregator
  WakeUp wake_up_{this};
};

}  // namespace inboxd::actors
