// How what agents send is given out: limits, shares, order, giving up, over the real socket.
#include <map>
#include <set>

#include "tests/e2e/desk.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::tests;

namespace {

std::uint64_t send_one(RpcClient& agent, const std::string& contact, const std::string& text) {
  return agent.must("message.send", {{"contact", contact}, {"text", text}}).at("entry").at("seq");
}

/// The next deliveries' texts, at least one.
std::vector<Json> next_deliveries(RpcClient& connector) {
  return connector.wait_notification("outbox.deliver")
      .at("params")
      .at("deliveries")
      .get<std::vector<Json>>();
}

std::string text_of(const Json& delivery) {
  return delivery.at("entry").at("text");
}

void put_whatsapp(Desk& desk, Json more) {
  more.update({{"id", "wa"}, {"kind", "whatsapp"}, {"name", "wa"}});
  desk.admin.must("channel.put", more);
}

}  // namespace

TEST_CASE(
    "a channel's rate is data: no more go out in a time than it says, and another holds at once") {
  Desk desk;
  put_whatsapp(desk, {{"rate", {{"count", 2}, {"per_ms", 250}, {"burst", 2}}}});
  RpcClient connector = desk.server.connector("wa");
  connector.must("outbox.subscribe");
  std::vector<std::string> contacts;
  for (int i = 0; i < 8; ++i) contacts.push_back(new_contact(connector, std::to_string(i)));
  const auto begin = now_ms();
  for (const auto& contact : contacts) send_one(desk.admin, contact, "limited");
  std::size_t got = 0;
  while (got < 6) got += next_deliveries(connector).size();
  // Two at once, then two every 250 ms: the sixth is not there before 500 ms. Clocks tick in ms.
  CHECK(now_ms() - begin >= 495);
  put_whatsapp(desk, {{"rate", {{"count", 1}, {"per_ms", 3'600'000}, {"burst", 1}}}});
  put_whatsapp(desk, Json::object());
  while (got < 8) got += next_deliveries(connector).size();
  CHECK(got == 8);
}

TEST_CASE(
    "a customer's rate holds up that customer alone, until the channel's record says otherwise") {
  Desk desk;
  put_whatsapp(desk, {{"customer_rate", {{"count", 1}, {"per_ms", 3'600'000}, {"burst", 2}}}});
  RpcClient connector = desk.server.connector("wa");
  connector.must("outbox.subscribe");
  const std::string busy = new_contact(connector, "busy");
  const std::string other = new_contact(connector, "other");
  for (const char* text : {"b1", "b2", "b3"}) send_one(desk.admin, busy, text);
  send_one(desk.admin, other, "o1");
  std::vector<std::string> got;
  const auto take = [&](std::size_t count) {
    while (got.size() < count) {
      for (const Json& delivery : next_deliveries(connector)) got.push_back(text_of(delivery));
    }
  };
  take(3);
  CHECK(got == std::vector<std::string>{"b1", "b2", "o1"});
  put_whatsapp(desk, Json::object());
  take(4);
  CHECK(got.back() == "b3");
}

TEST_CASE(
    "S40 connectors that share a channel divide it: nothing twice, each contact in order, also "
    "when one dies") {
  Desk desk;
  RpcClient first = desk.server.connector("wa", "first");
  RpcClient second = desk.server.connector("wa", "second");
  first.must("outbox.subscribe");
  second.must("outbox.subscribe");
  std::vector<std::string> contacts;
  for (int i = 0; i < 12; ++i) contacts.push_back(new_contact(first, std::to_string(i)));
  for (int round = 0; round < 3; ++round) {
    for (const auto& contact : contacts) send_one(desk.admin, contact, std::to_string(round));
  }
  // The first reports on one message of each contact that it has, and dies with the rest.
  std::map<std::string, std::vector<std::string>> told;  // by contact
  std::set<std::pair<std::string, std::uint64_t>> held;
  const auto report = [&](RpcClient& connector, const Json& delivery) {
    const std::string contact = delivery.at("contact");
    connector.must("outbox.sent", {{"contact", contact},
                                   {"seq", delivery.at("seq")},
                                   {"provider_id", contact + "-" + delivery.at("seq").dump()}});
    told[contact].push_back(text_of(delivery));
  };
  std::vector<Json> to_first, to_second;
  while (to_first.size() + to_second.size() < 36) {
    auto& from = to_first.size() < 18 ? first : second;
    auto& to = to_first.size() < 18 ? to_first : to_second;
    for (const Json& delivery : next_deliveries(from)) {
      const bool fresh = held.emplace(delivery.at("contact"), delivery.at("seq")).second;
      CHECK(fresh);
      to.push_back(delivery);
    }
  }
  CHECK(to_first.size() == 18);
  for (const Json& delivery : to_first) {
    if (text_of(delivery) == "0") report(first, delivery);
  }
  first.drop();
  for (const Json& delivery : to_second) report(second, delivery);
  for (std::size_t left = 12; left > 0;) {
    for (const Json& delivery : next_deliveries(second)) {
      report(second, delivery);
      --left;
    }
  }
  CHECK(told.size() == contacts.size());
  for (const auto& [contact, texts] : told) CHECK(texts == std::vector<std::string>{"0", "1", "2"});
}

TEST_CASE(
    "a message that no connector reports on has failed in the end, and says why in the timeline "
    "and the list") {
  Desk desk;
  put_whatsapp(
      desk,
      {{"retry",
        {{"attempts", 2}, {"delay_ms", 10}, {"delay_max_ms", 10}, {"ack_timeout_ms", 1'000}}}});
  RpcClient connector = desk.server.connector("wa");
  connector.must("outbox.subscribe");
  const std::string contact = new_contact(connector, "1");
  FoldedView all(desk.admin, {{"view", "all"}});
  const auto silent = send_one(desk.admin, contact, "nobody says anything");
  CHECK(next_deliveries(connector).at(0).at("seq") == silent);
  const Json again = next_deliveries(connector).at(0);
  CHECK(again.at("attempts") == 1);
  all.until([&](const FoldedView& view) {
    return view.has(contact) && view.row(contact).at("last_message").at("status") == "failed";
  });
  const Json entry = timeline_of(desk.admin, contact).at(silent - 1);
  CHECK(entry.at("statuses").back().at("error").at("code") == "unacknowledged");
  // It is over: what comes now goes on its own.
  const auto next = send_one(desk.admin, contact, "next");
  CHECK(next_deliveries(connector).at(0).at("seq") == next);

  // The connector's last reason is the one that is kept.
  const Json error = {{"code", "131000"}, {"message", "Something went wrong"}};
  const Json params = {{"contact", contact}, {"seq", next}, {"retry", true}, {"error", error}};
  CHECK(connector.must("outbox.failed", params).at("retry_at").is_number());
  CHECK(next_deliveries(connector).at(0).at("seq") == next);
  CHECK(connector.must("outbox.failed", params).at("retry_at").is_null());
  CHECK(timeline_of(desk.admin, contact).at(next - 1).at("statuses").back().at("error") == error);
}
