// `contact.*`, over the real socket.
#include "tests/e2e/desk.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::tests;
using Story = std::vector<std::string>;

TEST_CASE("S16 contact.create makes an open, unassigned contact; a taken identity is a conflict") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  const Json channels = Json::array({{{"channel", "wa"}, {"external_id", "777"}}});
  const Json result = ana.must("contact.create", {{"first_name", "Eva"}, {"channels", channels}});
  const std::string id = result.at("contact").at("id");
  CHECK(result.at("contact").at("status") == "open");
  CHECK(result.at("contact").at("assignee").is_null());
  CHECK(result.at("contact").at("name") == "Eva");
  CHECK(result.at("version") == 1);
  CHECK(story_of(ana, id) == Story{"opened"});

  const RpcReply taken = ana.call("contact.create", {{"channels", channels}});
  CHECK(taken.code() == -32004);
  CHECK(taken.error.at("data").at("contact") == id);

  RpcClient connector = desk.server.connector("wa");
  CHECK(receive(connector, "777", "p1").at("contact") == id);  // R8
}

TEST_CASE("S15 contact.update sets, clears and leaves alone; S3 it moves the version by one") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  desk.admin.must("field.put", {{"id", "plan"}, {"name", "Plan"}, {"type", "text"}});
  const std::string id = new_contact(connector, "1");
  const auto version = contact_of(ana, id).at("version").get<int>();

  const Json first = ana.must("contact.update", {{"contact", id},
                                                 {"set",
                                                  {{"first_name", "Eva"},
                                                   {"email", "eva@example.org"},
                                                   {"priority", "high"},
                                                   {"fields", {{"plan", "gold"}}}}},
                                                 {"tags_add", {"vip", "b"}}});
  CHECK(first.at("version") == version + 1);
  CHECK(first.at("contact").at("tags") == Json({"b", "vip"}));  // S11
  CHECK(first.at("contact").at("fields").at("plan") == "gold");
  const auto story = story_of(ana, id);
  CHECK(Story(story.end() - 2, story.end()) == Story{"updated", "tagged"});  // S5

  const Json cleared = ana.must(
      "contact.update", {{"contact", id}, {"set", {{"email", nullptr}}}, {"tags_remove", {"b"}}});
  CHECK(cleared.at("contact").at("email").is_null());
  CHECK(cleared.at("contact").at("first_name") == "Eva");
  CHECK(cleared.at("contact").at("tags") == Json({"vip"}));

  // S4: the same again changes nothing.
  const Json same = ana.must("contact.update", {{"contact", id}, {"set", {{"first_name", "Eva"}}}});
  CHECK(same.at("version") == cleared.at("version"));
  CHECK(same.at("offset") == cleared.at("offset"));

  const RpcReply both =
      ana.call("contact.update", {{"contact", id}, {"tags_add", {"x"}}, {"tags_remove", {"x"}}});
  CHECK(both.reason() == "invalid_params");
}

TEST_CASE("R13 expect_version: the later of two commands gets conflict and the current state") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient luis = desk.server.agent("luis");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  const auto version = contact_of(ana, id).at("version");

  ana.must("contact.assign", {{"contact", id}, {"assignee", "ana"}, {"expect_version", version}});
  const RpcReply late = luis.call(
      "contact.assign", {{"contact", id}, {"assignee", "luis"}, {"expect_version", version}});
  CHECK(late.code() == -32004);
  CHECK(late.error.at("data").at("version") == version.get<int>() + 1);
  CHECK(late.error.at("data").contains("last_seq"));
  CHECK(contact_of(luis, id).at("assignee") == "ana");
}

TEST_CASE("S17 contact.assign sets assignee and team; leaving both empty unassigns") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  FoldedView unassigned(ana, {{"view", "unassigned"}});
  FoldedView team(ana, {{"view", "team:support"}});
  ana.must("contact.assign", {{"contact", id}, {"assignee", nullptr}, {"team", "support"}});
  team.until_has(id);
  CHECK(unassigned.has(id));
  ana.must("contact.assign", {{"contact", id}, {"assignee", "luis"}});
  unassigned.until_lacks(id);
  team.until_lacks(id);
  ana.must("contact.assign", {{"contact", id}, {"assignee", nullptr}});
  unassigned.until_has(id);
  CHECK(story_of(ana, id) == Story{"opened", "message", "assigned", "assigned", "unassigned"});
}

