// An agent as an actor: its own `mine` list with counters, and what it is to be told (S41).
#pragma once

#include <deque>
#include <vector>

#include <caf/event_based_actor.hpp>

#include "actors/messages.hpp"
#include "actors/services.hpp"
#include "actors/view_desk.hpp"
#include "actors/wake_up.hpp"

namespace inboxd::actors {

class AgentActor final : public caf::event_based_actor {
 public:
  /// Registered for its commits before it is spawned: what comes before its rows waits.
  AgentActor(caf::actor_config& config, model::AgentId id, const Services& services,
             model::ViewOptions options, caf::actor first_aggregator);

 private:
  caf::behavior make_behavior() override;
  void on_exit() override { aggregator_ = nullptr; }

  void start(msg::OwnRows& rows);
  void follow(const std::vector<CommitPtr>& commits);
  void follow(const Commit& commit);
  void ask(const msg::Ask& ask);
  void leave(const msg::Leave& leave);
  void work();

  const model::AgentId id_;
  const Services& services_;
  const model::ViewOptions options_;
  caf::actor aggregator_;
  std::optional<ViewDesk> desk_;  // once the rows are here
  std::deque<std::variant<msg::FollowOwn, msg::Ask, msg::Leave>> waiting_;
  std::vector<Subscriber> listeners_;
  WakeUp wake_up_{this};
};

}  // namespace inboxd::actors
