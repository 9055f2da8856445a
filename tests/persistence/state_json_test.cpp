#include "persistence/state_json.hpp"

#include "model/entry_json.hpp"
#include "tests/persistence/random_office.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd;
using namespace inboxd::model;
using namespace inboxd::persistence;

namespace {

Entry round_trip(const Entry& entry) {
  std::string json;
  write_entry(json, {7}, entry);
  return read_entry(json);
}

WorkspaceEvent round_trip(const WorkspaceEvent& event) {
  std::string json;
  write_workspace_event(json, event);
  return read_workspace_event(json);
}

/// Records are written without what the frame holds: offsets come back as the record's.
Record with_offsets(Record record) {
  if (auto* changed = std::get_if<ContactsChanged>(&record.body)) {
    for (auto& change : changed->changes) {
      for (auto& event : change.events) {
        if (auto* appended = std::get_if<EntryAppended>(&event)) {
          appended->entry.offset = record.offset;
        }
      }
    }
  }
  return record;
}

}  // namespace

TEST_CASE("Whatever the rules make reads back from its record as it was") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    tests::RandomOffice office(seed);
    for (int i = 0; i < 400; ++i) {
      const auto record = office.commit();
      const auto body = write_record_body(record.workspace, record.body);
      INFO(body);
      REQUIRE(read_record(body, record.offset, record.at) == with_offsets(record));
    }
    for (const auto& [id, contact] : office.contacts) {
      std::string json;
      write_contact_state(json, office.id, contact);
      INFO(json);
      const auto [workspace, read] = read_contact_state(json);
      REQUIRE(workspace == office.id);
      REQUIRE(read == contact);
    }
    for (const auto& [key, entry] : office.entries) REQUIRE(round_trip(entry) == entry);
  }
}

TEST_CASE("Bytes of an entry made before its offset is known make the same record") {
  tests::RandomOffice office(3);
  for (int i = 0; i < 300; ++i) {
    const auto record = office.commit();
    const auto* changed = std::get_if<ContactsChanged>(&record.body);
    if (changed == nullptr) continue;
    RecordWriter writer(record.workspace);
    for (const auto& change : changed->changes) {
      writer.contact(change.contact);
      for (const auto& event : change.events) {
        if (const auto* appended = std::get_if<EntryAppended>(&event)) {
          std::string open;
          write_entry_open(open, change.contact, appended->entry);
          writer.entry(open);
        } else {
          writer.event(event);
        }
      }
    }
    REQUIRE(std::move(writer).finish() == write_record_body(record.workspace, record.body));
  }
}

TEST_CASE("Every kind of custom field value keeps its kind") {
  DetailChange text{"fields.a", std::nullopt, FieldValue(std::string("x"))};
  DetailChange number{"fields.b", FieldValue(5.0), FieldValue(-0.5)};
  DetailChange large{"fields.c", FieldValue(1e300), FieldValue(3e15)};
  DetailChange date{"fields.d", FieldValue(Timestamp{5}), std::nullopt};
  DetailChange flag{"fields.e", FieldValue(true), FieldValue(false)};
  DetailChange list{"fields.f", FieldValue(std::vector<std::string>{}),
                    FieldValue(std::vector<std::string>{"p", "q"})};
  DetailChange detail{"first_name", std::nullopt, FieldValue(std::string("Ana"))};
  Entry entry;
  entry.seq = {3};
  entry.body =
      TimelineEvent{Cause::manual, Updated{{detail, text, number, large, date, flag, list}}};
  CHECK(round_trip(entry) == entry);
}

TEST_CASE("Every event reads back as it was") {
  const Assignment none, somebody{AgentId("ana"), TeamId("t")};
  const std::vector<EventData> all{
      Opened{},
      Reopened{},
      Done{},
      Done{ClosingNote{"", "s"}},
      Assigned{none, somebody},
      Unassigned{somebody, none},
      Snoozed{std::nullopt, {5}, false},
      Snoozed{Timestamp{4}, {5}, true},
      Woke{{5}},
      Tagged{{Tag("a")}, {Tag("b"), Tag("c")}},
      Blocked{},
      Unblocked{},
      Merged{{9}, {2}, {5}},
      ChannelAdded{ChannelId("wa"), "+34"},
  };
  for (const auto& data : all) {
    Entry entry;
    entry.seq = {1};
    entry.offset = {2};
    entry.author = {AuthorKind::agent, "ana"};
    entry.body = TimelineEvent{Cause::policy, data};
    INFO(name_of(data));
    CHECK(round_trip(entry) == entry);
  }
}

