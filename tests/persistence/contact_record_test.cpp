#include "persistence/contact_record.hpp"

#include <optional>
#include <string>

#include "model/shared_details.hpp"
#include "persistence/format_error.hpp"
#include "persistence/state_json.hpp"
#include "tests/persistence/random_office.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd;
using namespace inboxd::model;
using namespace inboxd::persistence;

namespace {

std::string record_of(const WorkspaceId& workspace, const Contact& contact) {
  std::string bytes;
  write_contact_record(bytes, workspace, contact);
  return bytes;
}

/// With something in every member that may be empty.
Contact full_contact() {
  Contact c;
  c.id = {(std::uint64_t{1} << 55) - 1};
  c.version = {7};
  c.changed_at = {1'000'000};
  c.created_at = {-1};
  Details details{"Ana", "Peña", "+34600111222", "a@b.es", "pt-BR", "ES", "https://x", "lead", {}};
  details.fields = {{FieldId("text"), std::string("\0{", 2)},
                    {FieldId("number"), -0.1},
                    {FieldId("flag"), true},
                    {FieldId("date"), Timestamp{1'700'000'000'000}},
                    {FieldId("list"), std::vector<std::string>{"a", ""}}};
  c.details = std::make_shared<const Details>(details);
  c.tags = {Tag("lead"), Tag("vip")};
  c.priority = Priority::urgent;
  c.identities = {{ChannelId("wa"), "+34600111222", Timestamp{1}, 4'000'000'000, Timestamp{2}}};
  c.status = ContactStatus::done;
  c.assignment = {AgentId("ana"), TeamId("sales")};
  c.snooze = Snooze{{3}, false};
  c.blocked = true;
  c.conversation = {9, {4}, Timestamp{5}, Timestamp{6}};
  c.merged_into = ContactId{2};
  c.merged_base = {11};
  c.last_seq = {1'000'000};
  c.read_seq = {62};
  c.unread = {Seq{63}, Seq{64}, Seq{999'999}};
  c.last_inbound_seq = {999'999};
  c.answered_seq = {12};
  c.last_inbound_channel = ChannelId("wa");
  c.last_inbound_at = Timestamp{7};
  c.last_outbound_at = Timestamp{8};
  c.sort_at = {9};
  c.waiting_since = Timestamp{10};
  c.last_message = LastMessage{
      {999'999}, {11}, Direction::out, MessageType::unsupported, "hasta mañana", Status::read};
  return c;
}

}  // namespace

TEST_CASE("Whatever the rules make of a contact reads back from the store's record as it was") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    tests::RandomOffice office(seed);
    for (int i = 0; i < 300; ++i) office.commit();
    for (const auto& [id, contact] : office.contacts) {
      const auto [workspace, read] = read_contact_record(record_of(office.id, contact));
      REQUIRE(workspace == office.id);
      REQUIRE(read == contact);
    }
  }
}

TEST_CASE("Every member of a contact reads back from the store's record as it was") {
  const WorkspaceId workspace("default");
  const auto contact = full_contact();
  CHECK(read_contact_record(record_of(workspace, contact)).second == contact);
  CHECK(read_contact_record(record_of(workspace, Contact{})).second == Contact{});
}

TEST_CASE("A contact is its row and what is kept beside that, whatever the rules made of it") {
  const auto back = [](const Contact& contact, const Workspace& workspace) {
    const auto row = make_row(contact, workspace.channels);
    std::string bytes;
    write_beside_row(bytes, contact);
    return read_beside_row(row, bytes);
  };
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    tests::RandomOffice office(seed);
    for (int i = 0; i < 300; ++i) office.commit();
    for (const auto& [id, contact] : office.contacts)
      REQUIRE(back(contact, office.workspace) == contact);
  }
  CHECK(back(full_contact(), {}) == full_contact());
}

TEST_CASE("What is kept beside a row is refused when it ends early or goes on") {
  std::string bytes;
  write_beside_row(bytes, full_contact());
  const auto row = make_row(full_contact(), {});
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_THROWS_AS(read_beside_row(row, std::string_view(bytes).substr(0, size)), FormatError);
  CHECK_THROWS_AS(read_beside_row(row, bytes + '\0'), FormatError);
}

TEST_CASE("Contacts without details share theirs, also when they come from the store") {
  const WorkspaceId workspace("default");
  const auto none = no_details();
  CHECK(*none == Details{});
  CHECK(share({}) == none);
  CHECK(read_contact_record(record_of(workspace, Contact{})).second.details == none);
  const auto full = full_contact();
  CHECK(read_contact_record(record_of(workspace, full)).second.details != none);
}

TEST_CASE("The store's record of a contact is read from JSON, too, as format 1 had it") {
  const WorkspaceId workspace("default");
  const auto contact = full_contact();
  std::string json;
  write_contact_state(json, workspace, contact);
  const auto [of, read] = read_contact_record(json);
  CHECK(of == workspace);
  CHECK(read == contact);
}

TEST_CASE("A record that was cut, goes on, or has a byte that means nothing is refused") {
  const auto whole = record_of(WorkspaceId("default"), full_contact());
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK_THROWS_AS(read_contact_record(std::string_view(whole).substr(0, size)), FormatError);
  CHECK_THROWS_AS(read_contact_record(whole + '\0'), FormatError);
  // A flipped bit is read as something else or refused; it is never read beyond the end.
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    try {
      read_contact_record(flipped);
    } catch (const FormatError&) {
      continue;
    }
  }
}