TEST_CASE("R3 done unassigns, clears the snooze and the unread; R1 a message reopens") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  ana.must("contact.assign", {{"contact", id}, {"assignee", "ana"}});
  ana.must("contact.snooze", {{"contact", id}, {"until", now_ms() + 3'600'000}});
  ana.must("contact.done",
           {{"contact", id}, {"note", {{"category", "envíos"}, {"summary", "entregado"}}}});
  Json contact = contact_of(ana, id);
  CHECK(contact.at("status") == "done");
  CHECK(contact.at("assignee").is_null());
  CHECK(contact.at("snoozed_until").is_null());
  CHECK(contact.at("unread") == 0);
  const auto entries = timeline_of(ana, id);
  const Json& done = entries.at(entries.size() - 2);  // S5: done before unassigned
  CHECK(done.at("event") == "done");
  CHECK(done.at("data").at("note").at("category") == "envíos");  // S42
  CHECK(entries.back().at("event") == "unassigned");
  CHECK(entries.back().at("cause") == "done");

  receive(connector, "1", "p2", "otra cosa");
  contact = contact_of(ana, id);
  CHECK(contact.at("status") == "open");
  CHECK(contact.at("assignee").is_null());
  CHECK(contact.at("conversation").at("number") == 2);  // S14

  ana.must("contact.done", {{"contact", id}});
  ana.must("contact.reopen", {{"contact", id}});
  CHECK(contact_of(ana, id).at("status") == "open");
}

TEST_CASE("R4 a snoozed contact leaves the lists; R6 a message wakes it; R5 so does its time") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  ana.must("contact.assign", {{"contact", id}, {"assignee", "ana"}});
  FoldedView mine(ana, {{"view", "mine"}});
  FoldedView all(ana, {{"view", "all"}});
  REQUIRE(mine.has(id));

  const auto until = now_ms() + 3'600'000;
  ana.must("contact.snooze", {{"contact", id}, {"until", until}});
  mine.until_lacks(id);
  all.until([&](const FoldedView& v) { return v.row(id).at("snoozed_until") == until; });
  receive(connector, "1", "p2");
  mine.until_has(id);
  CHECK(story_of(ana, id).back() == "message");
  CHECK(story_of(ana, id).at(4) == "woke");  // S5

  // wake_on_inbound: false sleeps through messages until somebody wakes it.
  ana.must("contact.snooze", {{"contact", id}, {"until", until}, {"wake_on_inbound", false}});
  mine.until_lacks(id);
  receive(connector, "1", "p3");
  CHECK(contact_of(ana, id).at("snoozed_until") == until);
  ana.must("contact.wake", {{"contact", id}});
  mine.until_has(id);

  // S19: a timer's wake moves the contact to the time it was due. (That it was away meanwhile may
  // come in the same delta as its return.)
  const auto soon = now_ms() + 500;
  ana.must("contact.snooze", {{"contact", id}, {"until", soon}});
  mine.until([&](const FoldedView& v) { return v.has(id) && v.row(id).at("sort_at") == soon; });
  CHECK(timeline_of(ana, id).back().at("cause") == "timer");

  const RpcReply past = ana.call("contact.snooze", {{"contact", id}, {"until", 1}});  // S18
  CHECK(past.reason() == "invalid_params");
  CHECK(past.field() == "until");
}

TEST_CASE("R5 a snooze that ends while the server is down ends when it is up again") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  const auto until = now_ms() + 1'000;
  ana.must("contact.snooze", {{"contact", id}, {"until", until}});
  desk.server.kill();
  wait_for_clock(until + 1);
  desk.server.start();
  RpcClient again = desk.server.agent("ana");
  FoldedView unassigned(again, {{"view", "unassigned"}});
  REQUIRE(unassigned.has(id));  // before the first client is served
  CHECK(unassigned.row(id).at("sort_at") == until);
}

TEST_CASE("R11, S13 who reads counts, and unread never counts outbound messages") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient luis = desk.server.agent("luis");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  receive(connector, "1", "p2");
  receive(connector, "1", "p3");
  CHECK(contact_of(ana, id).at("unread") == 3);
  ana.must("contact.read", {{"contact", id}, {"up_to_seq", 2}});
  CHECK(contact_of(ana, id).at("unread") == 2);
  ana.must("message.send", {{"contact", id}, {"text", "a"}});
  CHECK(contact_of(ana, id).at("unread") == 2);
  luis.must("contact.read", {{"contact", id}});  // not the assignee
  CHECK(contact_of(ana, id).at("unread") == 2);
  ana.must("contact.read", {{"contact", id}});
  CHECK(contact_of(ana, id).at("unread") == 0);
  ana.must("contact.unread", {{"contact", id}});
  CHECK(contact_of(ana, id).at("unread") == 1);
  CHECK(ana.call("contact.read", {{"contact", id}, {"up_to_seq", 999}}).reason() ==
        "invalid_params");
}