TEST_CASE("Every part of a message reads back as it was") {
  Message message;
  message.direction = Direction::out;
  message.channel = ChannelId("wa");
  message.content.type = MessageType::template_;
  message.content.text = "line\nline \u2028 \"q\"";
  message.content.attachments = {{"https://x/y", "image/png", "y.png", 12345}, {"u", "", "", {}}};
  message.content.location = Location{41.5, -2, "Plaza", "Calle 1"};
  message.content.template_ = Template{"hello", "es", {"a", "b"}};
  message.statuses = {{Status::pending, {1}, std::nullopt},
                      {Status::failed, {2}, PlatformError{"131", "no"}}};
  message.tag = "human_agent";
  message.client_id = "c1";
  message.provider_id = "p1";
  message.external_id = "+34";
  Entry entry;
  entry.seq = {12};
  entry.offset = {99};
  entry.at = {1'700'000'000'000};
  entry.author = {AuthorKind::service, "bot"};
  entry.body = message;
  CHECK(round_trip(entry) == entry);

  message.direction = Direction::in;
  message.statuses.clear();
  message.platform_at = Timestamp{3};
  entry.author = {AuthorKind::contact, "c00000000001"};
  entry.body = message;
  CHECK(round_trip(entry) == entry);
}

TEST_CASE("Every change of a workspace reads back as it was") {
  Filter leaf;
  leaf.kind = Filter::Kind::leaf;
  leaf.field = FilterField::custom;
  leaf.custom = FieldId("city");
  leaf.op = Operator::in;
  leaf.value = std::vector<std::string>{"Madrid", "Lugo"};
  Filter numbers = leaf;
  numbers.field = FilterField::unread;
  numbers.custom = {};
  numbers.op = Operator::between;
  numbers.value = std::vector<double>{1, 2.5};
  Filter exists = numbers;
  exists.op = Operator::exists;
  exists.value = std::monostate{};
  Filter negation;
  negation.kind = Filter::Kind::negation;
  negation.children = {numbers};
  Filter any;
  any.kind = Filter::Kind::any;
  any.children = {leaf, negation, exists};
  const Principal owner{PrincipalKind::agent, "ana", Role::manager, std::nullopt};

  const std::vector<WorkspaceEvent> all{
      PutAgent{{AgentId("ana"), "Ana", "", Role::admin, Visibility::assigned, {TeamId("t")}}},
      RemoveAgent{AgentId("ana")},
      PutTeam{{TeamId("t"), "T"}},
      PutChannel{{ChannelId("c"), ChannelKind::custom, "C", Duration{0},
                  StatusSet{}.with(Status::sent).with(Status::read)}},
      PutChannel{{.id = ChannelId("w"),
                  .kind = ChannelKind::webchat,
                  .name = "W",
                  .rate = Throughput{.count = 80, .per = Duration{1'000}, .burst = 90},
                  .customer_rate = Throughput{.count = 1, .per = Duration{6'000}, .burst = 45},
                  .retry = Redelivery{.attempts = 3,
                                      .delay = Duration{1},
                                      .delay_max = Duration{2},
                                      .ack_timeout = Duration{3}},
                  .paused = true,
                  .origins = std::vector<std::string>{"https://shop.example"}}},
      PutChannel{{ChannelId("c"), ChannelKind::email, "C", std::nullopt, std::nullopt}},
      PutField{{FieldId("f"), "F", FieldType::list, {"a", "b"}}},
      PolicyChanged{{.unassign_on_done = false}},
      PutView{{ViewId("v"), "V", any, Sort::priority, Sharing::team, owner}, true},
      PutView{{ViewId("v"), "V", Filter{}, Sort::newest, Sharing::private_, owner}, false},
      DeleteView{ViewId("v")},
  };
  for (const auto& event : all) {
    std::string json;
    write_workspace_event(json, event);
    INFO(json);
    CHECK(round_trip(event) == event);
  }
}

TEST_CASE("A contact created with tags and a priority reads back from the journal as it was") {
  const Record record{
      .offset = {7},
      .at = {1'000},
      .workspace = WorkspaceId("w"),
      .body = ContactsChanged{
          {{.contact = {3},
            .events = {Labelled{{Tag("nuevo"), Tag("con \"comillas\" y ñ")}, Priority::urgent},
                       Labelled{}}}}}};
  const auto body = write_record_body(record.workspace, record.body);
  INFO(body);
  CHECK(read_record(body, record.offset, record.at) == record);
}

TEST_CASE("What is not ours to read is an error that says what is missing") {
  CHECK_THROWS_AS(read_entry("{\"seq\":1"), FormatError);
  CHECK_THROWS_WITH(read_entry("{\"seq\":1}"), Catch::Matchers::Contains("\"at\""));
  CHECK_THROWS_WITH(read_record("{\"ws\":\"w\",\"future\":1}", {1}, {1}),
                    Catch::Matchers::Contains("unknown record"));
}
