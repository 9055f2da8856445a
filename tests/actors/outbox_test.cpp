#include "actors/outbox.hpp"

#include <map>
#include <string>
#include <vector>

#include "model/entry_json.hpp"
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
  entry->offset = {offset};
  model::Message sent{.direction = model::Direction::out, .channel = whatsapp};
  sent.external_id = "customer";
  sent.statuses.push_back({.status = model::Status::pending, .at = {1}});
  if (reached != model::Status::pending) sent.statuses.push_back({.status = reached, .at = {2}});
  entry->body = std::move(sent);
  auto commit = std::make_unique<Commit>();
  commit->offset = {offset};
  commit->entries.push_back(
      {.contact = {contact},
       .entry = entry,
       .text = std::make_shared<std::string>("{\"seq\":" + std::to_string(seq) + "}"),
       .appended = true});
  return commit;
}

/// Of a store that lags so far behind that it is never asked.
std::optional<std::string> nothing_stored(const MessagePlace&) {
  return std::nullopt;
}

/// What a store gives: each entry as it was made.
class Stored {
 public:
  void save(const Commit& commit) {
    for (const auto& change : commit.entries) {
      auto& text = texts_[{change.contact, change.entry->seq}];
      text.clear();
      model::write_entry(text, change.contact, *change.entry);
    }
  }
  void move(const MessagePlace& from, const MessagePlace& to) {
    auto node = texts_.extract(from);
    node.key() = to;
    texts_.insert(std::move(node));
  }
  MessageTexts::Stored reader() {
    return [this](const MessagePlace& place) {
      const auto known = texts_.find(place);
      return known != texts_.end() ? std::optional(known->second) : std::nullopt;
    };
  }

 private:
  std::map<MessagePlace, std::string> texts_;
};

