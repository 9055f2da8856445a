#include "persistence/journal.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <random>
#include <thread>

#include "persistence/file.hpp"
#include "persistence/segment.hpp"
#include "tests/persistence/journal_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

using namespace inboxd;
using namespace inboxd::persistence;
using Catch::Matchers::Contains;
using inboxd::tests::JournalFixture;

TEST_CASE_METHOD(JournalFixture, "Offsets are given at submission, in the order of the queue") {
  start();
  CHECK(journal->submit({"a", {5}, nullptr}).offset == model::Offset{1});
  CHECK(journal->submit({"", {5}, nullptr}).offset == model::Offset{1});
  CHECK(journal->submit({"b", {5}, nullptr}).offset == model::Offset{2});
  CHECK(journal->last() == model::Offset{2});
  CHECK(journal->released() == model::Offset{0});
  CHECK(journal->pump() == 3);
  CHECK(journal->released() == model::Offset{2});
}

TEST_CASE_METHOD(JournalFixture, "What passes through never overtakes a commit before it") {
  start();
  submit("a");
  submit("");
  submit("b");
  journal->pump();
  REQUIRE(released.size() == 3);
  CHECK_FALSE(released[0].passes_through);
  CHECK(released[1].passes_through);
  CHECK(released[1].offset == model::Offset{1});
  CHECK(released[2].offset == model::Offset{2});
}

TEST_CASE_METHOD(JournalFixture, "The times of records never go back, whatever the clock does") {
  start();
  CHECK(journal->submit({"a", {100}, nullptr}).at.ms == 100);
  CHECK(journal->submit({"b", {90}, nullptr}).at.ms == 100);
  CHECK(journal->submit({"c", {110}, nullptr}).at.ms == 110);
}

TEST_CASE_METHOD(JournalFixture, "Nothing is released before it is durable") {
  start();
  const auto durable_records = [&] {
    const auto bytes = disk.durable(segments().back());
    SegmentReader reader(bytes, {1});
    std::size_t n = 0;
    while (reader.next()) ++n;
    return n;
  };
  for (std::size_t i = 1; i <= 50; ++i) {
    submit("record");
    CHECK(released.size() == i - 1);
    journal->pump();
    CHECK(released.size() == i);
    CHECK(durable_records() == i);
  }
}

TEST_CASE_METHOD(JournalFixture, "A batch costs one write and one sync") {
  start();
  const auto writes = disk.writes(), syncs = disk.syncs();
  for (int i = 0; i < 100; ++i) submit("record");
  journal->pump();
  CHECK(disk.writes() == writes + 1);
  CHECK(disk.syncs() == syncs + 1);
}

TEST_CASE_METHOD(JournalFixture, "Short writes are finished") {
  start();
  disk.short_writes = true;
  std::vector<std::string> payloads;
  for (int i = 0; i < 20; ++i) {
    payloads.push_back(std::string(static_cast<std::size_t>(i) * 37 + 1, 'a'));
    write(payloads.back());
  }
  CHECK(reopen() == payloads);
}

TEST_CASE_METHOD(JournalFixture,
                 "After a failed sync nothing is released any more, and it says why") {
  start();
  write("good");
  disk.syncs_until_failure = 1;
  write("lost");
  CHECK(journal->failed());
  disk.syncs_until_failure = -1;
  write("later");
  CHECK(released.size() == 1);
  REQUIRE(failures.size() == 1);
  CHECK_THAT(failures[0], Contains("cannot sync"));
  CHECK_FALSE(journal->flush());
}

TEST_CASE_METHOD(JournalFixture, "A full disk stops the journal, and what was released is there") {
  start(SyncPolicy::always, 4096);
  disk.writes_until_failure = 12;
  for (int i = 0; i < 40; ++i) write(std::string(100, 'x'));
  CHECK(journal->failed());
  CHECK_THAT(failures.at(0), Contains("No space left on device"));
  const auto acknowledged = released.size();
  CHECK(acknowledged > 0);
  CHECK(acknowledged < 40);
  CHECK(reopen().size() >= acknowledged);
  CHECK(damage.empty());
}

