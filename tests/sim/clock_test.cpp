// What the simulation found about clocks that are set, each as a scene of its own.
#include <algorithm>

#include <spdlog/spdlog.h>

#include "tests/sim/client.hpp"
#include "tests/sim/world.hpp"
#include "tests/support/catch.hpp"

namespace inboxd::sim {
namespace {

/// One contact that ana watches in `all` and counts.
struct Scene {
  Scene() {
    spdlog::set_level(spdlog::level::off);
    using Kind = model::PrincipalKind;
    boss = &add({.kind = Kind::service, .id = "boss", .role = model::Role::admin});
    ana = &add({.kind = Kind::agent, .id = "ana"});
    customer = &add({.kind = Kind::connector, .id = "web", .channel = model::ChannelId("web")});
    boss->request("channel.put", {{"id", "web"}, {"kind", "webchat"}, {"name", "Web"}});
    world.settle(random);
    writes();
    ana->subscribe({.kind = Sub::Kind::view}, "view.subscribe", {{"view", "all"}});
    ana->subscribe({.kind = Sub::Kind::counters}, "counters.subscribe", json::object());
    pass(1'000);
  }

  Client& add(model::Principal principal) {
    world.clients.push_back(
        std::make_unique<Client>(world, world.clients.size(), "default", std::move(principal)));
    world.clients.back()->connect();
    return *world.clients.back();
  }
  void writes() {
    const auto text = "m" + std::to_string(++texts);
    customer->request(
        "inbound.receive",
        {{"external_id", "u"}, {"provider_id", text}, {"type", "text"}, {"text", text}});
    world.settle(random);
  }
  void pass(std::int64_t ms) {
    world.advance(ms, random);
    world.settle(random);
  }
  const json& row() const { return ana->subs.at("s1").rows.at(0); }
  const json& counters() const { return ana->subs.at("s2").counters.at("all"); }

  World world{1};
  Random random{1};
  Client *boss = nullptr, *ana = nullptr, *customer = nullptr;
  int texts = 0;
};

}  // namespace

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
  scene.world.deliveries.failed("hello", 0);
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
