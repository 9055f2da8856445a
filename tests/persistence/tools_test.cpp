#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

#include <rocksdb/db.h>

#include "persistence/journal_reader.hpp"
#include "persistence/store_keys.hpp"
#include "persistence/tools/backup.hpp"
#include "persistence/tools/replay_until.hpp"
#include "persistence/tools/transfer.hpp"
#include "persistence/tools/verify.hpp"
#include "tests/persistence/store_fixture.hpp"

using namespace inboxd;
using namespace inboxd::model;
using namespace inboxd::persistence;
using Catch::Matchers::Contains;
using inboxd::tests::json_of;
using inboxd::tests::StoreFixture;
namespace fs = std::filesystem;

namespace {

struct ToolsFixture : StoreFixture {
  fs::path data() const { return temp / "data"; }
  void commits(int n, int checkpoint_every) {
    for (int i = 1; i <= n; ++i) {
      commit();
      if (i % checkpoint_every == 0) checkpointer->checkpoint(i % (2 * checkpoint_every) == 0);
    }
  }
  VerifyReport verified() {
    const DataDirectory held(data(), DataDirectory::Mode::existing);
    return verify(held);
  }
  void flip(const fs::path& path, std::uint64_t position) const {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(position));
    const auto byte = static_cast<char>(file.get() ^ 1);
    file.seekp(static_cast<std::streamoff>(position));
    file.put(byte);
  }
};

