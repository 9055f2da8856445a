// The whole engine, simulated for a while (README.md); `inboxd-sim` runs it for as long as one
// likes.
#include <algorithm>
#include <chrono>

#include <spdlog/spdlog.h>

#include "tests/sim/simulation.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/process.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temp_dir.hpp"

using namespace inboxd::sim;
namespace tests = inboxd::tests;

TEST_CASE("the same seed gives the same bytes, to every client and in the journal") {
  spdlog::set_level(spdlog::level::off);
  for (const std::uint64_t seed : {11U, 12U}) {
    const auto actions = make_actions(seed, 400);
    // Names are kept for the life of the process (model::Symbol), and one that was never heard is
    // refused a step earlier, so the first run differs: it only makes the names known.
    run(seed, actions);
    const auto once = run(seed, actions);
    const auto again = run(seed, actions);
    CHECK(once.frames > 100);
    CHECK(once.frames == again.frames);
    CHECK(once.fingerprint == again.fingerprint);
  }
}

TEST_CASE(
    "the same seed gives the same bytes in another process, with other memory and environment") {
  const auto sim = tests::inboxd_sim_program();
  const std::vector<std::string> run{"--seed",    "21",  "--seeds",       "2",
                                     "--actions", "400", "--fingerprints"};
  std::vector<std::string> elsewhere{"-i", "MALLOC_PERTURB_=165", "TZ=Asia/Tokyo", sim.string()};
  elsewhere.insert(elsewhere.end(), run.begin(), run.end());
  const auto fingerprints = [](const std::string& output) {
    return output.substr(0, output.find(" seeds, "));
  };
  const auto here = fingerprints(tests::run_program(sim, run));
  CHECK(here.find("seed 22 ") != std::string::npos);
  CHECK(here == fingerprints(tests::run_program("/usr/bin/env", elsewhere)));
}

TEST_CASE("another seed gives other bytes") {
  spdlog::set_level(spdlog::level::off);
  CHECK(run(1, make_actions(1, 100)).fingerprint != run(2, make_actions(2, 100)).fingerprint);
}

TEST_CASE("a failing run is made as short as what it needs") {
  const auto long_run = make_actions(5, 300);
  // Fails with these three, whatever else is done.
  const auto needed = {long_run[7].seed, long_run[150].seed, long_run[299].seed};
  const auto fails = [&](const std::vector<Action>& some) {
    return std::all_of(needed.begin(), needed.end(), [&](std::uint64_t seed) {
      return std::any_of(some.begin(), some.end(),
                         [&](const Action& action) { return action.seed == seed; });
    });
  };
  CHECK(shrink(long_run, 400, fails).size() == needed.size());
}

TEST_CASE("a seed that does not end is a failure: it is told, and written to a file that replays") {
  const auto sim = tests::inboxd_sim_program().string();
  const tests::TempDir home;
  const auto in_home = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"-C", home.path().string(), sim});
    tests::Process process("/usr/bin/env", arguments, home.path() / "errors");
    const auto status = process.wait();
    return std::pair(status, process.output());
  };
  const auto [failed, told] = in_home(
      {"--seed", "3", "--seeds", "1", "--actions", "50", "--shrink", "4", "--patience", "0"});
  CHECK(failed == 1);
  CHECK(told.find("seed 3 fails after 50 actions: not at its end after 0 s") != std::string::npos);
  CHECK(told.find("replay: inboxd-sim --replay sim-3.actions") != std::string::npos);
  const auto [good, again] = in_home({"--replay", "sim-3.actions", "--frames"});
  CHECK(good == 0);
  CHECK(again.find("nothing is wrong") != std::string::npos);
}

TEST_CASE("nothing that must hold breaks in a simulated engine") {
  spdlog::set_level(spdlog::level::off);
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + std::chrono::seconds(15);
  for (std::uint64_t seed = 1; seed <= 40 && Clock::now() < until; ++seed) {
    const auto outcome = run(seed, make_actions(seed, 1000));
    INFO("replay and shorten: inboxd-sim --seed " << seed << " --seeds 1 --actions 1000");
    if (outcome.violation) FAIL(*outcome.violation);
  }
}
