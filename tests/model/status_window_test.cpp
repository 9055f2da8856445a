// Statuses as they are reported, windows as they close: PRODUCT.md §2's tables, S26 to S28.
#include <algorithm>
#include <random>

#include "tests/model/scene.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;

namespace {

/// A contact on that channel, to whom ana has sent entry 4.
Scene with_sent(std::string_view channel) {
  Scene scene;
  scene.receive("hello", channel, "ext");
  scene.send("ana");
  return scene;
}

ReportStatus reported(Status status, std::optional<Timestamp> at = std::nullopt) {
  return {.seq = Seq{4}, .status = status, .at = at, .error = {}, .provider_id = {}};
}

std::optional<Error> send_error(Scene& scene, std::string_view tag = "",
                                MessageType type = MessageType::text) {
  auto command = Scene::message("hi");
  command.tag = tag;
  command.content.type = type;
  if (type == MessageType::template_) command.content.template_ = Template{"t", "es", {}};
  const auto decision = scene.run(command, Scene::agent("ana"));
  return decision ? std::nullopt : std::optional(decision.error());
}

}  // namespace

TEST_CASE("the table of kinds is PRODUCT.md's") {
  using enum Status;
  const auto reports = [](ChannelKind kind) {
    std::vector<Status> found;
    for (const auto status : {pending, sent, delivered, read, failed}) {
      if (rules_of(kind).reports.has(status)) found.push_back(status);
    }
    return found;
  };
  using Statuses = std::vector<Status>;
  for (const auto kind :
       {ChannelKind::whatsapp, ChannelKind::messenger, ChannelKind::webchat, ChannelKind::custom}) {
    CHECK(reports(kind) == Statuses{sent, delivered, read, failed});
  }
  CHECK(reports(ChannelKind::instagram) == Statuses{sent, read, failed});
  CHECK(reports(ChannelKind::viber) == Statuses{delivered, read, failed});
  CHECK(reports(ChannelKind::line) == Statuses{sent, delivered, failed});
  CHECK(reports(ChannelKind::sms) == Statuses{sent, delivered, failed});
  for (const auto kind : {ChannelKind::telegram, ChannelKind::email, ChannelKind::wechat}) {
    CHECK(reports(kind) == Statuses{sent, failed});
  }
  CHECK(rules_of(ChannelKind::whatsapp).window == hours(24));
  CHECK(rules_of(ChannelKind::wechat).window == hours(48));
  CHECK(rules_of(ChannelKind::wechat).sends_per_inbound == 5);
  CHECK(rules_of(ChannelKind::instagram).tagged_window == days(7));
  CHECK(rules_of(ChannelKind::sms).window == Duration{0});
}

TEST_CASE("S26 an entry's time is the engine's, the platform's is kept beside it") {
  Scene scene;
  auto command = scene.inbound("x", "whatsapp", "ext");
  command.at = scene.now - minutes(5);
  scene.must(command, Scene::connector("whatsapp"));
  CHECK(scene.person.last().at == scene.now);
  CHECK(scene.person.last().message()->platform_at == command.at);
  CHECK(scene.person.contact.last_inbound_at == scene.now);
  CHECK(scene.person.contact.identities[0].last_inbound_at == command.at);
}

TEST_CASE("S26 a platform's time from the future counts as now") {
  Scene scene;
  auto command = scene.inbound("x", "whatsapp", "ext");
  command.at = scene.now + days(1);
  scene.must(command, Scene::connector("whatsapp"));
  CHECK(scene.person.contact.identities[0].last_inbound_at == scene.now);
}

TEST_CASE("S26 an older message that comes late does not shorten the window") {
  Scene scene;
  scene.receive();
  const auto heard_at = scene.now;
  auto late = scene.inbound("older", "whatsapp", "+15550100");
  late.at = scene.now - hours(3);
  scene.must(late, Scene::connector("whatsapp"));
  CHECK(scene.person.contact.identities[0].last_inbound_at == heard_at);
}

TEST_CASE("S26 of several reports of one status the earliest time stays, with its error") {
  auto scene = with_sent("whatsapp");
  const auto t = scene.now;
  scene.pass(hours(1));
  auto first = reported(Status::failed, t + minutes(2));
  first.error = PlatformError{"1", "first told"};
  scene.must(first, Scene::connector("whatsapp"));
  auto earlier = reported(Status::failed, t + minutes(1));
  earlier.error = PlatformError{"2", "first happened"};
  scene.must(earlier, Scene::connector("whatsapp"));
  scene.must(first, Scene::connector("whatsapp"));
  const auto& statuses = scene.person.message(4).statuses;
  REQUIRE(statuses.size() == 2);
  CHECK(statuses[1] == StatusReport{Status::failed, t + minutes(1), earlier.error});
}

