#include "actors/presence.hpp"

#include <set>
#include <utility>

#include "model/json.hpp"
#include "model/overload.hpp"
#include "model/workspace_json.hpp"

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
  tell("agents.delta", tail, out);
}

void PresenceBoard::tell(std::string_view method, const SharedText& tail,
                         std::vector<Outgoing>& out) const {
  for (const auto& watcher : watchers_) {
    out.emplace_back(Push{.client = watcher.client,
                          .sub = watcher.sub,
                          .method = method,
                          .tail = tail,
                          .loss = Push::Loss::close});
  }
}

void PresenceBoard::tell_records(const Commit& commit, std::vector<Outgoing>& out) const {
  std::map<std::string_view, std::string> lists;  // by member: its records, comma between
  const auto add = [&](std::string_view member, const auto& write, const auto& record) {
    auto& list = lists[member];
    if (!list.empty()) list += ',';
    write(list, record);
  };
  for (const auto& event : commit.workspace_events) {
    std::visit(model::overload{
                   [&](const model::PutAgent& e) { add("agents", model::write_agent, e.agent); },
                   [&](const model::PutTeam& e) { add("teams", model::write_team, e.team); },
                   [&](const model::PutChannel& e) {
                     add("channels", model::write_channel_with_rules, e.channel);
                   },
                   [&](const model::PutField& e) { add("fields", model::write_field, e.field); },
                   [&](const model::RemoveAgent& e) {
                     add(
                         "agents_removed",
                         [](std::string& to, const std::string& id) { model::json::write(to, id); },
                         e.id.str());
                   },
                   [](const auto&) {},
               },
               event);
  }
  if (lists.empty()) return;
  auto tail = std::make_shared<std::string>("\"offset\":" + std::to_string(commit.offset.value));
  for (const auto& [member, records] : lists) {
    tail->append(",\"").append(member).append("\":[").append(records) += ']';
  }
  tell("directory.delta", tail, out);
}

void PresenceBoard::follow(const Commit& commit, std::vector<Outgoing>& out) {
  if (!commit.workspace_after) return;
  workspace_ = commit.workspace_after;
  if (!watchers_.empty()) tell_records(commit, out);
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
  if (client->passing()) return;  // opened nothing
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
