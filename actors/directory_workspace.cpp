// Changes of the workspace itself (agents, teams, channels, fields, policy, views) and the lists of
// them.
#include <algorithm>
#include <string>
#include <utility>

#include "actors/answer.hpp"
#include "actors/directory.hpp"
#include "actors/offset_mark.hpp"
#include "model/json.hpp"
#include "model/overload.hpp"
#include "model/workspace_json.hpp"
#include "persistence/state_json.hpp"

namespace inboxd::actors {

using model::json::Object;

namespace {

const model::Principal engine{
    .kind = model::PrincipalKind::system, .id = {}, .role = model::Role::admin, .channel = {}};

constexpr std::uint16_t close_forbidden = 4403;

/// The record that a command's answer names, as it is now.
void write_named(Object& result, const model::WorkspaceCommand& command,
                 const model::Workspace& workspace) {
  std::visit(model::overload{
                 [&](const model::PutAgent& c) {
                   model::write_agent(result.key("agent"), *workspace.agent(c.agent.id));
                 },
                 [&](const model::PutTeam& c) {
                   model::write_team(result.key("team"), *workspace.team(c.team.id));
                 },
                 [&](const model::PutChannel& c) {
                   model::write_channel_with_rules(result.key("channel"),
                                                   *workspace.channel(c.channel.id));
                 },
                 [&](const model::PutField& c) {
                   model::write_field(result.key("field"), *workspace.field(c.field.id));
                 },
                 [&](const model::SetPolicy&) {
                   model::write_policy(result.key("policy"), workspace.policy);
                 },
                 [&](const model::PutView& c) { result("view", c.view.id); },
                 [](const auto&) {},
             },
             command);
}

template <class Map, class WriteOne>
std::string list_of(std::string_view name, const Map& map, WriteOne write_one) {
  std::string body = "\"result\":";
  Object result(body);
  model::json::write_each(result.key(name), map,
                          [&](const auto& item) { write_one(body, item.second); });
  result.key("offset") += offset_mark;
  result.close();
  return body;
}

}  // namespace

void Directory::open(const ClientPtr& client) {
  clients_[client];
  const auto& by = client->principal();
  if (by.kind != model::PrincipalKind::agent || workspace_->agent(model::AgentId(by.id)) != nullptr)
    return;
  // S24: an agent that nobody has put yet gets a record with defaults. The token's role decides
  // what it may do.
  model::Agent agent;
  agent.id = model::AgentId(by.id);
  agent.name = by.id;
  agent.role = by.role;
  commit({model::PutAgent{agent}}, {.client = {}, .tag = 0, .by = engine}, {});
}

void Directory::on_workspace(const Origin& origin, request::OnWorkspace request) {
  if (auto* put = std::get_if<model::PutView>(&request.command); put != nullptr && put->create) {
    put->view.owner = origin.by;
    // A name becomes a symbol, which stays, only for a view that will be made.
    const auto known = model::ViewId::find(request.new_view).value_or(model::ViewId());
    put->view.id = known;
    const auto allowed = model::decide(*workspace_, *put, origin.by);
    if (!allowed) return refuse(origin, allowed.error());
    if (known.empty()) {
      put->view.id = request.new_view.empty() ? pick_view_id() : model::ViewId(request.new_view);
    }
  }
  auto events = model::decide(*workspace_, request.command, origin.by);
  if (!events) {
    refuse(origin, events.error());
    return;
  }
  // The answer shows the state after the change: fold it here first, on a copy.
  auto after = *workspace_;
  for (const auto& event : *events) model::apply(after, event);
  std::string body = "\"result\":";
  Object result(body);
  if (events->empty()) {
    result("offset", workspace_changed_at_);
  } else {
    result.key("offset") += offset_mark;
  }
  write_named(result, request.command, after);
  result.close();
  if (events->empty()) {
    answer(origin, std::move(body));
  } else {
    commit(*events, origin, std::move(body));
  }
}

void Directory::pause_channel(const Origin& origin, const request::PauseChannel& request) {
  const auto* known = workspace_->channel(request.channel);
  if (known == nullptr) {
    refuse(origin, model::not_found("channel", "There is no channel with this id."));
    return;
  }
  auto channel = *known;
  channel.paused = request.paused;
  on_workspace(origin, {.command = model::PutChannel{std::move(channel)}});
}

void Directory::update_view(const Origin& origin, const request::UpdateView& request) {
  const auto* known = workspace_->view(request.view);
  if (known == nullptr) {
    refuse(origin, model::not_found("view", "There is no custom view with this id."));
    return;
  }
  auto view = *known;
  if (request.name) view.name = *request.name;
  if (request.filter) view.filter = *request.filter;
  if (request.sort) view.sort = *request.sort;
  if (request.visibility) view.visibility = *request.visibility;
  const auto owner = view.owner;
  auto events = model::decide(*workspace_, model::PutView{.view = std::move(view), .create = false},
                              origin.by);
  if (!events) {
    refuse(origin, events.error());
    return;
  }
  for (auto& event : *events) {
    if (auto* put = std::get_if<model::PutView>(&event)) put->view.owner = owner;
  }
  std::string body = "\"result\":";
  Object result(body);
  if (events->empty()) {
    result("offset", workspace_changed_at_);
  } else {
    result.key("offset") += offset_mark;
  }
  result("view", request.view);
  result.close();
  if (events->empty()) {
    answer(origin, std::move(body));
  } else {
    commit(*events, origin, std::move(body));
  }
}

void Directory::commit(const std::vector<model::WorkspaceEvent>& events, const Origin& origin,
                       std::string answer) {
  auto after = std::make_shared<model::Workspace>(*workspace_);
  for (const auto& event : events) model::apply(*after, event);
  workspace_ = std::move(after);
  auto commit = std::make_unique<Commit>();
  commit->workspace = workspace_->id;
  commit->at = services_.now();
  commit->recorded = true;
  commit->workspace_after = workspace_;
  commit->workspace_events = events;
  if (origin.client) {
    commit->out.emplace_back(
        Answer{.client = origin.client, .tag = origin.tag, .body = std::move(answer)});
  }
  for (const auto& event : events) {
    if (const auto* removed = std::get_if<model::RemoveAgent>(&event))
      hang_up(removed->id, *commit);
  }
  workspace_changed_at_ = services_.log.submit(
      persistence::write_record_body(workspace_->id, model::WorkspaceChanged{events}),
      std::move(commit));
  for (const auto& event : events) after_change(event);
}

void Directory::hang_up(const model::AgentId& agent, Commit& commit) const {
  for (const auto& [client, attachment] : clients_) {
    const auto& by = client->principal();
    if (by.kind == model::PrincipalKind::agent && by.id == agent.str()) {
      commit.out.emplace_back(
          Hangup{.client = client, .code = close_forbidden, .reason = "This agent was removed."});
    }
  }
}

void Directory::after_change(const model::WorkspaceEvent& event) {
  if (const auto* removed = std::get_if<model::RemoveAgent>(&event))
    host_.find_assigned(removed->id);
  const bool changes_sight = std::holds_alternative<model::PutAgent>(event) ||
                             std::holds_alternative<model::RemoveAgent>(event);
  if (!changes_sight) return;
  // S25: who may see what has changed; contacts that somebody watches look again.
  std::set<model::ContactId> watched;
  for (const auto& [client, attachment] : clients_) {
    for (const auto& [sub, contact] : attachment.subs) watched.insert(primary_of(contact));
  }
  for (const auto contact : watched) give(contact, task::Recheck{});
}

model::ViewId Directory::pick_view_id() const {
  // The offset of the last change grows with each, so that a deleted view's id does not come again.
  for (auto n = workspace_changed_at_.value + 1;; ++n) {
    const model::ViewId id("view-" + std::to_string(n));
    if (workspace_->view(id) == nullptr) return id;
  }
}

std::string Directory::list(const Request& request) const {
  return std::visit(
      model::overload{
          [&](const request::ListAgents&) {
            return list_of("agents", workspace_->agents, model::write_agent);
          },
          [&](const request::ListTeams&) {
            return list_of("teams", workspace_->teams, model::write_team);
          },
          [&](const request::ListChannels&) {
            return list_of("channels", workspace_->channels, model::write_channel_with_rules);
          },
          [&](const request::ListFields&) {
            return list_of("fields", workspace_->fields, model::write_field);
          },
          [&](const request::GetPolicy&) {
            std::string body = "\"result\":";
            Object result(body);
            model::write_policy(result.key("policy"), workspace_->policy);
            result.key("offset") += offset_mark;
            result.close();
            return body;
          },
          [](const auto&) {
            return error_answer({.message = "This request has no place in the directory."});
          },
      },
      request);
}

void Directory::answer(const Origin& origin, std::string body) {
  if (!origin.client) return;
  auto commit = std::make_unique<Commit>();
  commit->workspace = workspace_->id;
  commit->out.emplace_back(
      Answer{.client = origin.client, .tag = origin.tag, .body = std::move(body)});
  // As in a contact: what is not on disk yet is waited for.
  if (const auto released = services_.log.released(); workspace_changed_at_ <= released) {
    commit->offset = released;
    place_offsets(*commit);
    services_.outlet.deliver(std::move(commit->out));
  } else {
    services_.log.pass(std::move(commit));
  }
}

void Directory::refuse(const Origin& origin, const model::Error& error) {
  answer(origin, error_answer(error));
}

}  // namespace inboxd::actors
