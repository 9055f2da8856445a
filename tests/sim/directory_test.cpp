// What the directory gives contacts to do is done at once, whatever it was that made it.
#include "tests/sim/scene.hpp"
#include "tests/support/catch.hpp"

namespace inboxd::sim {

// Found by inboxd-sim --seed 5044: the contact was woken and never run, and a stop waited for it
// for ever (then this test hangs).
TEST_CASE(
    "S25 a watched contact looks again when a new agent comes, and nothing is left to wait for") {
  Scene scene;
  const std::string contact = scene.row().at("id");
  scene.boss->subscribe({.kind = Sub::Kind::contact}, "contact.subscribe", {{"contact", contact}});
  scene.world.settle(scene.random);
  const auto before = scene.world.engine().released().value;
  scene.add({.kind = model::PrincipalKind::agent, .id = "nobody-put-her"});
  scene.world.settle(scene.random);
  CHECK(scene.world.engine().released().value == before + 1);  // her record (S24)
  scene.world.stop();
  scene.world.start();
  scene.boss->connect();
  scene.pass(0);
  CHECK(scene.boss->connected());
}

}  // namespace inboxd::sim
