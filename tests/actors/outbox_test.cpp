#include "actors/outbox.hpp"

#include <string>
#include <vector>

#include "tests/support/catch.hpp"

namespace inboxd::actors {
namespace {

using model::Offset;
using model::Seq;

const model::ChannelId whatsapp("wa");

class Reader final : public Client {
 public:
  Reader()
      : Client(model::WorkspaceId("default"),
               {.kind = model::PrincipalKind::connector, .id = "c", .channel = whatsapp}) {}
};

Origin from(const ClientPtr& client) {
  return {.client = client, .tag = 1, .by = client->principal()};
}

std::unique_ptr<Commit> message(std::uint64_t offset, std::uint64_t contact, std::uint64_t seq,
                                model::Status reached = model::Status::pending) {
  auto entry = std::make_shared<model::Entry>();
  entry->seq = {seq};
  model::Message sent{.direction = model::Direction::out, .channel = whatsapp};
  sent.external_id = "customer";
  sent.statuses.push_back({.status = model::Status::pending, .at = {1}});
  if (reached != model::Status::pending) sent.statuses.push_back({.status = reached, .at = {2}});
  entry->body = std::move(sent);
  auto commit = std::make_unique<Commit>();
  commit->offset = {offset};
  commit->entries.push_back({.contact = {contact},
                             .entry = entry,
                             .text = "{\"seq\":" + std::to_string(seq) + "}",
                             .appended = true});
  return commit;
}

std::vector<std::string> pushed_to(const ClientPtr& client, const std::vector<Outgoing>& out) {
  std::vector<std::string> tails;
  for (const auto& outgoing : out) {
    const auto& push = std::get<Push>(outgoing);
    if (push.client == client) tails.push_back(*push.tail);
  }
  return tails;
}

bool mentions(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("S40 a connector gets what is pending when it comes, and then each new message once") {
  Outbox outbox;
  std::vector<Outgoing> out;
  outbox.follow(*message(5, 1, 1), out);
  CHECK(out.empty());
  const ClientPtr connector = std::make_shared<Reader>();
  CHECK(mentions(outbox.subscribe(from(connector), {1}, std::nullopt, "e", {5}),
                 R"("entry":{"seq":1})"));
  outbox.follow(*message(6, 1, 2), out);
  REQUIRE(pushed_to(connector, out).size() == 1);
  CHECK(mentions(pushed_to(connector, out)[0], R"("external_id":"customer","entry":{"seq":2})"));
}

TEST_CASE("S40 a message that was sent is not delivered again") {
  Outbox outbox;
  std::vector<Outgoing> out;
  outbox.follow(*message(5, 1, 1), out);
  outbox.follow(*message(6, 1, 1, model::Status::sent), out);
  CHECK(outbox.pending() == 0);
  const ClientPtr connector = std::make_shared<Reader>();
  CHECK(mentions(outbox.subscribe(from(connector), {1}, std::nullopt, "e", {6}),
                 R"("deliveries":[])"));
}

TEST_CASE("S40 a message that failed is not delivered again") {
  Outbox outbox;
  std::vector<Outgoing> out;
  outbox.follow(*message(5, 1, 1), out);
  outbox.follow(*message(6, 1, 1, model::Status::failed), out);
  CHECK(outbox.pending() == 0);
}

TEST_CASE("S40 with `after` a connector gets only what came later, and keeps what it had") {
  Outbox outbox;
  std::vector<Outgoing> out;
  outbox.follow(*message(5, 1, 1), out);
  outbox.follow(*message(6, 1, 2), out);
  const ClientPtr connector = std::make_shared<Reader>();
  const auto answer = outbox.subscribe(from(connector), {1}, Offset{5}, "e", {6});
  CHECK_FALSE(mentions(answer, R"("entry":{"seq":1})"));
  CHECK(mentions(answer, R"("entry":{"seq":2})"));
}

TEST_CASE(
    "S40 each message goes to one of a channel's connectors, and to another when that one goes "
    "away") {
  Outbox outbox;
  const ClientPtr first = std::make_shared<Reader>();
  const ClientPtr second = std::make_shared<Reader>();
  outbox.subscribe(from(first), {1}, std::nullopt, "e", {0});
  outbox.subscribe(from(second), {1}, std::nullopt, "e", {0});
  std::vector<Outgoing> out;
  for (std::uint64_t contact = 1; contact <= 40; ++contact)
    outbox.follow(*message(contact, contact, 1), out);
  const auto to_first = pushed_to(first, out).size();
  const auto to_second = pushed_to(second, out).size();
  CHECK(to_first + to_second == 40);
  CHECK(to_first > 0);
  CHECK(to_second > 0);

  out.clear();
  outbox.leave(first, std::nullopt, out);
  REQUIRE(pushed_to(second, out).size() == 1);
  std::size_t handed_on = 0;
  const auto parcel = pushed_to(second, out)[0];
  for (auto at = parcel.find("external_id"); at != std::string::npos;
       at = parcel.find("external_id", at + 1)) {
    ++handed_on;
  }
  CHECK(handed_on == to_first);
}

TEST_CASE("S23 a merge takes pending messages along without sending them twice") {
  Outbox outbox;
  const ClientPtr connector = std::make_shared<Reader>();
  std::vector<Outgoing> out;
  outbox.subscribe(from(connector), {1}, std::nullopt, "e", {0});
  outbox.follow(*message(5, 2, 1), out);
  out.clear();
  auto merge = message(6, 1, 11);
  merge->moved =
      persistence::EntriesMoved{.primary = {1}, .secondary = {2}, .base = {10}, .count = 1};
  outbox.follow(*merge, out);
  CHECK(out.empty());
  CHECK(outbox.pending() == 1);
  outbox.follow(*message(7, 1, 11, model::Status::sent), out);
  CHECK(outbox.pending() == 0);
}

}  // namespace inboxd::actors
