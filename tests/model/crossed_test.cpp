// SEMANTICS.md "Rules, crossed": S17 to S22, and which error wins (S6).
#include "tests/model/scene.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;
using Story = std::vector<std::string>;

TEST_CASE(
    "S17 an assign to a team alone leaves the contact unassigned, and is one assigned event") {
  Scene scene;
  scene.receive();
  scene.assign(std::nullopt, "sales");
  CHECK_FALSE(scene.person.contact.assignment.assignee);
  CHECK(scene.person.contact.assignment.team == TeamId("sales"));
  CHECK(scene.person.story(3) == Story{"assigned/manual"});
}

TEST_CASE("S17 an assign that leaves both null writes unassigned") {
  Scene scene;
  scene.receive();
  scene.assign("ana", "sales");
  scene.assign(std::nullopt);
  CHECK(scene.person.story(4) == Story{"unassigned/manual"});
}

TEST_CASE("S17 a reply and done change the assignee, never the team") {
  Scene scene;
  scene.receive();
  scene.assign(std::nullopt, "sales");
  scene.send("ana");
  CHECK(scene.person.contact.assignment == Assignment{AgentId("ana"), TeamId("sales")});
  scene.done();
  CHECK(scene.person.contact.assignment == Assignment{std::nullopt, TeamId("sales")});
}

TEST_CASE("S18 assigning a done contact to an agent or a team reopens it") {
  Scene scene;
  scene.receive();
  scene.done();
  scene.assign("ana");
  CHECK(scene.person.story(4) == Story{"reopened/manual", "assigned/manual"});
  scene.done();
  scene.assign(std::nullopt, "sales");
  CHECK(scene.person.story(8) == Story{"reopened/manual", "assigned/manual"});
}

TEST_CASE("S18 assigning a done contact to the team it kept reopens it all the same") {
  Scene scene;
  scene.receive();
  scene.assign(std::nullopt, "sales");
  scene.done();
  scene.assign(std::nullopt, "sales");
  CHECK(scene.person.contact.status == ContactStatus::open);
  CHECK(scene.person.story(5) == Story{"reopened/manual"});
}

TEST_CASE("S18 a done contact cannot be snoozed") {
  Scene scene;
  scene.receive();
  scene.done();
  const auto error =
      scene.refused(SnoozeContact{.until = scene.now + hours(1)}, Scene::agent("ana"));
  CHECK(error.reason == Reason::conflict);
}

TEST_CASE("S18 replying to, assigning and commenting on a snoozed contact leaves it snoozed") {
  Scene scene;
  scene.receive();
  scene.snooze(hours(1));
  scene.send("ana");
  scene.assign("ben");
  scene.comment("ana");
  CHECK(scene.person.contact.snooze);
}

TEST_CASE("S18 done clears a snooze without woke and without touching sort_at") {
  Scene scene;
  scene.receive();
  const auto sort_at = scene.row().sort_at;
  scene.snooze(hours(1));
  scene.pass(minutes(1));
  scene.done();
  CHECK_FALSE(scene.person.contact.snooze);
  CHECK(scene.row().sort_at == sort_at);
  CHECK(scene.person.story(4) == Story{"done/manual"});
}

TEST_CASE("S18 snoozing again replaces T, and the event says from when to when") {
  Scene scene;
  scene.receive();
  const auto first = scene.now + hours(1);
  scene.snooze(hours(1));
  scene.snooze(hours(2), false);
  CHECK(scene.person.contact.snooze == Snooze{scene.now + hours(2), false});
  const auto& data = std::get<Snoozed>(scene.person.last().event()->data);
  CHECK(data == Snoozed{first, scene.now + hours(2), false});
}

TEST_CASE("S18 a snooze must end ahead of now") {
  Scene scene;
  scene.receive();
  const auto error = scene.refused(SnoozeContact{.until = scene.now}, Scene::agent("ana"));
  CHECK(error.reason == Reason::invalid_params);
  CHECK(error.field == "until");
  scene.must(SnoozeContact{.until = scene.now + Duration{1}}, Scene::agent("ana"));
}

