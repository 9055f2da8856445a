#include "model/view_scope.hpp"

#include <algorithm>

namespace inboxd::model {
namespace {

// ── filters, said shortly ──

Filter leaf(FilterField field, Operator op, FilterValue value = {}) {
  Filter filter;
  filter.kind = Filter::Kind::leaf;
  filter.field = field;
  filter.op = op;
  filter.value = std::move(value);
  return filter;
}
Filter all(std::vector<Filter> children) {
  Filter filter;
  filter.kind = Filter::Kind::all;
  filter.children = std::move(children);
  return filter;
}
Filter any(std::vector<Filter> children) {
  auto filter = all(std::move(children));
  filter.kind = Filter::Kind::any;
  return filter;
}
Filter never() {
  return any({});
}
Filter is_open() {
  return leaf(FilterField::status, Operator::eq, "open");
}
Filter is_done() {
  return leaf(FilterField::status, Operator::eq, "done");
}
Filter is_snoozed(bool flag) {
  return leaf(FilterField::snoozed, Operator::eq, flag);
}
Filter is_blocked(bool flag) {
  return leaf(FilterField::blocked, Operator::eq, flag);
}
Filter is_unassigned() {
  return leaf(FilterField::assignee, Operator::not_exists);
}
Filter is_assigned_to(const std::string& agent) {
  return leaf(FilterField::assignee, Operator::eq, agent);
}
Filter is_assigned_to_any(std::vector<std::string> agents) {
  return leaf(FilterField::assignee, Operator::in, std::move(agents));
}
Filter is_of_teams(std::vector<std::string> teams) {
  return leaf(FilterField::team, Operator::in, std::move(teams));
}

bool mentions(const Filter& filter, FilterField field) {
  if (filter.kind == Filter::Kind::leaf) return filter.field == field;
  return std::any_of(filter.children.begin(), filter.children.end(),
                     [field](const Filter& child) { return mentions(child, field); });
}

constexpr std::string_view me = "$me";

/// Puts the viewer in the place of `$me`; true if it was there. A viewer who is no agent stays
/// `$me`, which is no agent's id.
bool replace_me(Filter& filter, const std::string& agent) {
  bool found = false;
  for (auto& child : filter.children) found = replace_me(child, agent) || found;
  if (filter.kind != Filter::Kind::leaf || filter.field != FilterField::assignee) return found;
  const bool whole = filter.op == Operator::eq || filter.op == Operator::ne ||
                     filter.op == Operator::in || filter.op == Operator::not_in;
  if (!whole) return found;
  const auto put = [&](std::string& value) {
    if (value != me) return;
    found = true;
    if (!agent.empty()) value = agent;
  };
  if (auto* text = std::get_if<std::string>(&filter.value)) put(*text);
  if (auto* texts = std::get_if<std::vector<std::string>>(&filter.value)) {
    std::for_each(texts->begin(), texts->end(), put);
  }
  return found;
}

// ── scopes ──

/// What a viewer sees (S25).
struct Scope {
  std::string key;               // empty: everything
  std::optional<Filter> filter;  // nothing: everything
  bool personal = false;
  bool only_assigned = false;
};

std::vector<std::string> members_of(const Workspace& workspace, const std::vector<TeamId>& teams) {
  std::vector<std::string> members;
  for (const auto& [id, agent] : workspace.agents) {
    const bool member = std::any_of(agent.teams.begin(), agent.teams.end(), [&](const TeamId& t) {
      return std::find(teams.begin(), teams.end(), t) != teams.end();
    });
    if (member) members.push_back(id.str());
  }
  return members;
}

std::vector<std::string> texts_of(const std::vector<TeamId>& teams) {
  std::vector<std::string> texts;
  texts.reserve(teams.size());
  for (const auto& team : teams) texts.push_back(team.str());
  std::sort(texts.begin(), texts.end());
  return texts;
}

const Agent* record_of(const Workspace& workspace, const Viewer& viewer) {
  return viewer.kind == PrincipalKind::agent ? workspace.agent(viewer.id) : nullptr;
}

bool manages(const Viewer& viewer) {
  return viewer.kind != PrincipalKind::agent || viewer.role != Role::agent;
}

Visibility visibility_of(const Viewer& viewer, const Agent* record) {
  // A first session makes the record with defaults (S24): until then, those.
  return manages(viewer) || record == nullptr ? Visibility::all : record->visibility;
}

bool sees_alone(const Workspace& workspace, const Viewer& viewer) {
  const auto* agent = record_of(workspace, viewer);
  const auto visibility = visibility_of(viewer, agent);
  return visibility == Visibility::assigned ||
         (visibility == Visibility::team && agent->teams.empty());
}

Scope scope_of(const Workspace& workspace, const Viewer& viewer) {
  const auto* agent = record_of(workspace, viewer);
  const auto visibility = visibility_of(viewer, agent);
  if (visibility == Visibility::all) return {};

  const auto& id = viewer.id.str();
  if (visibility == Visibility::assigned) {
    return {.key = "assigned:" + id,
            .filter = is_assigned_to(id),
            .personal = true,
            .only_assigned = true};
  }
  if (agent->teams.empty()) {
    return {.key = "teamless:" + id,
            .filter = any({is_assigned_to(id), is_unassigned()}),
            .personal = true};
  }
  // Who is in a team is one of its members: agents of the same teams see the same.
  auto teams = texts_of(agent->teams);
  std::string key = "teams:";
  for (const auto& team : teams) key += team + ",";
  auto filter = any({is_assigned_to_any(members_of(workspace, agent->teams)),
                     is_of_teams(std::move(teams)), is_unassigned()});
  return {.key = std::move(key), .filter = std::move(filter)};
}

/// Definition ∩ scope, for views that do not say by themselves that all of them is visible.
ResolvedView within(const Scope& scope, const ViewId& view, Filter definition) {
  ResolvedView resolved{.key = view.str() + "/" + scope.key,
                        .filter = std::move(definition),
                        .personal = scope.personal};
  if (scope.filter) resolved.filter = all({std::move(resolved.filter), *scope.filter});
  return resolved;
}

/// What is assigned to the viewer is visible whatever the scope.
ResolvedView own(const Viewer& viewer, const ViewId& view, std::vector<Filter> terms) {
  if (viewer.id.empty()) return {.key = view.str() + "/none", .filter = never(), .personal = true};
  terms.push_back(is_assigned_to(viewer.id.str()));
  return {.key = view.str() + "/own:" + viewer.id.str(),
          .filter = all(std::move(terms)),
          .personal = true};
}

namespace names {
const ViewId all{"all"}, mine{"mine"}, unassigned{"unassigned"}, snoozed{"snoozed"}, done{"done"},
    blocked{"blocked"};
}  // namespace names

constexpr std::string_view team_prefix = "team:";

ResolvedView resolve_system(const Workspace& workspace, const Viewer& viewer, const ViewId& view) {
  const auto scope = scope_of(workspace, viewer);
  if (view == names::mine)
    return own(viewer, view, {is_open(), is_snoozed(false), is_blocked(false)});
  if (view == names::snoozed) {
    if (!manages(viewer)) return own(viewer, view, {is_snoozed(true), is_blocked(false)});
    return within(scope, view, all({is_snoozed(true), is_blocked(false)}));
  }
  if (view == names::unassigned) {
    if (scope.only_assigned) return {.key = view.str() + "/none", .filter = never()};
    auto filter = all({is_open(), is_unassigned(), is_snoozed(false), is_blocked(false)});
    return within(Scope{}, view, std::move(filter));
  }
  if (view == names::done) return within(scope, view, all({is_done(), is_blocked(false)}));
  if (view == names::blocked) return within(scope, view, is_blocked(true));
  return within(scope, view, is_blocked(false));
}

ResolvedView resolve_team(const Workspace& workspace, const Viewer& viewer, const ViewId& view,
                          const TeamId& team) {
  auto assigned =
      any({is_assigned_to_any(members_of(workspace, {team})), is_of_teams({team.str()})});
  return within(scope_of(workspace, viewer), view,
                all({is_open(), std::move(assigned), is_snoozed(false), is_blocked(false)}));
}

bool shares_team(const ViewDefinition& view, const Workspace& workspace, const Viewer& viewer) {
  if (view.owner.kind != PrincipalKind::agent) return false;
  const auto* owner = workspace.agent(AgentId(view.owner.id));
  const auto* agent = record_of(workspace, viewer);
  if (owner == nullptr || agent == nullptr) return false;
  return std::any_of(owner->teams.begin(), owner->teams.end(), [&](const TeamId& team) {
    return std::find(agent->teams.begin(), agent->teams.end(), team) != agent->teams.end();
  });
}

bool mentions_me(const Filter& filter) {
  if (filter.field == FilterField::assignee && filter.kind == Filter::Kind::leaf) {
    if (const auto* text = std::get_if<std::string>(&filter.value)) return *text == me;
    const auto* texts = std::get_if<std::vector<std::string>>(&filter.value);
    return texts != nullptr && std::find(texts->begin(), texts->end(), me) != texts->end();
  }
  return std::any_of(filter.children.begin(), filter.children.end(), mentions_me);
}

bool is_personal(const Workspace& workspace, const Viewer& viewer, const ViewDefinition& view) {
  if (view.visibility == Sharing::private_ || sees_alone(workspace, viewer)) return true;
  if (view.visibility == Sharing::team && !shares_team(view, workspace, viewer)) return true;
  return mentions_me(view.filter);
}

ResolvedView resolve_custom(const Workspace& workspace, const Viewer& viewer,
                            const ViewDefinition& view) {
  auto filter = view.filter;
  const bool mine = replace_me(filter, viewer.id.str());
  // S21: blocked contacts only where the filter speaks of them.
  if (!mentions(filter, FilterField::blocked)) filter = all({std::move(filter), is_blocked(false)});
  auto resolved = within(scope_of(workspace, viewer), view.id, std::move(filter));
  if (mine) resolved.key += "/me:" + viewer.id.str();
  resolved.sort = view.sort;
  resolved.personal = is_personal(workspace, viewer, view);
  return resolved;
}

}  // namespace

Viewer viewer_of(const Principal& principal, Role role) {
  Viewer viewer{.kind = principal.kind, .id = {}, .role = role, .name = principal.id};
  if (principal.kind == PrincipalKind::agent) viewer.id = AgentId(principal.id);
  return viewer;
}

Result<ResolvedView> resolve_view(const Workspace& workspace, const Viewer& viewer,
                                  const ViewId& view) {
  if (is_system_view(view)) return resolve_system(workspace, viewer, view);
  if (const auto team = team_of_view(view)) {
    if (workspace.team(*team) != nullptr) return resolve_team(workspace, viewer, view, *team);
  } else if (const auto* custom = workspace.view(view)) {
    if (is_shared_with(*custom, workspace, viewer)) {
      return resolve_custom(workspace, viewer, *custom);
    }
  }
  return not_found("view", "There is no view `" + view.str() + "`.");
}

bool is_personal(const Workspace& workspace, const Viewer& viewer, const ViewId& view) {
  if (const auto* custom = workspace.view(view)) return is_personal(workspace, viewer, *custom);
  const auto resolved = resolve_view(workspace, viewer, view);
  return resolved.has_value() && resolved->personal;
}

std::string class_of(const Workspace& workspace, const Viewer& viewer) {
  auto key = scope_of(workspace, viewer).key + "|";
  if (const auto* agent = record_of(workspace, viewer)) {
    for (const auto& team : texts_of(agent->teams)) key += team + ",";
  }
  return key + (manages(viewer) ? "|manages" : "|");
}

std::vector<ViewId> views_of(const Workspace& workspace, const Viewer& viewer) {
  auto views = system_views();
  for (const auto& [id, team] : workspace.teams) views.push_back(view_of_team(id));
  for (const auto& [id, view] : workspace.views) {
    if (is_shared_with(view, workspace, viewer)) views.push_back(id);
  }
  return views;
}

bool owns(const Viewer& viewer, const ViewDefinition& view) {
  return view.owner.kind == viewer.kind && view.owner.id == viewer.name;
}

bool is_shared_with(const ViewDefinition& view, const Workspace& workspace, const Viewer& viewer) {
  if (view.visibility == Sharing::workspace || owns(viewer, view)) return true;
  return view.visibility == Sharing::team && shares_team(view, workspace, viewer);
}

const std::vector<ViewId>& system_views() {
  static const std::vector<ViewId> views{names::all,     names::mine, names::unassigned,
                                         names::snoozed, names::done, names::blocked};
  return views;
}

bool is_system_view(const ViewId& view) {
  const auto& views = system_views();
  return std::find(views.begin(), views.end(), view) != views.end();
}

std::optional<TeamId> team_of_view(const ViewId& view) {
  const auto& text = view.str();
  if (!text.starts_with(team_prefix)) return std::nullopt;
  return TeamId(text.substr(team_prefix.size()));
}

ViewId view_of_team(const TeamId& team) {
  return ViewId(std::string(team_prefix) + team.str());
}

}  // namespace inboxd::model
