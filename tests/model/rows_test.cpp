// What rows and contacts show: S9 to S14, and what moves versions (S3) and nothing (S4).
#include "tests/model/scene.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;
using Story = std::vector<std::string>;

TEST_CASE("S1 the entries of one commit share its time and its offset, seq orders them") {
  Scene scene;
  scene.receive();
  scene.done();
  scene.pass(minutes(1));
  scene.send("ana");
  for (const auto seq : {4U, 5U, 6U}) {
    CHECK(scene.person.entry(seq).at == scene.now);
    CHECK(scene.person.entry(seq).offset == scene.offset);
    CHECK(scene.person.entry(seq).seq == Seq{seq});
  }
}

TEST_CASE("S2 a contact changes by commits only, not by the clock") {
  Scene scene;
  scene.receive();
  scene.snooze(hours(1));
  const auto row = scene.row();
  scene.pass(days(3));
  CHECK(scene.row() == row);
}

TEST_CASE("S3 each commit that changes state or details moves the version by exactly 1") {
  Scene scene;
  std::uint64_t version = 0;
  const auto moved = [&] { return scene.person.contact.version.value == ++version; };
  scene.receive();
  CHECK(moved());
  scene.assign("ana", "sales");
  CHECK(moved());
  scene.snooze(hours(1));
  CHECK(moved());
  scene.done();  // two entries, one commit
  CHECK(moved());
  scene.send("ana");  // reopened, assigned, message
  CHECK(moved());
  scene.must(BlockContact{}, Scene::agent("ana"));
  CHECK(moved());
  UpdateContact update;
  update.set.first_name.emplace("Eva");
  update.tags_add = {"vip"};
  update.channels_add = {{ChannelId("email"), "eva@example.com"}};
  scene.must(update, Scene::agent("ana"));
  CHECK(moved());
  auto with_profile = scene.inbound("x", "whatsapp", "+15550100");
  with_profile.profile.emplace().last_name = "Diaz";
  scene.must(with_profile, Scene::connector("whatsapp"));
  CHECK(moved());
}

TEST_CASE("S3 messages, comments, reads and statuses alone do not move the version") {
  Scene scene;
  scene.receive();
  scene.send("ana");
  const auto version = scene.person.contact.version;
  scene.receive("two");
  scene.send("ana");
  scene.comment("ana");
  scene.must(MarkRead{}, Scene::agent("ana"));
  scene.must(MarkUnread{}, Scene::agent("ana"));
  scene.must(ReportStatus{.seq = Seq{4}}, Scene::connector("whatsapp"));
  CHECK(scene.person.contact.version == version);
  CHECK(scene.person.contact.changed_at == scene.offset);
}

TEST_CASE("S4 a command that changes nothing succeeds and spends nothing") {
  Scene scene;
  scene.receive();
  scene.send("ana");
  const auto before = scene.person.contact;
  UpdateContact same;
  same.set.first_name.emplace(std::nullopt);
  same.tags_remove = {"vip"};
  same.channels_add = {{ChannelId("whatsapp"), "+15550100"}};
  const std::vector<Command> nothing{AssignContact{{AgentId("ana"), {}}},
                                     ReopenContact{},
                                     WakeContact{},
                                     UnblockContact{},
                                     MarkRead{Seq{1}},
                                     same};
  scene.must(MarkRead{Seq{1}}, Scene::agent("ana"));
  for (const auto& command : nothing) {
    CAPTURE(command.index());
    CHECK(scene.must(command, Scene::agent("ana")).events.empty());
  }
  CHECK(scene.person.contact.version == before.version);

  scene.done();
  const auto done = scene.person.contact;
  CHECK(scene.must(MarkDone{ClosingNote{"sale", "again"}}, Scene::agent("ana")).events.empty());
  CHECK(scene.person.contact == done);
}

TEST_CASE("S4 the same snooze again and a repeated status change nothing") {
  Scene scene;
  scene.receive();
  scene.send("ana");
  scene.snooze(hours(1));
  CHECK(scene.snooze(hours(1)).events.empty());
  const ReportStatus sent{.seq = Seq{4}, .status = Status::sent, .at = scene.now};
  CHECK_FALSE(scene.must(sent, Scene::connector("whatsapp")).events.empty());
  CHECK(scene.must(sent, Scene::connector("whatsapp")).events.empty());
}

TEST_CASE("S5 entries of one commit come in their order") {
  Scene scene;
  scene.receive();
  scene.assign("ana");
  scene.done();
  CHECK(scene.person.story(4) == Story{"done/manual", "unassigned/done"});
  scene.send("ben");
  CHECK(scene.person.story(6) == Story{"reopened/reply", "assigned/reply", "message"});
  UpdateContact update;
  update.set.first_name.emplace("Eva");
  update.tags_add = {"vip"};
  scene.must(update, Scene::agent("ana"));
  CHECK(scene.person.story(9) == Story{"updated/manual", "tagged/manual"});
}

