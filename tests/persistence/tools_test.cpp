#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include <rocksdb/db.h>

#include "persistence/contact_record.hpp"
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
  /// What replay says of `then`, against what it was: all contacts, and the entries of `some`.
  void check_replay(const tests::RandomOffice& then, ContactId some) {
    const DataDirectory held(data(), DataDirectory::Mode::existing);
    ReplayOptions options;
    options.until = then.last;
    const auto state = replay_until(held, options, some);
    CHECK(state.offset == then.last);
    std::map<ContactId, Contact> contacts;
    for (const auto& [id, found] : state.contacts) contacts.emplace(id, found.second);
    REQUIRE(contacts == then.contacts);
    std::map<Seq, Entry> timeline;
    for (const auto& [place, entry] : then.entries) {
      if (place.first == some) timeline.emplace(place.second, entry);
    }
    REQUIRE(state.timelines.at(some) == timeline);
  }
  void flip(const fs::path& path, std::uint64_t position) const {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(position));
    const auto byte = static_cast<char>(file.get() ^ 1);
    file.seekp(static_cast<std::streamoff>(position));
    file.put(byte);
  }
};

std::string entry_key(const EntryPlace& place) {
  return std::string(keys::entry(place.contact, place.seq));
}

/// The store's files, as RocksDB has them.
class RawStore {
 public:
  explicit RawStore(const fs::path& path) {
    REQUIRE(rocksdb::DB::ListColumnFamilies({}, path.string(), &names_).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const auto& name : names_) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
    rocksdb::DB* opened = nullptr;
    REQUIRE(rocksdb::DB::Open({}, path.string(), descriptors, &families_, &opened).ok());
    db_.reset(opened);
  }
  ~RawStore() {
    CHECK(db_->Flush({}, families_).ok());
    for (auto* family : families_) db_->DestroyColumnFamilyHandle(family);
  }
  RawStore(const RawStore&) = delete;
  RawStore& operator=(const RawStore&) = delete;

  Entry entry(const EntryPlace& place) {
    std::string value;
    REQUIRE(db_->Get({}, family("entries"), entry_key(place), &value).ok());
    return read_entry(value);
  }
  void put(const EntryPlace& place, const std::string& json) {
    REQUIRE(db_->Put({}, family("entries"), entry_key(place), json).ok());
  }
  void remove(const EntryPlace& place) {
    REQUIRE(db_->Delete({}, family("entries"), entry_key(place)).ok());
  }
  void put(const Contact& contact) {
    std::string bytes;
    write_contact_record(bytes, WorkspaceId("default"), contact);
    REQUIRE(db_->Put({}, family("contacts"), std::string(keys::contact(contact.id)), bytes).ok());
  }
  void copy(const EntryPlace& from, const EntryPlace& to) {
    auto copied = entry(from);
    copied.seq = to.seq;
    put(to, json_of(to.contact, copied));
  }

 private:
  rocksdb::ColumnFamilyHandle* family(std::string_view name) {
    return families_.at(
        static_cast<std::size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin()));
  }

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<std::string> names_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
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

