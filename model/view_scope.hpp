// Who is looking, and what a view is for them (S25): every list is the view's definition ∩ what the
// viewer sees, resolved to one filter and one key. Viewers with the same key share the list.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/error.hpp"
#include "model/filter.hpp"
#include "model/ids.hpp"
#include "model/workspace.hpp"

namespace inboxd::model {

/// A principal as the lists see it. A service has no id here: `mine` is empty for it (S24).
struct Viewer {
  PrincipalKind kind = PrincipalKind::agent;
  AgentId id;  // agents; else empty
  Role role = Role::agent;
  std::string name =
      {};  // the principal's id, whatever its kind: owners of views are compared by it
  friend bool operator==(const Viewer&, const Viewer&) = default;
};
Viewer viewer_of(const Principal& principal, Role role);

/// A view resolved for a viewer.
struct ResolvedView {
  std::string key;           // equal keys, equal lists; names the view and the scope
  Filter filter;             // definition ∩ scope, `$me` replaced
  Sort sort = Sort::newest;  // the view's own
  bool personal = false;     // depends on the one agent, not only on what several see
};

/// Errors: not_found `view` for one that does not exist or is not shared with the viewer (S6).
Result<ResolvedView> resolve_view(const Workspace& workspace, const Viewer& viewer,
                                  const ViewId& view);

/// Whether `resolve_view` would say `personal`; cheaper, for a view that is shared with the viewer.
bool is_personal(const Workspace& workspace, const Viewer& viewer, const ViewId& view);

/// Viewers of one class see the same in every view that is not personal to them, and have the same
/// such views.
std::string class_of(const Workspace& workspace, const Viewer& viewer);

/// All that `view.list` gives the viewer (S34): system views, teams, custom views shared with them.
std::vector<ViewId> views_of(const Workspace& workspace, const Viewer& viewer);

/// S36: private views are their owner's, team views also for the teams the owner is in.
bool is_shared_with(const ViewDefinition& view, const Workspace& workspace, const Viewer& viewer);

/// It was the viewer who made the view.
bool owns(const Viewer& viewer, const ViewDefinition& view);

/// `all`, `mine`, `unassigned`, `snoozed`, `done`, `blocked`: not to be taken by custom views.
const std::vector<ViewId>& system_views();
bool is_system_view(const ViewId& view);
/// The team of a `team:<id>` view.
std::optional<TeamId> team_of_view(const ViewId& view);
ViewId view_of_team(const TeamId& team);

}  // namespace inboxd::model
