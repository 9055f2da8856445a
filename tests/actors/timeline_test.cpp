// What a contact's actor sees of its timeline against the naive one, whatever the store has of it.
#include "actors/timeline.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/persistence/store_fixture.hpp"

namespace inboxd::tests {
namespace {

using namespace model;  // the whole file is about its types
using actors::Timeline;

model::Principal principal_of(const Author& author) {
  Principal by{.id = author.id};
  if (author.kind == AuthorKind::agent) by.kind = PrincipalKind::agent;
  if (author.kind == AuthorKind::connector) by.kind = PrincipalKind::connector;
  if (author.kind == AuthorKind::service) by.kind = PrincipalKind::service;
  return by;
}

/// The timelines of all contacts, kept as their actors keep them.
class Timelines {
 public:
  explicit Timelines(StoreFixture& fixture) : fixture_(fixture) {}

  Timeline& of(ContactId contact) {
    auto& timeline = all_[contact];
    if (!timeline) timeline = std::make_unique<Timeline>(contact, *fixture_.store);
    return *timeline;
  }
  /// As an actor begins each task.
  Timeline& fresh(ContactId contact) {
    auto& timeline = of(contact);
    timeline.forget_saved(fixture_.store->applied_offset());
    return timeline;
  }
  void follow(const persistence::Change& change) {
    if (const auto& moved = change.moved) {
      const auto handed_over = std::make_shared<const Timeline>(std::move(fresh(moved->secondary)));
      all_.erase(moved->secondary);
      fresh(moved->primary).take(moved->base, moved->count, change.offset, handed_over);
    }
    for (const auto& entry : change.entries) fresh(entry.contact).put(entry.entry);
  }

 private:
  StoreFixture& fixture_;
  std::map<ContactId, std::unique_ptr<Timeline>> all_;
};

struct TimelineFixture : StoreFixture {
  explicit TimelineFixture(std::uint64_t seed) : StoreFixture(seed) {}

  std::string expected(ContactId contact, Seq first, Seq last) const {
    std::string all;
    for (auto seq = first; seq <= last; ++seq) {
      if (!all.empty()) all += ',';
      all += json_of(contact, office.entries.at({contact, seq}));
    }
    return all;
  }
  void check(ContactId contact, Seq last, const Timeline& timeline) {
    const Seq first{1 + office.below(last.value)};
    const Seq end{first.value + office.below(last.value - first.value + 1)};
    REQUIRE(timeline.texts(first, end) == expected(contact, first, end));
    std::string read;
    for (const auto& entry : timeline.entries(first, end))
      read += (read.empty() ? "" : ",") + json_of(contact, *entry);
    REQUIRE(read == expected(contact, first, end));

    std::vector<Seq> pending, expected_pending;
    for (const auto& entry : timeline.pending()) pending.push_back(entry->seq);
    const Offset after{office.below(office.last.value + 1)};
    std::string changed;
    std::size_t changes = 0;
    for (Seq seq{1}; seq <= last; ++seq) {
      const auto& entry = office.entries.at({contact, seq});
      const auto* message = entry.message();
      if (message != nullptr && message->direction == Direction::out &&
          message->status() == Status::pending)
        expected_pending.push_back(seq);
      if (entry.offset <= after) continue;
      ++changes;
      changed += (changed.empty() ? "" : ",") + json_of(contact, entry);
    }
    REQUIRE(pending == expected_pending);
    constexpr std::size_t changes_max = 40;
    const auto missed = timeline.changed_since(after, changes_max);
    REQUIRE(missed.has_value() == (changes <= changes_max));
    if (missed) REQUIRE(*missed == changed);

    const auto& entry = office.entries.at({contact, first});
    REQUIRE(json_of(contact, *timeline.find(first)) == json_of(contact, entry));
    check_ids(timeline, entry);
  }
  void check_ids(const Timeline& timeline, const Entry& entry) const {
    const auto* message = entry.message();
    const auto* comment = entry.comment();
    const auto client_id = message   ? message->client_id
                           : comment ? comment->client_id
                                     : std::string();
    if (!client_id.empty())
      REQUIRE(timeline.by_client_id(principal_of(entry.author), client_id) == entry.seq);
    if (message != nullptr && !message->provider_id.empty()) {
      REQUIRE(timeline.by_provider_id(office.id, message->channel, message->direction,
                                      message->provider_id) == entry.seq);
    }
  }
};

}  // namespace

TEST_CASE("A timeline is the same whatever the store has of it, merges of merged ones included") {
  for (std::uint64_t seed = 1; seed <= seeds(4); ++seed) {
    INFO("seed " << seed);
    TimelineFixture f(seed);
    f.open();
    Timelines timelines(f);
    std::size_t merges = 0;
    constexpr int commits = 600;
    for (int i = 0; i < commits; ++i) {
      const auto change = f.commit();
      timelines.follow(change);
      if (change.moved) ++merges;
      constexpr std::size_t one_in = 25;
      const bool saves = f.office.below(one_in) == 0;
      if (f.office.contacts.empty()) continue;
      auto known = f.office.contacts.begin();
      std::advance(known, f.office.below(f.office.contacts.size()));
      const auto& [id, contact] = *known;
      if (contact.merged_into) continue;
      auto& timeline = timelines.fresh(id);
      // Half of the checks: the store moves what was taken over after the actor has begun.
      if (saves && i % 2 == 0) f.checkpointer->checkpoint(false);
      f.check(id, contact.last_seq, timeline);
      if (saves && i % 2 == 1) f.checkpointer->checkpoint(false);
    }
    CHECK(merges > 5);
    f.kill();
  }
}

TEST_CASE(
    "S23 what was taken over stays until the store has the merge, though it has what came before") {
  StoreFixture f(1);
  f.open();
  auto secondary = std::make_shared<Timeline>(ContactId{2}, *f.store);
  std::vector<std::shared_ptr<const Entry>> unsaved;
  for (std::uint64_t seq = 1; seq <= 2; ++seq) {
    auto entry = std::make_shared<Entry>();
    entry->seq = {seq};
    entry->offset = {seq + 6};
    entry->body = Comment{};
    secondary->put(unsaved.emplace_back(std::move(entry)));
  }
  Timeline primary(ContactId{1}, *f.store);
  primary.take({0}, 2, {10}, secondary);
  primary.forget_saved({5});
  CHECK(primary.entries({1}, {2}).size() == 2);
  primary.forget_saved({10});
  CHECK(primary.entries({1}, {2}).empty());  // the store says so now, and this one is empty
}

TEST_CASE(
    "A timeline keeps no entry in memory that the store has, also if nobody asks for it again") {
  StoreFixture f(1);
  f.open();
  std::map<ContactId, std::unique_ptr<Timeline>> timelines;
  std::vector<std::weak_ptr<const Entry>> entries;
  for (int i = 0; i < 200; ++i) {
    for (const auto& change = f.commit(); const auto& entry : change.entries) {
      auto& timeline = timelines[entry.contact];
      if (!timeline) timeline = std::make_unique<Timeline>(entry.contact, *f.store);
      timeline->put(entry.entry);
      entries.push_back(entry.entry);
    }
  }
  const auto in_memory = [&] {
    return std::count_if(entries.begin(), entries.end(),
                         [](const auto& e) { return !e.expired(); });
  };
  CHECK(in_memory() > 50);
  f.checkpointer->checkpoint(false);
  CHECK(in_memory() == 0);
}

}  // namespace inboxd::tests
