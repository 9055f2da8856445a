// What the simulation found about clocks that are set, each as a scene of its own.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/sim/scene.hpp"
#include "tests/support/catch.hpp"

namespace inboxd::sim {

TEST_CASE("a clock that is set back does not hold up what lists and counters say") {
  Scene scene;
  scene.writes();
  scene.world.step_clock(-3'600'000);
  for (std::uint64_t unread = 3; unread < 6; ++unread) {
    scene.writes();
    scene.pass(300);
    CHECK(scene.row().at("unread") == unread);
    CHECK(scene.counters().at("unread_messages") == unread);
  }
}

TEST_CASE("S40 a clock that is set forward takes no delivery from a connector that is at work") {
  Scene scene;
  scene.customer->subscribe({.kind = Sub::Kind::outbox}, "outbox.subscribe", json::object());
  scene.boss->request("message.send", {{"contact", scene.row().at("id")}, {"text", "hello"}});
  scene.pass(1'000);
  REQUIRE(scene.customer->deliveries == 1);
  for (int hour = 0; hour < 10; ++hour) {
    scene.world.step_clock(3'600'000);
    scene.writes();  // something that the outbox hears of
    scene.pass(10'000);
  }
  CHECK(scene.customer->deliveries == 1);
  CHECK(scene.row().at("last_message").at("direction") == "in");
}

TEST_CASE("S40 a clock that is set back does not hold up what is tried again") {
  Scene scene;
  scene.customer->subscribe({.kind = Sub::Kind::outbox}, "outbox.subscribe", json::object());
  scene.boss->request("message.send", {{"contact", scene.row().at("id")}, {"text", "hello"}});
  scene.pass(1'000);
  REQUIRE(scene.customer->deliveries == 1);
  auto params = scene.customer->hands.at("hello");
  params["retry"] = true;
  scene.world.deliveries.failed(scene.customer->index, "hello", 0);
  scene.customer->request("outbox.failed", params);
  scene.pass(0);
  scene.pass(1'000);
  scene.world.step_clock(-3'600'000);
  scene.pass(1'001);
  CHECK(scene.customer->deliveries == 2);
}

TEST_CASE("a snooze ends soon after a clock that was set past its end") {
  Scene scene;
  scene.boss->request("contact.snooze", {{"contact", scene.row().at("id")},
                                         {"until", scene.world.now() + 3'600'000}});
  scene.pass(1'000);
  REQUIRE(!scene.row().at("snoozed_until").is_null());
  scene.world.step_clock(2 * 3'600'000);
  scene.pass(6'000);
  CHECK(scene.row().at("snoozed_until").is_null());
}

TEST_CASE(
    "S19 a start wakes in the order of the times, then of the ids, and rows are of those times") {
  Scene scene;
  scene.writes("v");
  scene.writes("w");
  scene.pass(1'000);
  std::vector<std::string> ids;
  for (const auto& row : scene.ana->subs.at("s1").rows) ids.push_back(row.at("id"));
  std::sort(ids.begin(), ids.end());
  REQUIRE(ids.size() == 3);
  const auto soon = scene.world.now() + 10'000, later = soon + 1'000;
  const std::map<std::string, std::int64_t> until{{ids[0], later}, {ids[1], soon}, {ids[2], soon}};
  for (const auto& [id, at] : until)
    scene.boss->request("contact.snooze", {{"contact", id}, {"until", at}});
  scene.pass(1'000);
  scene.world.stop();
  scene.world.advance(60'000, scene.random);
  scene.world.start();

  // The first thing that anybody is answered.
  scene.boss->connect();
  scene.boss->keep_results = true;
  for (const auto& id : ids) {
    scene.boss->request("timeline.page", {{"contact", id}, {"limit", 1}});
    scene.boss->request("contact.get", {{"contact", id}});
  }
  scene.world.settle(scene.random);
  std::map<std::uint64_t, std::string> woken;
  for (const auto& answer : scene.boss->results) {
    const auto& result = answer.at("result");
    if (answer.at("method") == "timeline.page") {
      const auto& last = result.at("entries").at(0);
      CHECK(last.at("event") == "woke");
      CHECK(last.at("cause") == "timer");
      CHECK(last.at("author") == json{{"kind", "system"}, {"id", nullptr}});
      CHECK(last.at("at") == scene.world.now());
      woken[last.at("offset")] = last.at("contact");
    } else if (answer.at("method") == "contact.get") {
      const auto& contact = result.at("contact");
      CHECK(contact.at("sort_at") == until.at(contact.at("id")));
      CHECK(contact.at("snoozed_until").is_null());
    }
  }
  std::vector<std::string> order;
  for (const auto& [offset, id] : woken) order.push_back(id);
  CHECK(order == std::vector{ids[1], ids[2], ids[0]});
}

// Found by inboxd-sim --seed 20022: lists took the last commit before the wakes for now.
TEST_CASE("S2 after a start that woke somebody lists measure relative times from that commit") {
  Scene scene;
  const auto id = scene.row().at("id").get<std::string>();
  constexpr std::int64_t minute_ms = 60'000;
  scene.boss->request(
      "view.create",
      {{"view", "v1"},
       {"name", "Quiet"},
       {"filter", {{"field", "last_inbound_at"}, {"op", "older_than"}, {"value", 10 * minute_ms}}},
       {"visibility", "workspace"}});
  scene.boss->request("contact.snooze",
                      {{"contact", id}, {"until", scene.world.now() + 5 * minute_ms}});
  scene.pass(1'000);
  scene.world.stop();
  scene.world.advance(20 * minute_ms, scene.random);
  scene.world.start();
  const auto woken = scene.world.engine().released().value;

  scene.boss->connect();
  scene.boss->keep_results = true;
  scene.boss->subscribe({.kind = Sub::Kind::view}, "view.subscribe", {{"view", "v1"}});
  scene.world.settle(scene.random);
  const auto& list = scene.boss->results.back().at("result");
  CHECK(list.at("offset") == woken);
  CHECK(list.at("rows").size() == 1);
}

TEST_CASE("S19 a command that comes before the timer notices finds the contact awake") {
  Scene scene;
  const auto id = scene.row().at("id").get<std::string>();
  const auto until = scene.world.now() + 3'600'000;
  scene.boss->request("contact.snooze", {{"contact", id}, {"until", until}});
  scene.pass(1'000);
  scene.world.step_clock(2 * 3'600'000);
  scene.boss->request("comment.add", {{"contact", id}, {"text", "still there?"}});
  scene.boss->keep_results = true;
  scene.boss->request("timeline.page", {{"contact", id}, {"limit", 2}});
  scene.world.settle(scene.random);
  const auto& entries = scene.boss->results.back().at("result").at("entries");
  CHECK(entries.at(0).at("event") == "woke");
  CHECK(entries.at(0).at("cause") == "timer");
  CHECK(entries.at(1).at("kind") == "comment");
  CHECK(entries.at(0).at("offset") < entries.at(1).at("offset"));  // a commit of its own
}

}  // namespace inboxd::sim
