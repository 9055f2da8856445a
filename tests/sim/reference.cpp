#include "tests/sim/reference.hpp"

#include <algorithm>
#include <set>

#include "tests/sim/violation.hpp"

namespace inboxd::sim {
namespace {

using Time = std::int64_t;

bool is_message(const json& entry, const char* direction) {
  return entry.at("kind") == "message" && entry.at("direction") == direction;
}
bool is_event(const json& entry, const char* name) {
  return entry.at("kind") == "event" && entry.at("event") == name;
}

/// The seqs that merges brought. The newest merge first: what one brought may tell of a former
/// merge, by the seqs that its contact had then.
std::set<std::uint64_t> moved_of(const std::vector<json>& timeline) {
  std::set<std::uint64_t> moved;
  for (auto it = timeline.rbegin(); it != timeline.rend(); ++it) {
    const auto& entry = *it;
    if (!is_event(entry, "merged") || moved.contains(entry.at("seq").get<std::uint64_t>()))
      continue;
    const auto& data = entry.at("data");
    if (data.at("first").is_null()) continue;
    for (auto seq = data.at("first").get<std::uint64_t>(); seq <= data.at("last"); ++seq) {
      moved.insert(seq);
    }
  }
  return moved;
}

/// What the contact's own entries say, one after the other.
struct Told {
  json status = "open", assignee, team, snoozed_until, waiting_since, last_message;
  bool blocked = false;
  std::uint64_t unread = 0;
  json conversation{
      {"number", 1}, {"opened_at", nullptr}, {"first_response_at", nullptr}, {"done_at", nullptr}};
  std::uint64_t last_done = 0;
  Time sort_at = 0;
  std::set<std::string> tags;
  std::map<std::string, json> details;

