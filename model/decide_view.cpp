// Custom views: who may make, change and delete them, and what they may be (S6, S36).
#include <algorithm>
#include <array>

#include "model/decide_workspace_parts.hpp"
#include "model/limits.hpp"

namespace inboxd::model {
namespace {

bool is_system_view(const ViewId& id) {
  constexpr std::array<std::string_view, 6> names{"all",     "mine", "unassigned",
                                                  "snoozed", "done", "blocked"};
  return std::find(names.begin(), names.end(), id.str()) != names.end();
}

/// `team` means the teams that the owner is in (S36).
bool is_shared_with(const ViewDefinition& view, const Workspace& workspace, const Principal& by) {
  if (view.visibility != Sharing::team) return view.visibility == Sharing::workspace;
  if (by.kind != PrincipalKind::agent || view.owner.kind != PrincipalKind::agent) return false;
  const auto* owner = workspace.agent(AgentId(view.owner.id));
  const auto* reader = workspace.agent(AgentId(by.id));
  if (owner == nullptr || reader == nullptr) return false;
  return std::any_of(owner->teams.begin(), owner->teams.end(), [&](const TeamId& team) {
    return std::find(reader->teams.begin(), reader->teams.end(), team) != reader->teams.end();
  });
}

bool may_edit(const ViewDefinition& view, const Principal& by) {
  const bool owner = view.owner.kind == by.kind && view.owner.id == by.id;
  return owner || by.kind == PrincipalKind::system || by.role != Role::agent;
}

/// Unknown, and not to be seen, are one: not_found (S6).
Checked check_may_edit(const Workspace& workspace, const ViewId& id, const Principal& by) {
  const auto* view = workspace.view(id);
  if (view != nullptr && may_edit(*view, by)) return std::nullopt;
  if (view != nullptr && is_shared_with(*view, workspace, by)) {
    return forbidden("Only its owner, managers and admins may change this view.");
  }
  return not_found("view", "There is no custom view '" + id.str() + "'.");
}

Checked check_new(const Workspace& workspace, const ViewId& id) {
  if (workspace.view(id) != nullptr) {
    return Error{.reason = Reason::conflict,
                 .message = "There is a view '" + id.str() + "' already.",
                 .field = "view"};
  }
  if (workspace.views.size() >= limits::views_max) {
    return too_many("view", workspace.views.size() + 1, limits::views_max);
  }
  return std::nullopt;
}

Checked check_params(const ViewDefinition& view) {
  if (auto error = check_chosen_id("view", view.id.str())) return error;
  if (is_system_view(view.id)) {
    return invalid("view", "'" + view.id.str() + "' is the name of a built-in view.");
  }
  return check_name("name", view.name, limits::name_bytes_max);
}

}  // namespace

Changed decide_view(const Workspace& workspace, PutView command, const Principal& by) {
  auto& view = command.view;
  if (auto error = check_params(view)) return *std::move(error);
  if (!command.create) {
    if (auto error = check_may_edit(workspace, view.id, by)) return *std::move(error);
  }
  if (command.create) {
    if (auto error = check_new(workspace, view.id)) return *std::move(error);
    view.owner = by;
    return std::vector<WorkspaceEvent>{command};
  }
  const auto& known = *workspace.view(view.id);
  view.owner = known.owner;
  if (view == known) return std::vector<WorkspaceEvent>{};
  return std::vector<WorkspaceEvent>{command};
}

Changed decide_view(const Workspace& workspace, const DeleteView& command, const Principal& by) {
  if (auto error = check_may_edit(workspace, command.id, by)) return *std::move(error);
  return std::vector<WorkspaceEvent>{command};
}

}  // namespace inboxd::model
