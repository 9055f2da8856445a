#include "persistence/store.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>

#include "tests/persistence/store_fixture.hpp"

using namespace inboxd;
using namespace inboxd::model;
using namespace inboxd::persistence;
using inboxd::tests::json_of;
using inboxd::tests::StoreFixture;

TEST_CASE("The store holds what was committed, however the changes are cut into checkpoints") {
  // All through the memtables, the larger ones as files, all as files.
  const std::array<std::uint64_t, 3> files_from{std::numeric_limits<std::uint64_t>::max(), 30'000,
                                                0};
  for (std::uint64_t seed = 1; seed <= tests::seeds(3); ++seed) {
    StoreFixture f(seed);
    f.files_bytes_min = files_from.at(seed % files_from.size());
    INFO("seed " << seed);
    f.open();
    for (int i = 0; i < 400; ++i) {
      f.commit();
      if (f.office.below(30) == 0) {
        f.checkpointer->checkpoint(f.office.below(3) == 0);
        CHECK(f.saved == f.office.last);
        if (f.files_bytes_min == 0) CHECK(f.store->durable() == f.office.last);
      }
    }
    f.checkpointer->checkpoint(true);
    f.check_store();
  }
}

TEST_CASE_METHOD(StoreFixture, "What a crash left of files is gone after the next start") {
  open();
  kill();
  const auto left = temp / "data" / "store" / "entries.new";
  std::ofstream(left) << "half a file";
  open();
  CHECK_FALSE(std::filesystem::exists(left));
  files_bytes_min = 0;
  for (int i = 0; i < 50; ++i) commit();
  checkpointer->checkpoint(false);
  CHECK_FALSE(std::filesystem::exists(left));
}

TEST_CASE_METHOD(StoreFixture, "Files do not overtake what was written before them") {
  open();
  for (int i = 0; i < 100; ++i) commit();
  checkpointer->checkpoint(false);
  CHECK(store->durable() < office.last);
  files_bytes_min = 0;
  std::vector<Change> one{commit()};
  store->write_durably(one);
  kill();  // the memtables are lost
  StateStore again({.path = temp / "data" / "store"});
  CHECK(again.applied_offset() == office.last);
  std::size_t entries = 0;
  for (const auto& [id, contact] : office.contacts)
    again.for_each_entry(id, [&](Seq, std::string_view) { ++entries; });
  CHECK(entries == office.entries.size());
}

TEST_CASE_METHOD(StoreFixture, "R9, R10: every id that came with a message leads to its entry") {
  // Some in the memtables, some in files, of which one has what others had already.
  files_bytes_min = 100'000;
  open();
  for (int i = 0; i < 600; ++i) {
    commit();
    if (i % 40 == 0 || i % 150 == 0) checkpointer->checkpoint(false);
  }
  checkpointer->checkpoint(false);
  std::size_t found = 0;
  for (const auto& [key, entry] : office.entries) {
    const auto& [contact, seq] = key;
    const auto* message = entry.message();
    const auto* comment = entry.comment();
    const auto client_id = message   ? message->client_id
                           : comment ? comment->client_id
                                     : std::string();
    if (!client_id.empty()) {
      CHECK(store->find(ClientKey{contact, entry.author.kind, entry.author.id, client_id}) == seq);
      CHECK_FALSE(store->find(ClientKey{contact, entry.author.kind, "other", client_id}));
      ++found;
    }
    if (message != nullptr && !message->provider_id.empty()) {
      const auto place = store->find(
          ProviderKey{office.id, message->channel, message->direction, message->provider_id});
      REQUIRE(place);
      CHECK(place->contact == contact);
      CHECK(place->seq == seq);
      ++found;
    }
  }
  CHECK(found > 100);
  CHECK_FALSE(store->find(ProviderKey{office.id, ChannelId("whatsapp-1"), Direction::in, "none"}));
}

TEST_CASE_METHOD(StoreFixture, "A timeline pages to its first entry, and each page is exact") {
  open();
  for (int i = 0; i < 500; ++i) commit();
  checkpointer->checkpoint(false);
  for (const auto& [id, contact] : office.contacts) {
    if (contact.merged_into) {
      CHECK(store->page(id, std::nullopt, 50).entries.empty());
      continue;
    }
    std::vector<std::string> all;
    std::optional<Seq> before;
    for (;;) {
      const auto page = store->page(id, before, 7);
      all.insert(all.begin(), page.entries.begin(), page.entries.end());
      before = contact.last_seq + 1 - all.size();
      if (!page.more) break;
      REQUIRE(page.entries.size() == 7);
    }
    REQUIRE(all.size() == contact.last_seq.value);
    for (Seq seq{1}; seq <= contact.last_seq; ++seq) {
      REQUIRE(all[seq.value - 1] == json_of(id, office.entries.at({id, seq})));
    }
  }
}

TEST_CASE_METHOD(StoreFixture,
                 "What changed after an offset is exact, statuses and merges included") {
  open();
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 60; ++i) commit();
    checkpointer->checkpoint(false);
    for (const auto& [id, contact] : office.contacts) {
      const Offset after{office.below(office.last.value + 1)};
      std::vector<std::string> expected;
      for (Seq seq{1}; !contact.merged_into && seq <= contact.last_seq; ++seq) {
        const auto& entry = office.entries.at({id, seq});
        if (entry.offset > after) expected.push_back(json_of(id, entry));
      }
      const auto found = store->changed_since(id, after, 50);
      INFO("contact " << id << " after " << after);
      if (expected.size() > 50) {
        REQUIRE_FALSE(found);
      } else {
        REQUIRE(found == expected);
      }
    }
  }
}

TEST_CASE_METHOD(StoreFixture, "S40: the outbox holds what is still pending, and nothing else") {
  open();
  for (int round = 0; round < 8; ++round) {
    for (int i = 0; i < 80; ++i) commit();
    checkpointer->checkpoint(false);
    std::set<std::string> expected, found;
    for (const auto& [key, entry] : office.entries) {
      const auto* message = entry.message();
      if (message != nullptr && message->direction == Direction::out &&
          message->status() == Status::pending) {
        expected.insert(json_of(key.first, entry));
      }
    }
    store->for_each_pending(
        [&](ContactId contact, Entry&& entry) { found.insert(json_of(contact, entry)); });
    REQUIRE(found == expected);
  }
}

TEST_CASE_METHOD(StoreFixture, "Contacts are read by several threads at once, each exactly once") {
  open();
  for (int i = 0; i < 400; ++i) commit();
  checkpointer->checkpoint(false);
  std::vector<std::vector<ContactId>> seen(3);
  store->for_each_contact(
      3, [&](std::size_t thread, StoredContact&& c) { seen[thread].push_back(c.contact.id); });
  std::vector<ContactId> all;
  for (const auto& ids : seen) all.insert(all.end(), ids.begin(), ids.end());
  std::vector<ContactId> expected;
  for (const auto& [id, contact] : office.contacts) expected.push_back(id);
  CHECK(all == expected);
}