TEST_CASE("S9 sort_at is the latest message or wake; nothing else moves it") {
  Scene scene;
  scene.receive();
  scene.pass(minutes(1));
  scene.send("ana");
  const auto sent_at = scene.now;
  scene.pass(minutes(1));
  scene.comment("ana");
  scene.assign("ben");
  scene.must(MarkRead{}, Scene::agent("ben"));
  scene.must(ReportStatus{.seq = Seq{4}}, Scene::connector("whatsapp"));
  CHECK(scene.row().sort_at == sent_at);
  scene.snooze(hours(1));
  scene.pass(minutes(1));
  scene.must(WakeContact{}, Scene::agent("ben"));
  CHECK(scene.row().sort_at == scene.now);
}

TEST_CASE("S9 waiting_since is the first inbound after the last outbound message or done") {
  Scene scene;
  scene.receive();
  const auto first = scene.now;
  scene.pass(minutes(1));
  scene.receive("second");
  CHECK(scene.row().waiting_since == first);
  scene.must(Scene::message("automatic"), Scene::service());
  CHECK_FALSE(scene.row().waiting_since);
  scene.pass(minutes(1));
  scene.receive("third");
  CHECK(scene.row().waiting_since == scene.now);
  scene.done();
  CHECK_FALSE(scene.row().waiting_since);
}

TEST_CASE("S9 the last message is the last entry of kind message, with a status if outbound") {
  Scene scene;
  scene.receive("hello");
  CHECK_FALSE(scene.row().last_message->status);
  scene.send("ana", "hi");
  scene.comment("ana");
  const auto last = *scene.row().last_message;
  CHECK(last.seq == Seq{4});
  CHECK(last.direction == Direction::out);
  CHECK(last.preview == "hi");
  CHECK(last.status == Status::pending);
  scene.must(ReportStatus{.seq = Seq{4}, .status = Status::read}, Scene::connector("whatsapp"));
  CHECK(scene.row().last_message->status == Status::read);
  scene.must(ReportStatus{.seq = Seq{4}, .status = Status::sent}, Scene::connector("whatsapp"));
  CHECK(scene.row().last_message->status == Status::read);
}

TEST_CASE("S10 a name is first and last, else phone, e-mail, external id") {
  Details details;
  const std::vector<Identity> identities{{ChannelId("whatsapp"), "ext", {}, 0, {}}};
  CHECK(display_name(details, {}).empty());
  CHECK(display_name(details, identities) == "ext");
  details.email = "eva@example.com";
  CHECK(display_name(details, identities) == "eva@example.com");
  details.phone = "+15550100";
  CHECK(display_name(details, identities) == "+15550100");
  details.last_name = "Diaz ";
  CHECK(display_name(details, identities) == "Diaz");
  details.first_name = " Eva";
  CHECK(display_name(details, identities) == "Eva Diaz");
  details.first_name = "  ";
  details.last_name = "\xE2\x80\x83";  // em space
  CHECK(display_name(details, identities) == "+15550100");
}

TEST_CASE("S10 a preview is the first 120 code points, white space squeezed and trimmed") {
  CHECK(preview_of("  a \n\t b\xC2\xA0 c ") == "a b c");
  CHECK(preview_of("").empty());
  std::string long_text;
  for (int i = 0; i < 130; ++i) long_text += "\xC3\xA9";
  CHECK(preview_of(long_text) == long_text.substr(0, 240));
  CHECK(preview_of(std::string(119, 'x') + " y").size() == 119);
}

TEST_CASE("S11 tags are a case-sensitive set in byte order, priority starts as none") {
  Scene scene;
  scene.receive();
  CHECK(scene.row().priority == Priority::none);
  UpdateContact update;
  update.tags_add = {"vip", "Vip", "new", "vip"};
  scene.must(update, Scene::agent("ana"));
  CHECK(scene.row().tags == std::vector<Tag>{Tag("Vip"), Tag("new"), Tag("vip")});
}

TEST_CASE("S12 the channel is the last inbound's; before any, the first identity's; else none") {
  Scene scene;
  CreateContact create{.id = ContactId{1}, .set = {}, .tags = {}, .channels = {}};
  scene.must(create, Scene::agent("ana"));
  CHECK_FALSE(scene.row().channel);
  UpdateContact update;
  update.channels_add = {{ChannelId("sms"), "1"}, {ChannelId("email"), "e@x.org"}};
  scene.must(update, Scene::agent("ana"));
  CHECK(scene.row().channel == ChannelId("sms"));
  CHECK(scene.row().channel_kind == ChannelKind::sms);
  scene.receive("x", "email", "e@x.org");
  CHECK(scene.row().channel == ChannelId("email"));
  auto send = Scene::message("by sms");
  send.channel = ChannelId("sms");
  scene.must(send, Scene::agent("ana"));
  CHECK(scene.row().channel == ChannelId("email"));
  CHECK(scene.person.last().message()->external_id == "1");
}

