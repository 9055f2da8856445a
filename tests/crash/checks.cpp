#include "tests/crash/checks.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "tests/support/catch.hpp"

namespace inboxd::tests {
namespace {

bool is_event(const Json& entry, const char* name) {
  return entry.at("kind") == "event" && entry.at("event") == name;
}
bool is_inbound(const Json& entry) {
  return entry.value("direction", std::string()) == "in";
}
std::string id_of(const Json& entry) {
  return entry.value("client_id", entry.value("provider_id", std::string()));
}

std::vector<Json> whole_timeline(RpcClient& client, const std::string& contact) {
  std::vector<std::vector<Json>> pages;
  Json params{{"contact", contact}, {"limit", 200}};
  for (bool more = true; more;) {
    auto page = client.must("timeline.page", params);
    more = page.at("more").get<bool>();
    params["before_seq"] = page.at("entries").at(0).at("seq");
    pages.push_back(std::move(page.at("entries").get_ref<Json::array_t&>()));
  }
  std::vector<Json> all;
  for (auto page = pages.rbegin(); page != pages.rend(); ++page)
    std::move(page->begin(), page->end(), std::back_inserter(all));
  return all;
}

/// The places of what came with merges.
std::set<std::int64_t> moved_in(const std::vector<Json>& timeline) {
  std::set<std::int64_t> moved;
  for (const auto& entry : timeline) {
    if (!is_event(entry, "merged")) continue;
    const auto& data = entry.at("data");
    for (auto seq = data.at("first").get<std::int64_t>(); seq <= data.at("last"); ++seq)
      moved.insert(seq);
  }
  return moved;
}

/// A contact's state as its own events tell it.
struct Told {
  Json status = "open", assignee, snoozed_until;
  bool blocked = false;

