// What the people of a simulation ask for. Nobody waits for an answer: commands cross.
#include "tests/sim/office.hpp"

namespace inboxd::sim {
namespace {

const std::vector<std::string> agents{"ana", "luis", "eva", "tom"};
const std::vector<std::string> teams{"t1", "t2"};
const std::vector<std::string> tags{"a", "b", "c", "D"};
const std::vector<std::string> priorities{"none", "low", "medium", "high", "urgent"};
const std::vector<std::string> sorts{"newest", "oldest", "longest_waiting", "unread_first",
                                     "priority"};
const std::vector<std::string> own_views{"v1", "v2", "v3"};
const std::vector<std::string> channels{"wa", "web", "msg"};
constexpr std::int64_t minute_ms = 60'000, hour_ms = 60 * minute_ms;

json maybe(Random& random, const std::vector<std::string>& of) {
  if (random.chance(30)) return nullptr;
  return random.pick(of);
}

std::string customer(Random& random) {
  return "u" + std::to_string(random.below(9));
}

}  // namespace

Client& Office::somebody(Random& random, bool connector) {
  for (;;) {
    auto& client = *world.clients[random.below(world.clients.size())];
    // Most of the work is in the first workspace; the auditors look on only.
    if (client.keep_results || client.is_connector() != connector) continue;
    if (client.workspace != "default" && random.chance(70)) continue;
    return client;
  }
}

Client* Office::online(Random& random, bool connector) {
  auto& client = somebody(random, connector);
  return client.connected() ? &client : nullptr;
}

std::string Office::contact(Random& random) const {
  const auto known = world.ledger.contacts();
  return model::ContactId{1 + random.below(known == 0 ? 1 : known)}.str();
}

void Office::customer_writes(Random& random) {
  auto* by = connector(random);
  if (by == nullptr) return;
  const auto words = text("in");
  json params{{"external_id", customer(random)}, {"type", "text"}, {"text", words}};
  // Platforms repeat themselves (R9).
  const bool again = random.chance(8) && texts_ > 3;
  params["provider_id"] = "p" + (again ? std::to_string(texts_ - random.below(3)) : words);
  if (random.chance(20)) params["at"] = world.now() + random.between(-hour_ms, 1000);
  if (random.chance(15)) {
    params["profile"] = {{"first_name", "N" + std::to_string(random.below(5))},
                         {"language", random.chance(50) ? "es" : "en"}};
  }
  by->request("inbound.receive", params);
  if (again || random.chance(5)) by->request("inbound.receive", params);
}

void Office::platform_reports(Random& random) {
  auto* by = connector(random);
  if (by == nullptr || texts_ == 0) return;
  if (random.chance(10)) {
    return by->request("inbound.typing",
                       {{"external_id", customer(random)}, {"on", random.chance(50)}});
  }
  const std::vector<std::string> statuses{"sent", "delivered", "read", "failed"};
  json params{{"status", random.pick(statuses)}};
  if (random.chance(60)) {
    params["provider_id"] = "out-m" + std::to_string(1 + random.below(texts_));
  } else {
    params["contact"] = contact(random);
    params["seq"] = 1 + random.below(12);
  }
  if (params["status"] == "failed") params["error"] = {{"code", "131"}, {"message", "no"}};
  by->request("inbound.status", params);
}

/// Takes what it holds to the platform, which may refuse it.
void Office::connector_works(Random& random) {
  auto* by = connector(random);
  if (by == nullptr || by->leaving) return;
  if (by->subs.empty()) {
    if (by->busy() || random.chance(30)) return;
    json params = json::object();
    if (random.chance(30)) params["in_flight"] = 1 + random.below(3);
    return by->subscribe({.kind = Sub::Kind::outbox}, "outbox.subscribe", params);
  }
  if (random.chance(3)) return by->leave(by->subs.begin()->first);
  std::vector<std::pair<std::string, json>> work;
  for (const auto& one : by->hands) {
    if (random.chance(70)) work.push_back(one);
  }
  for (auto& [text, params] : work) {
    if (!by->hands.contains(text)) continue;  // of a contact that comes again
    const auto fate = random.below(100);
    if (fate < 12) {
      try_again(*by, text, random.chance(50) ? random.between(0, 20'000) : 0);
      continue;
    }
    by->hands.erase(text);
    if (fate < 16) {
      params["error"] = {{"code", "131"}, {"message", "no"}};
      by->request("outbox.failed", params);
    } else {
      params["provider_id"] = "out-" + text;
      by->request("outbox.sent", params);
    }
  }
}

/// The connector drops all that it has of the contact, and will be given it again.
void Office::try_again(Client& by, const std::string& text, std::int64_t retry_after) {
  auto params = by.hands.at(text);
  std::erase_if(by.hands, [contact = params.at("contact")](const auto& one) {
    return one.second.at("contact") == contact;
  });
  params["retry"] = true;
  if (retry_after > 0) params["retry_after_ms"] = retry_after;
  world.deliveries.failed(by.index, text, retry_after);
  by.request("outbox.failed", params);
}

void Office::agent_answers(Random& random) {
  auto* by = agent(random);
  if (by == nullptr) return;
  const auto words = text("m");
  json params{{"contact", contact(random)}, {"text", words}};
  if (random.chance(70)) params["client_id"] = words;
  if (random.chance(10)) params["channel"] = random.pick(channels);
  if (random.chance(8)) params["expect_seq"] = random.below(10);
  by->request("message.send", params);
  if (params.contains("client_id") && random.chance(10)) by->request("message.send", params);
}

void Office::agent_comments(Random& random) {
  auto* by = agent(random);
  if (by == nullptr) return;
  const auto words = text("c");
  json params{{"contact", contact(random)}, {"text", words}, {"client_id", words}};
  if (random.chance(40)) params["mentions"] = {random.pick(agents)};
  by->request("comment.add", params);
  if (random.chance(10)) by->request("comment.add", params);
}

/// A command without parameters to speak of.
Client::Request Office::command(Random& random) {
  const std::vector<std::string> plain{"contact.done",   "contact.reopen", "contact.wake",
                                       "contact.unread", "contact.block",  "contact.unblock"};
  json params{{"contact", contact(random)}};
  if (random.chance(8)) params["expect_version"] = 1 + random.below(8);
  switch (random.below(8)) {
    case 0:
    case 1:
      params["assignee"] = maybe(random, agents);
      params["team"] = maybe(random, teams);
      return {"contact.assign", params, {}, {}};
    case 2:
    case 3:
      if (random.chance(30)) params["up_to_seq"] = random.below(12);
      return {"contact.read", params, {}, {}};
    default: break;
  }
  const auto method = random.pick(plain);
  if (method == "contact.block" && random.chance(60)) return {"contact.unblock", params, {}, {}};
  return {method, params, {}, {}};
}

void Office::agent_handles(Random& random) {
  auto* by = agent(random);
  if (by == nullptr) return;
  auto [method, params, sub, after] = command(random);
  by->request(method, params);
}

void Office::agent_snoozes(Random& random) {
  auto* by = agent(random);
  if (by == nullptr) return;
  const std::vector<std::int64_t> lengths{1, 50, minute_ms, 10 * minute_ms, 3 * hour_ms};
  by->request("contact.snooze", {{"contact", contact(random)},
                                 {"until", world.now() + random.pick(lengths)},
                                 {"wake_on_inbound", random.chance(60)}});
}

void Office::agent_edits(Random& random) {
  auto* by = agent(random);
  if (by == nullptr) return;
  json params{{"contact", contact(random)}, {"set", json::object()}};
  auto& set = params["set"];
  if (random.chance(40)) set["priority"] = random.pick(priorities);
  if (random.chance(30)) set["first_name"] = maybe(random, {"Ada", "bob", "Zoe"});
  if (random.chance(20)) set["language"] = maybe(random, {"es", "en", "fr"});
  if (random.chance(20)) set["email"] = maybe(random, {"a@example.org", "b@example.org"});
  if (random.chance(20)) set["lifecycle"] = maybe(random, {"lead", "client"});
  if (random.chance(30)) {
    set["fields"] = {{"score", random.chance(30) ? json() : json(random.below(5))},
                     {"vip", random.chance(30) ? json() : json(random.chance(50))}};
  }
  if (random.chance(50)) params["tags_add"] = {random.pick(tags)};
  if (random.chance(40)) params["tags_remove"] = {random.pick(tags)};
  if (random.chance(5)) {
    params["channels_add"] = {
        {{"channel", random.pick(channels)}, {"external_id", customer(random)}}};
  }
  by->request("contact.update", params);
}

void Office::agent_creates(Random& random) {
  auto* by = agent(random);
  if (by == nullptr || world.ledger.contacts() > 60) return;
  json params{{"first_name", "New" + std::to_string(random.below(9))}};
  if (random.chance(50)) {
    params["channels"] = {{{"channel", random.pick(channels)}, {"external_id", customer(random)}}};
  }
  by->request("contact.create", params);
}

void Office::agent_merges(Random& random) {
  auto* by = agent(random);
  if (by == nullptr) return;
  world.ledger.merged(by->workspace);
  world.deliveries.merged(by->workspace);
  by->request("contact.merge", {{"contact", contact(random)}, {"from", contact(random)}});
}

void Office::agent_looks(Random& random) {
  auto* by = agent(random);
  if (by == nullptr) return;
  switch (random.below(9)) {
    case 7: return by->request("team.list");
    case 8: return by->request("field.list");
    case 0: return by->request("view.list");
    case 1: return by->request("agent.list");
    case 2: return by->request("channel.list");
    case 3: return by->request("policy.get");
    case 4: return by->request("search", {{"query", "in"}});
    case 5:
      return by->request("timeline.page",
                         {{"contact", contact(random)}, {"limit", 1 + random.below(9)}});
    default: return by->request("contact.get", {{"contact", contact(random)}});
  }
}

void Office::agent_watches(Random& random) {
  auto* by = agent(random);
  if (by == nullptr || by->subs.size() > 6) return;
  Sub sub;
  switch (random.below(9)) {
    case 0: {
      sub.kind = Sub::Kind::counters;
      json params = json::object();
      if (random.chance(40)) params["views"] = {"all", "mine", "team:" + random.pick(teams)};
      return by->subscribe(std::move(sub), "counters.subscribe", params);
    }
    case 1:
    case 2:
      sub.kind = Sub::Kind::contact;
      return by->subscribe(std::move(sub), "contact.subscribe",
                           {{"contact", contact(random)}, {"limit", 1 + random.below(20)}});
    case 3:
      sub.kind = random.chance(50) ? Sub::Kind::notifications : Sub::Kind::agents;
      return by->subscribe(
          std::move(sub),
          sub.kind == Sub::Kind::agents ? "agents.subscribe" : "notifications.subscribe",
          json::object());
    default: break;
  }
  std::vector<std::string> views{
      "all", "mine", "unassigned", "snoozed", "done", "blocked", "team:" + random.pick(teams)};
  if (random.chance(50)) views = own_views;
  json params{{"view", random.pick(views)},
              {"limit", 1 + random.below(random.chance(50) ? 4 : 40)}};
  if (random.chance(60)) params["sort"] = random.pick(sorts);
  by->subscribe(std::move(sub), "view.subscribe", params);
}

void Office::agent_moves_window(Random& random) {
  auto* by = agent(random);
  if (by == nullptr) return;
  for (const auto& [id, sub] : by->subs) {
    if (sub.kind != Sub::Kind::view || random.chance(50)) continue;
    json params = json::object();
    if (random.chance(60)) params["limit"] = 1 + random.below(12);
    if (random.chance(50) && sub.cursor.is_string()) params["after"] = sub.cursor;
    return by->move(sub, params);
  }
}

void Office::agent_leaves(Random& random) {
  auto* by = agent(random);
  if (by == nullptr || by->subs.empty()) return;
  auto at = by->subs.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(random.below(by->subs.size())));
  by->request("unsubscribe", {{"sub", at->first}});
}

void Office::agent_shows(Random& random) {
  auto* by = agent(random);
  if (by == nullptr) return;
  const std::vector<std::string> statuses{"online", "busy", "offline"};
  switch (random.below(3)) {
    case 0: return by->request("presence.set", {{"status", random.pick(statuses)}});
    case 1:
      return by->request("typing.set", {{"contact", contact(random)}, {"on", random.chance(50)}});
    default:
      return by->request("viewing.set", {{"contact", contact(random)}, {"on", random.chance(50)}});
  }
}

void Office::admin_changes(Random& random) {
  auto* by = bosses_[random.chance(80) ? 0 : 1];
  if (!by->connected()) return;
  const std::vector<std::string> sights{"all", "team", "assigned"};
  switch (random.below(9)) {
    case 7: return by->request("channel.pause", {{"channel", random.pick(channels)}});
    case 8: return by->request("channel.resume", {{"channel", random.pick(channels)}});
    case 6:
      return by->request("field.put", {{"id", "score"}, {"name", "Score"}, {"type", "number"}});
    case 0:
      return by->request("policy.set", {{"unassign_on_done", random.chance(70)},
                                        {"assign_on_reply", random.chance(70)},
                                        {"reopen_on_inbound", random.chance(80)},
                                        {"wake_on_inbound", random.chance(80)}});
    case 1:
      if (random.chance(30)) return by->request("agent.remove", {{"id", random.pick(agents)}});
      [[fallthrough]];
    case 2:
    case 3: {
      json in = json::array();
      for (const auto& team : teams) {
        if (random.chance(40)) in.push_back(team);
      }
      return by->request("agent.put", {{"id", random.pick(agents)},
                                       {"name", "An agent"},
                                       {"role", "agent"},
                                       {"visibility", random.pick(sights)},
                                       {"teams", in}});
    }
    case 4:
      return by->request("channel.put",
                         with_terms({{"id", "web"},
                                     {"kind", "webchat"},
                                     {"name", "Web " + std::to_string(random.below(9))}}));
    default: return by->request("team.put", {{"id", random.pick(teams)}, {"name", "Team"}});
  }
}

json Office::filter(Random& random, int depth) {
  if (depth > 0 && random.chance(45)) {
    if (random.chance(25)) return {{"not", filter(random, depth - 1)}};
    json children = json::array();
    for (auto n = random.below(4); n > 0; --n) children.push_back(filter(random, depth - 1));
    return {{random.chance(50) ? "all" : "any", children}};
  }
  const std::vector<std::string> text_ops{"eq", "ne", "contains", "starts_with"};
  const std::vector<std::string> number_ops{"eq", "ne", "lt", "gt"};
  const std::vector<std::string> list_ops{"has_any", "has_all", "has_none"};
  const std::vector<std::string> times{"last_inbound_at", "last_outbound_at", "last_activity_at"};
  const auto leaf = [](const std::string& field, const std::string& op, json value) {
    return json{{"field", field}, {"op", op}, {"value", std::move(value)}};
  };
  switch (random.below(12)) {
    case 0: return leaf("status", random.chance(50) ? "eq" : "ne", "open");
    case 1:
      return leaf("assignee", random.chance(50) ? "in" : "not_in", {"$me", random.pick(agents)});
    case 2: return {{"field", "team"}, {"op", random.chance(50) ? "exists" : "not_exists"}};
    case 3: return leaf("unread", random.pick(number_ops), random.below(4));
    case 4: return leaf(random.chance(50) ? "snoozed" : "blocked", "eq", random.chance(50));
    case 5: return leaf("channel_kind", "in", {"whatsapp", "webchat"});
    case 6: return leaf("tags", random.pick(list_ops), {random.pick(tags), random.pick(tags)});
    case 7: return leaf("priority", random.pick(number_ops), random.pick(priorities));
    case 8: return leaf(random.chance(50) ? "name" : "first_name", random.pick(text_ops), "a");
    case 9: return leaf("fields.score", "between", {1, 3});
    case 10: return leaf("language", "in", {"es", "fr"});
    default:
      return leaf(random.pick(times), random.chance(50) ? "older_than" : "newer_than",
                  random.between(1, 90) * minute_ms);
  }
}

void Office::view_changes(Random& random) {
  auto* by = agent(random);
  if (by == nullptr) return;
  const std::vector<std::string> sharings{"private", "team", "workspace", "workspace"};
  const auto view = random.pick(own_views);
  if (random.chance(12)) return by->request("view.delete", {{"view", view}});
  json params{{"view", view}};
  const bool create = random.chance(50);
  if (create || random.chance(30)) params["name"] = "A view";
  if (create || random.chance(60)) params["filter"] = filter(random, 3);
  if (create || random.chance(40)) params["visibility"] = random.pick(sharings);
  if (random.chance(40)) params["sort"] = random.pick(sorts);
  by->request(create ? "view.create" : "view.update", params);
}

void Office::several_at_once(Random& random) {
  auto* by = agent(random);
  if (by == nullptr) return;
  std::vector<Client::Request> requests;
  for (auto n = 2 + random.below(4); n > 0; --n) requests.push_back(command(random));
  by->batch(std::move(requests));
}

void Office::nonsense(Random& random) {
  auto* by = agent(random);
  if (by == nullptr) return;
  const std::vector<std::string> texts{
      "{",
      "[]",
      "7",
      R"({"jsonrpc":"2.0","method":"contact.done"})",
      R"({"jsonrpc":"2.0","id":null,"method":"contact.get","params":{"contact":7}})",
      R"({"jsonrpc":"2.0","id":null,"method":"no.such","params":{}})",
      R"({"jsonrpc":"2.0","id":null,"method":"view.subscribe","params":{"view":"all","limit":0}})"};
  by->raw(random.pick(texts));
}

}  // namespace inboxd::sim
