// `view.subscribe`, windows, counters, notifications, over the real socket.
#include "tests/e2e/desk.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::tests;

TEST_CASE("The window is the first rows of the order, and rows fall out and move up by ops") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  std::vector<std::string> ids;
  for (const char* who : {"1", "2", "3", "4"}) ids.push_back(new_contact(connector, who));
  FoldedView top(ana, {{"view", "all"}, {"limit", 2}});
  CHECK(top.ids() == std::vector<std::string>{ids[3], ids[2]});
  CHECK(top.counters.at("contacts") == 4);

  receive(connector, "1", "p1");
  top.until([&](const FoldedView& v) {
    return v.ids() == std::vector<std::string>{ids[0], ids[3]};
  });
  ana.must("contact.block", {{"contact", ids[0]}});
  top.until([&](const FoldedView& v) {
    return v.ids() == std::vector<std::string>{ids[3], ids[2]};
  });

  // S33: a page after a cursor, and a window that moves.
  const Json moved = ana.must("view.window", {{"sub", top.sub}, {"limit", 1}});
  REQUIRE(moved.at("rows").size() == 1);
  CHECK(moved.at("more") == true);
  const Json next =
      ana.must("view.window", {{"sub", top.sub}, {"limit", 2}, {"after", moved.at("cursor")}});
  CHECK(next.at("rows").at(0).at("id") == ids[2]);
  CHECK(next.at("rows").at(1).at("id") == ids[1]);
  CHECK(next.at("more") == false);
}

TEST_CASE("S30 each sort orders as it says") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const std::string a = new_contact(connector, "a");
  const std::string b = new_contact(connector, "b");
  const std::string c = new_contact(connector, "c");
  ana.must("contact.update", {{"contact", b}, {"set", {{"priority", "urgent"}}}});
  ana.must("contact.read", {{"contact", c}});
  next_millisecond();
  ana.must("message.send", {{"contact", a}, {"text", "x"}});
  const auto order = [&](const std::string& sort) {
    std::vector<std::string> ids;
    const Json list = ana.must("view.subscribe", {{"view", "all"}, {"sort", sort}});
    for (const Json& row : list.at("rows")) ids.push_back(row.at("id"));
    return ids;
  };
  using Ids = std::vector<std::string>;
  CHECK(order("newest") == Ids{a, c, b});
  CHECK(order("oldest") == Ids{b, c, a});
  CHECK(order("longest_waiting") == Ids{b, c, a});
  CHECK(order("unread_first") == Ids{a, b, c});
  CHECK(order("priority") == Ids{b, a, c});
}

TEST_CASE("The workload is told by agent, team and channel, and then what changed of it") {
  Desk desk;
  RpcClient boss = desk.server.agent("boss", "manager");
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const Json first = boss.must("workload.subscribe");
  CHECK(first.at("workload").at("total").at("contacts") == 0);
  CHECK_FALSE(first.at("workload").contains("channels"));
  Json workload = first.at("workload");
  Json heard = {{"in", 0}, {"out", 0}};
  const auto until = [&](const auto& holds) {
    while (!holds()) {
      const Json delta = boss.wait_notification("workload.delta").at("params");
      REQUIRE(delta.at("sub") == first.at("sub"));
      for (const char* way : {"in", "out"}) {
        heard[way] = heard.at(way).get<int>() +
                     delta.at("workload").value("messages", Json({{way, 0}})).value(way, 0);
      }
      workload.merge_patch(delta.at("workload"));
    }
  };
  const std::string id = new_contact(connector, "1");
  until([&] { return workload.at("total").at("contacts") == 1; });
  CHECK(workload.at("channels").at("wa").at("waiting") == 1);
  CHECK(workload.at("unassigned").at("waiting_since").is_number());
  CHECK_FALSE(workload.contains("agents"));

  ana.must("message.send", {{"contact", id}, {"text", "x"}});
  until([&] { return workload.contains("agents"); });
  CHECK(workload.at("agents").at("ana").at("contacts") == 1);
  CHECK(workload.at("agents").at("ana").at("waiting") == 0);
  CHECK(workload.at("unassigned").at("contacts") == 0);
  CHECK(heard == Json({{"in", 1}, {"out", 1}}));

  ana.must("contact.done", {{"contact", id}});
  until([&] { return !workload.at("agents").contains("ana"); });
  CHECK(workload.at("total").at("contacts") == 0);
}

TEST_CASE("S34 counters are live, and only what changed is sent") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const Json first = ana.must("counters.subscribe");
  CHECK(first.at("counters").at("all").at("contacts") == 0);
  CHECK(first.at("counters").contains("mine"));
  const std::string id = new_contact(connector, "1");
  const Json delta = ana.wait_notification("counters.delta").at("params");
  CHECK(delta.at("sub") == first.at("sub"));
  CHECK(delta.at("counters").at("all") ==
        Json({{"contacts", 1}, {"unread_contacts", 1}, {"unread_messages", 1}}));
  CHECK(delta.at("counters").contains("unassigned"));
  CHECK_FALSE(delta.at("counters").contains("mine"));
  const Json list = ana.must("view.list");
  for (const Json& view : list.at("views"))
    if (view.at("view") == "unassigned") CHECK(view.at("counters").at("contacts") == 1);
}

TEST_CASE("An agent is told what concerns it, never its own acts") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient luis = desk.server.agent("luis");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  ana.must("notifications.subscribe");
  ana.must("contact.assign", {{"contact", id}, {"assignee", "ana"}});  // its own
  ana.must("contact.assign", {{"contact", id}, {"assignee", nullptr}});
  luis.must("contact.assign", {{"contact", id}, {"assignee", "ana"}});
  Json note = ana.wait_notification("notification").at("params");
  CHECK(note.at("kind") == "assigned");
  CHECK(note.at("contact") == id);
  receive(connector, "1", "p2");
  note = ana.wait_notification("notification").at("params");
  CHECK(note.at("kind") == "inbound");
  CHECK(ana.take_notifications().empty());
}

TEST_CASE("S31 after unsubscribe nothing with that sub follows") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  FoldedView gone(ana, {{"view", "all"}});
  FoldedView kept(ana, {{"view", "all"}});
  CHECK(ana.must("unsubscribe", {{"sub", gone.sub}}) == Json::object());
  const std::string id = new_contact(connector, "1");
  kept.until_has(id);
  for (const Json& note : ana.take_notifications()) CHECK(note.at("params").at("sub") != gone.sub);
}

TEST_CASE("S35 another epoch or a future offset gives a fresh snapshot, never an error") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  new_contact(connector, "1");
  const Json first = ana.must("view.subscribe", {{"view", "all"}});
  for (const Json& position : {Json{{"epoch", "elsewhere"}, {"offset", 1}},
                               Json{{"epoch", first.at("epoch")}, {"offset", 1'000'000}}}) {
    const Json result = ana.must("view.subscribe", {{"view", "all"}, {"resume", position}});
    CHECK(result.at("recovered") == false);
    CHECK(result.at("rows").size() == 1);
  }
}
