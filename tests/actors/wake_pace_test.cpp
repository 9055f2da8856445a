// Snoozes that end at once wake at a pace, and faster the later they are.
#include "actors/wake_pace.hpp"

#include "tests/support/catch.hpp"

using inboxd::actors::WakePace;
using inboxd::model::Timestamp;

namespace {

/// When the last of `count` contacts wakes that were due at 0 ms, looked at every `step_ms`.
std::int64_t last_wake_ms(std::size_t count, std::int64_t step_ms) {
  WakePace pace;
  std::int64_t now = 0;
  for (std::size_t woken = 0;; now += step_ms) {
    woken += pace.take({now}, {0});
    if (woken >= count || now > 600'000) return now;
  }
}

}  // namespace

TEST_CASE("a few that are due together wake at once") {
  WakePace pace;
  CHECK(pace.take({5'000'000}, {5'000'000}) >= 200);
}

TEST_CASE(
    "a hundred thousand that are due together take three to five seconds, however often one "
    "looks") {
  for (const std::int64_t step_ms : {1, 2, 7}) {
    CAPTURE(step_ms);
    CHECK(last_wake_ms(100'000, step_ms) > 3'000);
    CHECK(last_wake_ms(100'000, step_ms) < 4'000);
  }
}

TEST_CASE("a million are woken faster the longer they wait") {
  CHECK(last_wake_ms(1'000'000, 2) < 10'000);
}

TEST_CASE(
    "a clock set back, or looked at twice in a millisecond, lets nothing out and stops nothing") {
  WakePace pace;
  CHECK(pace.take({1'000}, {900}) > 0);
  CHECK(pace.take({1'000}, {900}) == 0);
  CHECK(pace.take({500}, {400}) == 0);
  CHECK(pace.take({502}, {400}) > 0);
}

TEST_CASE("what was not spent for an hour is no more than what was not spent for a moment") {
  WakePace pace;
  pace.take({0}, {0});
  CHECK(pace.take({3'600'000}, {3'600'000}) == 8 * 30);
}