TEST_CASE_METHOD(ToolsFixture, "verify names what right checksums hold and cannot be so") {
  segment_bytes = 1 << 20;
  open();
  commits(200, 50);
  checkpointer->checkpoint(true);
  const auto applied = store->applied_offset();
  const auto segment = journal->segments().front().path;
  kill();
  const auto known =
      std::find_if(office.contacts.begin(), office.contacts.end(), [](const auto& known_) {
        return !known_.second.merged_into && known_.second.last_seq.value >= 3;
      });
  REQUIRE(known != office.contacts.end());
  auto contact = known->second;
  const EntryPlace second{contact.id, {2}};
  const auto break_it = [&]() -> std::string {
    RawStore raw(data() / "store");
    auto entry = raw.entry(second);
    switch (GENERATE(range(0, 8))) {
      case 0: raw.remove(second); return " has no entry 2.";
      case 1: raw.remove({contact.id, contact.last_seq}); return " should end with entry ";
      case 2: raw.put(second, "{}"); return ", entry 2 does not read: ";
      case 3:
        entry.seq = {3};
        raw.put(second, json_of(contact.id, entry));
        return ", entry 2 says that it is another one.";
      case 4:
        entry.offset = applied + 1;
        raw.put(second, json_of(contact.id, entry));
        return ", entry 2 is later than the store's position.";
      case 5:
        entry.at.ms += 1;
        raw.put(second, json_of(contact.id, entry));
        return ": its entry 2 of contact ";
      case 6:
        contact.changed_at = applied + 1;
        raw.put(contact);
        return ", after the store's own position.";
      default:
        contact.changed_at = {1};
        raw.put(contact);
        return " is not in the state of contact ";
    }
  };
  SECTION("in the store") {
    const auto expected = break_it();
    const auto report = verified();
    REQUIRE_FALSE(report.problems.empty());
    CAPTURE(report.problems.front(), expected);
    CHECK(std::any_of(report.problems.begin(), report.problems.end(), [&](const auto& problem) {
      return problem.find(contact.id.str()) != std::string::npos &&
             problem.find(expected) != std::string::npos;
    }));
  }
  SECTION("a journal that ends before the store does") {
    constexpr std::uintmax_t header_bytes = 64;
    fs::resize_file(segment, header_bytes);
    const auto report = verified();
    REQUIRE(report.problems.size() == 1);
    CHECK_THAT(report.problems.front(), Contains("before the store's position"));
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
  for (std::uint64_t until = 0; until <= 150; until += 10) {
    const auto& then = history[until];
    check_replay(then, then.contacts.empty() ? ContactId{1} : then.contacts.begin()->first);
  }
}

TEST_CASE_METHOD(ToolsFixture,
                 "replay goes on from the store where the journal's first records are not kept") {
  segment_bytes = 8 * 1024;
  open();
  commits(150, 1000);
  checkpointer->checkpoint(true);
  const auto kept_from = store->durable();
  REQUIRE(journal->segments().front().first.value > 1);
  std::vector<tests::RandomOffice> history{office};
  std::set<ContactId> primaries;  // with entries of the store and of the journal below each other
  while (history.size() <= 150 || primaries.empty()) {
    if (const auto moved = commit().moved; moved && moved->count > 1) {
      primaries.insert(moved->primary);
    }
    history.push_back(office);
  }
  checkpointer->checkpoint(false);  // not flushed: a crash takes it back
  kill();
  for (std::size_t i = 0; i < history.size(); i += 10) {
    check_replay(history[i], history[i].contacts.begin()->first);
  }
  for (const auto primary : primaries) check_replay(history.back(), primary);
  const auto merged = std::find_if(office.contacts.begin(), office.contacts.end(),
                                   [](const auto& known) { return known.second.merged_into; });
  check_replay(history.back(), merged->first);

  const DataDirectory held(data(), DataDirectory::Mode::existing);
  ReplayOptions options;
  SECTION("until a time") {
    options.until_at = history[40].now;
    CHECK(replay_until(held, options, std::nullopt).offset >= history[40].last);
    options.until_at = history.front().now - Duration{3'600'000};
    CHECK_THROWS_WITH(replay_until(held, options, std::nullopt), Contains("--journal-retention"));
  }
  SECTION("not before the store") {
    options.until = Offset{kept_from.value - 1};
    CHECK_THROWS_WITH(replay_until(held, options, std::nullopt), Contains("--journal-retention"));
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

TEST_CASE_METHOD(ToolsFixture, "import takes a timeline that is longer than one part of it") {
  // Parts end after entries 10,000 and 20,000. No rule makes this contact: import trusts.
  constexpr std::uint64_t count = 20'001;
  const ContactId id{7}, next{8};
  Contact contact;
  contact.id = id;
  contact.version = {count};
  contact.identities = {{ChannelId("web"), "visitor", {}, 0, {}}};
  contact.last_seq = {count};
  contact.unread = {{1}, {10'000}, {10'001}, {count}};
  const auto entry_at = [](std::uint64_t seq) {
    Message message{.direction = seq % 2 == 0 ? Direction::out : Direction::in,
                    .channel = ChannelId("web"),
                    .client_id = "c" + std::to_string(seq),
                    .provider_id = "p" + std::to_string(seq)};
    message.content.text = std::to_string(seq);
    if (message.direction == Direction::out) {
      message.statuses = {{seq % 10'000 == 0 ? Status::pending : Status::sent, {5}, {}}};
    }
    return Entry{{seq}, {}, {5}, {AuthorKind::agent, "ana"}, std::move(message)};
  };
  std::stringstream lines;
  {
    std::string text = "{\"workspace\":\"default\"}\n{\"contact\":";
    write_contact_state(text, WorkspaceId("default"), contact);
    for (std::uint64_t seq = 1; seq <= count; ++seq) {
      text += "}\n{\"entry\":";
      write_entry(text, id, entry_at(seq));
    }
    text += "}\n{\"contact\":";
    auto other = contact;
    other.id = next;
    other.last_seq = {1};
    other.unread = {};
    write_contact_state(text, WorkspaceId("default"), other);
    text += "}\n{\"entry\":";
    write_entry(text, next, entry_at(1));
    lines << text << "}\n";
  }
  {
    const DataDirectory to(data(), DataDirectory::Mode::create);
    const auto report = import_from(lines, to);
    CHECK(report.contacts == 2);
    CHECK(report.entries == count + 1);
  }
  CHECK(verified().problems.empty());

  open();
  auto stored = store->contact(id)->contact;
  std::uint64_t seen = 0;
  Offset offset;
  store->for_each_entry(id, [&](Seq seq, std::string_view json) {
    auto entry = read_entry(json);
    // A resume finds what is newer from the end on: offsets never go down.
    REQUIRE(entry.offset >= offset);
    offset = std::exchange(entry.offset, {});
    REQUIRE(entry == entry_at(++seen));
    REQUIRE(seq == entry.seq);
  });
  CHECK(seen == count);
  CHECK(stored.changed_at == offset);
  CHECK(store->changed_since(id, {offset.value - 1}, 10)->size() == count % 10'000);
  CHECK(store->pending(id) == std::vector<Seq>{{10'000}, {20'000}});
  for (const std::uint64_t seq : {1ULL, 10'000ULL, 10'001ULL, 20'000ULL, 20'001ULL}) {
    const auto name = std::to_string(seq);
    CHECK(store->find(ClientKey{id, AuthorKind::agent, "ana", "c" + name}) == Seq{seq});
  }
  stored.changed_at = contact.changed_at;
  CHECK(stored == contact);
  CHECK(store->entry(next, {1}));
  CHECK(recovered.last > offset);
  CHECK(journal->submit({write_record_body(WorkspaceId("default"), Tick{}), {9}, nullptr}).offset ==
        recovered.last + 1);
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