TEST_CASE("S19 a due wake comes before any other command, as a commit of its own by the system") {
  Scene scene;
  scene.receive();
  scene.snooze(hours(1));
  const auto until = scene.now + hours(1);
  const auto commits = scene.person.commits.size();
  scene.now = until;
  scene.comment("ana");
  CHECK(scene.person.commits.size() == commits + 2);
  CHECK(scene.person.story(4) == Story{"woke/timer", "comment"});
  CHECK(scene.person.entry(4).author == Author{AuthorKind::system, ""});
  CHECK(scene.row().sort_at == until);
}

TEST_CASE("S19 the timer's word does nothing once the snooze was moved or ended") {
  Scene scene;
  scene.receive();
  scene.snooze(hours(1));
  scene.snooze(hours(2));
  scene.pass(hours(1));
  CHECK(scene.must(WakeDue{}, Principal()).events.empty());
  scene.must(WakeContact{}, Scene::agent("ana"));
  scene.pass(hours(2));
  CHECK(scene.must(WakeDue{}, Principal()).events.empty());
}

TEST_CASE("S19 a blocked contact wakes too") {
  Scene scene;
  scene.receive();
  scene.snooze(hours(1));
  scene.must(BlockContact{}, Scene::agent("ana"));
  scene.pass(hours(1));
  scene.wake_if_due(scene.person);
  CHECK_FALSE(scene.person.contact.snooze);
  CHECK(scene.person.contact.blocked);
}

TEST_CASE("S19 inbound wakes only if the snooze's flag and the policy are both on at that moment") {
  for (const bool flag : {false, true}) {
    for (const bool policy : {false, true}) {
      Scene scene;
      scene.receive();
      scene.snooze(hours(1), flag);
      scene.workspace.policy.wake_on_inbound = policy;
      scene.receive("again");
      CHECK(scene.person.contact.snooze.has_value() == !(flag && policy));
    }
  }
}

TEST_CASE("S20 with assign_on_reply off a reply to a done contact reopens it without assigning") {
  Scene scene;
  scene.workspace.policy.assign_on_reply = false;
  scene.receive();
  scene.done();
  scene.send("ana");
  CHECK(scene.person.story(4) == Story{"reopened/reply", "message"});
  CHECK_FALSE(scene.person.contact.assignment.assignee);
}

TEST_CASE("S20 with unassign_on_done off a reply does not take the contact over") {
  Scene scene;
  scene.workspace.policy.unassign_on_done = false;
  scene.receive();
  scene.assign("ana");
  scene.done();
  scene.send("ben");
  CHECK(scene.person.contact.assignment.assignee == AgentId("ana"));
  CHECK(scene.person.story(5) == Story{"reopened/reply", "message"});
}

TEST_CASE("S20 a service's send to a done contact neither assigns nor reopens") {
  Scene scene;
  scene.receive();
  scene.done();
  scene.must(Scene::message("survey"), Scene::service());
  CHECK(scene.person.contact.status == ContactStatus::done);
  CHECK_FALSE(scene.person.contact.assignment.assignee);
}

TEST_CASE("S21 a blocked contact's messages change its row as usual") {
  Scene scene;
  scene.receive();
  scene.send("ana");
  scene.must(BlockContact{}, Scene::agent("ana"));
  scene.pass(minutes(1));
  scene.receive("still here");
  const auto row = scene.row();
  CHECK(row.unread == 2);
  CHECK(row.waiting_since == scene.now);
  CHECK(row.sort_at == scene.now);
  CHECK(row.last_message->preview == "still here");
}

TEST_CASE("S21 a send to a blocked contact is blocked, every other command works") {
  Scene scene;
  scene.receive();
  scene.must(BlockContact{}, Scene::agent("ana"));
  CHECK(scene.refused(Scene::message("hi"), Scene::agent("ana")).reason == Reason::blocked);
  scene.comment("ana");
  scene.assign("ana");
  scene.snooze(hours(1));
  scene.must(WakeContact{}, Scene::agent("ana"));
  scene.done();
  scene.must(ReopenContact{}, Scene::agent("ana"));
  scene.must(UnblockContact{}, Scene::agent("ana"));
  CHECK_FALSE(scene.person.contact.blocked);
}

