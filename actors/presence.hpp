// Which agents are there: an agent's own sessions (desk) and the workspace's board that others
// watch (S41). Who watches is told of the workspace's records, too, when they change.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "actors/commit.hpp"
#include "actors/contact_task.hpp"
#include "actors/outlet.hpp"
#include "actors/request.hpp"

namespace inboxd::actors {

std::string_view name_of(request::Presence status);

/// The board of one workspace: who has sessions, what they last set, who watches. One thread at a
/// time.
class PresenceBoard {
 public:
  explicit PresenceBoard(WorkspacePtr workspace) : workspace_(std::move(workspace)) {}

  void follow(const Commit& commit, std::vector<Outgoing>& out);
  void open(const ClientPtr& client, std::vector<Outgoing>& out);
  void close(const ClientPtr& client, std::vector<Outgoing>& out);
  void set(const Origin& origin, request::Presence status, std::vector<Outgoing>& out);
  /// `agents.subscribe`: the answer's body.
  std::string subscribe(const Origin& origin, SubId sub, model::Offset offset);
  void unsubscribe(const ClientPtr& client, SubId sub);

 private:
  struct Agent {
    std::size_t sessions = 0;
    request::Presence last_set = request::Presence::online;
    request::Presence shown() const { return sessions > 0 ? last_set : request::Presence::offline; }
  };
  /// Runs `change` on the agent and tells the watchers if what is shown became another.
  template <class Change>
  void change(const std::string& agent, std::vector<Outgoing>& out, Change change);
  /// `directory.delta`: the records of agents, teams, channels and fields that a commit made or
  /// changed, whole, so that nobody has to ask for the lists again.
  void tell_records(const Commit& commit, std::vector<Outgoing>& out) const;
  void tell(std::string_view method, const SharedText& tail, std::vector<Outgoing>& out) const;

  WorkspacePtr workspace_;
  std::map<std::string, Agent> agents_;
  std::vector<Subscriber> watchers_;
};

}  // namespace inboxd::actors
