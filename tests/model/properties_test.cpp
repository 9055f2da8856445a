// The rules on random plays, against the naive model. `INBOXD_SEQUENCES=100000` plays more,
// `INBOXD_SEED=…` plays others; a failure prints both the seed and a shortest play.
#include <algorithm>
#include <cstdlib>
#include <random>

#include "tests/model/play.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;

namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

}  // namespace

TEST_CASE("any sequence of commands does what the naive model says, and folds again to the same") {
  const auto sequences = from_environment("INBOXD_SEQUENCES", 3000);
  const auto first_seed = from_environment("INBOXD_SEED", 1);
  for (auto seed = first_seed; seed < first_seed + sequences; ++seed) {
    const auto play = random_play(seed);
    if (!failure_of(play)) continue;
    const auto shortest = shrunk(play);
    FAIL("seed " << seed << ", " << shortest.size() << " steps: " << *failure_of(shortest) << "\n"
                 << describe(shortest));
  }
  SUCCEED(sequences << " sequences");
}

TEST_CASE("S27 statuses come out the same whatever order the reports arrive in") {
  const auto seed = from_environment("INBOXD_SEED", 1);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    CAPTURE(seed, round);
    std::vector<StatusReport> reports;
    for (auto n = random() % 12; n > 0; --n) {
      const auto status = static_cast<Status>(1 + random() % 4);
      const Timestamp at{static_cast<std::int64_t>(random() % 1000)};
      // Two tellings of one thing say the same of it.
      reports.push_back({status, at, PlatformError{std::to_string(at.ms), "told"}});
    }
    const auto told = [&] {
      Message message;
      message.direction = Direction::out;
      message.statuses = {{Status::pending, Timestamp{}, {}}};
      for (const auto& one : reports) report(message, one, "");
      return message;
    };
    const auto first = told();
    std::shuffle(reports.begin(), reports.end(), random);
    CHECK(told() == first);
    Status highest = Status::pending;
    for (const auto& one : reports) highest = std::max(highest, one.status);
    CHECK(first.status() == highest);
  }
}