TEST_CASE("S14 each reopening begins a conversation with times of its own, also after a restart") {
  Desk desk;
  RpcClient connector = desk.server.connector("wa");
  RpcClient bot = desk.server.service("bot", "agent");
  RpcClient ana = desk.server.agent("ana");
  const std::string id = new_contact(connector, "1");
  const auto at = [&](const char* what) {
    Json found;
    for (const Json& entry : timeline_of(bot, id)) {
      if (entry.value("event", std::string()) == what) found = entry.at("at");
    }
    return found;
  };
  const auto conversation = [&] { return contact_of(bot, id).at("conversation"); };
  CHECK(conversation() == Json{{"number", 1},
                               {"opened_at", at("opened")},
                               {"first_response_at", nullptr},
                               {"done_at", nullptr}});
  bot.must("message.send", {{"contact", id}, {"text", "no agent's"}});
  CHECK(conversation().at("first_response_at").is_null());
  const Json first = ana.must("message.send", {{"contact", id}, {"text", "a"}}).at("entry");
  next_millisecond();
  ana.must("message.send", {{"contact", id}, {"text", "b"}});
  ana.must("contact.done", {{"contact", id}});
  const Json done{{"number", 1},
                  {"opened_at", at("opened")},
                  {"first_response_at", first.at("at")},
                  {"done_at", at("done")}};
  CHECK(conversation() == done);

  desk.server.restart();
  connector = desk.server.connector("wa");
  bot = desk.server.service("bot", "agent");
  ana = desk.server.agent("ana");
  CHECK(conversation() == done);
  receive(connector, "1", "p2");
  CHECK(conversation() == Json{{"number", 2},
                               {"opened_at", at("reopened")},
                               {"first_response_at", nullptr},
                               {"done_at", nullptr}});
  ana.must("contact.done", {{"contact", id}});
  const Json reply = ana.must("message.send", {{"contact", id}, {"text", "c"}}).at("entry");
  CHECK(conversation() == Json{{"number", 3},
                               {"opened_at", at("reopened")},
                               {"first_response_at", reply.at("at")},
                               {"done_at", nullptr}});
}

TEST_CASE("R12 a blocked contact writes, and is seen in no list but blocked") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  FoldedView all(ana, {{"view", "all"}});
  FoldedView blocked(ana, {{"view", "blocked"}});
  ana.must("contact.block", {{"contact", id}});
  all.until_lacks(id);
  blocked.until_has(id);
  receive(connector, "1", "p2");
  CHECK(contact_of(ana, id).at("unread") == 2);  // S21
  CHECK(ana.call("message.send", {{"contact", id}, {"text", "a"}}).code() == -32009);
  ana.must("contact.unblock", {{"contact", id}});
  all.until_has(id);
  blocked.until_lacks(id);
}

TEST_CASE("R14 a merged contact's entries, channels and id lead to the primary") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient wa = desk.server.connector("wa");
  RpcClient web = desk.server.connector("web");
  const std::string primary = new_contact(wa, "1");
  const std::string secondary = new_contact(web, "visitor");
  receive(web, "visitor", "w2", "soy la misma");
  ana.must("contact.subscribe", {{"contact", secondary}});
  FoldedView all(ana, {{"view", "all"}});

  const Json merged = ana.must("contact.merge", {{"contact", primary}, {"from", secondary}});
  CHECK(merged.contains("offset"));
  all.until_lacks(secondary);
  const Json ended = ana.wait_notification("subscription.ended").at("params");  // S31
  CHECK(ended.at("reason") == "merged");
  CHECK(ended.at("contact") == primary);
  const auto entries = timeline_of(ana, primary);
  for (std::size_t i = 0; i < entries.size(); ++i) CHECK(entries[i].at("seq") == i + 1);
  CHECK(std::ranges::any_of(entries,
                            [](const Json& e) { return e.value("text", "") == "soy la misma"; }));
  CHECK(
      std::ranges::any_of(entries, [](const Json& e) { return e.value("event", "") == "merged"; }));

  // S23: any method given the secondary's id answers as for the primary.
  CHECK(contact_of(ana, secondary).at("id") == primary);
  const Json comment = ana.must("comment.add", {{"contact", secondary}, {"text", "nota"}});
  CHECK(comment.at("entry").at("contact") == primary);
  CHECK(receive(web, "visitor", "w3").at("contact") == primary);
  CHECK(ana.call("contact.merge", {{"contact", primary}, {"from", primary}}).reason() ==
        "invalid_params");
}

TEST_CASE("S25 what an agent may not see is not_found, and leaves the lists by delta") {
  Desk desk;
  desk.put_agent("eva", "assigned");
  RpcClient ana = desk.server.agent("ana");
  RpcClient eva = desk.server.agent("eva");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  FoldedView all(eva, {{"view", "all"}});
  CHECK(all.rows.empty());
  CHECK(eva.call("contact.get", {{"contact", id}}).reason() == "not_found");
  ana.must("contact.assign", {{"contact", id}, {"assignee", "eva"}});
  all.until_has(id);
  eva.must("contact.subscribe", {{"contact", id}});
  ana.must("contact.assign", {{"contact", id}, {"assignee", "ana"}});
  all.until_lacks(id);
  CHECK(eva.wait_notification("subscription.ended").at("params").at("reason") == "forbidden");
  CHECK(eva.call("contact.read", {{"contact", id}}).reason() == "not_found");
}
