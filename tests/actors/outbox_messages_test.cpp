#include "actors/outbox_messages.hpp"

#include <iterator>
#include <map>
#include <random>

#include "tests/support/catch.hpp"

namespace inboxd::actors {

TEST_CASE("a line's messages are those of a map by seq, whichever come, go and come back") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    WaitingMessages line;
    std::map<model::Seq, model::Offset> naive;
    std::uint64_t last = 0;
    for (int step = 0; step < 2'000; ++step) {
      const auto dice = random() % 100;
      // It grows at first, and empties in the end.
      if (dice < (step < 1'000 ? 55U : 25U)) {
        const model::Seq seq{++last};
        line.insert({.seq = seq, .offset = {last * 10}});
        naive[seq] = {last * 10};
      } else if (naive.empty()) {
        CHECK(line.empty());
      } else {
        // Mostly one of the first, sometimes any.
        const auto from = dice < 90 ? std::min<std::size_t>(naive.size(), 4) : naive.size();
        const auto it = std::next(naive.begin(), static_cast<std::ptrdiff_t>(random() % from));
        const auto taken = line.take(it->first);
        REQUIRE(taken);
        CHECK(taken->offset == it->second);
        CHECK_FALSE(line.take(it->first));
        if (dice % 3 == 0) {
          line.insert(*taken);
        } else {
          naive.erase(it);
        }
      }
      REQUIRE(line.size() == naive.size());
      if (!naive.empty()) REQUIRE(line.front().seq == naive.begin()->first);
    }
    CHECK(std::equal(line.begin(), line.end(), naive.begin(), naive.end(),
                     [](const WaitingMessage& a, const auto& b) {
                       return a.seq == b.first && a.offset == b.second;
                     }));
    for (std::uint64_t seq = 1; seq <= last; ++seq) {
      CHECK(line.has({seq}) == naive.contains({seq}));
      CHECK((line.find({seq}) != nullptr) == naive.contains({seq}));
    }
  }
}

}  // namespace inboxd::actors
