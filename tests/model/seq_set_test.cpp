#include "model/seq_set.hpp"

#include <random>
#include <set>
#include <vector>

#include "tests/support/catch.hpp"

using namespace inboxd::model;

TEST_CASE("A set of seqs is what a plain set is, however far apart they lie") {
  constexpr unsigned seeds = 200;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    const std::uint64_t last = random() % 2 == 0 ? 200 : 5'000;
    SeqSet set;
    std::set<Seq> naive;
    for (int step = 0; step < 300; ++step) {
      const Seq seq{1 + random() % last};
      if (random() % 8 == 0) {
        set.drop_up_to(seq);
        naive.erase(naive.begin(), naive.upper_bound(seq));
      } else {
        set.insert(seq);
        naive.insert(seq);
      }
      REQUIRE(set.size() == naive.size());
      REQUIRE(set.empty() == naive.empty());
    }
    std::vector<Seq> all;
    set.for_each([&](Seq seq) { all.push_back(seq); });
    CHECK(all == std::vector<Seq>(naive.begin(), naive.end()));
    SeqSet same, by_blocks;
    for (const auto seq : naive) same.insert(seq);
    CHECK(set == same);
    for (const auto& block : set.blocks()) CHECK(by_blocks.append(block));
    CHECK(set == by_blocks);
    CHECK(set.size() == by_blocks.size());
    if (!set.empty()) CHECK_FALSE(by_blocks.append(set.blocks().front()));
  }
}

TEST_CASE("A set of seqs is equal only to one with the same seqs") {
  CHECK(SeqSet{Seq{1}, Seq{64}} == SeqSet{Seq{64}, Seq{1}});
  CHECK_FALSE(SeqSet{Seq{1}, Seq{64}} == SeqSet{Seq{1}, Seq{63}});
  SeqSet set{Seq{63}, Seq{64}, Seq{65}};
  set.drop_up_to(Seq{63});
  CHECK(set == SeqSet{Seq{64}, Seq{65}});
  set.clear();
  CHECK(set == SeqSet{});
}
