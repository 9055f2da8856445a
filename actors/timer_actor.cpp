#include "actors/timer_actor.hpp"

#include <algorithm>
#include <utility>

#include <caf/all.hpp>

#include "model/record.hpp"
#include "persistence/state_json.hpp"

namespace inboxd::actors {
namespace {

/// Wakes of one moment go out in slices (DESIGN 9).
constexpr model::Duration between_slices{2};

/// Somebody may set the clock, or the machine may sleep, and a timer of the scheduler does not
/// notice: with anything armed the clock is looked at so often.
constexpr model::Duration look_again{5'000};

/// 0: not snoozed.
model::Timestamp end_of_snooze(const model::RowPtr& row) {
  return row ? row->snoozed_until.value_or(model::Timestamp{}) : model::Timestamp{};
}

}  // namespace

TimerActor::TimerActor(caf::actor_config& config, model::WorkspaceId workspace,
                       const Services& services, Alarms alarms, caf::actor directory)
    : caf::event_based_actor(config),
      workspace_(workspace),
      services_(services),
      alarms_(std::move(alarms)),
      directory_(std::move(directory)) {}

caf::behavior TimerActor::make_behavior() {
  arm(services_.now());
  return {
      [this](msg::Follow& m) {
        services_.stats->followers.take();
        follow(m.batch);
      },
      [this](msg::FlipAt& m) {
        if (m.at) {
          flips_.insert_or_assign(m.aggregator, *m.at);
        } else {
          flips_.erase(m.aggregator);
        }
        arm(services_.now());
      },
      [this](msg::Alarm& m) {
        if (wake_up_.rings(m)) ring();
      },
      [this](msg::Stop&) { quit(); },
  };
}

void TimerActor::follow(const CommitBatch& batch) {
  bool changed = false;
  for (const auto& commit : *batch) {
    if (commit->workspace != workspace_) continue;
    for (const auto& row : commit->rows) {
      const auto after = end_of_snooze(row.after);
      if (end_of_snooze(row.before) == after) continue;
      alarms_.set(row.contact, after > model::Timestamp{} ? std::optional(after) : std::nullopt);
      changed = true;
    }
  }
  if (changed) arm(services_.now());
}

void TimerActor::ring() {
  const auto now = services_.now();
  if (const auto next = alarms_.next(); next && *next <= now) {
    auto due = alarms_.take_due(now, pace_.take(now, *next));
    if (!due.empty()) caf::anon_send(directory_, msg::Wake{std::move(due)});
  }
  tick_if_due(now);
  arm(now);
}

void TimerActor::tick_if_due(model::Timestamp now) {
  const bool due = std::any_of(flips_.begin(), flips_.end(),
                               [&](const auto& flip) { return flip.second <= now; });
  if (!due) return;
  // The aggregators say anew when they flip next, once they have seen the tick.
  std::erase_if(flips_, [&](const auto& flip) { return flip.second <= now; });
  auto commit = std::make_unique<Commit>();
  commit->workspace = workspace_;
  commit->at = now;
  commit->recorded = true;
  services_.log.submit(persistence::write_record_body(workspace_, model::Tick{}),
                       std::move(commit));
}

void TimerActor::arm(model::Timestamp now) {
  auto next = alarms_.next();
  if (next && *next <= now) next = now + between_slices;
  for (const auto& [aggregator, at] : flips_) {
    if (!next || at < *next) next = at;
  }
  if (next) next = std::min(*next, now + look_again);
  wake_up_.arm(next, now);
}

}  // namespace inboxd::actors
