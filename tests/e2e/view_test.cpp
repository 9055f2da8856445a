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

TEST_CASE(
    "S32 rows pushed out of the window and pulled into it come as ops; else only what moved") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  std::vector<std::string> ids;
  for (const char* who : {"1", "2", "3"}) ids.push_back(new_contact(connector, who));
  FoldedView top(ana, {{"view", "all"}, {"limit", 2}});
  CHECK(top.more == true);

  // One comes in at the top: it is put there, the last is pushed out.
  receive(connector, "1", "p1");
  top.until_has(ids[0]);
  Json ops = top.deltas.back().at("ops");
  REQUIRE(ops.size() == 2);
  for (const Json& op : ops) {
    if (op.at("op") == "put") CHECK(op.at("before") == ids[2]);
    if (op.at("op") == "del") CHECK(op.at("id") == ids[1]);
  }
  // One leaves: the next is pulled in, last; with it the window is the whole list.
  ana.must("contact.block", {{"contact", ids[2]}});
  top.until_has(ids[1]);
  CHECK(top.ids() == std::vector<std::string>{ids[0], ids[1]});
  CHECK(top.more == false);
  ops = top.deltas.back().at("ops");
  CHECK(std::ranges::any_of(ops, [&](const Json& op) {
    return op.at("op") == "put" && op.at("row").at("id") == ids[1] && op["before"].is_null();
  }));
  // Something below the window moves counters and `more` alone.
  const std::string below = new_contact(connector, "0");
  top.until_has(below);
  CHECK(top.more == true);
  ana.must("contact.read", {{"contact", ids[1]}});  // pushed out just now
  const auto unread = top.counters.at("unread_contacts").get<int>();
  top.until([&](const FoldedView& v) { return v.counters.at("unread_contacts") == unread - 1; });
  CHECK(top.deltas.back().at("ops") == Json::array());
  CHECK_FALSE(top.deltas.back().contains("more"));
  // What changes nothing in it is no delta: the next one to come is of something else.
  const auto before = top.deltas.size();
  ana.must("contact.update", {{"contact", ids[1]}, {"tags_add", {"seen"}}});
  receive(connector, "0", "p2", "otra");
  top.until(
      [&](const FoldedView& v) { return v.row(below).at("last_message").at("preview") == "otra"; });
  CHECK(top.deltas.size() == before + 1);
}

TEST_CASE("S33 a cursor names a position, whatever happens to its row; another sort refuses it") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  CHECK(ana.must("view.subscribe", {{"view", "all"}}).at("cursor").is_null());
  std::vector<std::string> ids;
  for (const char* who : {"1", "2", "3", "4"}) ids.push_back(new_contact(connector, who));
  FoldedView page(ana, {{"view", "all"}, {"limit", 2}});
  CHECK(page.ids() == std::vector<std::string>{ids[3], ids[2]});
  const Json cursor = page.cursor;
  page.move({{"limit", 2}, {"after", cursor}});
  CHECK(page.ids() == std::vector<std::string>{ids[1], ids[0]});
  // The row that the cursor was made of goes to the top: the page after it stays the same, and what
  // moves over the position leaves.
  receive(connector, "3", "p1");
  FoldedView again(ana, {{"view", "all"}, {"limit", 2}, {"after", cursor}});
  CHECK(again.ids() == std::vector<std::string>{ids[1], ids[0]});
  receive(connector, "2", "p2");
  page.until([&](const FoldedView& v) { return v.ids() == std::vector<std::string>{ids[0]}; });
  for (const Json& bad : {cursor, Json("nonsense")}) {
    const RpcReply refused =
        ana.call("view.subscribe", {{"view", "all"}, {"sort", "priority"}, {"after", bad}});
    CHECK(refused.reason() == "invalid_params");
    CHECK(refused.field() == "after");
  }
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

TEST_CASE("S34 counters grow with new views, and a view that goes is sent as null") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  new_contact(connector, "1");
  Json counters = ana.must("counters.subscribe").at("counters");
  const auto until = [&](const auto& holds) {
    while (!holds()) {
      const Json delta = ana.wait_notification("counters.delta").at("params").at("counters");
      for (const auto& [view, now] : delta.items()) counters[view] = now;
    }
  };
  ana.must("view.create", {{"view", "everybody"},
                           {"name", "E"},
                           {"filter", {{"all", Json::array()}}},
                           {"visibility", "private"}});
  until([&] { return counters.contains("everybody"); });
  CHECK(counters.at("everybody").at("contacts") == 1);
  ana.must("view.delete", {{"view", "everybody"}});
  until([&] { return counters.at("everybody").is_null(); });
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

