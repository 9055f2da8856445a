// In the manner of LevelDB's log tests: write, cut, flip a bit, reopen.
#include "persistence/segment.hpp"

#include "persistence/checksum.hpp"
#include "tests/persistence/journal_fixture.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd;
using namespace inboxd::persistence;
using Catch::Matchers::Contains;
using inboxd::tests::JournalFixture;
using Payloads = std::vector<std::string>;

namespace {

constexpr std::size_t header = segment::header_bytes;
constexpr std::size_t frame = segment::frame_header_bytes;

/// Little-endian, as the format is.
void put(std::string& bytes, std::size_t at, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
}

}  // namespace

TEST_CASE("A segment's name sorts as its first offset does, and reads back") {
  CHECK(segment_name({1}) == "00000000000000000001.journal");
  CHECK(segment_first(segment_name({1234567})) == model::Offset{1234567});
  CHECK(segment_name({9}) < segment_name({10}));
  CHECK_FALSE(segment_first("00000000000000000001.journal.tmp"));
  CHECK_FALSE(segment_first("0000000000000000000x.journal"));
  CHECK_FALSE(segment_first("LOCK"));
}

TEST_CASE_METHOD(JournalFixture, "What was written is read back in order") {
  start();
  write("one");
  write("two");
  write(std::string(3000, 'x'));
  CHECK(reopen() == Payloads{"one", "two", std::string(3000, 'x')});
  CHECK(damage.empty());
  CHECK(end.torn_bytes == 0);
}

TEST_CASE_METHOD(JournalFixture, "An empty journal is empty") {
  start();
  CHECK(reopen().empty());
  CHECK(end.end == model::Offset{0});
  CHECK(damage.empty());
}

TEST_CASE_METHOD(JournalFixture, "A reopened journal goes on where it ended") {
  start();
  write("one");
  reopen();
  start();
  write("two");
  CHECK(reopen() == Payloads{"one", "two"});
  CHECK(segments().size() == 2);
}

TEST_CASE_METHOD(JournalFixture, "A tail cut anywhere loses the cut record only") {
  start();
  write("first");
  write("second");
  const auto second = header + framed_bytes(5);
  for (auto size = second + 1; size < second + frame + 6; ++size) {
    const auto whole = bytes();
    cut(size);
    CHECK(reopen() == Payloads{"first"});
    CHECK(damage.empty());
    CHECK(end.end == model::Offset{1});
    CHECK(end.position == second);
    bytes() = whole;
  }
}

TEST_CASE_METHOD(JournalFixture, "A torn last write is cut, and says how much") {
  start();
  write("first");
  write("second");
  flip(header + framed_bytes(5) + frame + 2);
  CHECK(reopen() == Payloads{"first"});
  CHECK(damage.empty());
  CHECK(end.torn_bytes == frame + 6);
}

TEST_CASE_METHOD(JournalFixture,
                 "Every flipped bit of a synced record is found, and never skipped") {
  start();
  write("first");
  write("second");
  write("third");
  const auto second = header + framed_bytes(5);
  for (auto position = second; position < second + frame + 6; ++position) {
    flip(position);
    reopen();
    CHECK_THAT(damage, Contains("00000000000000000001.journal, byte " + std::to_string(second)));
    CHECK_THAT(damage, Contains("inboxctl verify"));
    flip(position);
  }
  CHECK(reopen().size() == 3);
}

TEST_CASE_METHOD(JournalFixture, "A synced record turned to zeros is found") {
  start();
  write("first");
  write("second");
  write("third");
  zero(header, header + framed_bytes(5));
  CHECK(reopen().empty());
  CHECK_THAT(damage, Contains("zeros stand where a record should"));
  CHECK_THAT(damage, Contains("record 2"));
}

TEST_CASE_METHOD(JournalFixture,
                 "Records written together and not synced may be lost in any order") {
  start();
  write("first");
  submit("second");
  submit("third");
  journal->pump();
  zero(header + framed_bytes(5), header + framed_bytes(5) + framed_bytes(6));
  CHECK(reopen() == Payloads{"first"});
  CHECK(damage.empty());
  CHECK(end.torn_bytes > 0);
}

