// The small actors of a workspace that follow the commits: the outbox and the presence board.
#pragma once

#include <caf/event_based_actor.hpp>

#include "actors/messages.hpp"
#include "actors/outbox.hpp"
#include "actors/presence.hpp"
#include "actors/services.hpp"

namespace inboxd::actors {

class OutboxActor final : public caf::event_based_actor {
 public:
  OutboxActor(caf::actor_config& config, model::WorkspaceId workspace, const Services& services,
              Outbox outbox);

 private:
  caf::behavior make_behavior() override;
  const model::WorkspaceId workspace_;
  const Services& services_;
  Outbox outbox_;
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