constexpr model::Timestamp start{1'000'000};
/// The clock that people set is elsewhere.
constexpr model::Duration wall_ahead{1'000'000'000};

void follow(Outbox& outbox, std::unique_ptr<Commit> commit, std::vector<Outgoing>& out,
            model::Timestamp now = start) {
  outbox.follow(*commit, now);
  outbox.give(now, out);
}

std::string subscribe(Outbox& outbox, const ClientPtr& client,
                      std::optional<Offset> after = std::nullopt, std::size_t held_max = 1'000,
                      model::Timestamp now = start) {
  std::vector<Outgoing> out;
  outbox.subscribe(from(client), {.sub = {1}, .after = after, .held_max = held_max}, "e", {9}, now,
                   out);
  return std::get<Answer>(out.front()).body;
}

model::Workspace workspace_with(const model::Channel& channel) {
  model::Workspace workspace;
  workspace.channels[channel.id] = channel;
  return workspace;
}

std::string fail(Outbox& outbox, const ClientPtr& client, Outbox::Place place, model::Timestamp now,
                 Outbox::Failure failure = {}) {
  std::vector<Outgoing> out;
  outbox.fail(from(client), place, std::move(failure), {9}, now, now + wall_ahead, out);
  return out.empty() ? "" : std::get<Answer>(out.front()).body;
}

std::vector<std::string> pushed_to(const ClientPtr& client, const std::vector<Outgoing>& out) {
  std::vector<std::string> tails;
  for (const auto& outgoing : out) {
    const auto* push = std::get_if<Push>(&outgoing);
    if (push != nullptr && push->client == client) tails.push_back(*push->tail);
  }
  return tails;
}

bool mentions(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("S40 a connector gets what is pending when it comes, and then each new message once") {
  Outbox outbox(nothing_stored);
  std::vector<Outgoing> out;
  follow(outbox, message(5, 1, 1), out);
  CHECK(out.empty());
  const ClientPtr connector = std::make_shared<Reader>();
  CHECK(mentions(subscribe(outbox, connector), R"("entry":{"seq":1})"));
  follow(outbox, message(6, 1, 2), out);
  REQUIRE(pushed_to(connector, out).size() == 1);
  CHECK(mentions(pushed_to(connector, out)[0], R"("external_id":"customer","entry":{"seq":2})"));
}

TEST_CASE("S40 a message that was sent is not delivered again") {
  Outbox outbox(nothing_stored);
  std::vector<Outgoing> out;
  follow(outbox, message(5, 1, 1), out);
  follow(outbox, message(6, 1, 1, model::Status::sent), out);
  CHECK(outbox.pending() == 0);
  const ClientPtr connector = std::make_shared<Reader>();
  CHECK(mentions(subscribe(outbox, connector), R"("deliveries":[])"));
}

TEST_CASE("S40 a message that failed is not delivered again") {
  Outbox outbox(nothing_stored);
  std::vector<Outgoing> out;
  follow(outbox, message(5, 1, 1), out);
  follow(outbox, message(6, 1, 1, model::Status::failed), out);
  CHECK(outbox.pending() == 0);
}

TEST_CASE("S40 with `after` a connector gets only what came later, and keeps what it had") {
  Outbox outbox(nothing_stored);
  std::vector<Outgoing> out;
  follow(outbox, message(5, 1, 1), out);
  follow(outbox, message(6, 1, 2), out);
  const ClientPtr connector = std::make_shared<Reader>();
  const auto answer = subscribe(outbox, connector, Offset{5});
  CHECK_FALSE(mentions(answer, R"("entry":{"seq":1})"));
  CHECK(mentions(answer, R"("entry":{"seq":2})"));
}

TEST_CASE(
    "S40 each message goes to one of a channel's connectors, and to another when that one goes "
    "away") {
  Outbox outbox(nothing_stored);
  const ClientPtr first = std::make_shared<Reader>();
  const ClientPtr second = std::make_shared<Reader>();
  subscribe(outbox, first);
  subscribe(outbox, second);
  std::vector<Outgoing> out;
  for (std::uint64_t contact = 1; contact <= 40; ++contact)
    follow(outbox, message(contact, contact, 1), out);
  const auto to_first = pushed_to(first, out).size();
  const auto to_second = pushed_to(second, out).size();
  CHECK(to_first + to_second == 40);
  CHECK(to_first > 0);
  CHECK(to_second > 0);

  out.clear();
  outbox.leave(first, std::nullopt, start, out);
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
  Outbox outbox(nothing_stored);
  const ClientPtr connector = std::make_shared<Reader>();
  std::vector<Outgoing> out;
  subscribe(outbox, connector);
  follow(outbox, message(5, 2, 1), out);
  out.clear();
  auto merge = message(6, 1, 11);
  merge->moved =
      persistence::EntriesMoved{.primary = {1}, .secondary = {2}, .base = {10}, .count = 1};
  follow(outbox, std::move(merge), out);
  CHECK(out.empty());
  CHECK(outbox.pending() == 1);
  follow(outbox, message(7, 1, 11, model::Status::sent), out);
  CHECK(outbox.pending() == 0);
}

TEST_CASE(
    "a delivery that failed for now comes again after a delay that grows, with those behind it") {
  Outbox outbox(nothing_stored);
  const ClientPtr connector = std::make_shared<Reader>();
  subscribe(outbox, connector);
  std::vector<Outgoing> out;
  follow(outbox, message(5, 1, 1), out);
  follow(outbox, message(6, 1, 2), out);
  out.clear();
  CHECK(fail(outbox, connector, {{1}, {1}}, start) ==
        R"("result":{"offset":9,"retry_at":1001002000,"attempts":1})");
  CHECK(outbox.next_due() == start + model::seconds(2));
  outbox.on_time({1'001'999}, out);
  CHECK(out.empty());
  outbox.on_time({1'002'000}, out);
  REQUIRE(pushed_to(connector, out).size() == 1);
  const auto again = pushed_to(connector, out)[0];
  CHECK(mentions(again, R"("attempts":1,"entry":{"seq":1})"));
  CHECK(again.find(R"("entry":{"seq":1})") < again.find(R"("entry":{"seq":2})"));
  CHECK(mentions(fail(outbox, connector, {{1}, {1}}, {1'002'000}), R"("retry_at":1001006000)"));
  CHECK(mentions(fail(outbox, connector, {{1}, {1}}, {1'002'000},
                      {.error = {}, .retry_after = model::seconds(90)}),
                 R"("retry_at":1001006000)"));  // it was taken back already
}

TEST_CASE("the platform's own word on when to try again counts, if it is later") {
  Outbox outbox(nothing_stored);
  const ClientPtr connector = std::make_shared<Reader>();
  subscribe(outbox, connector);
  std::vector<Outgoing> out;
  follow(outbox, message(5, 1, 1), out);
  CHECK(mentions(
      fail(outbox, connector, {{1}, {1}}, start, {.error = {}, .retry_after = model::seconds(90)}),
      R"("retry_at":1001090000)"));
}

TEST_CASE("after the last attempt a delivery is given up, and what is behind it goes on") {
  Outbox outbox(nothing_stored);
  model::Channel channel{.id = whatsapp, .name = "W"};
  channel.retry = model::Redelivery{.attempts = 2};
  outbox.configure(workspace_with(channel));
  const ClientPtr connector = std::make_shared<Reader>();
  subscribe(outbox, connector);
  std::vector<Outgoing> out;
  follow(outbox, message(5, 1, 1), out);
  follow(outbox, message(6, 1, 2), out);
  fail(outbox, connector, {{1}, {1}}, start);
  outbox.on_time({1'002'000}, out);
  out.clear();
  // The answer comes when it is durable.
  CHECK(fail(outbox, connector, {{1}, {1}}, {1'002'000},
             {.error = model::PlatformError{.code = "130429", .message = "Rate limit hit"},
              .retry_after = {}})
            .empty());
  const auto given_up = outbox.take_given_up();
  REQUIRE(given_up.size() == 1);
  CHECK(given_up[0].error.code == "130429");
  follow(outbox, message(7, 1, 1, model::Status::failed), out, {1'002'001});
  REQUIRE(out.size() == 2);
  CHECK(std::get<Answer>(out[0]).body == R"("result":{"offset":7,"retry_at":null,"attempts":2})");
  CHECK(mentions(*std::get<Push>(out[1]).tail, R"("entry":{"seq":2})"));
}

TEST_CASE("a connector that says nothing is asked again, and in the end the message has failed") {
  Outbox outbox(nothing_stored);
  model::Channel channel{.id = whatsapp, .name = "W"};
  channel.retry = model::Redelivery{.attempts = 2, .ack_timeout = model::seconds(30)};
  outbox.configure(workspace_with(channel));
  const ClientPtr connector = std::make_shared<Reader>();
  subscribe(outbox, connector);
  std::vector<Outgoing> out;
  follow(outbox, message(5, 1, 1), out);
  out.clear();
  outbox.on_time(start + model::seconds(30), out);
  CHECK(out.empty());
  outbox.on_time(start + model::seconds(32), out);
  CHECK(pushed_to(connector, out).size() == 1);
  outbox.on_time(start + model::seconds(92), out);  // twice as long
  const auto given_up = outbox.take_given_up();
  REQUIRE(given_up.size() == 1);
  CHECK(given_up[0].error.code == "unacknowledged");
}

TEST_CASE("a channel's rate lets a burst through, and then so many a second") {
  Outbox outbox(nothing_stored);
  model::Channel channel{.id = whatsapp, .name = "W"};
  channel.rate = model::Throughput{.count = 80, .per = model::seconds(1), .burst = 10};
  outbox.configure(workspace_with(channel));
  const ClientPtr connector = std::make_shared<Reader>();
  subscribe(outbox, connector);
  std::vector<Outgoing> out;
  const auto count = [&] {
    std::size_t n = 0;
    for (const auto& tail : pushed_to(connector, out)) {
      for (auto at = tail.find("external_id"); at != std::string::npos;
           at = tail.find("external_id", at + 1))
        ++n;
    }
    return n;
  };
  for (std::uint64_t contact = 1; contact <= 200; ++contact)
    follow(outbox, message(contact, contact, 1), out);
  CHECK(count() == 10);
  for (auto now = start; now < start + model::seconds(1); now = now + model::Duration{1})
    outbox.on_time(now, out);
  CHECK(count() >= 10 + 79);
  CHECK(count() <= 10 + 80);
}

TEST_CASE("a customer's rate holds up that customer alone, and outlives a silence") {
  Outbox outbox(nothing_stored);
  model::Channel channel{.id = whatsapp, .name = "W"};
  channel.customer_rate = model::Throughput{.count = 1, .per = model::seconds(6), .burst = 2};
  outbox.configure(workspace_with(channel));
  const ClientPtr connector = std::make_shared<Reader>();
  subscribe(outbox, connector);
  std::vector<Outgoing> out;
  follow(outbox, message(1, 1, 1), out);
  follow(outbox, message(2, 1, 2), out);
  for (const std::uint64_t seq : {1, 2})
    follow(outbox, message(2 + seq, 1, seq, model::Status::sent), out);
  CHECK(pushed_to(connector, out).size() == 2);
  CHECK(outbox.pending() == 0);
  out.clear();
  follow(outbox, message(5, 1, 3), out);
  CHECK(out.empty());
  follow(outbox, message(6, 2, 1), out);
  CHECK(pushed_to(connector, out).size() == 1);
  out.clear();
  outbox.on_time(start + model::seconds(6), out);
  REQUIRE(pushed_to(connector, out).size() == 1);
  CHECK(mentions(pushed_to(connector, out)[0], R"("seq":3)"));
}

TEST_CASE("who is held up by a customer's rate goes on when the rate changes, a retry does not") {
  Outbox outbox(nothing_stored);
  model::Channel channel{.id = whatsapp};
  channel.customer_rate = model::Throughput{.count = 1, .per = model::seconds(3600), .burst = 1};
  channel.retry = model::Redelivery{.delay = model::seconds(60)};
  outbox.configure(workspace_with(channel));
  const ClientPtr connector = std::make_shared<Reader>();
  subscribe(outbox, connector);
  std::vector<Outgoing> out;
  follow(outbox, message(1, 1, 1), out);
  follow(outbox, message(2, 1, 2), out);
  follow(outbox, message(3, 2, 1), out);
  CHECK(pushed_to(connector, out).size() == 2);
  fail(outbox, connector, {{2}, {1}}, start);
  out.clear();
  channel.customer_rate.reset();
  outbox.configure(workspace_with(channel));
  outbox.give(start, out);
  REQUIRE(pushed_to(connector, out).size() == 1);
  CHECK(mentions(pushed_to(connector, out)[0], R"("seq":2)"));
}

TEST_CASE("a paused channel keeps what is pending until it is resumed") {
  Outbox outbox(nothing_stored);
  model::Channel channel{.id = whatsapp, .name = "W", .paused = true};
  outbox.configure(workspace_with(channel));
  const ClientPtr connector = std::make_shared<Reader>();
  CHECK(mentions(subscribe(outbox, connector), R"("deliveries":[])"));
  std::vector<Outgoing> out;
  follow(outbox, message(1, 1, 1), out);
  CHECK(out.empty());
  channel.paused = false;
  outbox.configure(workspace_with(channel));
  outbox.give(start, out);
  CHECK(pushed_to(connector, out).size() == 1);
}

TEST_CASE("a connector has no more at once than it asked for") {
  Outbox outbox(nothing_stored);
  const ClientPtr connector = std::make_shared<Reader>();
  subscribe(outbox, connector, std::nullopt, 1);
  std::vector<Outgoing> out;
  follow(outbox, message(1, 1, 1), out);
  follow(outbox, message(2, 2, 1), out);
  CHECK(pushed_to(connector, out).size() == 1);
  out.clear();
  follow(outbox, message(3, 1, 1, model::Status::sent), out);
  CHECK(pushed_to(connector, out).size() == 1);
}

TEST_CASE(
    "S40 who waits for room at a connector that has nothing of theirs any more goes to another") {
  Outbox outbox(nothing_stored);
  const ClientPtr slow = std::make_shared<Reader>(), idle = std::make_shared<Reader>();
  subscribe(outbox, slow, std::nullopt, 2);
  std::vector<Outgoing> out;
  // It is given the first of both contacts; the second of each waits for it.
  follow(outbox, message(5, 1, 1), out);
  follow(outbox, message(6, 2, 1), out);
  follow(outbox, message(7, 1, 2), out);
  follow(outbox, message(8, 2, 2), out);
  REQUIRE(pushed_to(slow, out).size() == 2);
  CHECK_FALSE(mentions(subscribe(outbox, idle), "entry"));
  // The room that this makes goes to the first contact.
  fail(outbox, slow, {.contact = {2}, .seq = {1}}, start);
  out.clear();
  outbox.on_time(start + model::seconds(3), out);
  REQUIRE(pushed_to(idle, out).size() == 1);
  CHECK(mentions(pushed_to(idle, out)[0], R"({"contact":"c00000000002","seq":1,)"));
}

TEST_CASE(
    "S40 whose time was over takes nothing from who has the message now by saying it failed") {
  Outbox outbox(nothing_stored);
  model::Channel channel{.id = whatsapp, .kind = model::ChannelKind::whatsapp};
  channel.retry =
      model::Redelivery{.attempts = 3, .delay = {100}, .ack_timeout = model::seconds(30)};
  outbox.configure(workspace_with(channel));
  const ClientPtr late = std::make_shared<Reader>(), next = std::make_shared<Reader>();
  const ClientPtr posts = std::make_shared<Reader>();  // subscribed to nothing
  subscribe(outbox, late);
  std::vector<Outgoing> out;
  follow(outbox, message(5, 1, 1), out);
  follow(outbox, message(6, 2, 1), out, start + model::seconds(20));
  subscribe(outbox, next, std::nullopt, 1'000, start + model::seconds(20));
  outbox.on_time(start + model::seconds(30), out);
  out.clear();
  // To who has less on its hands.
  const auto again = start + model::seconds(31);
  outbox.on_time(again, out);
  REQUIRE(pushed_to(next, out).size() == 1);

  const Outbox::Place place{.contact = {1}, .seq = {1}};
  const auto now = std::to_string((again + wall_ahead).ms);
  CHECK(mentions(fail(outbox, late, place, again), "\"retry_at\":" + now + ",\"attempts\":1"));
  out.clear();
  outbox.on_time(again + model::seconds(5), out);
  CHECK(out.empty());
  // Who has it says so by a post.
  CHECK(mentions(fail(outbox, posts, place, again), "\"attempts\":2"));
}

TEST_CASE("the outbox counts by kind of channel what waits, who takes it, and what became of it") {
  Outbox outbox(nothing_stored);
  model::Channel channel{.id = whatsapp, .kind = model::ChannelKind::whatsapp};
  channel.retry = model::Redelivery{.attempts = 3, .delay = {100}};
  outbox.configure(workspace_with(channel));
  const auto counts = [&](model::ChannelKind kind) {
    const auto& c = outbox.counts().at(static_cast<std::size_t>(kind));
    return std::vector<std::uint64_t>{c.pending, c.connectors, c.sent, c.failed, c.retries};
  };
  using Counts = std::vector<std::uint64_t>;
  const ClientPtr reader = std::make_shared<Reader>();
  std::vector<Outgoing> out;
  subscribe(outbox, reader);
  for (std::uint64_t seq : {1, 2, 3}) follow(outbox, message(seq, 7, seq), out);
  CHECK(counts(model::ChannelKind::whatsapp) == Counts{3, 1, 0, 0, 0});

  fail(outbox, reader, {{7}, {1}}, start);
  follow(outbox, message(4, 7, 1, model::Status::delivered), out);  // it had arrived all the same
  follow(outbox, message(5, 7, 2, model::Status::failed), out);
  CHECK(counts(model::ChannelKind::whatsapp) == Counts{1, 1, 1, 1, 1});
  follow(outbox, message(6, 7, 2, model::Status::sent), out);  // no delivery any more: not counted
  CHECK(counts(model::ChannelKind::whatsapp) == Counts{1, 1, 1, 1, 1});

  // Another kind takes along what is there now; what was stays where it was.
  channel.kind = model::ChannelKind::custom;
  outbox.configure(workspace_with(channel));
  CHECK(counts(model::ChannelKind::whatsapp) == Counts{0, 0, 1, 1, 1});
  CHECK(counts(model::ChannelKind::custom) == Counts{1, 1, 0, 0, 0});
  outbox.leave(reader, std::nullopt, start, out);
  CHECK(counts(model::ChannelKind::custom) == Counts{1, 0, 0, 0, 0});
}

TEST_CASE("S40 what the store has is not in memory, and is given out from there, in order") {
  Stored stored;
  Outbox outbox(stored.reader());
  std::vector<Outgoing> out;
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    auto commit = message(4 + seq, 1, seq);
    if (seq < 3) stored.save(*commit);
    follow(outbox, std::move(commit), out);
  }
  CHECK(outbox.texts_in_memory() == 3);
  outbox.forget_saved({6});
  CHECK(outbox.texts_in_memory() == 1);
  CHECK(outbox.pending() == 3);
  const auto answer = subscribe(outbox, std::make_shared<Reader>());
  const auto first = answer.find(R"("seq":1,"external_id":"customer","entry":{)");
  const auto second = answer.find(R"("seq":2,"external_id":"customer","entry":{)");
  const auto third = answer.find(R"("seq":3,"external_id":"customer","entry":{"seq":3})");
  REQUIRE(third != std::string::npos);
  CHECK(first < second);
  CHECK(second < third);
}

TEST_CASE("S40 what is pending at start is given out from the store") {
  Stored stored;
  Outbox outbox(stored.reader());
  const auto commit = message(5, 1, 1);
  stored.save(*commit);
  outbox.load({1}, *commit->entries[0].entry);
  CHECK(outbox.texts_in_memory() == 0);
  CHECK(mentions(subscribe(outbox, std::make_shared<Reader>()),
                 R"("seq":1,"external_id":"customer","entry":{)"));
}

TEST_CASE("S40 what is tried again after the store has it is read from there, attempts and all") {
  Stored stored;
  Outbox outbox(stored.reader());
  const ClientPtr connector = std::make_shared<Reader>();
  subscribe(outbox, connector);
  std::vector<Outgoing> out;
  auto commit = message(5, 1, 1);
  stored.save(*commit);
  follow(outbox, std::move(commit), out);
  outbox.forget_saved({5});
  fail(outbox, connector, {{1}, {1}}, start);
  out.clear();
  outbox.on_time(outbox.next_due().value(), out);
  REQUIRE(pushed_to(connector, out).size() == 1);
  CHECK(mentions(pushed_to(connector, out)[0],
                 R"("seq":1,"external_id":"customer","attempts":1,"entry":{)"));
}

TEST_CASE("S40 a status that leaves a message pending keeps its new text until the store has it") {
  Stored stored;
  Outbox outbox(stored.reader());
  std::vector<Outgoing> out;
  auto made = message(5, 1, 1);
  stored.save(*made);
  follow(outbox, std::move(made), out);
  follow(outbox, message(7, 1, 1), out);
  outbox.forget_saved({6});
  CHECK(outbox.texts_in_memory() == 1);
  CHECK(mentions(subscribe(outbox, std::make_shared<Reader>()), R"("entry":{"seq":1})"));
  outbox.forget_saved({7});
  CHECK(outbox.texts_in_memory() == 0);
}

TEST_CASE("S23 S40 a message that the store has moved waits until the outbox hears of the merge") {
  Stored stored;
  Outbox outbox(stored.reader());
  std::vector<Outgoing> out;
  auto commit = message(5, 2, 1);
  stored.save(*commit);
  follow(outbox, std::move(commit), out);
  outbox.forget_saved({6});
  stored.move({{2}, {1}}, {{1}, {4}});
  const ClientPtr connector = std::make_shared<Reader>();
  CHECK(mentions(subscribe(outbox, connector), R"("deliveries":[])"));

  auto merge = message(6, 1, 4);
  merge->moved =
      persistence::EntriesMoved{.primary = {1}, .secondary = {2}, .base = {3}, .count = 1};
  follow(outbox, std::move(merge), out);
  outbox.on_time(start + model::Duration{1'000}, out);
  REQUIRE(pushed_to(connector, out).size() == 1);
  CHECK(mentions(pushed_to(connector, out)[0], R"("seq":4,"external_id":"customer","entry":{)"));
}

}  // namespace inboxd::actors
