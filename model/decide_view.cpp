// Custom views: who may make, change and delete them, and what they may be (S6, S36).
#include "model/decide_workspace_parts.hpp"
#include "model/filter_check.hpp"
#include "model/limits.hpp"
#include "model/view_scope.hpp"

namespace inboxd::model {
namespace {

bool may_edit(const ViewDefinition& view, const Principal& by) {
  const bool owner = view.owner.kind == by.kind && view.owner.id == by.id;
  return owner || by.kind == PrincipalKind::system || by.role != Role::agent;
}

/// Unknown, and not to be seen, are one: not_found (S6).
Checked check_may_edit(const Workspace& workspace, const ViewId& id, const Principal& by) {
  const auto* view = workspace.view(id);
  if (view != nullptr && may_edit(*view, by)) return std::nullopt;
  if (view != nullptr && is_shared_with(*view, workspace, viewer_of(by, by.role))) {
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

Checked check_params(const PutView& command) {
  const auto& view = command.view;
  if (command.create && view.id.empty())
    return check_name("name", view.name, limits::name_bytes_max);
  if (auto error = check_chosen_id("view", view.id.str())) return error;
  if (is_system_view(view.id)) {
    return invalid("view", "'" + view.id.str() + "' is the name of a built-in view.");
  }
  return check_name("name", view.name, limits::name_bytes_max);
}

}  // namespace

Changed decide_view(const Workspace& workspace, PutView command, const Principal& by) {
  auto& view = command.view;
  if (auto error = check_params(command)) return *std::move(error);
  const auto bad_filter = check_filter(view.filter, workspace, "filter");
  // Ids in the filter come after the view's own (S6: shape first, then ids).
  if (bad_filter && bad_filter->reason != Reason::not_found) return *bad_filter;
  if (!command.create) {
    if (auto error = check_may_edit(workspace, view.id, by)) return *std::move(error);
  }
  if (bad_filter) return *bad_filter;
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
