// The workspace's own commits: views, sharing, teams and visibility change, and subscriptions
// follow (S25, S31, S36).
#include <algorithm>
#include <set>

#include "model/overload.hpp"
#include "model/views/engine_impl.hpp"

namespace inboxd::model {

ViewEngine::Impl::Affected ViewEngine::Impl::affected_by(std::span<const WorkspaceEvent> events,
                                                         const Workspace& before) const {
  Affected affected;
  const auto agent_changed = [&](const AgentId& id) {
    const auto* was = before.agent(id);
    const auto* is = workspace_->agent(id);
    const auto teams_of = [](const Agent* agent) {
      return agent == nullptr ? std::vector<TeamId>{} : agent->teams;
    };
    const auto visibility_of = [](const Agent* agent) {
      return agent == nullptr ? Visibility::all : agent->visibility;
    };
    auto left = teams_of(was);
    auto joined = teams_of(is);
    if (visibility_of(was) == visibility_of(is) && left == joined) return;
    affected.agents.insert(id);
    if (left == joined) return;
    affected.teams.insert(left.begin(), left.end());
    affected.teams.insert(joined.begin(), joined.end());
  };
  const auto agent_removed = [&](const AgentId& id) {
    agent_changed(id);
    // Its private views went with it (S24).
    for (const auto& [view, definition] : before.views) {
      if (workspace_->view(view) == nullptr) affected.views.insert(view);
    }
  };
  for (const auto& event : events) {
    std::visit(
        overload{[&](const PutAgent& put) { agent_changed(put.agent.id); },
                 [&](const RemoveAgent& removed) { agent_removed(removed.id); },
                 [&](const PutTeam& put) { affected.views.insert(view_of_team(put.team.id)); },
                 [&](const PutView& put) { affected.views.insert(put.view.id); },
                 [&](const DeleteView& gone) { affected.views.insert(gone.id); },
                 [](const auto&) {}},
        event);
  }
  return affected;
}

/// Whether what the viewer gets of the view may be another list now. True in vain costs a little.
bool ViewEngine::Impl::concerns(const Affected& affected, const Viewer& viewer,
                                const ViewId& view) const {
  if (affected.views.contains(view) || affected.agents.contains(viewer.id)) return true;
  if (affected.teams.empty()) return false;
  if (const auto team = team_of_view(view); team && affected.teams.contains(*team)) return true;
  // Team views of owners who joined or left a team.
  if (const auto* custom = workspace_->view(view);
      custom != nullptr && custom->visibility == Sharing::team) {
    return true;
  }
  // Who sees what the teams have sees what their members have.
  const auto* agent = workspace_->agent(viewer.id);
  return agent != nullptr && agent->visibility == Visibility::team &&
         std::any_of(agent->teams.begin(), agent->teams.end(),
                     [&](const TeamId& team) { return affected.teams.contains(team); });
}

void ViewEngine::Impl::apply(Offset offset, Timestamp at, std::span<const WorkspaceEvent> events,
                             std::shared_ptr<const Workspace> after) {
  // What boards have not told yet was so before this commit, and is told as of then.
  while (!pending_boards_.empty()) advance(*pending_boards_.begin()->second);
  begin_commit(offset, at);
  settle();
  const auto before = std::exchange(workspace_, std::move(after));
  const auto affected = affected_by(events, *before);
  if (affected.nobody()) return;
  // Whoever has no word in `scopes_` (after a restart nobody has) may have seen other lists until
  // here.
  scopes_since_ = offset + 1;

  std::vector<ViewToken> followers;
  for (const auto& [token, subscriber] : subscribers_) {
    if (concerns(affected, subscriber->viewer, subscriber->view)) followers.push_back(token);
  }
  held_.clear();
  for (const auto token : followers) follow(*subscribers_.at(token));
  held_.clear();
  follow_counters(affected);
  follow_workload(affected);
  build_inline();
  serve_counters();
  serve_boards();
  // Lists that were live already have nobody to call those who came over.
  for (const auto token : followers) {
    const auto found = subscribers_.find(token);
    if (found == subscribers_.end()) continue;
    auto& list = *found->second->list;
    if (list.live()) serve_waiting(list);
  }
}

/// Finds the subscriber the list that its view is now, and lets it wait there.
void ViewEngine::Impl::follow(Subscriber& subscriber) {
  const auto resolved = resolve_view(*workspace_, subscriber.viewer, subscriber.view);
  if (!resolved) {
    const bool exists = workspace_->view(subscriber.view) != nullptr;
    end(subscriber.token, exists ? "forbidden" : "deleted");
    return;
  }
  const auto sort = subscriber.sort.value_or(resolved->sort);
  remember_scope(subscriber.viewer, subscriber.view, subscriber.sort, resolved->key, sort);
  auto& list = list_for(selection_for(*resolved), sort);
  if (&list == subscriber.list) return;

  if (subscriber.window != nullptr) {
    const auto& audience = audience_of(subscriber);
    auto& held = held_[&audience];
    if (!held) held = std::make_shared<const Shown>(audience.sent);
    subscriber.held = held;
  }
  leave_window(subscriber);
  if (subscriber.list->sort != sort) {
    // A cursor of another order names no place in this one.
    subscriber.after = std::nullopt;
    for (auto& ask : subscriber.asks) ask.after = std::nullopt;
  }
  subscriber.list = &list;
  list.waiting.push_back(&subscriber);
}

}  // namespace inboxd::model
