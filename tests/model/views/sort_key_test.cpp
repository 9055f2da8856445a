#include "model/views/sort_key.hpp"

#include <random>

#include "tests/model/views/naive.hpp"
#include "tests/model/views/random_inbox.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;

namespace {

constexpr std::array sorts{Sort::newest, Sort::oldest, Sort::longest_waiting, Sort::unread_first,
                           Sort::priority};

Row at(std::uint64_t id, std::int64_t sort_at) {
  Row row;
  row.id = {id};
  row.sort_at = {sort_at};
  return row;
}

bool before(Sort sort, const Row& a, const Row& b) {
  return sort_key(sort, a) < sort_key(sort, b);
}

}  // namespace

TEST_CASE("S30 newest is by sort time, latest first, then by id") {
  CHECK(before(Sort::newest, at(2, 20), at(1, 10)));
  CHECK(before(Sort::newest, at(1, 10), at(2, 10)));
}

TEST_CASE("S30 oldest is by sort time, earliest first, then by id") {
  CHECK(before(Sort::oldest, at(2, 10), at(1, 20)));
  CHECK(before(Sort::oldest, at(1, 10), at(2, 10)));
}

TEST_CASE("S30 longest waiting puts those who do not wait last") {
  auto early = at(3, 0), late = at(2, 0), none = at(1, 0);
  early.waiting_since = Timestamp{5};
  late.waiting_since = Timestamp{6};
  CHECK(before(Sort::longest_waiting, early, late));
  CHECK(before(Sort::longest_waiting, late, none));
}

TEST_CASE("S30 unread first and priority come before time") {
  auto old_unread = at(1, 10);
  old_unread.unread = 1;
  auto more_unread = at(2, 20);
  more_unread.unread = 9;
  CHECK(before(Sort::unread_first, old_unread, at(3, 99)));
  CHECK(before(Sort::unread_first, more_unread, old_unread));
  auto urgent = at(1, 10), low = at(2, 99);
  urgent.priority = Priority::urgent;
  low.priority = Priority::low;
  CHECK(before(Sort::priority, urgent, low));
  CHECK(before(Sort::priority, low, at(3, 100)));
}

TEST_CASE("S30 keys order any two rows as the rules do, in every sort") {
  RandomInbox random(5);
  std::vector<Row> rows;
  for (std::uint64_t id = 1; id <= 120; ++id) {
    rows.push_back(random.row({id}, {static_cast<std::int64_t>(1000 + random.below(40))}));
  }
  for (const auto sort : sorts) {
    for (const auto& a : rows) {
      for (const auto& b : rows) {
        const bool wanted = naive::before(sort, naive::place_of(a), naive::place_of(b));
        if (before(sort, a, b) != wanted) FAIL(name_of(sort) << " " << a.id << " " << b.id);
      }
    }
  }
  SUCCEED();
}

TEST_CASE("S33 a cursor comes back as the position that it was made of, for its sort alone") {
  std::mt19937_64 random(3);
  for (int i = 0; i < 500; ++i) {
    const SortKey key{random(), {random()}};
    for (const auto sort : sorts) {
      const auto cursor = cursor_of(sort, key);
      for (const auto other : sorts) {
        const auto parsed = parse_cursor(other, cursor);
        REQUIRE(parsed.has_value() == (other == sort));
        if (parsed) REQUIRE(*parsed == key);
      }
    }
  }
}

TEST_CASE(
    "S33 text that is no cursor is refused, and so is a cursor with one letter changed in length "
    "or alphabet") {
  const auto cursor = cursor_of(Sort::newest, {1234567, {89}});
  CHECK(parse_cursor(Sort::newest, cursor).has_value());
  for (const auto& bad :
       {std::string(), std::string("x"), cursor + "A", cursor.substr(1), cursor.substr(0, 22) + "=",
        cursor.substr(0, 22) + "\xC3", std::string(23, '_'), std::string(4000, 'A')}) {
    CHECK_FALSE(parse_cursor(Sort::newest, bad).has_value());
  }
  // Bits that carry nothing must be zero: one position, one text.
  auto odd = cursor;
  odd.back() = static_cast<char>(odd.back() + 1);
  CHECK_FALSE(parse_cursor(Sort::newest, odd).has_value());
}
