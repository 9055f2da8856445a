// PRODUCT.md §2, R1 to R14, one by one. Where rules meet: crossed_test.cpp.
#include "tests/model/scene.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;
using Story = std::vector<std::string>;

namespace {

std::optional<std::string> assignee_of(const Scene& scene) {
  const auto& assignee = scene.person.contact.assignment.assignee;
  return assignee ? std::optional(assignee->str()) : std::nullopt;
}

}  // namespace

TEST_CASE("R1 an inbound message reopens a done contact, still unassigned") {
  Scene scene;
  scene.receive();
  scene.assign("ana");
  scene.done();
  scene.receive("again");
  CHECK(scene.person.contact.status == ContactStatus::open);
  CHECK_FALSE(assignee_of(scene));
  CHECK(scene.person.story(6) == Story{"reopened/inbound", "message"});
}

TEST_CASE("R1 with the policy reopen_on_inbound off a done contact stays done") {
  Scene scene;
  scene.workspace.policy.reopen_on_inbound = false;
  scene.receive();
  scene.done();
  scene.receive("again");
  CHECK(scene.person.contact.status == ContactStatus::done);
  CHECK(scene.person.contact.unread.size() == 1);
}

TEST_CASE("R2 an agent's message to an unassigned contact assigns it to that agent") {
  Scene scene;
  scene.receive();
  scene.send("ana");
  CHECK(assignee_of(scene) == "ana");
  CHECK(scene.person.story(3) == Story{"assigned/reply", "message"});
  CHECK(scene.person.entry(3).author == Author{AuthorKind::agent, "ana"});
}

TEST_CASE("R2 a second agent's message leaves the assignee alone") {
  Scene scene;
  scene.receive();
  scene.send("ana");
  scene.send("ben");
  CHECK(assignee_of(scene) == "ana");
}

TEST_CASE("R2 comments and a service's messages assign nobody") {
  Scene scene;
  scene.receive();
  scene.comment("ana");
  scene.must(Scene::message("from a program"), Scene::service());
  CHECK_FALSE(assignee_of(scene));
  CHECK(scene.person.story(3) == Story{"comment", "message"});
}

TEST_CASE("R3 done clears the assignee, the snooze and unread") {
  Scene scene;
  scene.receive();
  scene.assign("ana");
  scene.snooze(hours(1));
  scene.done();
  const auto& contact = scene.person.contact;
  CHECK(contact.status == ContactStatus::done);
  CHECK_FALSE(assignee_of(scene));
  CHECK_FALSE(contact.snooze);
  CHECK(contact.unread.empty());
  CHECK(contact.read_seq == contact.last_seq);
  CHECK(scene.person.story(5) == Story{"done/manual", "unassigned/done"});
}

TEST_CASE("R3 with the policy unassign_on_done off the assignee stays") {
  Scene scene;
  scene.workspace.policy.unassign_on_done = false;
  scene.receive();
  scene.assign("ana");
  scene.done();
  CHECK(assignee_of(scene) == "ana");
  CHECK(scene.person.story(4) == Story{"done/manual"});
  CHECK(scene.person.contact.unread.empty());
}

TEST_CASE("R4 a snooze is shown in the row and written as an event") {
  Scene scene;
  scene.receive();
  scene.snooze(hours(1));
  CHECK(scene.row().snoozed_until == scene.now + hours(1));
  CHECK(scene.person.story(3) == Story{"snoozed/manual"});
  CHECK(scene.person.contact.status == ContactStatus::open);
}

TEST_CASE("R5 at T the contact wakes and its row's sort time becomes T") {
  Scene scene;
  scene.receive();
  scene.snooze(hours(1));
  const auto until = scene.now + hours(1);
  scene.now = until - Duration{1};
  CHECK_FALSE(wake_is_due(scene.person.contact, scene.now));
  scene.now = until + minutes(5);  // the engine was down at T
  CHECK(wake_is_due(scene.person.contact, scene.now));
  scene.wake_if_due(scene.person);
  CHECK_FALSE(scene.row().snoozed_until);
  CHECK(scene.row().sort_at == until);
  CHECK(scene.person.last().at == scene.now);
  CHECK(scene.person.story(4) == Story{"woke/timer"});
}

TEST_CASE("R6 an inbound message wakes a snoozed contact") {
  Scene scene;
  scene.receive();
  scene.snooze(hours(1));
  scene.receive("urgent");
  CHECK_FALSE(scene.person.contact.snooze);
  CHECK(scene.person.story(4) == Story{"woke/inbound", "message"});
}

TEST_CASE("R6 a contact snoozed with wake_on_inbound false sleeps on") {
  Scene scene;
  scene.receive();
  scene.snooze(hours(1), false);
  scene.receive("urgent");
  CHECK(scene.person.contact.snooze);
  CHECK(scene.person.story(4) == Story{"message"});
}

