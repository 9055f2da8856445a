#include "actors/release_pipeline.hpp"

#include <iterator>

#include <caf/all.hpp>

namespace inboxd::actors {
namespace {

/// What the state store is to know of a commit.
persistence::Change change_of(Commit& commit) {
  persistence::Change change{
      .offset = commit.offset, .at = commit.at, .workspace = commit.workspace};
  change.workspace_created = commit.workspace_created;
  change.workspace_events = commit.workspace_events;
  change.moved = commit.moved;
  change.contacts.assign(commit.states.begin(), commit.states.end());
  change.entries.reserve(commit.entries.size());
  for (const auto& entry : commit.entries) {
    if (entry.moved) continue;  // the store moves those by itself
    auto& stored = change.entries.emplace_back();
    stored.contact = entry.contact;
    stored.entry = entry.entry;
    stored.json = entry.text;
    stored.fresh = entry.appended;
  }
  return change;
}

}  // namespace

void ReleasePipeline::connect(persistence::Journal& journal,
                              persistence::Checkpointer& checkpointer, model::Offset released,
                              model::Timestamp at) {
  journal_ = &journal;
  checkpointer_ = &checkpointer;
  released_.store(released.value, std::memory_order_release);
  released_at_ms_.store(at.ms, std::memory_order_relaxed);
}

void ReleasePipeline::set_followers(std::vector<caf::actor> aggregators,
                                    std::vector<caf::actor> others) {
  aggregators_ = std::move(aggregators);
  followers_ = std::move(others);
}

caf::actor ReleasePipeline::agent(const model::WorkspaceId& workspace, const model::AgentId& id,
                                  const std::function<caf::actor()>& spawn) {
  const std::lock_guard lock(agents_mutex_);
  auto& known = agents_[{workspace, id}].actor;
  if (!known && spawn) known = spawn();
  return known;
}

std::vector<caf::actor> ReleasePipeline::agents() const {
  const std::lock_guard lock(agents_mutex_);
  std::vector<caf::actor> all;
  for (const auto& [key, agent] : agents_) all.push_back(agent.actor);
  return all;
}

void ReleasePipeline::forget_actors() {
  aggregators_.clear();
  followers_.clear();
  const std::lock_guard lock(agents_mutex_);
  agents_.clear();
}

model::Offset ReleasePipeline::submit(std::string payload, std::unique_ptr<Commit> commit) {
  const auto at = commit->at;
  return journal_->submit({.payload = std::move(payload), .at = at, .effect = std::move(commit)})
      .offset;
}

void ReleasePipeline::pass(std::unique_ptr<Commit> commit) {
  const auto at = commit->at;
  journal_->submit({.payload = {}, .at = at, .effect = std::move(commit)});
}

void ReleasePipeline::release(std::vector<persistence::Released>&& items) {
  if (items.empty()) return;
  auto batch = std::make_shared<std::vector<CommitPtr>>();
  std::vector<Outgoing> out;
  std::vector<persistence::Change> changes;
  for (auto& item : items) {
    std::unique_ptr<Commit> commit(static_cast<Commit*>(item.effect.release()));
    commit->offset = item.offset;
    if (!item.passes_through) commit->at = item.at;
    place_offsets(*commit);
    std::move(commit->out.begin(), commit->out.end(), std::back_inserter(out));
    commit->out.clear();
    if (item.passes_through) continue;
    changes.push_back(change_of(*commit));
    batch->push_back(std::move(commit));
  }
  if (!batch->empty()) {
    checkpointer_->add(std::move(changes));
    // Followers first: whoever asks after a reply with offset N finds them at N or later (S7).
    stats_->views.send(aggregators_.size());
    for (const auto& aggregator : aggregators_) caf::anon_send(aggregator, msg::Follow{batch});
    stats_->followers.send(followers_.size());
    for (const auto& follower : followers_) caf::anon_send(follower, msg::Follow{batch});
    tell_agents(*batch);
    if (search_) search_(batch);
  }
  for (const auto& commit : *batch) {
    if (commit->workspace_after) set_workspace(commit->workspace_after);
  }
  if (!batch->empty()) released_at_ms_.store(batch->back()->at.ms, std::memory_order_relaxed);
  released_.store(items.back().offset.value, std::memory_order_release);
  if (!out.empty()) outlet_.deliver(std::move(out));
}

void ReleasePipeline::set_workspace(WorkspacePtr workspace) {
  const std::lock_guard lock(workspaces_mutex_);
  const auto id = workspace->id;
  workspaces_.insert_or_assign(id, std::move(workspace));
}

std::vector<WorkspacePtr> ReleasePipeline::workspaces() const {
  const std::lock_guard lock(workspaces_mutex_);
  std::vector<WorkspacePtr> all;
  for (const auto& [id, workspace] : workspaces_) all.push_back(workspace);
  return all;
}

void ReleasePipeline::tell_agents(const std::vector<CommitPtr>& batch) {
  const std::lock_guard lock(agents_mutex_);
  if (agents_.empty()) return;
  std::vector<Agent*> concerned;
  const auto note = [&](const CommitPtr& commit, const model::AgentId& id) {
    const auto known = agents_.find({commit->workspace, id});
    if (known == agents_.end()) return;
    auto& commits = known->second.commits;
    if (commits.empty()) concerned.push_back(&known->second);
    if (commits.empty() || commits.back() != commit) commits.push_back(commit);
  };
  for (const auto& commit : batch) {
    for (const auto& [contact, before, after, into] : commit->rows) {
      if (before && before->assignment.assignee) note(commit, *before->assignment.assignee);
      if (after && after->assignment.assignee) note(commit, *after->assignment.assignee);
    }
    for (const auto& notice : commit->notices) note(commit, notice.agent);
    if (!commit->workspace_after) continue;
    // Teams, visibility and views concern every agent.
    for (const auto& [key, agent] : agents_) {
      if (key.first == commit->workspace) note(commit, key.second);
    }
  }
  stats_->agents.send(concerned.size());
  for (auto* agent : concerned)
    caf::anon_send(agent->actor, msg::FollowOwn{std::exchange(agent->commits, {})});
}

}  // namespace inboxd::actors
