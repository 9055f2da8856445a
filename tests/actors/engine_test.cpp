#include <algorithm>
#include <utility>

#include "tests/actors/engine_fixture.hpp"
#include "tests/support/catch.hpp"

namespace inboxd::tests {
namespace {

namespace request = actors::request;

model::ContactId contact_of(const json& result) {
  return *model::ContactId::parse(result["contact"].get<std::string>());
}

request::OnContact reply(model::ContactId contact, std::string text, std::string client_id = {}) {
  model::SendMessage send;
  send.content.text = std::move(text);
  send.client_id = std::move(client_id);
  return {.contact = contact, .command = send, .expect_version = std::nullopt};
}

request::OnContact on(model::ContactId contact, model::Command command) {
  return {.contact = contact, .command = std::move(command), .expect_version = std::nullopt};
}

/// The ids of a list after a delta's ops, folded as PROTOCOL.md says.
std::vector<std::string> folded(std::vector<std::string> list, const json& delta) {
  for (const auto& op : delta["ops"]) {
    const auto id =
        op["op"] == "put" ? op["row"]["id"].get<std::string>() : op["id"].get<std::string>();
    list.erase(std::remove(list.begin(), list.end(), id), list.end());
    if (op["op"] == "del") continue;
    const auto before = op["before"].is_null()
                            ? list.end()
                            : std::find(list.begin(), list.end(), op["before"].get<std::string>());
    list.insert(before, id);
  }
  return list;
}

}  // namespace

TEST_CASE(
    "a customer's message becomes a contact, a row in the lists, and a reply assigns it and "
    "reaches the connector") {
  EngineFixture engine;
  engine.put_channel("wa", model::ChannelKind::whatsapp);
  const auto wa = engine.connector("wa");
  const auto ana = engine.agent("ana");
  const auto all = engine.fresh_sub();
  const auto unassigned = engine.fresh_sub();
  const auto mine = engine.fresh_sub();
  for (const auto& [sub, view] :
       {std::pair(all, "all"), {unassigned, "unassigned"}, {mine, "mine"}}) {
    const auto snapshot =
        engine.call(ana, request::SubscribeView{.sub = sub, .view = model::ViewId(view)});
    CHECK(snapshot["rows"].empty());
  }
  const auto outbox = engine.fresh_sub();
  engine.call(wa, request::SubscribeOutbox{.sub = outbox});

  const auto received = engine.receive(wa, "+34600111222", "m1", "hola");
  CHECK(received["duplicate"] == false);
  CHECK(received["seq"] == 2);  // S5: `opened` comes first
  const auto contact = contact_of(received);
  for (const auto sub : {all, unassigned}) {
    const auto delta = engine.next(ana, sub, "view.delta");
    CHECK(folded({}, delta) == std::vector{contact.str()});
    CHECK(delta["counters"]["unread_messages"] == 1);
  }

  const auto open = engine.fresh_sub();
  const auto opened = engine.call(ana, request::SubscribeContact{.sub = open, .contact = contact});
  CHECK(opened["entries"].size() == 2);
  CHECK(opened["contact"]["unread"] == 1);

  const auto sent = engine.call(ana, reply(contact, "buenas"));
  CHECK(sent["entry"]["status"] == "pending");
  CHECK(sent["entry"]["offset"] == sent["offset"]);

  SECTION("R2 the reply assigns the contact: it moves from unassigned to mine") {
    CHECK(folded({contact.str()}, engine.next(ana, unassigned, "view.delta")).empty());
    CHECK(folded({}, engine.next(ana, mine, "view.delta")) == std::vector{contact.str()});
    const auto delta = engine.next(ana, open, "contact.delta");
    CHECK(delta["contact"]["assignee"] == "ana");
    CHECK(delta["entries"].size() == 2);
  }
  SECTION("S40 the connector gets the message and reports it sent, which shows") {
    const auto delivery = engine.next(wa, outbox, "outbox.deliver")["deliveries"][0];
    CHECK(delivery["external_id"] == "+34600111222");
    engine.call(
        wa, request::ReportSent{.contact = contact, .seq = {delivery["seq"]}, .provider_id = "p1"});
    engine.call(wa, request::ReportStatus{.provider_id = "p1", .status = model::Status::read});
    const auto page = engine.call(ana, request::PageTimeline{.contact = contact});
    CHECK(page["entries"].back()["status"] == "read");
    CHECK(page["more"] == false);
  }
  SECTION("R9 a message that arrives twice is written once") {
    const auto again = engine.receive(wa, "+34600111222", "m1", "hola");
    CHECK(again["duplicate"] == true);
    CHECK(again["seq"] == 2);
    CHECK(again["offset"] == received["offset"]);
  }
}

TEST_CASE("all is there after a restart, and the contact's subscriber resumes without a gap") {
  EngineFixture engine;
  engine.put_channel("wa", model::ChannelKind::whatsapp);
  auto wa = engine.connector("wa");
  const auto received = engine.receive(wa, "+34600111222", "m1", "hola");
  const auto contact = contact_of(received);
  const auto sent = engine.call(engine.agent("ana"), reply(contact, "buenas", "k1"));
  const std::string epoch = engine.engine().epoch();

  engine.restart(GENERATE(true, false));
  CHECK(engine.engine().epoch() == epoch);
  wa = engine.connector("wa");
  const auto ana = engine.agent("ana");
  CHECK(engine.receive(wa, "+34600111222", "m1", "hola")["duplicate"] == true);
  const auto repeated = engine.call(ana, reply(contact, "buenas", "k1"));
  CHECK(repeated["duplicate"] == true);
  CHECK(repeated["entry"] == sent["entry"]);
  const auto resumed = engine.call(
      ana, request::SubscribeContact{
               .sub = engine.fresh_sub(),
               .contact = contact,
               .resume = actors::StreamPosition{
                   .epoch = epoch, .offset = {received["offset"].get<std::uint64_t>()}}});
  CHECK(resumed["recovered"] == true);
  CHECK(resumed["entries"].size() == 2);  // `assigned` and the reply
  const auto deliveries =
      engine.call(wa, request::SubscribeOutbox{.sub = engine.fresh_sub()})["deliveries"];
  REQUIRE(deliveries.size() == 1);
  CHECK(deliveries[0]["entry"] == sent["entry"]);
}

TEST_CASE("S23 whoever followed what has been merged meanwhile begins anew with the primary") {
  EngineFixture engine;
  engine.put_channel("wa", model::ChannelKind::whatsapp);
  const auto wa = engine.connector("wa");
  const auto primary = contact_of(engine.receive(wa, "+34600111222", "m1", "hola"));
  const auto followed = engine.receive(wa, "+34600111333", "m2", "soy yo");
  const auto secondary = contact_of(followed);
  const auto ana = engine.agent("ana");
  engine.call(ana, request::MergeContact{.contact = primary, .from = secondary});
  const auto resumed = engine.call(
      ana, request::SubscribeContact{.sub = engine.fresh_sub(),
                                     .contact = secondary,
                                     .resume = actors::StreamPosition{
                                         .epoch = engine.engine().epoch(),
                                         .offset = {followed["offset"].get<std::uint64_t>()}}});
  CHECK(resumed["recovered"] == false);
  CHECK(resumed["contact"]["id"] == primary.str());
  CHECK(resumed["entries"].size() == resumed["contact"]["last_seq"]);
}

TEST_CASE(
    "R5 a snooze that ended while the engine was down wakes before the first client is served") {
  EngineFixture engine;
  engine.put_channel("wa", model::ChannelKind::whatsapp);
  const auto contact =
      contact_of(engine.receive(engine.connector("wa"), "+34600111222", "m1", "hola"));
  const model::Timestamp until{engine.clock_ms + 60'000};
  engine.call(engine.agent("ana"), on(contact, model::SnoozeContact{.until = until}));
  engine.clock_ms += 120'000;
  engine.restart();
  const auto page = engine.call(engine.agent("ana"), request::PageTimeline{.contact = contact});
  CHECK(page["entries"].back()["event"] == "woke");
  CHECK(page["entries"].back()["cause"] == "timer");
  const auto row = engine.call(
      engine.agent("ana"),
      request::SubscribeView{.sub = engine.fresh_sub(), .view = model::ViewId("unassigned")});
  REQUIRE(row["rows"].size() == 1);
  CHECK(row["rows"][0]["sort_at"] == until.ms);
}

TEST_CASE(
    "R14 a merged contact's id leads to the primary, and its messages follow the primary's own") {
  EngineFixture engine;
  engine.put_channel("wa", model::ChannelKind::whatsapp);
  const auto wa = engine.connector("wa");
  const auto ana = engine.agent("ana");
  const auto primary = contact_of(engine.receive(wa, "+34600111222", "m1", "hola"));
  const auto secondary = contact_of(engine.receive(wa, "+34600333444", "m2", "soy yo"));
  const auto open = engine.fresh_sub();
  engine.call(ana, request::SubscribeContact{.sub = open, .contact = secondary});
  engine.call(ana, request::MergeContact{.contact = primary, .from = secondary});
  const auto ended = engine.next(ana, open, "subscription.ended");
  CHECK(ended["reason"] == "merged");
  CHECK(ended["contact"] == primary.str());

  const auto check = [&] {
    const auto page = engine.call(engine.agent("ana"), request::PageTimeline{.contact = secondary});
    REQUIRE(page["entries"].size() == 5);
    CHECK(page["entries"][3]["text"] == "soy yo");
    CHECK(page["entries"][3]["contact"] == primary.str());
    CHECK(page["entries"][3]["seq"] == 4);
    CHECK(page["entries"][4]["event"] == "merged");
    const auto next = engine.receive(engine.connector("wa"), "+34600333444", "m2", "soy yo");
    CHECK(next["duplicate"] == true);
    CHECK(next["contact"] == primary.str());
  };
  check();
  engine.restart(false);
  check();
}

TEST_CASE("S23 a long timeline is merged without being read, and what was read there is counted") {
  EngineFixture engine;
  engine.put_channel("wa", model::ChannelKind::whatsapp);
  const auto wa = engine.connector("wa");
  const auto ana = engine.agent("ana");
  const auto primary = contact_of(engine.receive(wa, "+34600111222", "m0", "unread"));
  constexpr int messages = 2100;  // some slices of what is looked through
  std::vector<actors::RequestTag> asked;
  for (int i = 1; i <= messages; ++i) {
    model::ReceiveInbound inbound;
    inbound.external_id = "+34600333444";
    inbound.provider_id = "m" + std::to_string(i);
    inbound.content.text = "number " + std::to_string(i);
    asked.push_back(engine.send(wa, request::ReceiveInbound{inbound}));
  }
  model::ContactId secondary;
  for (const auto tag : asked) secondary = contact_of(engine.answer(tag)["result"]);
  engine.call(ana, on(secondary, model::MarkRead{}));
  engine.call(ana, reply(secondary, "on its way"));
  const auto open = engine.fresh_sub();
  engine.call(ana, request::SubscribeContact{.sub = open, .contact = primary});
  const auto merged =
      engine.call(ana, request::MergeContact{.contact = primary, .from = secondary});
  // More than a delta carries: whoever follows the primary begins anew with it.
  const auto ended = engine.next(ana, open, "subscription.ended");
  CHECK(ended["reason"] == "merged");
  CHECK(ended["contact"] == primary.str());

  const auto check = [&] {
    const auto again =
        engine.call(engine.agent("ana"),
                    request::SubscribeContact{.sub = engine.fresh_sub(), .contact = secondary});
    CHECK(again["contact"]["id"] == primary.str());
    CHECK(again["contact"]["unread"] == 1 + messages);
    const auto page =
        engine.call(engine.agent("ana"),
                    request::PageTimeline{.contact = primary, .before_seq = model::Seq{6}});
    REQUIRE(page["entries"].size() == 5);
    CHECK(page["entries"][4]["text"] == "number 2");  // behind both `opened`
    CHECK(page["entries"][4]["contact"] == primary.str());
    CHECK(page["entries"][4]["offset"] == merged["offset"]);
    CHECK(engine.receive(engine.connector("wa"), "+34600333444", "m7", "number 7")["duplicate"] ==
          true);
  };
  check();
  const auto deliveries =
      engine.call(wa, request::SubscribeOutbox{.sub = engine.fresh_sub()})["deliveries"];
  REQUIRE(deliveries.size() == 1);
  CHECK(deliveries[0]["entry"]["contact"] == primary.str());
  engine.restart(false);
  check();
}

TEST_CASE(
    "S16 an account that another contact has is a conflict that names it, and nothing is created") {
  EngineFixture engine;
  engine.put_channel("wa", model::ChannelKind::whatsapp);
  const auto contact =
      contact_of(engine.receive(engine.connector("wa"), "+34600111222", "m1", "hola"));
  model::CreateContact create;
  create.channels.push_back({.channel = model::ChannelId("wa"), .external_id = "+34600111222"});
  const auto error = engine.error(engine.agent("ana"), request::CreateContact{create});
  CHECK(error["code"] == -32004);
  CHECK(error["data"]["contact"] == contact.str());
}

TEST_CASE("S24 removing an agent unassigns its contacts and hangs up its sessions") {
  EngineFixture engine;
  engine.put_channel("wa", model::ChannelKind::whatsapp);
  const auto contact =
      contact_of(engine.receive(engine.connector("wa"), "+34600111222", "m1", "hola"));
  const auto ana = engine.agent("ana");
  engine.call(ana, reply(contact, "buenas"));
  const auto boss = engine.admin();
  const auto open = engine.fresh_sub();
  engine.call(boss, request::SubscribeContact{.sub = open, .contact = contact});
  engine.call(boss, request::OnWorkspace{.command = model::RemoveAgent{model::AgentId("ana")}});
  const auto delta = engine.next(boss, open, "contact.delta");
  CHECK(delta["contact"]["assignee"].is_null());
  CHECK(delta["entries"][0]["cause"] == "policy");
}

TEST_CASE("S7 what is asked after a reply with offset N is exact at N or later") {
  EngineFixture engine;
  engine.put_channel("wa", model::ChannelKind::whatsapp);
  const auto wa = engine.connector("wa");
  const auto ana = engine.agent("ana");
  const auto contact = contact_of(engine.receive(wa, "+34600111222", "m0", "hola"));
  for (int round = 0; round < 20; ++round) {
    const auto n = engine.call(ana, reply(contact, "buenas"))["offset"].get<std::uint64_t>();
    for (const auto* view : {"all", "mine", "unassigned"}) {
      const auto list = engine.call(
          ana, request::SubscribeView{.sub = engine.fresh_sub(), .view = model::ViewId(view)});
      CHECK(list["offset"].get<std::uint64_t>() >= n);
      CHECK(list["rows"].size() == (view == std::string("unassigned") ? 0 : 1));
    }
    CHECK(engine.call(ana, request::GetContact{.contact = contact})["offset"] >= n);
    CHECK(engine.call(ana, request::ListViews{})["offset"] >= n);
    CHECK(engine.call(ana, request::ListTeams{})["offset"] >= n);
  }
}

TEST_CASE("S7 commands of one session to one contact take effect in the order sent") {
  EngineFixture engine;
  engine.put_channel("wa", model::ChannelKind::whatsapp);
  const auto contact =
      contact_of(engine.receive(engine.connector("wa"), "+34600111222", "m0", "hola"));
  const auto ana = engine.agent("ana");
  constexpr int sent = 100;
  std::vector<actors::RequestTag> tags;
  for (int i = 0; i < sent; ++i)
    tags.push_back(engine.send(ana, reply(contact, std::to_string(i))));
  for (const auto tag : tags) CHECK(engine.answer(tag).contains("result"));
  const auto page =
      engine.call(ana, request::PageTimeline{.contact = contact, .before_seq = {}, .limit = sent});
  REQUIRE(page["entries"].size() == sent);
  for (int i = 0; i < sent; ++i) {
    CHECK(page["entries"][static_cast<std::size_t>(i)]["text"] == std::to_string(i));
  }
}

TEST_CASE("a contact let go and brought back is the same") {
  EngineFixture engine;  // keeps four in memory
  engine.put_channel("wa", model::ChannelKind::whatsapp);
  const auto wa = engine.connector("wa");
  std::vector<model::ContactId> contacts;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 40; ++i) {
      const auto result =
          engine.receive(wa, "+346001112" + std::to_string(10 + i),
                         "m" + std::to_string(round) + "-" + std::to_string(i), "hola");
      if (round == 0) contacts.push_back(contact_of(result));
      CHECK(contact_of(result) == contacts[static_cast<std::size_t>(i)]);
      CHECK(result["seq"] == 2 + round);
    }
  }
}