  void event(const json& entry, bool moved, std::set<std::string>& moved_tags) {
    const std::string name = entry.at("event");
    const auto& data = entry.at("data");
    auto& into = moved ? moved_tags : tags;
    if (name == "tagged") {
      for (const auto& tag : data.at("removed")) into.erase(tag.get<std::string>());
      for (const auto& tag : data.at("added")) into.insert(tag.get<std::string>());
    }
    const Time at = entry.at("at");
    if (name == "opened") sort_at = std::max(sort_at, at);
    if (name == "woke") {
      const bool by_timer = entry.at("cause") == "timer";
      sort_at = std::max(sort_at, by_timer ? data.at("from").get<Time>() : at);
    }
    if (name == "done") waiting_since = nullptr;
    if (moved) return;
    if (name == "opened") conversation["opened_at"] = at;
    if (name == "reopened") {
      status = "open";
      conversation = {{"number", conversation["number"].get<int>() + 1},
                      {"opened_at", at},
                      {"first_response_at", nullptr},
                      {"done_at", nullptr}};
    }
    if (name == "done") {
      status = "done", snoozed_until = nullptr;
      conversation["done_at"] = at;
      last_done = entry.at("seq");
    }
    if (name == "assigned" || name == "unassigned") {
      assignee = data.at("to").at("assignee");
      team = data.at("to").at("team");
    }
    if (name == "snoozed") snoozed_until = data.at("to");
    if (name == "woke") snoozed_until = nullptr;
    if (name == "blocked") blocked = true;
    if (name == "unblocked") blocked = false;
    if (name == "merged") tags.merge(moved_tags), moved_tags.clear();
    if (name == "updated") {
      for (const auto& [key, value] : data.at("to").items()) details[key] = value;
    }
  }
  /// S19: what is due has ended before anything else is done; `entry` is the contact's own.
  void check_wake(const json& entry) const {
    const bool woke = is_event(entry, "woke");
    if (woke) must(entry.at("data").at("from") == snoozed_until, "woke from: " + entry.dump());
    const bool due = !snoozed_until.is_null() && entry.at("at") >= snoozed_until;
    const bool by_timer = woke && entry.at("cause") == "timer";
    must(due == by_timer,
         (due ? "a wake was due before " : "a wake that is not due: ") + entry.dump());
    must(!by_timer || entry.at("author").at("kind") == "system", "who woke: " + entry.dump());
  }
  void message(const json& entry, bool moved, std::uint64_t read_seq) {
    const bool in = entry.at("direction") == "in";
    auto& first_response = conversation["first_response_at"];
    const bool answers = !in && !moved && entry.at("author").at("kind") == "agent";
    if (answers && first_response.is_null()) first_response = entry.at("at");
    sort_at = std::max(sort_at, entry.at("at").get<Time>());
    if (!in) waiting_since = nullptr;
    if (in && waiting_since.is_null()) waiting_since = entry.at("at");
    if (in && entry.at("seq") > read_seq) ++unread;
    last_message = {{"seq", entry.at("seq")},
                    {"at", entry.at("at")},
                    {"direction", entry.at("direction")},
                    {"type", entry.at("type")},
                    {"preview", entry.value("text", "")},
                    {"status", in ? json() : entry.at("status")}};
  }
};

int rank_of(const json& status) {
  static const std::map<std::string, int> ranks{
      {"pending", 0}, {"failed", 1}, {"sent", 2}, {"delivered", 3}, {"read", 4}};
  return ranks.at(status.get<std::string>());
}

/// S27.
void check_statuses(const json& entry) {
  int last = -1;
  for (const auto& report : entry.at("statuses")) {
    const auto rank = rank_of(report.at("status"));
    must(rank > last, "statuses are not by rank: " + entry.dump());
    last = rank;
  }
  must(entry.at("statuses").at(0).at("at") == entry.at("at"), "no pending: " + entry.dump());
  must(rank_of(entry.at("status")) == last, "the shown status: " + entry.dump());
}

void same(const json& contact, const char* field, const json& wanted) {
  must(contact.at(field) == wanted, contact.at("id").get<std::string>() + ": " + field + " is " +
                                        contact.at(field).dump() + ", its timeline says " +
                                        wanted.dump());
}

// Filters (S29).

std::string lower(std::string text) {
  for (auto& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

int priority_of(const json& name) {
  static const std::vector<std::string> names{"none", "low", "medium", "high", "urgent"};
  return static_cast<int>(std::find(names.begin(), names.end(), name) - names.begin());
}

json value_of(const std::string& field, const Known& known) {
  const auto& contact = known.contact;
  if (field == "snoozed") return !contact.at("snoozed_until").is_null();
  if (field == "last_activity_at") {
    const auto& last = contact.at("last_message");
    return last.is_null() ? json() : last.at("at");
  }
  if (field == "last_inbound_at") return known.last_inbound_at;
  if (field == "last_outbound_at") return known.last_outbound_at;
  if (field.starts_with("fields.")) return contact.at("fields").value(field.substr(7), json());
  if (field == "name" && contact.at("name") == "") return nullptr;
  return contact.at(field);
}

bool leaf_holds(const Truth& truth, const Client& client, json leaf, const Known& known) {
  const std::string field = leaf.at("field");
  std::string op = leaf.at("op");
  const std::map<std::string, std::string> negations{
      {"ne", "eq"}, {"not_in", "in"}, {"not_exists", "exists"}, {"has_none", "has_any"}};
  if (const auto positive = negations.find(op); positive != negations.end()) {
    leaf["op"] = positive->second;
    return !leaf_holds(truth, client, leaf, known);
  }
  auto value = value_of(field, known);
  auto wanted = leaf.value("value", json());
  if (field == "priority") {
    value = priority_of(value);
    if (wanted.is_array()) {
      for (auto& one : wanted) one = priority_of(one);
    } else {
      wanted = priority_of(wanted);
    }
  }
  if (field == "assignee" && client.is_agent()) {
    if (wanted == "$me") wanted = client.principal.id;
    if (wanted.is_array())
      std::replace(wanted.begin(), wanted.end(), json("$me"), json(client.principal.id));
  }
  const auto is_wanted = [&](const json& one) {
    return std::find(wanted.begin(), wanted.end(), one) != wanted.end();
  };
  if (value.is_array()) {
    if (value.empty()) return false;
    if (op == "exists") return true;
    if (op == "has_any") return std::any_of(value.begin(), value.end(), is_wanted);
    return std::all_of(wanted.begin(), wanted.end(), [&](const json& one) {
      return std::find(value.begin(), value.end(), one) != value.end();
    });
  }
  if (value.is_null()) return false;
  if (op == "exists") return true;
  if (op == "eq") return value == wanted;
  if (op == "in") return is_wanted(value);
  if (op == "lt") return value < wanted;
  if (op == "gt") return value > wanted;
  if (op == "between") return value >= wanted.at(0) && value <= wanted.at(1);
  if (op == "older_than") return value.get<Time>() <= truth.now - wanted.get<Time>();
  if (op == "newer_than") return value.get<Time>() > truth.now - wanted.get<Time>();
  const auto text = lower(value), part = lower(wanted);
  if (op == "contains") return text.find(part) != std::string::npos;
  return text.starts_with(part);
}

bool holds(const Truth& truth, const Client& client, const json& node, const Known& known) {
  const auto each = [&](const json& child) { return holds(truth, client, child, known); };
  if (node.contains("all")) return std::all_of(node["all"].begin(), node["all"].end(), each);
  if (node.contains("any")) return std::any_of(node["any"].begin(), node["any"].end(), each);
  if (node.contains("not")) return !each(node["not"]);
  return leaf_holds(truth, client, node, known);
}

bool mentions_blocked(const json& node) {
  for (const char* tree : {"all", "any"}) {
    if (node.contains(tree))
      return std::any_of(node[tree].begin(), node[tree].end(), mentions_blocked);
  }
  if (node.contains("not")) return mentions_blocked(node["not"]);
  return node.at("field") == "blocked";
}

// Who sees what (S25).

bool in_team(const Truth& truth, const json& agent, const json& team) {
  if (agent.is_null() || team.is_null()) return false;
  const auto known = truth.agents.find(agent.get<std::string>());
  if (known == truth.agents.end()) return false;
  const auto& teams = known->second.at("teams");
  return std::find(teams.begin(), teams.end(), team) != teams.end();
}

bool visible(const Truth& truth, const Client& client, const json& contact) {
  if (!client.is_agent() || client.principal.role != model::Role::agent) return true;
  const auto me = truth.agents.find(client.principal.id);
  if (me == truth.agents.end()) return true;
  const std::string visibility = me->second.at("visibility");
  const auto& assignee = contact.at("assignee");
  if (visibility == "all") return true;
  if (assignee == client.principal.id) return true;
  if (visibility == "assigned") return false;
  if (assignee.is_null() || in_team(truth, client.principal.id, contact.at("team"))) return true;
  const auto& teams = me->second.at("teams");
  return std::any_of(teams.begin(), teams.end(),
                     [&](const json& team) { return in_team(truth, assignee, team); });
}

json counts_of(const std::vector<const json*>& contacts) {
  std::uint64_t unread_contacts = 0, unread_messages = 0;
  for (const auto* contact : contacts) {
    const auto unread = contact->at("unread").get<std::uint64_t>();
    unread_contacts += unread > 0 ? 1 : 0;
    unread_messages += unread;
  }
  return {{"contacts", contacts.size()},
          {"unread_contacts", unread_contacts},
          {"unread_messages", unread_messages}};
}

std::vector<const json*> contacts_of(const Truth& truth, const Client& client,
                                     const json& definition) {
  std::vector<const json*> all;
  for (const auto& [id, known] : truth.contacts) {
    if (shows(truth, client, definition, *known)) all.push_back(&known->contact);
  }
  return all;
}

/// A view that `view.list` does not name: `team:<id>` may be subscribed by anyone (S36).
json definition_of(const std::map<std::string, json>& views, const std::string& view) {
  const auto known = views.find(view);
  if (known != views.end()) return known->second;
  if (view.starts_with("team:")) return {{"view", view}, {"sort", "newest"}, {"filter", nullptr}};
  return nullptr;
}

std::string who(const Client& client, const Sub& sub) {
  return client.principal.id + " of " + client.workspace + " (client " +
         std::to_string(client.index) + "), " + sub.id + " " + sub.params.dump();
}

/// The window of a list that holds these contacts.
void check_rows(const std::string& whose, std::vector<const json*> contacts, const Sub& sub,
                const json& definition) {
  const std::string sort = sub.params.value("sort", definition.at("sort").get<std::string>());
  if (sub.after) {
    std::erase_if(contacts, [&](const json* c) { return !before(sort, *sub.after, *c); });
  }
  std::sort(contacts.begin(), contacts.end(),
            [&](const json* a, const json* b) { return before(sort, *a, *b); });
  must(sub.more == (contacts.size() > sub.limit),
       whose + " has more: " + json(sub.more).dump() + " of " + std::to_string(contacts.size()));
  contacts.resize(std::min(contacts.size(), sub.limit));
  for (std::size_t i = 0; i < contacts.size(); ++i) {
    if (i == sub.rows.size()) {
      throw Violation(whose + " lacks " + contacts[i]->at("id").dump() + " at " +
                      std::to_string(i));
    }
    for (const auto& [key, value] : sub.rows[i].items()) {
      must(contacts[i]->at(key) == value, whose + ": row " + std::to_string(i) + " has " + key +
                                              " " + value.dump() + ", should be " +
                                              contacts[i]->at(key).dump() + " of " +
                                              contacts[i]->at("id").dump());
    }
  }
  must(sub.rows.size() == contacts.size(), whose + " has rows too many");
}

/// A list whose view got another sort begins at its top: a cursor is of one order (S33). No frame
/// says so, and whether the sort changed since the window was moved is not known here.
bool may_begin_at_top(const Sub& sub) {
  const std::string view = sub.params.at("view");
  return sub.after && view.starts_with("v") && !sub.params.contains("sort");
}

void check_view(const Truth& truth, const Client& client, const Sub& sub,
                const std::map<std::string, json>& views) {
  const auto definition = definition_of(views, sub.params.at("view"));
  must(!definition.is_null(), who(client, sub) + " goes on, but the view is gone");
  auto contacts = contacts_of(truth, client, definition);
  must(sub.counters == counts_of(contacts), who(client, sub) + " has counters " +
                                                sub.counters.dump() + ", there are " +
                                                counts_of(contacts).dump());
  if (!may_begin_at_top(sub)) {
    return check_rows(who(client, sub), std::move(contacts), sub, definition);
  }
  auto at_top = sub;
  at_top.after.reset();
  try {
    check_rows(who(client, sub), contacts, at_top, definition);
  } catch (const Violation&) {
    check_rows(who(client, sub), std::move(contacts), sub, definition);
  }
}

void check_counters(const Truth& truth, const Client& client, const Sub& sub,
                    const std::map<std::string, json>& views) {
  for (const auto& [view, counts] : sub.counters.items()) {
    const auto definition = definition_of(views, view);
    must(!definition.is_null(), who(client, sub) + " counts " + view + ", which is gone");
    const auto wanted = counts_of(contacts_of(truth, client, definition));
    must(counts == wanted, who(client, sub) + " counts " + view + " " + counts.dump() +
                               ", there are " + wanted.dump());
  }
  if (sub.params.contains("views")) return;
  for (const auto& [view, definition] : views) {
    must(sub.counters.contains(view), who(client, sub) + " does not count " + view);
  }
}

void check_timeline(const Truth& truth, const Client& client, const Sub& sub) {
  const std::string id = sub.contact.at("id");
  const auto known = truth.contacts.find(id);
  must(known != truth.contacts.end(), who(client, sub) + " follows " + id + ", which is gone");
  must(visible(truth, client, known->second->contact), who(client, sub) + " may not see " + id);
  auto shown = sub.contact, real = known->second->contact;
  shown.erase("channels"), real.erase("channels");  // `open` is as of the reply (S28)
  must(shown == real,
       who(client, sub) + " has the contact " + shown.dump() + ", it is " + real.dump());
  const auto& timeline = truth.timelines.at(id);
  for (const auto& [seq, entry] : sub.entries) {
    must(seq <= timeline.size() && entry == timeline[seq - 1],
         who(client, sub) + " has the entry " + entry.dump() + ", it is " +
             (seq <= timeline.size() ? timeline[seq - 1].dump() : "not there"));
  }
}

}  // namespace

void check_contact(const json& contact, const std::vector<json>& timeline) {
  const auto moved = moved_of(timeline);
  const auto read_seq = contact.at("read_seq").get<std::uint64_t>();
  const std::string id = contact.at("id");
  Told told;
  std::set<std::string> moved_tags;
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    const auto& entry = timeline[i];
    must(entry.at("seq") == i + 1, id + ": a gap in the timeline before " + entry.dump());
    must(entry.at("contact") == id, id + ": an entry of another contact: " + entry.dump());
    const bool came = moved.contains(i + 1);
    if (!came) told.check_wake(entry);
    if (entry.at("kind") == "event") told.event(entry, came, moved_tags);
    if (entry.at("kind") == "message") told.message(entry, came, read_seq);
    if (is_message(entry, "out")) check_statuses(entry);
  }
  same(contact, "last_seq", timeline.size());
  same(contact, "status", told.status);
  same(contact, "assignee", told.assignee);
  same(contact, "team", told.team);
  same(contact, "snoozed_until", told.snoozed_until);
  same(contact, "blocked", told.blocked);
  same(contact, "unread", told.unread);
  same(contact, "waiting_since", told.waiting_since);
  same(contact, "sort_at", told.sort_at);
  same(contact, "last_message", told.last_message);
  same(contact, "tags", told.tags);
  same(contact, "conversation", told.conversation);
  must(read_seq <= timeline.size(), id + ": read_seq is beyond the timeline's end");
  // S13: done reads everything, and a mark sets back by one message.
  const auto unread_before_done =
      std::count_if(timeline.begin(), timeline.end(), [&](const json& entry) {
        const auto seq = entry.at("seq").get<std::uint64_t>();
        return is_message(entry, "in") && seq > read_seq && seq < told.last_done;
      });
  must(unread_before_done <= 1, id + ": of what came before it was done " +
                                    std::to_string(unread_before_done) + " are unread");
  if (!moved.empty()) return;  // a merge fills empty details
  for (const auto& [key, value] : told.details) {
    // What is empty a platform's profile fills without an event (S16).
    if (key != "fields" && !value.is_null()) same(contact, key.c_str(), value);
  }
}

void check_wakes(const Truth& truth, std::uint64_t after, std::uint64_t up_to) {
  std::map<std::uint64_t, std::pair<Time, std::string>> woken;  // by offset: when it was due
  for (const auto& [id, timeline] : truth.timelines) {
    for (const auto& entry : timeline) {
      const auto offset = entry.at("offset").get<std::uint64_t>();
      if (offset <= after || offset > up_to || !is_event(entry, "woke")) continue;
      woken[offset] = {entry.at("data").at("from"), id};
    }
  }
  for (auto wake = woken.begin(); wake != woken.end() && std::next(wake) != woken.end(); ++wake) {
    must(wake->second < std::next(wake)->second, "S19: at a start " + wake->second.second +
                                                     " woke before " +
                                                     std::next(wake)->second.second);
  }
}

bool shows(const Truth& truth, const Client& client, const json& definition, const Known& known) {
  const auto& contact = known.contact;
  if (!visible(truth, client, contact)) return false;
  const std::string view = definition.at("view");
  const auto& assignee = contact.at("assignee");
  const bool blocked = contact.at("blocked");
  if (!definition.at("filter").is_null() && definition.value("kind", "") == "custom") {
    const auto& filter = definition.at("filter");
    if (blocked && !mentions_blocked(filter)) return false;
    return holds(truth, client, filter, known);
  }
  const bool snoozed = !contact.at("snoozed_until").is_null();
  const bool open = contact.at("status") == "open";
  const bool mine = client.is_agent() && assignee == client.principal.id;
  if (view == "blocked") return blocked;
  if (blocked) return false;
  if (view == "all") return true;
  if (view == "done") return !open;
  if (view == "snoozed") {
    return snoozed && (mine || !client.is_agent() || client.principal.role != model::Role::agent);
  }
  if (!open || snoozed) return false;
  if (view == "mine") return mine;
  if (view == "unassigned") return assignee.is_null();
  const json team = view.substr(std::string("team:").size());
  return contact.at("team") == team || in_team(truth, assignee, team);
}

/// S36.
bool is_shared(const Truth& truth, const Client& client, const json& view) {
  const auto& owner = view.at("owner");
  const std::string kind = client.is_agent() ? "agent" : "service";
  if (owner.at("kind") == kind && owner.at("id") == client.principal.id) return true;
  if (view.at("visibility") == "workspace") return true;
  if (view.at("visibility") != "team" || owner.at("kind") != "agent" || !client.is_agent())
    return false;
  const auto me = truth.agents.find(client.principal.id);
  if (me == truth.agents.end()) return false;
  const auto& teams = me->second.at("teams");
  return std::any_of(teams.begin(), teams.end(),
                     [&](const json& team) { return in_team(truth, owner.at("id"), team); });
}

std::map<std::string, json> views_of(const Truth& truth, const Client& client) {
  std::map<std::string, json> views;
  const auto add = [&](const std::string& view) {
    views[view] = {{"view", view}, {"sort", "newest"}, {"filter", nullptr}};
  };
  for (const auto* view : {"all", "mine", "unassigned", "snoozed", "done", "blocked"}) add(view);
  for (const auto& team : truth.teams) add("team:" + team);
  for (const auto& [id, view] : *truth.views) {
    if (is_shared(truth, client, view)) views[id] = view;
  }
  return views;
}

void check_shown(const Truth& truth, const Client& client, const Sub& sub, const json& told) {
  const auto views = views_of(truth, client);
  try {
    if (sub.kind == Sub::Kind::view) return check_view(truth, client, sub, views);
    check_counters(truth, client, sub, views);
  } catch (const Violation& violation) {
    throw Violation("at offset " + std::to_string(sub.offset) + ": " + violation.what() +
                    ", told: " + told.dump());
  }
}

void check_contact_shown(const Truth& truth, const Client& client, const Sub& sub) {
  const std::string id = sub.contact.at("id");
  const auto whose = who(client, sub) + " at offset " + std::to_string(sub.offset);
  const auto known = truth.contacts.find(id);
  must(known != truth.contacts.end(), whose + " is shown " + id + ", which was not there");
  auto shown = sub.contact, real = known->second->contact;
  shown.erase("channels"), real.erase("channels");  // `open` is as of the reply (S28)
  must(shown == real, whose + " has the contact " + shown.dump() + ", it was " + real.dump());
}

bool before(const std::string& sort, const json& a, const json& b) {
  const auto by = [&](const char* key) { return a.at(key).get<Time>() - b.at(key).get<Time>(); };
  if (sort == "oldest" && by("sort_at") != 0) return by("sort_at") < 0;
  if (sort == "longest_waiting") {
    const auto &x = a.at("waiting_since"), &y = b.at("waiting_since");
    if (x.is_null() != y.is_null()) return y.is_null();
    if (x != y) return x < y;
  }
  if (sort == "unread_first") {
    const bool x = a.at("unread") > 0, y = b.at("unread") > 0;
    if (x != y) return x;
  }
  if (sort == "priority") {
    const int x = priority_of(a.at("priority")), y = priority_of(b.at("priority"));
    if (x != y) return x > y;
  }
  const bool newest_first = sort != "oldest" && sort != "longest_waiting";
  if (newest_first && by("sort_at") != 0) return by("sort_at") > 0;
  return a.at("id").get<std::string>() < b.at("id").get<std::string>();
}

void check_subscription(const Truth& truth, const Client& client, const Sub& sub,
                        const std::map<std::string, json>& views) {
  switch (sub.kind) {
    case Sub::Kind::view: return check_view(truth, client, sub, views);
    case Sub::Kind::counters: return check_counters(truth, client, sub, views);
    case Sub::Kind::contact: return check_timeline(truth, client, sub);
    default: return;
  }
}

}  // namespace inboxd::sim
