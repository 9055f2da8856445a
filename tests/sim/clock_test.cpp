// What the simulation found about clocks that are set, each as a scene of its own.
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

}  // namespace inboxd::sim