TEST_CASE_METHOD(JournalFixture, "Only the last segment may have a torn tail") {
  start(SyncPolicy::always, 4096);
  for (int i = 0; i < 30; ++i) write(std::string(200, 'x'));
  REQUIRE(segments().size() >= 2);
  const auto in_first = (4096 - header) / framed_bytes(200);
  flip(header + (in_first - 1) * framed_bytes(200) + frame);
  CHECK(reopen().size() == in_first - 1);
  CHECK_THAT(damage, Contains(segments()[0].string()));
}

TEST_CASE_METHOD(JournalFixture, "A missing segment is named by the records that it held") {
  start(SyncPolicy::always, 4096);
  for (int i = 0; i < 50; ++i) write(std::string(200, 'x'));
  REQUIRE(segments().size() >= 3);
  disk.remove(segments()[1]);
  reopen();
  CHECK_THAT(damage, Contains("records 18 to 34 are missing"));
}

TEST_CASE_METHOD(JournalFixture, "A damaged segment header stops the reading") {
  start();
  write("one");
  SECTION("magic") {
    flip(0);
    reopen();
    CHECK_THAT(damage, Contains("does not begin as a journal segment does"));
  }
  SECTION("anything else") {
    flip(17);
    reopen();
    CHECK_THAT(damage, Contains("header's checksum"));
  }
}

TEST_CASE_METHOD(JournalFixture,
                 "Segments that do not join, or are not what they are named, stop the reading") {
  start(SyncPolicy::always, 4096);
  for (int i = 0; i < 50; ++i) write(std::string(200, 'x'));
  REQUIRE(segments().size() >= 3);
  const auto second = segments()[1];
  SECTION("one in the place of another") {
    disk.bytes(second) = disk.bytes(segments()[2]);
    reopen();
    CHECK_THAT(damage, Contains(second.string()));
    CHECK_THAT(damage, Contains("its header says that it begins with record 35"));
  }
  SECTION("a record out of its order") {
    auto& all = disk.bytes(second);
    all.replace(header + framed_bytes(200), framed_bytes(200),
                all.substr(header, framed_bytes(200)));
    reopen();
    CHECK_THAT(damage, Contains("a record has offset 18 where 19 should stand"));
  }
  SECTION("records that two segments hold") {
    const auto path = directory / segment_name({10});
    disk.open(path);
    disk.bytes(path) = encode_header({{10}, SyncPolicy::always, "test"});
    reopen();
    CHECK_THAT(damage, Contains("it begins with record 10, which the segment before holds too"));
  }
}

TEST_CASE_METHOD(JournalFixture, "A record of a later version is not read as one of this version") {
  start();
  write("first");
  write("second");
  write("third");
  auto& all = bytes();
  constexpr std::size_t version_at = 28;
  const auto at = header + framed_bytes(5);
  put(all, at + version_at, segment::version + 1, 2);
  put(all, at, crc32c(std::string_view(all).substr(at + 4, frame - 4 + 6)), 4);
  CHECK(reopen() == Payloads{"first"});
  CHECK_THAT(damage, Contains("a record was written by a later version of inboxd"));
}

TEST_CASE("A segment of a later version is not taken for damage") {
  auto bytes = encode_header({{1}, SyncPolicy::always, "e"});
  bytes[8] = 9;
  std::string why;
  CHECK_FALSE(decode_header(bytes, why));
  CHECK_THAT(why, Contains("checksum"));  // a version alone, without its checksum, is damage
  put(bytes, 12, 0, 4);
  put(bytes, 12, crc32c(std::string_view(bytes).substr(0, header)), 4);
  CHECK_FALSE(decode_header(bytes, why));
  CHECK_THAT(why, Contains("later version of inboxd (segment version 9)"));

  bytes = encode_header({{1}, SyncPolicy::interval, "epoch"});
  const auto read = decode_header(bytes, why);
  REQUIRE(read);
  CHECK(read->first == model::Offset{1});
  CHECK(read->sync == SyncPolicy::interval);
  CHECK(read->epoch == "epoch");
}