TEST_CASE("S26 a status's time is the engine's if none is given, and never later than now") {
  auto scene = with_sent("whatsapp");
  scene.pass(minutes(1));
  scene.must(reported(Status::sent), Scene::connector("whatsapp"));
  scene.must(reported(Status::read, scene.now + days(1)), Scene::connector("whatsapp"));
  CHECK(scene.person.message(4).statuses[1].at == scene.now);
  CHECK(scene.person.message(4).statuses[2].at == scene.now);
}

TEST_CASE("S27 statuses begin with pending and go by rank, whatever order they came in") {
  using enum Status;
  std::vector<Status> order{failed, sent, delivered, read};
  do {
    auto scene = with_sent("whatsapp");
    auto shown = pending;
    for (const auto status : order) {
      scene.must(reported(status), Scene::connector("whatsapp"));
      shown = std::max(shown, status);
      CHECK(scene.person.message(4).status() == shown);
      CHECK(scene.row().last_message->status == shown);
    }
    const auto& statuses = scene.person.message(4).statuses;
    REQUIRE(statuses.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) CHECK(statuses[i].status == static_cast<Status>(i));
    CHECK(statuses[0].at == scene.person.entry(4).at);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("S27 failed is shown only while nothing higher was reported") {
  auto scene = with_sent("whatsapp");
  scene.must(reported(Status::failed), Scene::connector("whatsapp"));
  CHECK(scene.row().last_message->status == Status::failed);
  scene.must(reported(Status::sent), Scene::connector("whatsapp"));
  CHECK(scene.row().last_message->status == Status::sent);
}

TEST_CASE("S27 a status that the channel does not report is invalid") {
  auto scene = with_sent("telegram");
  for (const auto status : {Status::delivered, Status::read, Status::pending}) {
    const auto error = scene.refused(reported(status), Scene::connector("telegram"));
    CHECK(error.reason == Reason::invalid_params);
    CHECK(error.field == "status");
  }
  scene.must(reported(Status::sent), Scene::connector("telegram"));
}

TEST_CASE("S27 a channel record's own statuses replace its kind's") {
  auto scene = with_sent("custom");
  scene.must(reported(Status::read), Scene::connector("custom"));
  scene.workspace.channels.at(ChannelId("custom")).statuses = StatusSet{}.with(Status::sent);
  scene.refused(reported(Status::delivered), Scene::connector("custom"));
  scene.must(reported(Status::sent), Scene::connector("custom"));
}

TEST_CASE("S27 inbound messages, comments and events have no statuses") {
  auto scene = with_sent("whatsapp");
  scene.comment("ana");
  for (const auto seq : {1U, 2U, 3U, 5U}) {
    auto command = reported(Status::sent);
    command.seq = Seq{seq};
    const auto error = scene.refused(command, Scene::connector("whatsapp"));
    CHECK(error.reason == Reason::invalid_params);
    CHECK(error.field == "seq");
  }
}

TEST_CASE("S27 outbox.sent is always allowed, and the first provider id stays") {
  auto scene = with_sent("viber");
  scene.refused(reported(Status::sent), Scene::connector("viber"));
  auto sent = reported(Status::sent);
  sent.from_outbox = true;
  sent.provider_id = "first";
  scene.must(sent, Scene::connector("viber"));
  CHECK(scene.person.message(4).status() == Status::sent);
  sent.provider_id = "second";
  CHECK(scene.must(sent, Scene::connector("viber")).events.empty());
  CHECK(scene.person.message(4).provider_id == "first");
}

TEST_CASE("S27 a provider id that comes after the status is kept") {
  auto scene = with_sent("whatsapp");
  scene.must(reported(Status::sent), Scene::connector("whatsapp"));
  auto sent = reported(Status::sent);
  sent.from_outbox = true;
  sent.provider_id = "wamid.1";
  CHECK_FALSE(scene.must(sent, Scene::connector("whatsapp")).events.empty());
  CHECK(scene.person.message(4).provider_id == "wamid.1");
}

TEST_CASE("S40 a status for an entry that is not there, or another channel's, is not found") {
  auto scene = with_sent("whatsapp");
  auto command = reported(Status::sent);
  command.seq = Seq{99};
  CHECK(scene.refused(command, Scene::connector("whatsapp")).reason == Reason::not_found);
  CHECK(scene.refused(reported(Status::sent), Scene::connector("telegram")).reason ==
        Reason::not_found);
}

TEST_CASE("S28 a window is open to the millisecond before it closes") {
  Scene scene;
  scene.receive();
  const auto closes_at = scene.now + hours(24);
  const auto& identity = scene.person.contact.identities[0];
  const auto& channel = scene.workspace.channels.at(ChannelId("whatsapp"));
  scene.now = closes_at - Duration{1};
  CHECK(window_of(identity, channel, scene.now).open);
  CHECK_FALSE(send_error(scene));
  scene.now = closes_at;
  CHECK_FALSE(window_of(identity, channel, scene.now).open);
  CHECK(window_of(identity, channel, scene.now).closes_at == closes_at);
  const auto error = send_error(scene);
  REQUIRE(error);
  CHECK(error->reason == Reason::window_closed);
  CHECK(error->window);
  CHECK(error->closed_at == closes_at);
}

TEST_CASE("S28 outside WhatsApp's window a template passes, also before the customer wrote") {
  Scene scene;
  scene.receive();
  scene.pass(days(2));
  CHECK(send_error(scene));
  CHECK_FALSE(send_error(scene, "", MessageType::template_));

  Scene cold;
  CreateContact create{.id = ContactId{1}, .set = {}, .tags = {}, .channels = {}};
  create.channels = {{ChannelId("whatsapp"), "+15550100"}};
  cold.must(create, Scene::agent("ana"));
  const auto error = send_error(cold);
  REQUIRE(error);
  CHECK(error->reason == Reason::window_closed);
  CHECK_FALSE(error->closed_at);
  CHECK_FALSE(send_error(cold, "", MessageType::template_));
}

TEST_CASE("S28 a template on a kind without templates is invalid") {
  for (std::size_t i = 1; i < channel_kinds; ++i) {
    const auto kind = static_cast<ChannelKind>(i);
    Scene scene;
    scene.receive("x", name_of(kind), "ext");
    const auto error = send_error(scene, "", MessageType::template_);
    REQUIRE(error);
    CHECK(error->reason == Reason::invalid_params);
    CHECK(error->field == "type");
  }
}

TEST_CASE("S28 human_agent opens Messenger and Instagram for seven days, and nothing else") {
  for (const auto* kind : {"messenger", "instagram"}) {
    Scene scene;
    scene.receive("x", kind, "ext");
    const auto heard_at = scene.now;
    scene.now = heard_at + hours(24);
    CHECK(send_error(scene)->closed_at == heard_at + hours(24));
    CHECK_FALSE(send_error(scene, "human_agent"));
    scene.now = heard_at + days(7) - Duration{1};
    CHECK_FALSE(send_error(scene, "human_agent"));
    scene.now = heard_at + days(7);
    CHECK(send_error(scene, "human_agent")->closed_at == heard_at + days(7));
  }
  Scene scene;
  scene.receive();
  scene.pass(hours(24));
  CHECK(send_error(scene, "human_agent"));
}

TEST_CASE("S28 WeChat takes five sends after each inbound message") {
  Scene scene;
  scene.receive("x", "wechat", "ext");
  for (int i = 0; i < 5; ++i) {
    scene.pass(minutes(1));
    CHECK_FALSE(send_error(scene));
  }
  const auto fifth_at = scene.now;
  scene.pass(minutes(1));
  const auto error = send_error(scene);
  REQUIRE(error);
  CHECK(error->reason == Reason::window_closed);
  CHECK(error->closed_at == fifth_at);
  scene.receive("y", "wechat", "ext");
  CHECK_FALSE(send_error(scene));
  scene.pass(hours(48));
  CHECK(send_error(scene));
}

TEST_CASE("S28 Telegram, LINE and Viber want the customer to write first, the others do not") {
  for (const auto kind :
       {ChannelKind::telegram, ChannelKind::line, ChannelKind::viber, ChannelKind::sms,
        ChannelKind::email, ChannelKind::webchat, ChannelKind::custom}) {
    Scene scene;
    CreateContact create{.id = ContactId{1}, .set = {}, .tags = {}, .channels = {}};
    create.channels = {{ChannelId(name_of(kind)), "ext"}};
    scene.must(create, Scene::agent("ana"));
    const bool must_have_written =
        kind == ChannelKind::telegram || kind == ChannelKind::line || kind == ChannelKind::viber;
    const auto error = send_error(scene);
    CHECK(error.has_value() == must_have_written);
    if (error) CHECK_FALSE(error->closed_at);
    scene.receive("x", name_of(kind), "ext");
    scene.pass(days(1000));
    CHECK_FALSE(send_error(scene));
    const auto window = window_of(scene.person.contact.identities[0],
                                  scene.workspace.channels.at(ChannelId(name_of(kind))), scene.now);
    CHECK(window.open);
    CHECK_FALSE(window.closes_at);
  }
}

TEST_CASE("S28 window_ms overrides the length, 0 is none") {
  Scene scene;
  scene.receive();
  auto& channel = scene.workspace.channels.at(ChannelId("whatsapp"));
  channel.window = minutes(10);
  scene.pass(minutes(10));
  CHECK(send_error(scene));
  channel.window = Duration{0};
  CHECK_FALSE(send_error(scene));
}

TEST_CASE("S28 a refused send writes nothing") {
  Scene scene;
  scene.receive();
  scene.done();
  scene.pass(days(2));
  const auto before = scene.person.contact;
  CHECK(send_error(scene));
  CHECK(scene.person.contact == before);
}
