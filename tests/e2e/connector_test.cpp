// `inbound.*` and `outbox.*`, over the real socket.
#include "tests/e2e/desk.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::tests;

namespace {

/// A contact with one message on its way: its seq.
std::uint64_t send_one(RpcClient& agent, const std::string& contact,
                       const std::string& text = "a") {
  return agent.must("message.send", {{"contact", contact}, {"text", text}}).at("entry").at("seq");
}

Json entry_of(RpcClient& client, const std::string& contact, std::uint64_t seq) {
  return timeline_of(client, contact).at(seq - 1);
}

}  // namespace

TEST_CASE("R9 the same provider message again changes nothing, whoever it is said to be from") {
  Desk desk;
  RpcClient connector = desk.server.connector("wa");
  const Json first = receive(connector, "1", "p1");
  const Json again = receive(connector, "1", "p1", "otro texto");
  CHECK(again.at("duplicate") == true);
  CHECK(again.at("contact") == first.at("contact"));
  CHECK(again.at("seq") == first.at("seq"));
  const Json elsewhere = receive(connector, "2", "p1");  // S22
  CHECK(elsewhere.at("duplicate") == true);
  CHECK(elsewhere.at("contact") == first.at("contact"));
  RpcClient web = desk.server.connector("web");
  CHECK(receive(web, "1", "p1").at("duplicate") == false);  // unique per channel
}

TEST_CASE("R8 two first messages that race make one contact") {
  Desk desk;
  std::vector<RpcClient> connectors;
  for (int i = 0; i < 4; ++i)
    connectors.push_back(desk.server.connector("wa", "c" + std::to_string(i)));
  for (int round = 0; round < 5; ++round) {
    const std::string who = "r" + std::to_string(round);
    std::vector<std::int64_t> ids;
    for (std::size_t i = 0; i < connectors.size(); ++i)
      ids.push_back(connectors[i].send("inbound.receive", {{"external_id", who},
                                                           {"provider_id", who + std::to_string(i)},
                                                           {"type", "text"},
                                                           {"text", "hola"}}));
    std::vector<Json> results;
    for (std::size_t i = 0; i < connectors.size(); ++i)
      results.push_back(connectors[i].wait_reply(ids[i]).result);
    for (const Json& result : results) CHECK(result.at("contact") == results[0].at("contact"));
    const auto entries = timeline_of(desk.admin, results[0].at("contact"));
    CHECK(entries.size() == 5);  // opened once, and four messages
  }
}

TEST_CASE("S16 a profile fills empty details only; S26 at never lies in the future") {
  Desk desk;
  RpcClient connector = desk.server.connector("wa");
  const auto write = [&](const std::string& id, const Json& profile, std::int64_t at) {
    return connector.must("inbound.receive", {{"external_id", "1"},
                                              {"provider_id", id},
                                              {"type", "text"},
                                              {"text", "a"},
                                              {"at", at},
                                              {"profile", profile}});
  };
  const std::string id = write("p1", {{"first_name", "Eva"}}, 1'000).at("contact");
  write("p2", {{"first_name", "Otra"}, {"email", "eva@example.org"}}, 9'000'000'000'000);
  const Json contact = contact_of(desk.admin, id);
  CHECK(contact.at("first_name") == "Eva");
  CHECK(contact.at("email") == "eva@example.org");
  CHECK(contact.at("channels").at(0).at("last_inbound_at") < 9'000'000'000'000);
  CHECK(story_of(desk.admin, id) == std::vector<std::string>{"opened", "message", "message"});
}

TEST_CASE("Statuses come late, twice and out of order; the shown one never goes back") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  const auto seq = send_one(ana, id);
  const auto report = [&](const std::string& status, std::int64_t at) {
    connector.must("inbound.status",
                   {{"contact", id}, {"seq", seq}, {"status", status}, {"at", at}});
    return entry_of(ana, id, seq).at("status").get<std::string>();
  };
  connector.must("inbound.status", {{"contact", id},
                                    {"seq", seq},
                                    {"status", "failed"},
                                    {"error", {{"code", "131026"}, {"message", "no"}}}});
  CHECK(entry_of(ana, id, seq).at("status") == "failed");
  CHECK(report("delivered", 5000) == "delivered");
  CHECK(report("sent", 4000) == "delivered");
  CHECK(report("read", 6000) == "read");
  CHECK(report("delivered", 4500) == "read");
  const Json entry = entry_of(ana, id, seq);
  std::vector<std::string> names;
  for (const Json& status : entry.at("statuses")) {
    names.push_back(status.at("status"));
    if (status.at("status") == "delivered") CHECK(status.at("at") == 4500);  // S26: the earliest
    if (status.at("status") == "failed") CHECK(status.at("error").at("code") == "131026");
  }
  CHECK(names == std::vector<std::string>{"pending", "failed", "sent", "delivered", "read"});

  // S4: the same report again takes no offset.
  const auto offset = entry.at("offset");
  CHECK(
      connector
          .must("inbound.status", {{"contact", id}, {"seq", seq}, {"status", "read"}, {"at", 6000}})
          .at("offset")
          .is_number());
  CHECK(entry_of(ana, id, seq).at("offset") == offset);
}