TEST_CASE("S21 unblocking changes nothing else") {
  Scene scene;
  scene.receive();
  auto before = scene.person.contact;
  scene.must(BlockContact{}, Scene::agent("ana"));
  scene.must(UnblockContact{}, Scene::agent("ana"));
  auto after = scene.person.contact;
  CHECK(scene.person.story(3) == Story{"blocked/manual", "unblocked/manual"});
  after.version = before.version;
  after.changed_at = before.changed_at;
  after.last_seq = before.last_seq;
  CHECK(after == before);
}

TEST_CASE("S22 client ids are one space for messages and comments, per sender") {
  Scene scene;
  scene.receive();
  auto send = Scene::message("hi");
  send.client_id = "c1";
  const auto sent = scene.must(send, Scene::agent("ana"));
  const AddComment comment{.text = "note", .mentions = {}, .client_id = "c1"};
  const auto repeated = scene.must(comment, Scene::agent("ana"));
  CHECK(repeated.duplicate);
  CHECK(repeated.entry == sent.entry);
  CHECK_FALSE(scene.must(comment, Scene::agent("ben")).duplicate);
}

TEST_CASE("S22 a provider id is told apart by channel alone, whatever the external id") {
  Scene scene;
  auto command = scene.inbound("hello", "whatsapp", "+15550100");
  scene.must(command, Scene::connector("whatsapp"));
  command.external_id = "+15550199";
  CHECK(scene.must(command, Scene::connector("whatsapp")).duplicate);
}

TEST_CASE("S6 a contact that the caller may not see is not found, never forbidden") {
  Scene scene;
  scene.workspace.agents.at(AgentId("cleo")).visibility = Visibility::assigned;
  scene.receive();
  scene.assign("ana");
  const auto error = scene.refused(MarkDone{}, Scene::agent("cleo"));
  CHECK(error.reason == Reason::not_found);
  CHECK(error.field == "contact");
}

TEST_CASE("S6 params come before ids, ids before repeats, repeats before conflicts") {
  Scene scene;
  scene.receive();
  auto send = Scene::message("hi");
  send.client_id = "c1";
  scene.must(send, Scene::agent("ana"));
  const Expect stale{.version = Version{77}};

  auto bad = send;
  bad.content.text.clear();
  bad.channel = ChannelId("nowhere");
  CHECK(scene.refused(bad, Scene::agent("ana"), stale).reason == Reason::invalid_params);
  auto lost = send;
  lost.channel = ChannelId("nowhere");
  CHECK(scene.refused(lost, Scene::agent("ana"), stale).reason == Reason::not_found);
  const auto repeated = scene.run(send, Scene::agent("ana"), stale);
  REQUIRE(repeated.has_value());
  CHECK(repeated->duplicate);
}

TEST_CASE("S6 conflicts come before blocked, and blocked before the window") {
  Scene scene;
  scene.receive();
  scene.must(BlockContact{}, Scene::agent("ana"));
  scene.pass(days(2));
  const auto send = Scene::message("hi");
  const Expect stale{.version = Version{77}};
  CHECK(scene.refused(send, Scene::agent("ana"), stale).reason == Reason::conflict);
  CHECK(scene.refused(send, Scene::agent("ana")).reason == Reason::blocked);
  scene.must(UnblockContact{}, Scene::agent("ana"));
  CHECK(scene.refused(send, Scene::agent("ana")).reason == Reason::window_closed);
}

TEST_CASE("S6 a connector gives no other commands, and nobody else its own") {
  Scene scene;
  scene.receive();
  const auto inbound = scene.inbound("x", "whatsapp", "+15550100");
  CHECK(scene.refused(MarkDone{}, Scene::connector("whatsapp")).reason == Reason::forbidden);
  CHECK(scene.refused(inbound, Scene::agent("ana")).reason == Reason::forbidden);
  CHECK(scene.refused(inbound, Scene::service()).reason == Reason::forbidden);
  CHECK(scene.refused(inbound, Scene::connector("telegram")).reason == Reason::forbidden);
}
