// An agent's own lists begin with rows that the aggregator gives, while commits are on their way.
#include "tests/sim/scene.hpp"
#include "tests/support/catch.hpp"

namespace inboxd::sim {
namespace {

/// All that there is to do but for the actor that has waited longest.
void run_but_the_first(World& world) {
  do {
    while (world.driver().ready() > 1) world.driver().run(world.driver().ready() - 1);
  } while (world.commit() > 0);
}

}  // namespace

TEST_CASE("an agent's list does not go back to commits that its rows have") {
  Scene scene;
  scene.writes("v");
  scene.pass(1'000);
  REQUIRE(scene.ana->subs.at("s1").rows.size() == 2);
  const auto assign = [&](std::size_t which) {
    const auto contact = scene.ana->subs.at("s1").rows.at(which).at("id");
    scene.boss->request("contact.assign", {{"contact", contact}, {"assignee", "eva"}});
    run_but_the_first(scene.world);
    return scene.world.engine().released().value;
  };
  auto& eva = scene.add({.kind = model::PrincipalKind::agent, .id = "eva"});
  eva.keep_results = true;
  scene.world.settle(scene.random);
  eva.results.clear();

  const auto look = [&] {
    eva.subscribe({.kind = Sub::Kind::view}, "view.subscribe", {{"view", "mine"}});
  };
  look();  // her actor comes to be, and is left waiting
  REQUIRE(scene.world.driver().ready() == 1);
  const auto first = assign(0);
  look();
  const auto second = assign(1);
  REQUIRE(second > first);
  scene.world.settle(scene.random);

  REQUIRE(eva.results.size() == 2);
  for (const auto& answer : eva.results) {
    INFO(answer.dump());
    const auto& result = answer.at("result");
    const std::uint64_t offset = result.at("offset");
    CHECK(result.at("rows").size() == (offset >= first ? 1U : 0U) + (offset >= second ? 1U : 0U));
  }
}

TEST_CASE(
    "S35 a list is not resumed across a change of what its agent may see that nobody followed") {
  Scene scene;
  const auto may_see = [&](const char* what) {
    scene.boss->request("agent.put", {{"id", "ana"},
                                      {"name", "Ana"},
                                      {"role", "agent"},
                                      {"visibility", what},
                                      {"teams", json::array()}});
    scene.pass(1'000);
  };
  may_see("assigned");
  REQUIRE(scene.ana->subs.at("s1").rows.empty());
  scene.world.stop();
  scene.world.start();
  scene.boss->connect();
  scene.pass(0);
  may_see("all");
  scene.ana->connect();
  scene.pass(0);
  scene.ana->resume();
  scene.pass(1'000);
  CHECK(scene.row().at("unread") == 1);
}

}  // namespace inboxd::sim