TEST_CASE("R7 an agent's message to a done contact reopens it and assigns it to the agent") {
  Scene scene;
  scene.receive();
  scene.done();
  scene.send("ben");
  CHECK(scene.person.contact.status == ContactStatus::open);
  CHECK(assignee_of(scene) == "ben");
  CHECK(scene.person.story(4) == Story{"reopened/reply", "assigned/reply", "message"});
}

TEST_CASE("R8 the first inbound message from an unknown account creates the contact") {
  Scene scene;
  const auto decision = scene.receive("hello", "telegram", "tg-7");
  const auto& contact = scene.person.contact;
  CHECK(contact.exists());
  CHECK(contact.version.value == 1);
  CHECK(contact.status == ContactStatus::open);
  CHECK_FALSE(assignee_of(scene));
  CHECK(contact.identities.at(0).channel == ChannelId("telegram"));
  CHECK(contact.identities.at(0).external_id == "tg-7");
  CHECK(scene.person.story() == Story{"opened/inbound", "message"});
  CHECK(decision.entry == Seq{2});
}

TEST_CASE("R8 the same account leads to the same contact") {
  Scene scene;
  scene.receive("one");
  const auto id = scene.person.contact.id;
  scene.receive("two");
  CHECK(scene.person.contact.id == id);
  CHECK(scene.person.story(3) == Story{"message"});
}

TEST_CASE("R9 a provider id that comes again changes nothing and names the first entry") {
  Scene scene;
  auto command = scene.inbound("hello", "whatsapp", "+15550100");
  scene.must(command, Scene::connector("whatsapp"));
  scene.receive("two");
  const auto before = scene.person.contact;
  command.content.text = "another text";
  const auto decision = scene.must(command, Scene::connector("whatsapp"));
  CHECK(decision.duplicate);
  CHECK(decision.entry == Seq{2});
  CHECK(decision.events.empty());
  CHECK(scene.person.contact == before);
}

TEST_CASE("R10 a client id that comes again changes nothing and names the first entry") {
  Scene scene;
  scene.receive();
  auto command = Scene::message("hi");
  command.client_id = "c1";
  scene.must(command, Scene::agent("ana"));
  const auto before = scene.person.contact;
  const auto decision = scene.must(command, Scene::agent("ana"));
  CHECK(decision.duplicate);
  CHECK(decision.entry == Seq{4});
  CHECK(scene.person.contact == before);
}

TEST_CASE("R11 the assignee's reading counts, somebody else's does not") {
  Scene scene;
  scene.receive("one");
  scene.receive("two");
  scene.assign("ana");
  scene.must(MarkRead{}, Scene::agent("ben"));
  CHECK(scene.row().unread == 2);
  scene.must(MarkRead{Seq{2}}, Scene::agent("ana"));
  CHECK(scene.row().unread == 1);
  scene.must(MarkRead{}, Scene::agent("ana"));
  CHECK(scene.row().unread == 0);
}

TEST_CASE("R11 while a contact is unassigned any agent's reading counts") {
  Scene scene;
  scene.receive();
  scene.must(MarkRead{}, Scene::agent("cleo"));
  CHECK(scene.row().unread == 0);
}

TEST_CASE("R11 mark unread sets unread back to 1") {
  Scene scene;
  scene.receive("one");
  scene.receive("two");
  scene.must(MarkRead{}, Scene::agent("ana"));
  scene.must(MarkUnread{}, Scene::agent("ana"));
  CHECK(scene.row().unread == 1);
}

TEST_CASE("R12 a blocked contact's message is recorded, and reopens and wakes nothing") {
  Scene scene;
  scene.receive();
  scene.done();
  scene.must(BlockContact{}, Scene::agent("ana"));
  scene.receive("let me in");
  CHECK(scene.person.contact.status == ContactStatus::done);
  CHECK(scene.person.story(5) == Story{"message"});

  Scene asleep;
  asleep.receive();
  asleep.snooze(hours(1));
  asleep.must(BlockContact{}, Scene::agent("ana"));
  asleep.receive("let me in");
  CHECK(asleep.person.contact.snooze);
}

TEST_CASE("R13 with expect_version the later of two gets a conflict with the current state") {
  Scene scene;
  scene.receive();
  const Expect seen{.version = scene.person.contact.version};
  REQUIRE(scene.run(AssignContact{{AgentId("ana"), {}}}, Scene::agent("ana"), seen).has_value());
  const auto error = scene.refused(AssignContact{{AgentId("ben"), {}}}, Scene::agent("ben"), seen);
  CHECK(error.reason == Reason::conflict);
  CHECK(error.version == scene.person.contact.version);
  CHECK(error.last_seq == scene.person.contact.last_seq);
  CHECK(assignee_of(scene) == "ana");
}

TEST_CASE("R13 with expect_seq a send after somebody else's gets a conflict") {
  Scene scene;
  scene.receive();
  auto command = Scene::message("hi");
  command.expect_seq = Seq{2};
  scene.must(command, Scene::agent("ana"));
  const auto error = scene.refused(command, Scene::agent("ben"));
  CHECK(error.reason == Reason::conflict);
  CHECK(error.last_seq == Seq{4});
}
