// A small contact centre on a simulated engine, for tests that say what happens step by step.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <spdlog/spdlog.h>

#include "tests/sim/client.hpp"
#include "tests/sim/world.hpp"

namespace inboxd::sim {

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
  void writes(const char* who = "u") {
    const auto text = "m" + std::to_string(++texts);
    customer->request(
        "inbound.receive",
        {{"external_id", who}, {"provider_id", text}, {"type", "text"}, {"text", text}});
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

}  // namespace inboxd::sim
