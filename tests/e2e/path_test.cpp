// The whole way once: a customer writes, agents see it, one answers, the connector takes it, the
// server is killed, and everything is still there.
#include <csignal>

#include "tests/e2e/desk.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::tests;

TEST_CASE("A message travels from the customer to the agents and back, and survives kill -9") {
  Desk desk;
  RpcClient connector = desk.server.connector("wa");
  RpcClient ana = desk.server.agent("ana");
  RpcClient luis = desk.server.agent("luis");
  const Json outbox = connector.must("outbox.subscribe");
  CHECK(outbox.at("deliveries").empty());
  FoldedView all(luis, {{"view", "all"}});
  FoldedView unassigned(luis, {{"view", "unassigned"}});
  FoldedView mine(ana, {{"view", "mine"}});
  CHECK(mine.rows.empty());

  // R8: the first message opens a contact, unassigned.
  const Json received = receive(connector, "52551", "wamid-1", "¿Dónde está mi pedido?");
  const std::string contact = received.at("contact");
  CHECK(received.at("duplicate") == false);
  all.until_has(contact);
  unassigned.until_has(contact);
  CHECK(unassigned.counters ==
        Json({{"contacts", 1}, {"unread_contacts", 1}, {"unread_messages", 1}}));
  CHECK(unassigned.row(contact).at("last_message").at("preview") == "¿Dónde está mi pedido?");

  const Json opened = ana.must("contact.subscribe", {{"contact", contact}});
  REQUIRE(opened.at("entries").size() == 2);
  CHECK(opened.at("entries")[0].at("event") == "opened");
  CHECK(opened.at("entries")[1].at("text") == "¿Dónde está mi pedido?");

  // R2: the reply assigns.
  const Json sent =
      ana.must("message.send", {{"contact", contact}, {"text", "Lo reviso"}, {"client_id", "c1"}});
  CHECK(sent.at("entry").at("status") == "pending");
  unassigned.until_lacks(contact);
  mine.until_has(contact);
  CHECK(mine.row(contact).at("assignee") == "ana");
  CHECK(story_of(ana, contact) ==
        std::vector<std::string>{"opened", "message", "assigned", "message"});

  const Json deliver = connector.wait_notification("outbox.deliver").at("params");
  CHECK(deliver.at("sub") == outbox.at("sub"));
  const Json delivery = deliver.at("deliveries").at(0);
  CHECK(delivery.at("external_id") == "52551");
  CHECK(delivery.at("contact") == contact);
  CHECK(delivery.at("entry").at("text") == "Lo reviso");
  connector.must(
      "outbox.sent",
      {{"contact", contact}, {"seq", delivery.at("seq")}, {"provider_id", "wamid-out-1"}});
  const Json delta = ana.wait_notification([&](const Json& n) {
    if (n.at("method") != "contact.delta") return false;
    const Json& entries = n.at("params").at("entries");
    return !entries.empty() && entries.back().value("status", "") == "sent";
  });
  CHECK(delta.at("params").at("entries").back().at("seq") == delivery.at("seq"));
  mine.until(
      [&](const FoldedView& v) { return v.row(contact)["last_message"]["status"] == "sent"; });

  const auto before = timeline_of(ana, contact);
  const auto mine_offset = mine.offset;
  const std::string epoch = ana.must("contact.subscribe", {{"contact", contact}}).at("epoch");
  desk.server.restart();

  // Everything that was acknowledged is there.
  RpcClient again = desk.server.agent("ana");
  CHECK(timeline_of(again, contact) == before);
  RpcClient connector_again = desk.server.connector("wa");
  CHECK(receive(connector_again, "52551", "wamid-1").at("duplicate") == true);  // R9
  CHECK(connector_again.must("outbox.subscribe").at("deliveries").empty());

  // S35: the list goes on from where it was.
  const Json resumed =
      again.must("view.subscribe",
                 {{"view", "mine"}, {"resume", {{"epoch", epoch}, {"offset", mine_offset}}}});
  CHECK(resumed.at("epoch") == epoch);
  if (resumed.at("recovered") == true) {
    CHECK(resumed.at("ops").empty());
  } else {
    CHECK(resumed.at("rows").at(0).at("id") == contact);
  }
  receive(connector_again, "52551", "wamid-2", "gracias");
  CHECK(again.wait_notification("view.delta").at("params").at("ops").at(0).at("row").at("unread") ==
        2);
}

TEST_CASE("A contact's subscription resumes with exactly what changed meanwhile") {
  Desk desk;
  RpcClient connector = desk.server.connector("wa");
  const std::string contact = new_contact(connector, "1");
  RpcClient ana = desk.server.agent("ana");
  const Json first = ana.must("contact.subscribe", {{"contact", contact}});
  ana.drop();
  receive(connector, "1", "p2", "dos");
  desk.server.kill();
  desk.server.start();
  RpcClient again = desk.server.agent("ana");
  const Json resumed =
      again.must("contact.subscribe",
                 {{"contact", contact},
                  {"resume", {{"epoch", first.at("epoch")}, {"offset", first.at("offset")}}}});
  CHECK(resumed.at("recovered") == true);
  REQUIRE(resumed.at("entries").size() == 1);
  CHECK(resumed.at("entries")[0].at("text") == "dos");
}

TEST_CASE("SIGTERM ends the server with 0, and sessions with 1001") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  desk.server.process().signal(SIGTERM);
  CHECK(ana.wait_close() == 1001);
  CHECK(desk.server.process().wait() == 0);
}