TEST_CASE("S12 a send without a channel, or on one the contact is not on, is invalid") {
  Scene scene;
  scene.must(CreateContact{.id = ContactId{1}, .set = {}, .tags = {}, .channels = {}},
             Scene::agent("ana"));
  CHECK(scene.refused(Scene::message("hi"), Scene::agent("ana")).field == "channel");
  auto send = Scene::message("hi");
  send.channel = ChannelId("sms");
  const auto error = scene.refused(send, Scene::agent("ana"));
  CHECK(error.reason == Reason::invalid_params);
  CHECK(error.field == "channel");
}

TEST_CASE("S13 unread never counts outbound messages, comments or events") {
  Scene scene;
  scene.receive("one");
  scene.send("ana");
  scene.comment("ana");
  scene.receive("two");
  CHECK(scene.row().unread == 2);
  CHECK(scene.person.contact.unread == SeqSet{Seq{2}, Seq{6}});
}

TEST_CASE("S13 read sets read_seq, lower is a no-op, beyond the end is invalid") {
  Scene scene;
  scene.receive("one");
  scene.receive("two");
  scene.must(MarkRead{Seq{2}}, Scene::agent("ana"));
  CHECK(scene.person.contact.read_seq == Seq{2});
  CHECK(scene.must(MarkRead{Seq{1}}, Scene::agent("ana")).events.empty());
  const auto error = scene.refused(MarkRead{Seq{4}}, Scene::agent("ana"));
  CHECK(error.reason == Reason::invalid_params);
  CHECK(error.field == "up_to_seq");
  scene.must(MarkRead{}, Scene::agent("ana"));
  CHECK(scene.person.contact.read_seq == Seq{3});
}

TEST_CASE("S13 unread acts only without unread messages and with an inbound one") {
  Scene scene;
  scene.receive("one");
  scene.receive("two");
  CHECK(scene.must(MarkUnread{}, Scene::agent("ana")).events.empty());
  scene.must(MarkRead{}, Scene::agent("ana"));
  scene.send("ana");
  scene.must(MarkUnread{}, Scene::agent("ana"));
  CHECK(scene.person.contact.read_seq == Seq{2});
  CHECK(scene.person.contact.unread == SeqSet{Seq{3}});

  Scene silent;
  silent.must(CreateContact{.id = ContactId{1}, .set = {}, .tags = {}, .channels = {}},
              Scene::agent("ana"));
  CHECK(silent.must(MarkUnread{}, Scene::agent("ana")).events.empty());
}

TEST_CASE("S13 reads by services and by others than the assignee succeed and change nothing") {
  Scene scene;
  scene.receive();
  CHECK(scene.must(MarkRead{}, Scene::service()).events.empty());
  scene.assign("ana");
  CHECK(scene.must(MarkRead{}, Scene::agent("mia", Role::manager)).events.empty());
  scene.must(MarkRead{}, Scene::agent("ana"));
  CHECK(scene.must(MarkUnread{}, Scene::agent("ben")).events.empty());
  CHECK(scene.row().unread == 0);
}

TEST_CASE("S13 sending does not mark read") {
  Scene scene;
  scene.receive();
  scene.send("ana");
  CHECK(scene.row().unread == 1);
}

TEST_CASE("S14 a conversation's number grows at each reopened, which starts its times anew") {
  Scene scene;
  scene.receive();
  const auto opened_at = scene.now;
  CHECK(scene.person.contact.conversation == Conversation{1, opened_at, {}, {}});
  scene.pass(minutes(1));
  scene.must(Scene::message("automatic"), Scene::service());
  CHECK_FALSE(scene.person.contact.conversation.first_response_at);
  scene.send("ana");
  const auto answered_at = scene.now;
  scene.pass(minutes(1));
  scene.send("ana");
  scene.done();
  CHECK(scene.person.contact.conversation == Conversation{1, opened_at, answered_at, scene.now});
  scene.pass(minutes(1));
  scene.receive("again");
  CHECK(scene.person.contact.conversation == Conversation{2, scene.now, {}, {}});
}

TEST_CASE("S14 the reply that reopens is the new conversation's first response") {
  Scene scene;
  scene.receive();
  scene.done();
  scene.pass(minutes(1));
  scene.send("ana");
  CHECK(scene.person.contact.conversation == Conversation{2, scene.now, scene.now, {}});
}
