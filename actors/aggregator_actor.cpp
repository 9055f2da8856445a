#include "actors/aggregator_actor.hpp"

#include <algorithm>
#include <utility>

#include <caf/all.hpp>

namespace inboxd::actors {

AggregatorActor::AggregatorActor(caf::actor_config& config, std::size_t index,
                                 const Services& services, model::ViewOptions options,
                                 WorkspacePtr workspace, model::Offset offset, model::Timestamp at,
                                 std::vector<model::RowPtr> rows)
    : caf::event_based_actor(config),
      index_(index),
      services_(services),
      workspace_(std::move(workspace)),
      at_(at),
      desk_(options, workspace_, services.store.epoch(), services.outlet, services.stats) {
  desk_.load(offset, at, rows);
  if (index_ == 0) {
    for (const auto& row : rows) assigned_.load(row);
  }
}

caf::behavior AggregatorActor::make_behavior() {
  return {
      [this](msg::Follow& m) {
        const TimedUpdate timed(*services_.stats);
        services_.stats->views.take();
        follow(m.batch);
        work();
      },
      [this](msg::Ask& m) {
        desk_.reach(m.released);
        desk_.serve(m.submission);
        work();
      },
      [this](msg::Leave& m) { desk_.leave(m.client, m.sub); },
      [this](msg::ResetView& m) {
        desk_.reset(m.client, m.sub);
        work();
      },
      [this](msg::FindAssigned& m) {
        std::vector<model::ContactId> contacts;
        for (const auto& row : assigned_.rows_of(m.agent)) contacts.push_back(row->id);
        std::sort(contacts.begin(), contacts.end());
        caf::anon_send(m.reply_to,
                       msg::Assigned{.agent = m.agent, .contacts = std::move(contacts)});
      },
      [this](msg::FindRows& m) {
        caf::anon_send(m.reply_to, msg::OwnRows{.rows = assigned_.rows_of(m.agent),
                                                .workspace = workspace_,
                                                .offset = desk_.offset(),
                                                .at = at_});
      },
      [this](msg::Alarm& m) {
        if (wake_up_.rings(m)) work();
      },
      [this](SetTimer& m) {
        timer_ = m.timer;
        work();
      },
      [this](msg::Stop&) { quit(); },
  };
}

void AggregatorActor::follow(const CommitBatch& batch) {
  for (const auto& commit : *batch) {
    if (commit->workspace != workspace_->id) continue;
    desk_.follow(*commit);
    at_ = std::max(at_, commit->at);
    if (commit->workspace_after) workspace_ = commit->workspace_after;
    if (index_ != 0) continue;
    for (const auto& row : commit->rows) assigned_.follow(row);
  }
}

void AggregatorActor::work() {
  const auto now = services_.now();
  wake_up_.arm(desk_.work(now), now);
  if (const auto flip = desk_.next_flip(); timer_ && flip != flip_told_) {
    flip_told_ = flip;
    caf::anon_send(timer_, msg::FlipAt{.aggregator = index_, .at = flip});
  }
}

}  // namespace inboxd::actors
