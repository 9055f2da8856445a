// S25: who sees which contact. It looks at the assignment only, and binds the role `agent` only.
#include <algorithm>

#include "model/decide.hpp"

namespace inboxd::model {
namespace {

bool is_in(const Agent& agent, const TeamId& team) {
  return std::find(agent.teams.begin(), agent.teams.end(), team) != agent.teams.end();
}

bool share_a_team(const Agent& one, const Agent& other) {
  return std::any_of(one.teams.begin(), one.teams.end(),
                     [&](const TeamId& team) { return is_in(other, team); });
}

bool sees_as_team(const Agent& me, const Workspace& workspace, const Assignment& assignment) {
  if (!assignment.assignee || *assignment.assignee == me.id) return true;
  if (assignment.team && is_in(me, *assignment.team)) return true;
  const auto* assignee = workspace.agent(*assignment.assignee);
  return assignee != nullptr && share_a_team(me, *assignee);
}

}  // namespace

bool can_see(const Principal& principal, const Workspace& workspace, const Assignment& assignment) {
  if (principal.kind != PrincipalKind::agent || principal.role != Role::agent) return true;
  const auto* me = workspace.agent(AgentId(principal.id));
  if (me == nullptr) return true;
  switch (me->visibility) {
    case Visibility::all: return true;
    case Visibility::team: return sees_as_team(*me, workspace, assignment);
    case Visibility::assigned: return assignment.assignee == me->id;
  }
  return false;
}

}  // namespace inboxd::model
