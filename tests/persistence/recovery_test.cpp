#include "persistence/recovery.hpp"

#include <fstream>
#include <unistd.h>

#include "persistence/file.hpp"
#include "persistence/journal_reader.hpp"
#include "tests/persistence/store_fixture.hpp"

using namespace inboxd;
using namespace inboxd::model;
using namespace inboxd::persistence;
using Catch::Matchers::Contains;
using inboxd::tests::StoreFixture;
namespace fs = std::filesystem;

namespace {

void flip(const fs::path& path, std::uint64_t position) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(position));
  const auto byte = static_cast<char>(file.get() ^ 0x20);
  file.seekp(static_cast<std::streamoff>(position));
  file.put(byte);
}

}  // namespace

TEST_CASE("A new data directory has an epoch, no commits, and keeps the epoch") {
  StoreFixture f;
  f.open();
  const auto epoch = f.recovered.epoch;
  CHECK(epoch.size() == 16);
  CHECK(f.recovered.last == Offset{0});
  f.kill();
  f.open();
  CHECK(f.recovered.epoch == epoch);
}

TEST_CASE("Whenever the process dies, store and journal together give every commit back") {
  for (std::uint64_t seed = 1; seed <= tests::seeds(4); ++seed) {
    StoreFixture f(seed);
    f.segment_bytes = 16 * 1024;
    if (seed % 2 == 0) f.files_bytes_min = 30'000;
    f.open();
    const auto epoch = f.recovered.epoch;
    for (int life = 0; life < 4; ++life) {
      const auto commits = f.office.below(150);
      for (std::size_t i = 0; i < commits; ++i) {
        f.commit();
        if (f.office.below(25) == 0) f.checkpointer->checkpoint(f.office.below(2) == 0);
      }
      if (f.office.below(4) == 0) {
        f.stop();
        f.open();
        CHECK(f.recovered.replayed == 0);
      } else {
        f.kill();
        f.open();
      }
      INFO("seed " << seed << ", life " << life);
      REQUIRE(f.recovered.last == f.office.last);
      REQUIRE(f.recovered.epoch == epoch);
      REQUIRE(f.recovered.torn_bytes == 0);
      f.check_store();
    }
  }
}

TEST_CASE_METHOD(StoreFixture, "A torn tail is cut and reported, and the journal goes on") {
  open();
  for (int i = 0; i < 50; ++i) commit();
  const auto path = journal->segments().back().path;
  kill();
  const auto end = read_journal(posix_file_system(), path.parent_path(), {}, [](const Frame&) {});
  std::fstream(path, std::ios::in | std::ios::out | std::ios::binary)
      .seekp(static_cast<std::streamoff>(end.position))
      .write("half a record", 13);
  open();
  CHECK(recovered.last == office.last);
  CHECK(recovered.torn_bytes == 13);
  CHECK_THAT(recovered.note, Contains("Cut 13 bytes after record 50"));
  CHECK(std::filesystem::file_size(path) == end.position);  // what was reserved is free again
  commit();
  kill();
  open();
  CHECK(recovered.last == office.last);
  CHECK(recovered.torn_bytes == 0);
}

TEST_CASE_METHOD(StoreFixture,
                 "Damage before the end stops the start, with the place and what to do") {
  open();
  for (int i = 0; i < 50; ++i) commit();
  const auto path = journal->segments().front().path;
  kill();
  flip(path, 64 + 40);
  CHECK_THROWS_WITH(open(), Contains(path.string()) && Contains("byte 64") &&
                                Contains("inboxctl verify") && Contains("inboxctl restore"));
  kill();
  flip(path, 64 + 40);
  open();
  check_store();
}

TEST_CASE_METHOD(StoreFixture, "Damage in what the store has already is no obstacle") {
  open();
  for (int i = 0; i < 50; ++i) commit();
  const auto path = journal->segments().front().path;
  checkpointer->checkpoint(true);
  kill();
  open();  // the former segment is not needed any more
  kill();
  flip(path, 64 + 40);
  open();
  check_store();
}

TEST_CASE_METHOD(StoreFixture, "A lost segment is noticed") {
  segment_bytes = 8 * 1024;
  open();
  for (int i = 0; i < 100; ++i) commit();
  const auto segments = journal->segments();
  REQUIRE(segments.size() > 3);
  kill();
  SECTION("in the middle") {
    fs::remove(segments[1].path);
    CHECK_THROWS_WITH(open(), Contains("are missing before segment " + segments[2].path.string()));
  }
  SECTION("at the beginning") {
    fs::remove(segments[0].path);
    CHECK_THROWS_WITH(open(), Contains("records 1 to "));
  }
}

TEST_CASE_METHOD(StoreFixture, "A journal that ends before the store does is refused") {
  open();
  for (int i = 0; i < 50; ++i) commit();
  checkpointer->checkpoint(true);
  const auto journal_path = directory->journal();
  kill();
  for (const auto& segment : list_segments(posix_file_system(), journal_path)) {
    fs::remove(segment.path);
  }
  CHECK_THROWS_WITH(open(), Contains("The journal ends before the state store does (record 0"));
}

TEST_CASE_METHOD(
    StoreFixture,
    "With a lossy sync policy an unclean end begins a new epoch, a clean one does not") {
  recovery.sync = SyncPolicy::none;
  open();
  auto epoch = recovered.epoch;
  for (int i = 0; i < 20; ++i) commit();
  stop();
  open();
  CHECK(recovered.epoch == epoch);
  commit();
  kill();
  open();
  CHECK(recovered.epoch != epoch);
  CHECK_THAT(recovered.note, Contains("new epoch"));
  CHECK(recovered.last == office.last);
}

TEST_CASE_METHOD(StoreFixture,
                 "Segments go once the store has all that is in them, and not before") {
  segment_bytes = 8 * 1024;
  open();
  for (int i = 0; i < 150; ++i) commit();
  const auto before = journal->segments().size();
  REQUIRE(before > 3);
  checkpointer->checkpoint(false);
  CHECK(journal->segments().size() == before);
  checkpointer->checkpoint(true);
  CHECK(journal->segments().size() == 1);
  kill();
  open();
  check_store();
}

TEST_CASE("One process holds a data directory; the other is told who") {
  const tests::TempDir temp;
  const DataDirectory first(temp / "data", DataDirectory::Mode::create);
  CHECK_THROWS_WITH(DataDirectory(temp / "data", DataDirectory::Mode::create),
                    Contains("is in use by another process (pid " + std::to_string(::getpid())));
}

TEST_CASE("A data directory of a later version, a damaged one and a wrong one are told apart") {
  const tests::TempDir temp;
  { const DataDirectory made(temp / "data", DataDirectory::Mode::create); }
  const auto perms = fs::status(temp / "data").permissions();
  CHECK((perms & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);
  std::ofstream(temp / "data" / "VERSION") << "7\n";
  CHECK_THROWS_WITH(DataDirectory(temp / "data", DataDirectory::Mode::create),
                    Contains("written by another version of inboxd (format 7"));
  std::ofstream(temp / "data" / "VERSION") << "x\n";
  CHECK_THROWS_WITH(DataDirectory(temp / "data", DataDirectory::Mode::create),
                    Contains("it is damaged"));
  CHECK_THROWS_WITH(DataDirectory(temp / "none", DataDirectory::Mode::existing),
                    Contains("does not exist"));
  CHECK_THROWS_WITH(DataDirectory(temp.path(), DataDirectory::Mode::existing),
                    Contains("no VERSION file"));
  CHECK_THROWS_WITH(DataDirectory("/proc/inboxd", DataDirectory::Mode::create),
                    Contains("cannot be made"));
}
