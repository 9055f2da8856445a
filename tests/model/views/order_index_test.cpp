#include "model/views/order_index.hpp"

#include <random>
#include <set>
#include <vector>

#include "tests/support/catch.hpp"

using namespace inboxd::model;

namespace {

SortKey key(std::uint64_t rank, std::uint64_t id = 1) {
  return {rank, {id}};
}

std::vector<SortKey> keys_after(const OrderIndex& index, const SortKey* after, std::size_t limit) {
  std::vector<SortKey> keys;
  index.for_each_after(after, [&](const SortKey& k) {
    keys.push_back(k);
    return keys.size() < limit;
  });
  return keys;
}

/// The same work done on a std::set, compared at each step.
struct Both {
  OrderIndex index;
  std::set<SortKey> set;

  void insert(const SortKey& k) { REQUIRE(index.insert(k) == set.insert(k).second); }
  void erase(const SortKey& k) { REQUIRE(index.erase(k) == (set.erase(k) == 1)); }
  void compare_all() const {
    REQUIRE(index.size() == set.size());
    REQUIRE(keys_after(index, nullptr, set.size() + 1) ==
            std::vector<SortKey>(set.begin(), set.end()));
  }
  void compare_at(const SortKey& k) const {
    const auto at = set.lower_bound(k);
    const auto rank = static_cast<std::size_t>(std::distance(set.begin(), at));
    REQUIRE(index.rank(k) == rank);
    REQUIRE(index.contains(k) == set.contains(k));
    if (at != set.end()) REQUIRE(index.nth(rank) == *at);
    std::vector<SortKey> next;
    for (auto it = set.upper_bound(k); it != set.end() && next.size() < 7; ++it) {
      next.push_back(*it);
    }
    REQUIRE(keys_after(index, &k, 7) == next);
  }
};

}  // namespace

TEST_CASE("an ordered index answers as a sorted set does, through growth and decay") {
  std::mt19937_64 random(7);
  Both both;
  // Grows, shrinks to nothing, and grows again: every way to split, fill up and join nodes.
  for (const int phase : {0, 1, 2, 3}) {
    const std::uint64_t inserts_in_8 = phase % 2 == 0 ? 6 : 1;
    for (int i = 0; i < 12'000; ++i) {
      const auto k = key(random() % 5'000, random() % 3);
      if (random() % 8 < inserts_in_8) {
        both.insert(k);
      } else {
        both.erase(k);
      }
      if (i % 50 == 0) both.compare_at(key(random() % 5'100, random() % 3));
    }
    both.compare_all();
  }
}

TEST_CASE("an ordered index shares out what is below two nodes when one of them runs empty") {
  constexpr std::uint64_t n = 40'000;  // nearly ten nodes above full leaves
  // At the left end the neighbour to the right gives, elsewhere the one to the left.
  for (const std::uint64_t first : {0U, 9'000U, 21'000U, 36'000U}) {
    Both both;
    for (std::uint64_t i = 0; i < n; ++i) both.insert(key(i));
    for (std::uint64_t i = first; i < first + 4'000; ++i) {
      both.erase(key(i));
      if (i % 100 == 0) {
        both.compare_at(key(i));
        both.compare_at(key(i + 5'000));
      }
    }
    both.compare_all();
    for (std::uint64_t i = first; i < first + 4'000; i += 3) both.insert(key(i, 2));
    both.compare_all();
  }
}

TEST_CASE("an ordered index that grows at one end keeps its nodes full") {
  constexpr std::uint64_t n = 100'000;
  Both rising, falling;
  for (std::uint64_t i = 0; i < n; ++i) {
    rising.insert(key(i));
    falling.insert(key(n - i));
  }
  rising.compare_all();
  falling.compare_all();
  CHECK(rising.index.bytes() < n * 18);
  CHECK(falling.index.bytes() < n * 18);
}

TEST_CASE("an ordered index of random keys takes less than 28 bytes a key") {
  std::mt19937_64 random(7);
  OrderIndex index;
  constexpr std::size_t n = 100'000;
  while (index.size() < n) index.insert(key(random()));
  CHECK(index.bytes() < n * 28);
}

TEST_CASE("an ordered index gives all its memory back") {
  OrderIndex index;
  const auto empty = index.bytes();
  for (std::uint64_t i = 0; i < 10'000; ++i) index.insert(key(i * 7919 % 10'007));
  for (std::uint64_t i = 0; i < 10'000; ++i) REQUIRE(index.erase(key(i * 7919 % 10'007)));
  CHECK(index.bytes() == empty);
  CHECK(keys_after(index, nullptr, 1).empty());
}
