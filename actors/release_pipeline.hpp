// From the journal to everybody: what was committed becomes visible here, in offset order, once it
// is on disk.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include <caf/actor.hpp>

#include "actors/messages.hpp"
#include "actors/services.hpp"
#include "persistence/checkpointer.hpp"
#include "persistence/journal.hpp"

namespace inboxd::actors {

class ReleasePipeline final : public CommitLog {
 public:
  ReleasePipeline(Outlet& outlet, std::shared_ptr<EngineStats> stats)
      : outlet_(outlet), stats_(std::move(stats)) {}

  /// Before the first commit.
  void connect(persistence::Journal& journal, persistence::Checkpointer& checkpointer,
               model::Offset released, model::Timestamp at);
  /// Actors that are sent every batch; set before clients are served, never changed.
  void set_followers(std::vector<caf::actor> aggregators, std::vector<caf::actor> others);
  /// Called with every batch on the journal's thread; set before clients are served. Must be cheap.
  void set_search(std::function<void(const CommitBatch&)> follow) { search_ = std::move(follow); }
  /// An agent's actor, which is sent the commits that concern it from here on. The first one
  /// registered stays.
  caf::actor agent(const model::WorkspaceId& workspace, const model::AgentId& id,
                   const std::function<caf::actor()>& spawn);
  std::vector<caf::actor> agents() const;
  void forget_actors();

  /// The workspaces' records as they are at `released()`. Any thread.
  void set_workspace(WorkspacePtr workspace);
  std::vector<WorkspacePtr> workspaces() const;

  model::Offset submit(std::string payload, std::unique_ptr<Commit> commit) override;
  void pass(std::unique_ptr<Commit> commit) override;
  model::Offset released() const override { return {released_.load(std::memory_order_acquire)}; }
  /// The time of the last commit: what lists at `released()` take for now (S2). Any thread.
  model::Timestamp released_at() const { return {released_at_ms_.load(std::memory_order_relaxed)}; }

  /// The journal's release callback.
  void release(std::vector<persistence::Released>&& items);

 private:
  using AgentKey = std::pair<model::WorkspaceId, model::AgentId>;
  struct AgentHash {
    std::size_t operator()(const AgentKey& key) const {
      return std::hash<model::WorkspaceId>{}(key.first) * 31 +
             std::hash<model::AgentId>{}(key.second);
    }
  };
  struct Agent {
    caf::actor actor;
    std::vector<CommitPtr> commits;  // of the batch that is being told
  };
  void tell_agents(const std::vector<CommitPtr>& batch);

  Outlet& outlet_;
  persistence::Journal* journal_ = nullptr;
  persistence::Checkpointer* checkpointer_ = nullptr;
  std::vector<caf::actor> aggregators_, followers_;
  std::function<void(const CommitBatch&)> search_;
  mutable std::mutex agents_mutex_;
  std::unordered_map<AgentKey, Agent, AgentHash> agents_;
  mutable std::mutex workspaces_mutex_;
  std::map<model::WorkspaceId, WorkspacePtr> workspaces_;
  std::atomic<std::uint64_t> released_{0};
  std::atomic<std::int64_t> released_at_ms_{0};
  const std::shared_ptr<EngineStats> stats_;
};

}  // namespace inboxd::actors