TEST_CASE("all that is known of a contact is the same after others took its place in memory") {
  EngineFixture engine;  // keeps four in memory
  engine.put_channel("wa", model::ChannelKind::whatsapp);
  const auto wa = engine.connector("wa");
  const auto ana = engine.agent("ana");
  const auto contact = contact_of(engine.receive(wa, "ada", "a1", "hola"));
  engine.receive(wa, "ada", "a2", "sigo aquí");
  const auto change = [&](model::Command command) {
    engine.call(ana, on(contact, std::move(command)));
  };
  model::UpdateContact update;
  update.tags_add = {"vip"};
  change(update);
  change(model::AssignContact{{.assignee = model::AgentId("ana")}});
  engine.call(ana, reply(contact, "un momento"));
  change(model::SnoozeContact{.until = {engine.clock_ms + 3'600'000}});
  const auto all = [&] {
    return json{
        engine.call(ana, request::GetContact{contact})["contact"],
        engine.call(ana, request::PageTimeline{.contact = contact, .limit = 50})["entries"]};
  };
  const auto before = all();
  int written = 0;
  const auto write_to_others = [&] {
    for (int i = 0; i < 40; ++i) {
      engine.receive(wa, "other" + std::to_string(i), "o" + std::to_string(++written), "hola");
    }
  };
  for (int round = 0; round < 3; ++round) {
    write_to_others();
    CHECK(all() == before);
  }
  CHECK(engine.receive(wa, "ada", "a3", "¿sí?")["seq"] > before[1].back()["seq"]);
  const auto after = all();
  write_to_others();
  CHECK(all() == after);
}

TEST_CASE(
    "a contact made just after the clock went back is the same after a crash, sort time included") {
  EngineFixture engine;
  engine.put_channel("wa", model::ChannelKind::whatsapp);
  engine.clock_ms -= 1'500;
  const auto contact = contact_of(engine.receive(engine.connector("wa"), "ada", "p1", "hola"));
  const auto before = engine.call(engine.agent("ana"), request::GetContact{contact});
  engine.restart(false);
  const auto after = engine.call(engine.agent("ana"), request::GetContact{contact});
  CHECK(after["contact"]["created_at"] == engine.clock_ms.load());
  CHECK(after["contact"] == before["contact"]);
}

}  // namespace inboxd::tests