TEST_CASE("S27 statuses belong to outbound messages, and to what the channel reports") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  CHECK(connector.call("inbound.status", {{"contact", id}, {"seq", 2}, {"status", "read"}})
            .reason() == "invalid_params");
  CHECK(connector.call("inbound.status", {{"contact", id}, {"seq", 99}, {"status", "read"}})
            .reason() == "not_found");  // S40
  desk.admin.must("channel.put", {{"id", "mail"}, {"kind", "email"}, {"name", "mail"}});
  RpcClient mail = desk.server.connector("mail");
  const std::string other = new_contact(mail, "eva@example.org");
  const auto seq = send_one(ana, other);
  CHECK(mail.call("inbound.status", {{"contact", other}, {"seq", seq}, {"status", "read"}})
            .reason() == "invalid_params");
}

TEST_CASE("outbox.sent names the platform's id, by which later reports come") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  connector.must("outbox.subscribe");
  const std::string id = new_contact(connector, "1");
  const auto seq = send_one(ana, id);
  CHECK(
      connector.wait_notification("outbox.deliver").at("params").at("deliveries").at(0).at("seq") ==
      seq);
  connector.must("outbox.sent", {{"contact", id}, {"seq", seq}, {"provider_id", "out-1"}});
  connector.must("inbound.status", {{"provider_id", "out-1"}, {"status", "delivered"}});
  const Json entry = entry_of(ana, id, seq);
  CHECK(entry.at("status") == "delivered");
  CHECK(entry.at("provider_id") == "out-1");
}

TEST_CASE("S40 what is pending waits for a connector, also across a crash, and stops when sent") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  std::string id;
  {
    RpcClient connector = desk.server.connector("wa");
    id = new_contact(connector, "1");
  }
  const auto first = send_one(ana, id, "uno");
  const auto second = send_one(ana, id, "dos");
  desk.server.restart();
  RpcClient connector = desk.server.connector("wa");
  const Json waiting = connector.must("outbox.subscribe").at("deliveries");
  REQUIRE(waiting.size() == 2);
  CHECK(waiting[0].at("seq") == first);
  CHECK(waiting[1].at("seq") == second);
  CHECK(waiting[1].at("entry").at("text") == "dos");
  connector.must("outbox.sent", {{"contact", id}, {"seq", first}, {"provider_id", "o1"}});

  // It goes away with one unsent: another gets that one.
  connector.drop();
  RpcClient next = desk.server.connector("wa", "second");
  const Json left = next.must("outbox.subscribe").at("deliveries");
  Json delivery = left.empty()
                      ? next.wait_notification("outbox.deliver").at("params").at("deliveries").at(0)
                      : left.at(0);
  CHECK(delivery.at("seq") == second);
}

TEST_CASE("A connector may come before its channel: it is told so, and served once there is one") {
  Desk desk;
  RpcClient connector = desk.server.connector("later");
  const Json message{{"external_id", "1"}, {"provider_id", "p1"}, {"type", "text"}, {"text", "a"}};
  const Json sub = connector.must("outbox.subscribe").at("sub");
  const auto refused = connector.call("inbound.receive", message);
  CHECK(refused.reason() == "not_found");
  CHECK(refused.field() == "channel");
  desk.admin.must("channel.put", {{"id", "later"}, {"kind", "webchat"}, {"name", "Later"}});
  const Json contact = connector.must("inbound.receive", message).at("contact");
  const auto seq = send_one(desk.admin, contact);
  const Json told = connector.wait_notification("outbox.deliver").at("params");
  CHECK(told.at("sub") == sub);
  CHECK(told.at("deliveries").at(0).at("seq") == seq);
}
