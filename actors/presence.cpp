#include "actors/presence.hpp"

#include <set>
#include <utility>

#include "model/json.hpp"

namespace inboxd::actors {

using model::json::Object;

std::string_view name_of(request::Presence status) {
  switch (status) {
    case request::Presence::online: return "online";
    case request::Presence::busy: return "busy";
    case request::Presence::offline: break;
  }
  return "offline";
}

template <class Change>
void PresenceBoard::change(const std::string& agent, std::vector<Outgoing>& out, Change change) {
  auto& record = agents_[agent];
  const auto before = record.shown();
  change(record);
  if (record.shown() == before) return;
  auto tail = std::make_shared<std::string>("\"agents\":[");
  Object{*tail}("id", agent)("status", name_of(record.shown()));
  *tail += ']';
  for (const auto& watcher : watchers_) {
    out.emplace_back(Push{.client = watcher.client,
                          .sub = watcher.sub,
                          .method = "agents.delta",
                          .tail = tail,
                          .loss = Push::Loss::close});
  }
}

void PresenceBoard::follow(const Commit& commit, std::vector<Outgoing>& out) {
  if (!commit.workspace_after) return;
  workspace_ = commit.workspace_after;
  for (const auto& event : commit.workspace_events) {
    if (const auto* removed = std::get_if<model::RemoveAgent>(&event)) {
      change(removed->id.str(), out,
             [](Agent& agent) { agent.last_set = request::Presence::offline; });
    }
  }
}

void PresenceBoard::open(const ClientPtr& client, std::vector<Outgoing>& out) {
  if (client->principal().kind != model::PrincipalKind::agent) return;
  change(client->principal().id, out, [](Agent& agent) { ++agent.sessions; });
}

void PresenceBoard::close(const ClientPtr& client, std::vector<Outgoing>& out) {
  std::erase_if(watchers_, [&](const Subscriber& w) { return w.client == client; });
  if (client->principal().kind != model::PrincipalKind::agent) return;
  change(client->principal().id, out, [](Agent& agent) {
    if (agent.sessions > 0) --agent.sessions;
  });
}

void PresenceBoard::set(const Origin& origin, request::Presence status,
                        std::vector<Outgoing>& out) {
  if (origin.by.kind == model::PrincipalKind::agent) {
    change(origin.by.id, out, [&](Agent& agent) { agent.last_set = status; });
  }
  out.emplace_back(Answer{.client = origin.client, .tag = origin.tag, .body = "\"result\":{}"});
}

std::string PresenceBoard::subscribe(const Origin& origin, SubId sub, model::Offset offset) {
  watchers_.push_back({.client = origin.client, .sub = sub, .by = origin.by});
  std::set<std::string> ids;
  for (const auto& [id, agent] : workspace_->agents) ids.insert(id.str());
  for (const auto& [id, agent] : agents_) {
    if (agent.sessions > 0) ids.insert(id);
  }
  std::string body = "\"result\":";
  Object result(body);
  result("sub", "s" + std::to_string(sub.value))("offset", offset);
  model::json::write_each(result.key("agents"), ids, [&](const std::string& id) {
    const auto known = agents_.find(id);
    const auto shown = known != agents_.end() ? known->second.shown() : request::Presence::offline;
    Object{body}("id", id)("status", name_of(shown));
  });
  result.close();
  return body;
}

void PresenceBoard::unsubscribe(const ClientPtr& client, SubId sub) {
  std::erase_if(watchers_, [&](const Subscriber& w) { return w.client == client && w.sub == sub; });
}

}  // namespace inboxd::actors