TEST_CASE_METHOD(JournalFixture, "Low space is told when it comes and when it goes") {
  start();
  disk.free = 100'000;
  write("a");
  CHECK(space.empty());
  disk.free = 900;
  write("b");
  disk.free = 1500;  // above the mark, but not by enough
  write("c");
  CHECK(space == std::vector<bool>{true});
  disk.free = 2500;
  write("d");
  CHECK(space == std::vector<bool>{true, false});
}

TEST_CASE_METHOD(JournalFixture, "A record larger than a segment gets one of its own size") {
  start(SyncPolicy::always, 4096);
  write("small");
  write(std::string(100'000, 'x'));
  write("small again");
  const auto read = reopen();
  REQUIRE(read.size() == 3);
  CHECK(read[1].size() == 100'000);
  CHECK(damage.empty());
}

TEST_CASE_METHOD(JournalFixture, "Segments go when all that is in them is saved") {
  start(SyncPolicy::always, 4096);
  for (int i = 0; i < 60; ++i) write(std::string(200, 'x'));  // 17 in a segment
  REQUIRE(segments().size() == 4);
  journal->drop_up_to({16});
  CHECK(segments().size() == 4);
  journal->drop_up_to({17});
  CHECK(segments().size() == 3);
  journal->drop_up_to({60});
  CHECK(segments().size() == 1);  // the one being written stays
}

TEST_CASE_METHOD(JournalFixture, "Retention keeps the newest of the segments that could go") {
  retention_bytes = 2 * 4096;
  start(SyncPolicy::always, 4096);
  for (int i = 0; i < 90; ++i) write(std::string(200, 'x'));
  REQUIRE(segments().size() == 6);
  journal->drop_up_to({90});
  CHECK(segments().size() == 3);
}

TEST_CASE("A sync policy has a name, and says what a crash can take") {
  for (const auto policy : {SyncPolicy::always, SyncPolicy::interval, SyncPolicy::none})
    CHECK(sync_policy_of(name_of(policy)) == policy);
  CHECK_FALSE(sync_policy_of("sometimes"));
  const auto told = [](SyncPolicy policy) { return loss_of(policy, model::Duration{250}); };
  CHECK_THAT(told(SyncPolicy::always), Contains("takes nothing"));
  CHECK_THAT(told(SyncPolicy::interval), Contains("up to the last 250 ms"));
  CHECK(told(SyncPolicy::none) != told(SyncPolicy::always));
}

TEST_CASE_METHOD(JournalFixture, "Without syncing, a clean stop syncs all the same") {
  start(SyncPolicy::none);
  write("a");
  write("b");
  CHECK(released.size() == 2);
  CHECK(journal->stop());
  const auto bytes = disk.durable(segments().back());
  SegmentReader reader(bytes, {1});
  CHECK(reader.next());
  CHECK(reader.next());
}

TEST_CASE("At a crash, what was released is there, and what is there is a prefix") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    JournalFixture f(seed);
    std::mt19937_64 random(seed);
    std::vector<std::string> submitted;
    f.disk.short_writes = seed % 3 == 0;
    for (int life = 0; life < 3; ++life) {
      submitted.resize(f.last.value);
      f.start(SyncPolicy::always, 8192);
      if (random() % 4 == 0) f.disk.syncs_until_failure = 1 + static_cast<int>(random() % 8);
      if (random() % 4 == 0) f.disk.writes_until_failure = 1 + static_cast<int>(random() % 20);
      f.released.clear();
      const auto rounds = random() % 12;
      for (std::size_t i = 0; i < rounds; ++i) {
        for (auto n = random() % 6; n-- > 0;) {
          submitted.push_back(
              std::string(1 + random() % 2000, static_cast<char>('a' + random() % 26)));
          f.submit(submitted.back());
        }
        f.journal->pump();
      }
      // Power fails in the middle of a write, too.
      if (random() % 2 == 0) {
        submitted.push_back(std::string(3000, 'z'));
        f.submit(submitted.back());
        f.disk.syncs_until_failure = 1;
        f.journal->pump();
      }
      const auto acknowledged = f.journal->released().value;
      f.disk.crash();
      const auto read = f.reopen();
      INFO("seed " << seed << ", life " << life << ": " << f.damage);
      REQUIRE(f.damage.empty());
      REQUIRE(read.size() >= acknowledged);
      REQUIRE(read.size() <= submitted.size());
      REQUIRE(std::equal(read.begin(), read.end(), submitted.begin()));
      // What recovery does with the tail.
      if (!f.end.segment.empty()) {
        const auto file = f.disk.open(f.end.segment);
        file->truncate(f.end.position);
        file->sync();
      }
    }
  }
}

namespace {

struct Note final : Effect {
  explicit Note(std::size_t n) : number(n) {}
  std::size_t number;
};

}  // namespace

TEST_CASE("Commits of many threads come out once, in the order of their offsets") {
  const tests::TempDir directory;
  constexpr std::size_t threads = 4, each = 5000;
  std::vector<std::size_t> seen(threads * each, 0);
  std::vector<std::uint64_t> offsets;
  JournalOptions options;
  options.directory = directory.path();
  options.segment_bytes = 1 << 20;
  Journal journal(options, {[&](std::vector<Released>&& batch) {
                              for (const auto& item : batch) {
                                ++seen[static_cast<const Note&>(*item.effect).number];
                                if (!item.passes_through) offsets.push_back(item.offset.value);
                              }
                            },
                            {},
                            {}});
  std::vector<std::thread> writers;
  for (std::size_t t = 0; t < threads; ++t) {
    writers.emplace_back([&, t] {
      for (std::size_t i = 0; i < each; ++i) {
        const bool reads = i % 5 == 0;
        journal.submit({reads ? "" : "{\"tick\":true}", {0}, std::make_unique<Note>(t * each + i)});
      }
    });
  }
  for (auto& writer : writers) writer.join();
  REQUIRE(journal.stop());
  CHECK(std::all_of(seen.begin(), seen.end(), [](auto n) { return n == 1; }));
  REQUIRE(offsets.size() == threads * each * 4 / 5);
  for (std::size_t i = 0; i < offsets.size(); ++i) REQUIRE(offsets[i] == i + 1);

  std::size_t read = 0;
  read_journal(posix_file_system(), directory.path(), {}, [&](const Frame&) { ++read; });
  CHECK(read == offsets.size());
}

TEST_CASE("A commit after rest is synced at once, those behind it together after the spacing") {
  tests::SimulatedDisk disk;
  std::promise<void> first;
  std::vector<std::size_t> batches;  // their sizes; read when the journal has stopped
  JournalOptions options;
  options.directory = "journal";
  options.files = &disk;
  options.sync_spacing = std::chrono::hours(1);
  Journal journal(options, {[&](std::vector<Released>&& batch) {
                              batches.push_back(batch.size());
                              if (batches.size() == 1) first.set_value();
                            },
                            {},
                            {}});
  journal.submit({"x", {0}, nullptr});
  REQUIRE(first.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  for (int i = 0; i < 3; ++i) journal.submit({"x", {0}, nullptr});
  CHECK(journal.released() == model::Offset{1});
  REQUIRE(journal.flush());  // within an hour
  CHECK(journal.released() == model::Offset{4});
  journal.submit({"x", {0}, nullptr});
  REQUIRE(journal.stop());
  CHECK(journal.released() == model::Offset{5});
  CHECK(batches == std::vector<std::size_t>{1, 3, 1});
}

TEST_CASE("A threaded journal fails stop, and flush says so") {
  tests::SimulatedDisk disk;
  std::promise<std::string> reason;
  JournalOptions options;
  options.directory = "journal";
  options.files = &disk;
  Journal journal(options, {{}, [&](const std::string& why) { reason.set_value(why); }, {}});
  disk.syncs_until_failure = 1;
  journal.submit({"x", {0}, nullptr});
  CHECK_FALSE(journal.flush());
  CHECK_THAT(reason.get_future().get(), Contains("cannot sync"));
  CHECK_FALSE(journal.stop());
}