  void take(const Json& entry) {
    const std::string event = entry.at("event");
    const auto& data = entry.at("data");
    if (event == "reopened") status = "open";
    if (event == "done") status = "done", snoozed_until = nullptr;
    if (event == "assigned" || event == "unassigned") assignee = data.at("to").at("assignee");
    if (event == "snoozed") snoozed_until = data.at("to");
    if (event == "woke") snoozed_until = nullptr;
    if (event == "blocked" || event == "unblocked") blocked = event == "blocked";
  }
};

void check_state(const Json& contact, const std::vector<Json>& timeline) {
  const auto moved = moved_in(timeline);
  Told told;
  std::int64_t unread = 0, last_message = 0;
  for (const auto& entry : timeline) {
    const auto seq = entry.at("seq").get<std::int64_t>();
    if (entry.at("kind") == "event" && !moved.contains(seq)) told.take(entry);
    if (entry.at("kind") == "message") last_message = seq;
    if (is_inbound(entry) && entry.at("seq") > contact.at("read_seq")) ++unread;
  }
  CHECK(contact.at("status") == told.status);
  CHECK(contact.at("assignee") == told.assignee);
  CHECK(contact.at("snoozed_until") == told.snoozed_until);
  CHECK(contact.at("blocked") == told.blocked);
  CHECK(contact.at("unread") == unread);
  CHECK(contact.at("last_seq").get<std::size_t>() == timeline.size());
  CHECK((last_message == 0 ? contact.at("last_message").is_null()
                           : contact.at("last_message").at("seq") == last_message));
}

/// Whether a view that somebody who sees everything looks at holds the contact.
bool holds(const std::string& view, const Json& contact) {
  if (view == "blocked" || contact.at("blocked") == true)
    return view == "blocked" && contact.at("blocked") == true;
  const bool open = contact.at("status") == "open", asleep = !contact.at("snoozed_until").is_null();
  if (view == "done") return !open;
  if (view == "snoozed") return asleep;
  if (view == "unassigned") return open && !asleep && contact.at("assignee").is_null();
  return true;
}

/// All rows of a view, window by window.
std::set<std::string> rows_of(RpcClient& service, const std::string& view, Json& counters) {
  std::set<std::string> rows;
  Json params{{"view", view}, {"limit", 200}};
  for (bool more = true; more;) {
    const auto list = service.must("view.subscribe", params);
    for (const auto& row : list.at("rows")) CHECK(rows.insert(row.at("id")).second);
    more = list.at("more").get<bool>();
    params["after"] = list.at("cursor");
    counters = list.at("counters");
    service.must("unsubscribe", {{"sub", list.at("sub")}});
  }
  return rows;
}

}  // namespace

std::int64_t Found::place(const std::string& contact, std::int64_t seq) const {
  const auto& own = leads_to.at(contact);
  if (own == contact) return seq;
  for (const auto& entry : timelines.at(own)) {
    if (is_event(entry, "merged") && entry.at("data").at("from") == contact)
      return entry.at("data").at("first").get<std::int64_t>() - 1 + seq;
  }
  FAIL("No entry of " << own << " tells that " << contact << " was merged into it.");
  return 0;
}

Found find_all(RpcClient& service, const Ledger& ledger) {
  Found found;
  const auto take = [&](const std::string& id) {
    INFO("contact " << id);
    auto contact = service.must("contact.get", {{"contact", id}}).at("contact");
    const std::string own = contact.at("id");
    found.leads_to[id] = own;
    if (found.contacts.contains(own)) return;
    found.leads_to[own] = own;
    found.timelines[own] = whole_timeline(service, own);
    found.contacts.emplace(own, std::move(contact));
  };
  for (const auto& id : ledger.names()) take(id);
  // Contacts that were made without anybody hearing of it are in the lists, too.
  Json counters;
  for (const auto* view : {"all", "blocked"}) {
    for (const auto& id : rows_of(service, view, counters)) {
      CHECK(found.leads_to.emplace(id, id).first->second == id);  // what was merged is in no list
      take(id);
    }
  }
  return found;
}

std::int64_t longest_merge(const Found& found) {
  std::int64_t longest = 0;
  for (const auto& [contact, timeline] : found.timelines) {
    for (const auto& entry : timeline) {
      if (!is_event(entry, "merged")) continue;
      const auto& data = entry.at("data");
      longest = std::max(
          longest, data.at("last").get<std::int64_t>() + 1 - data.at("first").get<std::int64_t>());
    }
  }
  return longest;
}

void check_acknowledged(const Found& found, const Ledger& ledger, RpcClient& service) {
  std::set<std::string> ids;
  for (const auto& [contact, timeline] : found.timelines) {
    INFO("contact " << contact);
    for (std::size_t i = 0; i < timeline.size(); ++i) {
      REQUIRE(timeline[i].at("seq").get<std::size_t>() == i + 1);
      REQUIRE(timeline[i].at("contact") == contact);
      const auto id = id_of(timeline[i]);
      if (!id.empty()) CHECK(ids.insert(id).second);
    }
  }
  for (const auto& [contact, entries] : ledger.contacts()) {
    const auto& timeline = found.timelines.at(found.leads_to.at(contact));
    const auto shift = found.place(contact, 0);
    for (const auto& [seq, expected] : entries) {
      INFO("acknowledged " << expected.id << " as entry " << seq << " of " << contact << ", now of "
                           << found.leads_to.at(contact));
      REQUIRE(static_cast<std::size_t>(shift + seq) <= timeline.size());
      const auto& entry = timeline[static_cast<std::size_t>(shift + seq) - 1];
      CHECK(id_of(entry) == expected.id);
      CHECK(entry.at("text") == expected.text);
    }
  }
  for (const auto& [primary, secondary] : ledger.merges()) {
    INFO(secondary << " was merged into " << primary);
    CHECK(found.leads_to.at(primary) == found.leads_to.at(secondary));
  }
  for (const auto& [contact, own] : found.leads_to) {
    INFO("contact " << contact);
    if (contact == own) CHECK(found.contacts.at(own).at("version") >= ledger.version(own));
  }
  if (found.contacts.empty()) return;
  const auto& any = found.contacts.begin()->first;
  CHECK(service.must("contact.get", {{"contact", any}}).at("offset") >= ledger.offset());
}

void check_states(const Found& found) {
  for (const auto& [id, contact] : found.contacts) {
    INFO("contact " << id);
    check_state(contact, found.timelines.at(id));
  }
}

void check_views(RpcClient& service, const Found& found) {
  for (const std::string view : {"all", "unassigned", "snoozed", "done", "blocked"}) {
    INFO("view " << view);
    std::set<std::string> expected;
    std::int64_t unread_contacts = 0, unread_messages = 0;
    for (const auto& [id, contact] : found.contacts) {
      if (!holds(view, contact)) continue;
      expected.insert(id);
      const auto unread = contact.at("unread").get<std::int64_t>();
      unread_contacts += unread > 0 ? 1 : 0;
      unread_messages += unread;
    }
    Json counters;
    CHECK(rows_of(service, view, counters) == expected);
    CHECK(counters == Json{{"contacts", expected.size()},
                           {"unread_contacts", unread_contacts},
                           {"unread_messages", unread_messages}});
  }
}

void check_repeats(RpcClient& connector, const Found& found, const Ledger& ledger) {
  for (const auto& [contact, entries] : ledger.contacts()) {
    const auto& [seq, last] = *entries.rbegin();
    const auto& own = found.leads_to.at(contact);
    const auto place = found.place(contact, seq);
    if (!is_inbound(found.timelines.at(own).at(static_cast<std::size_t>(place) - 1))) continue;
    INFO("entry " << seq << " of " << contact);
    const auto again = connector.must("inbound.receive", {{"external_id", "anybody"},
                                                          {"provider_id", last.id},
                                                          {"type", "text"},
                                                          {"text", "again"}});
    CHECK(again.at("duplicate") == true);
    CHECK(again.at("seq") == place);
    CHECK(again.at("contact") == own);
  }
}

void Follower::subscribe(RpcClient& client) {
  Json params{{"contact", contact_}, {"limit", 200}};
  if (!epoch_.empty()) params["resume"] = {{"epoch", epoch_}, {"offset", offset_}};
  const auto snapshot = client.must("contact.subscribe", params);
  if (!epoch_.empty()) CHECK(snapshot.at("epoch") == epoch_);
  const bool merged = snapshot.at("contact").at("id") != contact_;
  if (merged) CHECK(snapshot.at("recovered") == false);
  contact_ = snapshot.at("contact").at("id");
  epoch_ = snapshot.at("epoch");
  sub_ = snapshot.at("sub");
  if (!snapshot.at("recovered").get<bool>()) entries_.clear();
  take(snapshot);
}

void Follower::fold(RpcClient& client) {
  for (const auto& n : client.take_notifications()) {
    if (n.at("method") != "contact.delta" || n.at("params").at("sub") != sub_) continue;
    CHECK(n.at("params").at("offset").get<std::int64_t>() > offset_);
    take(n.at("params"));
  }
}

void Follower::check(const Found& found) const {
  if (entries_.empty()) return;
  const auto first = entries_.begin()->first;
  for (const auto& entry : found.timelines.at(contact_)) {
    const auto seq = entry.at("seq").get<std::int64_t>();
    if (seq < first) continue;
    INFO("contact " << contact_ << ", entry " << seq);
    REQUIRE(entries_.contains(seq));
    CHECK(entries_.at(seq) == entry);
  }
}

void Follower::take(const Json& from) {
  for (const auto& entry : from.value("entries", Json::array()))
    entries_[entry.at("seq").get<std::int64_t>()] = entry;
  offset_ = from.at("offset");
}

}  // namespace inboxd::tests
