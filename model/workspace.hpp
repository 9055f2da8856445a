// What a workspace is made of besides its contacts: agents, teams, channels, custom fields, policy,
// view definitions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/channel.hpp"
#include "model/error.hpp"
#include "model/filter.hpp"
#include "model/ids.hpp"

namespace inboxd::model {

enum class Role : std::uint8_t { agent, manager, admin };
std::string_view name_of(Role role);
std::optional<Role> role_of(std::string_view name);

enum class Visibility : std::uint8_t { all, team, assigned };
std::string_view name_of(Visibility visibility);
std::optional<Visibility> visibility_of(std::string_view name);

enum class PrincipalKind : std::uint8_t { agent, connector, service, system };
std::string_view name_of(PrincipalKind kind);
std::optional<PrincipalKind> principal_kind_of(std::string_view name);

/// Who is asking. Role comes from the token (S24); a connector speaks for one channel.
struct Principal {
  PrincipalKind kind = PrincipalKind::system;
  std::string id;
  Role role = Role::agent;
  std::optional<ChannelId> channel;
  friend bool operator==(const Principal&, const Principal&) = default;
};

struct Agent {
  AgentId id;
  std::string name;
  std::string email;  // empty: none
  Role role = Role::agent;
  Visibility visibility = Visibility::all;
  std::vector<TeamId> teams;  // sorted
  friend bool operator==(const Agent&, const Agent&) = default;
};

struct Team {
  TeamId id;
  std::string name;
  friend bool operator==(const Team&, const Team&) = default;
};

enum class FieldType : std::uint8_t { text, number, boolean, date, list, url, email, phone };
std::string_view name_of(FieldType type);  // `bool` for boolean
std::optional<FieldType> field_type_of(std::string_view name);

struct CustomField {
  FieldId id;
  std::string name;
  FieldType type = FieldType::text;
  std::vector<std::string> options;  // list, text: the allowed values; empty: any
  friend bool operator==(const CustomField&, const CustomField&) = default;
};

struct Policy {
  bool unassign_on_done = true;
  bool assign_on_reply = true;
  bool reopen_on_inbound = true;
  bool wake_on_inbound = true;
  friend bool operator==(const Policy&, const Policy&) = default;
};

enum class Sharing : std::uint8_t { private_, team, workspace };
std::string_view name_of(Sharing sharing);
std::optional<Sharing> sharing_of(std::string_view name);

/// A custom view (S36).
struct ViewDefinition {
  ViewId id;
  std::string name;
  Filter filter;
  Sort sort = Sort::newest;
  Sharing visibility = Sharing::private_;
  Principal owner;
  friend bool operator==(const ViewDefinition&, const ViewDefinition&) = default;
};

/// The state of a workspace; immutable once published, changed by copy.
struct Workspace {
  WorkspaceId id;
  std::map<AgentId, Agent> agents;
  std::map<TeamId, Team> teams;
  std::map<ChannelId, Channel> channels;
  std::map<FieldId, CustomField> fields;
  std::map<ViewId, ViewDefinition> views;
  Policy policy;

  const Agent* agent(const AgentId& id) const;
  const Team* team(const TeamId& id) const;
  const Channel* channel(const ChannelId& id) const;
  const CustomField* field(const FieldId& id) const;
  const ViewDefinition* view(const ViewId& id) const;
};

// Changes of a workspace. Commands and events coincide but for what is checked: `decide` turns one
// into the other.
struct PutAgent {
  Agent agent;
  friend bool operator==(const PutAgent&, const PutAgent&) = default;
};
struct RemoveAgent {
  AgentId id;
  friend bool operator==(const RemoveAgent&, const RemoveAgent&) = default;
};
struct PutTeam {
  Team team;
  friend bool operator==(const PutTeam&, const PutTeam&) = default;
};
struct PutChannel {
  Channel channel;
  friend bool operator==(const PutChannel&, const PutChannel&) = default;
};
struct PutField {
  CustomField field;
  friend bool operator==(const PutField&, const PutField&) = default;
};
struct SetPolicy {
  std::optional<bool> unassign_on_done, assign_on_reply, reopen_on_inbound, wake_on_inbound;
  friend bool operator==(const SetPolicy&, const SetPolicy&) = default;
};
struct PutView {
  ViewDefinition view;
  bool create = false;  // a taken id is a conflict; with an empty one: may one be made at all?
  friend bool operator==(const PutView&, const PutView&) = default;
};
struct DeleteView {
  ViewId id;
  friend bool operator==(const DeleteView&, const DeleteView&) = default;
};

using WorkspaceCommand = std::variant<PutAgent, RemoveAgent, PutTeam, PutChannel, PutField,
                                      SetPolicy, PutView, DeleteView>;

/// What a workspace's command changed: the whole new record, or what went. `PolicyChanged` carries
/// the whole policy.
struct PolicyChanged {
  Policy policy;
  friend bool operator==(const PolicyChanged&, const PolicyChanged&) = default;
};
using WorkspaceEvent = std::variant<PutAgent, RemoveAgent, PutTeam, PutChannel, PutField,
                                    PolicyChanged, PutView, DeleteView>;

/// Checks a command against the workspace as it is (ids exist, formats, S24, S28, S36, S38, S39)
/// and says what changes: no events: nothing does (S4). Role checks that need no state (admin) were
/// made at the edge. A new view's owner is `by`; a changed view keeps its own.
Result<std::vector<WorkspaceEvent>> decide(const Workspace& workspace,
                                           const WorkspaceCommand& command, const Principal& by);
void apply(Workspace& workspace, const WorkspaceEvent& event);

}  // namespace inboxd::model
