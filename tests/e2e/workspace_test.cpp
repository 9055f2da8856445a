// Agents, teams, channels, fields, policy, custom views, presence, over the real socket.
#include "tests/e2e/desk.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::tests;

TEST_CASE("Records are put, listed, and there after a crash") {
  Desk desk;
  desk.admin.must("field.put",
                  {{"id", "plan"}, {"name", "Plan"}, {"type", "list"}, {"options", {"a", "b"}}});
  desk.admin.must("policy.set", {{"unassign_on_done", false}});
  desk.server.restart();
  RpcClient ana = desk.server.agent("ana");
  const auto ids = [&](const std::string& method, const std::string& key) {
    std::vector<std::string> all;
    const Json list = ana.must(method);
    for (const Json& record : list.at(key)) all.push_back(record.at("id"));
    std::ranges::sort(all);
    return all;
  };
  CHECK(ids("channel.list", "channels") == std::vector<std::string>{"wa", "web"});
  CHECK(ids("team.list", "teams") == std::vector<std::string>{"support"});
  CHECK(ids("field.list", "fields") == std::vector<std::string>{"plan"});
  const auto agents = ids("agent.list", "agents");
  CHECK(std::ranges::count(agents, "ana") == 1);
  CHECK(ana.must("policy.get").at("policy").at("unassign_on_done") == false);
  CHECK(ana.must("policy.get").at("policy").at("assign_on_reply") == true);
}

TEST_CASE("S28 a channel's kind never changes; S38 ids have their alphabet") {
  Desk desk;
  CHECK(desk.admin.call("channel.put", {{"id", "wa"}, {"kind", "viber"}, {"name", "x"}}).reason() ==
        "conflict");
  const RpcReply reply = desk.admin.call("team.put", {{"id", "no spaces"}, {"name", "x"}});
  CHECK(reply.reason() == "invalid_params");
  CHECK(reply.field() == "id");
}

TEST_CASE("S20 without unassign_on_done the assignee stays") {
  Desk desk;
  desk.admin.must("policy.set", {{"unassign_on_done", false}});
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  ana.must("contact.assign", {{"contact", id}, {"assignee", "ana"}});
  ana.must("contact.done", {{"contact", id}});
  CHECK(contact_of(ana, id).at("assignee") == "ana");
}

TEST_CASE("S24 a removed agent's contacts are unassigned, and its sessions closed with 4403") {
  Desk desk;
  RpcClient luis = desk.server.agent("luis");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  luis.must("contact.assign", {{"contact", id}, {"assignee", "luis"}});
  FoldedView unassigned(desk.admin, {{"view", "unassigned"}});
  desk.admin.must("agent.remove", {{"id", "luis"}});
  CHECK(luis.wait_close() == 4403);
  unassigned.until_has(id);
  const Json last = timeline_of(desk.admin, id).back();
  CHECK(last.at("event") == "unassigned");
  CHECK(last.at("cause") == "policy");
}

TEST_CASE("S36 a custom view is made, watched, changed under its watchers, and deleted") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  const Json vip{{"field", "tags"}, {"op", "has_any"}, {"value", {"vip"}}};
  ana.must("view.create",
           {{"view", "vips"}, {"name", "VIP"}, {"filter", vip}, {"visibility", "private"}});
  CHECK(ana.call("view.create",
                 {{"view", "vips"}, {"name", "x"}, {"filter", vip}, {"visibility", "private"}})
            .reason() == "conflict");
  FoldedView view(ana, {{"view", "vips"}});
  CHECK(view.rows.empty());
  ana.must("contact.update", {{"contact", id}, {"tags_add", {"vip"}}});
  view.until_has(id);
  ana.must("view.update", {{"view", "vips"}, {"filter", {{"not", vip}}}});
  view.until_lacks(id);

  RpcClient luis = desk.server.agent("luis");
  CHECK(luis.call("view.subscribe", {{"view", "vips"}}).reason() == "not_found");  // private
  const RpcReply bad = ana.call(
      "view.create",
      {{"name", "x"},
       {"visibility", "private"},
       {"filter", {{"all", {vip, {{"field", "unread"}, {"op", "contains"}, {"value", 1}}}}}}});
  CHECK(bad.reason() == "invalid_params");
  CHECK(bad.field() == "filter.all[1].op");  // S29
  ana.must("view.delete", {{"view", "vips"}});
  CHECK(ana.wait_notification("subscription.ended").at("params").at("reason") == "deleted");
}

TEST_CASE("S41 agents' presence is told in transitions") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  ana.must("agents.subscribe");
  const auto status_of_luis = [](const std::string& status) {
    return [status](const Json& n) {
      if (n.at("method") != "agents.delta") return false;
      const Json& agents = n.at("params").at("agents");
      return std::ranges::any_of(agents, [&](const Json& agent) {
        return agent.at("id") == "luis" && agent.at("status") == status;
      });
    };
  };
  RpcClient luis = desk.server.agent("luis");
  ana.wait_notification(status_of_luis("online"));
  luis.must("presence.set", {{"status", "busy"}});
  ana.wait_notification(status_of_luis("busy"));
  luis.close();
  ana.wait_notification(status_of_luis("offline"));
  RpcClient back = desk.server.agent("luis");
  ana.wait_notification(status_of_luis("busy"));  // back to what was last set
}

TEST_CASE("a channel's pause, a new agent and a new name are told to who subscribed to agents") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  ana.must("agents.subscribe");
  const auto told = [&](const char* member, const auto& which) {
    ana.wait_notification([&](const Json& n) {
      if (n.at("method") != "directory.delta" || !n.at("params").contains(member)) return false;
      return which(n.at("params").at(member).at(0));
    });
  };
  desk.admin.must("channel.pause", {{"channel", "wa"}});
  told("channels", [](const Json& c) { return c.at("id") == "wa" && c.at("paused") == true; });
  desk.admin.must("channel.resume", {{"channel", "wa"}});
  told("channels", [](const Json& c) { return c.at("id") == "wa" && c.contains("rules"); });
  desk.admin.must("agent.put", {{"id", "eva"}, {"name", "Eva"}, {"role", "agent"}});
  told("agents", [](const Json& a) { return a.at("id") == "eva" && a.at("name") == "Eva"; });
  desk.admin.must("team.put", {{"id", "night"}, {"name", "Night shift"}});
  told("teams", [](const Json& t) { return t.at("name") == "Night shift"; });
  desk.admin.must("agent.remove", {{"id", "eva"}});
  told("agents_removed", [](const Json& id) { return id == "eva"; });
}
