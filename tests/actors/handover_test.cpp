#include "actors/handover.hpp"

#include <thread>
#include <vector>

#include "tests/support/catch.hpp"

using inboxd::actors::Bell;
using inboxd::actors::Handover;

TEST_CASE("what is handed over comes once, in each giver's order, while it is taken") {
  constexpr int givers = 3, things = 20'000;
  Handover<std::pair<int, int>> handover;
  CHECK(handover.empty());
  std::vector<std::thread> threads;
  for (int giver = 0; giver < givers; ++giver) {
    threads.emplace_back([&handover, giver] {
      for (int n = 0; n < things; ++n) handover.give({giver, n});
    });
  }
  std::vector<int> next(givers, 0);
  bool in_order = true;
  for (int taken = 0; taken < givers * things;) {
    for (const auto& [giver, n] : handover.take()) {
      in_order = in_order && n == next[static_cast<std::size_t>(giver)]++;
      ++taken;
    }
  }
  for (auto& thread : threads) thread.join();
  CHECK(in_order);
  CHECK(next == std::vector<int>(givers, things));
  CHECK(handover.take().empty());
}

TEST_CASE("a bell that rang before is heard at once") {
  Bell bell;
  bell.ring();
  const auto before = std::chrono::steady_clock::now();
  bell.wait_for(std::chrono::hours(1));
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::minutes(30));
}