TEST_CASE("S31 a view that is deleted or unshared ends its subscriptions, and nothing follows") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient luis = desk.server.agent("luis");
  RpcClient connector = desk.server.connector("wa");
  const auto create = [&](const char* view) {
    ana.must("view.create", {{"view", view},
                             {"name", view},
                             {"filter", {{"all", Json::array()}}},
                             {"visibility", "workspace"}});
  };
  create("shared");
  create("short");
  FoldedView unshared(luis, {{"view", "shared"}});
  FoldedView own(ana, {{"view", "shared"}});
  FoldedView deleted(luis, {{"view", "short"}});
  FoldedView kept(luis, {{"view", "all"}});
  const auto end_of = [&](const FoldedView& view) {
    return luis
        .wait_notification([&](const Json& n) {
          return n.at("method") == "subscription.ended" && n.at("params").at("sub") == view.sub;
        })
        .at("params");
  };
  ana.must("view.update", {{"view", "shared"}, {"visibility", "private"}});
  CHECK(end_of(unshared).at("reason") == "forbidden");
  ana.must("view.delete", {{"view", "short"}});
  CHECK(end_of(deleted).at("reason") == "deleted");

  const std::string id = new_contact(connector, "1");
  kept.until_has(id);
  own.until_has(id);
  for (const Json& note : luis.take_notifications()) {
    CHECK(note.at("params").value("sub", "") != unshared.sub);
    CHECK(note.at("params").value("sub", "") != deleted.sub);
  }
  for (const auto* ended : {&unshared, &deleted}) {
    const RpcReply reply = luis.call("unsubscribe", {{"sub", ended->sub}});
    CHECK(reply.reason() == "not_found");
    CHECK(reply.field() == "sub");
  }
  // Numbers are not used again.
  FoldedView next(luis, {{"view", "all"}});
  for (const auto* former : {&unshared, &deleted, &kept}) CHECK(next.sub != former->sub);
}

TEST_CASE("S35 a list that was left goes on by ops to what it is now, in every sort") {
  Desk desk;
  RpcClient connector = desk.server.connector("wa");
  std::vector<std::string> ids;
  for (const char* who : {"1", "2", "3", "4"}) ids.push_back(new_contact(connector, who));
  for (const char* sort : {"newest", "oldest", "longest_waiting", "unread_first", "priority"}) {
    CAPTURE(sort);
    const Json params{{"view", "all"}, {"sort", sort}, {"limit", 3}};
    RpcClient ana = desk.server.agent("ana");
    FoldedView list(ana, params);
    ana.drop();
    desk.admin.must("contact.update", {{"contact", ids[0]}, {"set", {{"priority", "high"}}}});
    receive(connector, "2", std::string("late ") + sort);
    desk.admin.must("contact.block", {{"contact", ids[3]}});
    ids.push_back(new_contact(connector, sort));
    RpcClient back = desk.server.agent("ana");
    CHECK(list.resume(back, params));
    FoldedView fresh(back, params);
    CHECK(list.rows == fresh.rows);
    CHECK(list.counters == fresh.counters);
    CHECK(list.more == fresh.more);
    CHECK(list.cursor == fresh.cursor);
    // And lives on.
    receive(connector, "1", std::string("later ") + sort);
    const auto written = contact_of(desk.admin, ids[0]).at("last_seq");
    list.until([&](const FoldedView& v) {
      return !v.has(ids[0]) || v.row(ids[0]).at("last_message").at("seq") == written;
    });
    desk.admin.must("contact.unblock", {{"contact", ids[3]}});
    desk.admin.must("contact.update", {{"contact", ids[0]}, {"set", {{"priority", nullptr}}}});
  }
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

TEST_CASE("S34 who waits for a list that is being built hears how far it is") {
  Desk desk({"--view-progress-ms", "0"});
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  constexpr int contacts = 5'100;  // beyond what is built at once
  std::vector<std::int64_t> asked;
  for (int i = 0; i < contacts; ++i) {
    asked.push_back(connector.send("inbound.receive", {{"external_id", std::to_string(i)},
                                                       {"provider_id", std::to_string(i)},
                                                       {"type", "text"},
                                                       {"text", "x"}}));
  }
  for (const auto id : asked) REQUIRE(connector.wait_reply(id).ok());
  // In another sort than the one that is always there.
  const Json list = ana.must("view.subscribe", {{"view", "all"}, {"sort", "priority"}});
  CHECK(list.at("counters").at("contacts") == contacts);
  const Json told = ana.wait_notification("view.progress").at("params");
  CHECK(told.at("sub") == list.at("sub"));
  CHECK(told.at("view") == "all");
  CHECK(told.at("done") == 2'000);
  CHECK(told.at("total") == contacts);
}
