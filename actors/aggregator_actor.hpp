// A view aggregator: keeps the live lists of the views that fall to it, and, if it is the first,
// all counters.
#pragma once

#include <vector>

#include <caf/event_based_actor.hpp>

#include "actors/assignee_index.hpp"
#include "actors/messages.hpp"
#include "actors/services.hpp"
#include "actors/view_desk.hpp"
#include "actors/wake_up.hpp"

namespace inboxd::actors {

class AggregatorActor final : public caf::event_based_actor {
 public:
  AggregatorActor(caf::actor_config& config, std::size_t index, const Services& services,
                  model::ViewOptions options, WorkspacePtr workspace, model::Offset offset,
                  model::Timestamp at, std::vector<model::RowPtr> rows);

  /// Who is told when a relative-time filter moves something next.
  struct SetTimer {
    caf::actor timer;
  };

 private:
  caf::behavior make_behavior() override;
  void on_exit() override { timer_ = nullptr; }
  void follow(const CommitBatch& batch);
  void work();

  const std::size_t index_;
  const Services& services_;
  WorkspacePtr workspace_;
  model::Timestamp at_;
  ViewDesk desk_;
  AssigneeIndex assigned_;
  WakeUp wake_up_{this};
  caf::actor timer_;
  std::optional<model::Timestamp> flip_told_;
};

}  // namespace inboxd::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::AggregatorActor::SetTimer)
