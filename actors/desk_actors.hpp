// The small actors of a workspace that follow the commits: the outbox and the presence board.
#pragma once

#include <array>

#include <caf/event_based_actor.hpp>

#include "actors/messages.hpp"
#include "actors/outbox.hpp"
#include "actors/presence.hpp"
#include "actors/services.hpp"
#include "actors/wake_up.hpp"

namespace inboxd::actors {

class OutboxActor final : public caf::event_based_actor {
 public:
  OutboxActor(caf::actor_config& config, model::WorkspaceId workspace, const Services& services,
              Outbox outbox, caf::actor directory);

 private:
  caf::behavior make_behavior() override;
  void on_exit() override { directory_ = nullptr; }
  void subscribe(const msg::Ask& ask, std::vector<Outgoing>& out);
  void postpone(const msg::Postpone& asked, std::vector<Outgoing>& out);
  /// The scheduler's time, which is steady.
  model::Timestamp now() const;
  /// Sends what there is to send, and sets the clock for the next time.
  void finish(std::vector<Outgoing> out);
  void count();

  const model::WorkspaceId workspace_;
  const Services& services_;
  Outbox outbox_;
  std::array<Outbox::Counts, model::channel_kinds> counted_{};  // what the stats have of it
  caf::actor directory_;
  WakeUp wake_up_{this};
};

class PresenceActor final : public caf::event_based_actor {
 public:
  PresenceActor(caf::actor_config& config, WorkspacePtr workspace, const Services& services);

 private:
  caf::behavior make_behavior() override;
  void serve(const msg::Ask& ask, std::vector<Outgoing>& out);
  const model::WorkspaceId workspace_;
  const Services& services_;
  PresenceBoard board_;
};

}  // namespace inboxd::actors