/// The store's files, as RocksDB has them.
class RawStore {
 public:
  explicit RawStore(const fs::path& path) {
    std::vector<std::string> names;
    REQUIRE(rocksdb::DB::ListColumnFamilies({}, path.string(), &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const auto& name : names) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
    rocksdb::DB* opened = nullptr;
    REQUIRE(rocksdb::DB::Open({}, path.string(), descriptors, &families_, &opened).ok());
    db_.reset(opened);
    entries_ = families_.at(
        static_cast<std::size_t>(std::find(names.begin(), names.end(), "entries") - names.begin()));
  }
  ~RawStore() {
    CHECK(db_->Flush({}, entries_).ok());
    for (auto* family : families_) db_->DestroyColumnFamilyHandle(family);
  }
  RawStore(const RawStore&) = delete;
  RawStore& operator=(const RawStore&) = delete;

  void copy(const EntryPlace& from, const EntryPlace& to) {
    std::string value;
    REQUIRE(db_->Get({}, entries_, keys::entry(from.contact, from.seq), &value).ok());
    auto entry = read_entry(value);
    entry.seq = to.seq;
    REQUIRE(
        db_->Put({}, entries_, keys::entry(to.contact, to.seq), json_of(to.contact, entry)).ok());
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  rocksdb::ColumnFamilyHandle* entries_ = nullptr;
};

}  // namespace

TEST_CASE_METHOD(ToolsFixture, "verify finds nothing wrong with a directory as a crash left it") {
  open();
  commits(300, 60);
  kill();
  const auto report = verified();
  for (const auto& problem : report.problems) UNSCOPED_INFO(problem);
  CHECK(report.problems.empty());
  CHECK(report.last == office.last);
  CHECK(report.records > 0);
  CHECK(report.contacts > 0);
}

TEST_CASE_METHOD(ToolsFixture, "verify and a start take a merge whose copying was interrupted") {
  open();
  std::optional<EntriesMoved> moved;
  while (!moved || moved->count < 3) {
    checkpointer->checkpoint(true);
    moved = commit().moved;
  }
  kill();
  {
    RawStore raw(data() / "store");
    raw.copy({moved->secondary, {1}}, {moved->primary, moved->base + 1});
    raw.copy({moved->secondary, {2}}, {moved->primary, moved->base + 2});
  }
  const auto report = verified();
  for (const auto& problem : report.problems) UNSCOPED_INFO(problem);
  CHECK(report.problems.empty());
  SECTION("the start copies again") {
    open();
    check_store();
    stop();
    CHECK(verified().problems.empty());
  }
  SECTION("what no merge explains is named") {
    const auto beyond = moved->base + moved->count + 1;
    RawStore(data() / "store").copy({moved->secondary, {1}}, {moved->primary, beyond});
    const auto wrong = verified();
    CHECK(std::any_of(wrong.problems.begin(), wrong.problems.end(), [](const auto& problem) {
      return problem.find("beyond its last one") != std::string::npos;
    }));
  }
}

TEST_CASE_METHOD(ToolsFixture, "verify names a damaged record and a damaged table") {
  open();
  commits(200, 50);
  const auto segment = journal->segments().front().path;
  kill();
  SECTION("record") {
    flip(segment, 64 + 40);
    const auto report = verified();
    REQUIRE(report.problems.size() == 1);
    CHECK_THAT(report.problems[0], Contains(segment.string()) && Contains("byte 64"));
  }
  SECTION("table") {
    for (const auto& item : fs::directory_iterator(data() / "store")) {
      if (item.path().extension() == ".sst") flip(item.path(), 20);
    }
    CHECK_FALSE(verified().problems.empty());
  }
}

TEST_CASE_METHOD(ToolsFixture,
                 "A backup of a running engine restores to the last commit, with a new epoch") {
  open();
  commits(300, 40);
  const auto epoch = recovered.epoch;
  const auto report = backup(data(), temp / "backup");
  CHECK(report.offset == office.last);
  CHECK(report.kept_bytes == 0);
  const auto at_backup = office;

  commits(100, 40);
  const auto again = backup(data(), temp / "backup");
  CHECK(again.offset == office.last);
  kill();

  CHECK(restore(temp / "backup", temp / "restored") == office.last);
  fs::remove_all(data());
  fs::rename(temp / "restored", data());
  CHECK(verified().problems.empty());
  open();
  CHECK(recovered.last == office.last);
  CHECK(recovered.epoch != epoch);
  check_store();
}

TEST_CASE_METHOD(ToolsFixture, "A second backup copies only what is new") {
  open();
  commits(200, 40);
  checkpointer->checkpoint(true);
  backup(data(), temp / "backup");
  const auto again = backup(data(), temp / "backup");
  CHECK(again.kept_bytes > 0);
}

TEST_CASE_METHOD(ToolsFixture, "Backup and restore refuse places that hold something else") {
  open();
  commits(20, 10);
  fs::create_directories(temp / "full");
  std::ofstream(temp / "full" / "letter.txt") << "dear";
  CHECK_THROWS_WITH(backup(data(), temp / "full"), Contains("neither empty nor an earlier backup"));
  CHECK_THROWS_WITH(backup(temp / "full", temp / "b"), Contains("is not a data directory"));
  backup(data(), temp / "b");
  CHECK_THROWS_WITH(restore(temp / "b", temp / "full"), Contains("is not empty"));
  CHECK_THROWS_WITH(restore(temp / "full", temp / "r"), Contains("is not a backup"));
  std::ofstream(temp / "b" / "INCOMPLETE") << "";
  CHECK_THROWS_WITH(restore(temp / "b", temp / "r"), Contains("was not finished"));
}

TEST_CASE_METHOD(ToolsFixture, "replay shows every contact as it was at any offset") {
  open();
  std::vector<tests::RandomOffice> history{office};
  for (int i = 0; i < 150; ++i) {
    commit();
    history.push_back(office);
  }
  checkpointer->checkpoint(false);
  kill();
  const DataDirectory held(data(), DataDirectory::Mode::existing);
  for (std::uint64_t until = 0; until <= 150; until += 10) {
    const auto& then = history[until];
    const auto some = then.contacts.empty() ? ContactId{1} : then.contacts.begin()->first;
    ReplayOptions options;
    options.until = Offset{until};
    const auto state = replay_until(held, options, some);
    CHECK(state.offset == Offset{until});
    std::map<ContactId, Contact> contacts;
    for (const auto& [id, found] : state.contacts) contacts.emplace(id, found.second);
    REQUIRE(contacts == then.contacts);
    for (const auto& [seq, entry] : state.timelines.at(some)) {
      REQUIRE(entry == then.entries.at({some, seq}));
    }
  }
}

TEST_CASE_METHOD(ToolsFixture, "replay says when what it needs is not kept any more") {
  open();
  segment_bytes = 8 * 1024;
  kill();
  open();
  commits(150, 1000);
  checkpointer->checkpoint(true);
  kill();
  const DataDirectory held(data(), DataDirectory::Mode::existing);
  ReplayOptions options;
  options.until = Offset{10};
  CHECK_THROWS_WITH(replay_until(held, options, std::nullopt), Contains("--journal-retention"));
}

TEST_CASE_METHOD(ToolsFixture, "What is exported and imported is the same, but for offsets") {
  open();
  commits(300, 50);
  kill();
  std::stringstream lines;
  TransferReport exported, imported;
  {
    const DataDirectory from(data(), DataDirectory::Mode::existing);
    exported = export_to(lines, from);
  }
  {
    const DataDirectory to(temp / "copy", DataDirectory::Mode::create);
    imported = import_from(lines, to);
  }
  CHECK(imported.contacts == exported.contacts);
  CHECK(imported.entries == exported.entries);
  CHECK(imported.entries == office.entries.size());

  fs::remove_all(data());
  fs::rename(temp / "copy", data());
  CHECK(verified().problems.empty());
  open();
  std::map<ContactId, Contact> contacts;
  store->for_each_contact(1, [&](std::size_t, StoredContact&& c) {
    c.contact.changed_at = office.contacts.at(c.contact.id).changed_at;
    contacts.emplace(c.contact.id, std::move(c.contact));
  });
  CHECK(contacts == office.contacts);
  for (const auto& [key, entry] : office.entries) {
    auto found = store->entry(key.first, key.second);
    REQUIRE(found);
    found->offset = entry.offset;
    REQUIRE(*found == entry);
  }
}

TEST_CASE_METHOD(ToolsFixture,
                 "import names the line that does not read, and fills only new directories") {
  open();
  commits(20, 10);
  kill();
  std::stringstream bad("{\"workspace\":\"w\"}\n{\"contact\":{}}\n");
  const DataDirectory to(temp / "new", DataDirectory::Mode::create);
  CHECK_THROWS_WITH(import_from(bad, to), Contains("Line 2 does not read"));
  std::stringstream good("{\"workspace\":\"w\"}\n");
  const DataDirectory used(data(), DataDirectory::Mode::existing);
  CHECK_THROWS_WITH(import_from(good, used), Contains("holds something already"));
}
