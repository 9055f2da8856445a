// inboxd-sim: runs simulations of the whole engine, one seed after the other, and makes a failing
// one short.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include "tests/sim/apart.hpp"
#include "tests/sim/simulation.hpp"

namespace {

using namespace inboxd::sim;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

int report_failure(std::uint64_t seed, std::vector<Action> actions, const Outcome& outcome,
                   std::size_t shrink_runs, std::chrono::seconds patience) {
  std::cout << "seed " << seed << " fails after " << outcome.done
            << " actions: " << *outcome.violation << std::endl;
  actions.resize(outcome.done);
  actions = shrink(std::move(actions), shrink_runs, [&](const std::vector<Action>& some) {
    return run_apart(seed, some, patience).violation.has_value();
  });
  const auto file = "sim-" + std::to_string(seed) + ".actions";
  std::ofstream out(file);
  write(out, seed, actions);
  const auto shortest = run_apart(seed, actions, patience);
  std::cout << "in " << actions.size() << " actions: " << shortest.violation.value_or("(not again)")
            << "\nreplay: inboxd-sim --replay " << file << std::endl;
  return 1;
}

int replay(const std::string& file, bool frames) {
  std::ifstream in(file);
  const auto [seed, actions] = read(in);
  const auto outcome = run(seed, actions, &std::cout, frames);
  std::cout << outcome.violation.value_or("nothing is wrong") << std::endl;
  return outcome.violation ? 1 : 0;
}

void add(Outcome& sum, const Outcome& one) {
  sum.done += one.done;
  sum.simulated_ms += one.simulated_ms;
  sum.frames += one.frames;
  sum.commits += one.commits;
  sum.audits += one.audits;
  sum.exact += one.exact;
  for (const auto& [what, times] : one.met) sum.met[what] += times;
}

/// CPU time of the runs, which are processes of their own.
double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void print(const Outcome& sum, std::uint64_t runs, double took) {
  for (const auto& [what, times] : sum.met)
    std::printf("%10llu %s\n", (unsigned long long)times, what.c_str());
  const auto hours = static_cast<double>(sum.simulated_ms) / 3'600'000;
  std::printf(
      "%llu seeds, %zu actions, %llu commits, %llu frames, %llu audits, %llu lists exact at their "
      "offset: nothing is wrong\n%.0f simulated hours in %.1f s: %.0f hours a minute; %.0f a "
      "minute "
      "of CPU time\n",
      (unsigned long long)runs, sum.done, (unsigned long long)sum.commits,
      (unsigned long long)sum.frames, (unsigned long long)sum.audits, (unsigned long long)sum.exact,
      hours, took, hours / took * 60, hours / cpu_seconds() * 60);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Simulates inboxd with its clients, disk and clock, driven by a seed.");
  std::uint64_t seed = 1, seeds = UINT64_MAX;
  std::size_t actions = 1500, shrink_runs = 400;
  double for_s = 60;
  unsigned patience_s = 300;
  std::string file;
  bool fingerprints = false, frames = false;
  app.add_option("--seed", seed, "The first seed")->capture_default_str();
  app.add_option("--seeds", seeds, "How many seeds at most");
  app.add_option("--for", for_s, "Seconds of real time")->capture_default_str();
  app.add_option("--actions", actions, "Actions a seed")->capture_default_str();
  app.add_option("--shrink", shrink_runs, "Runs spent on making a failure short")
      ->capture_default_str();
  app.add_option("--patience", patience_s, "Seconds after which a run hangs")
      ->capture_default_str();
  app.add_option("--replay", file, "Run the actions of a file, telling each");
  app.add_flag("--frames", frames, "With --replay: tell each frame, too");
  app.add_flag("--fingerprints", fingerprints, "Print each seed's fingerprint");
  CLI11_PARSE(app, argc, argv);
  spdlog::set_level(spdlog::level::off);
  if (!file.empty()) return replay(file, frames);

  const auto start = Clock::now();
  const std::chrono::seconds patience(patience_s);
  Outcome sum;
  std::uint64_t runs = 0;
  for (; runs < seeds && seconds_since(start) < for_s; ++runs, ++seed) {
    const auto list = make_actions(seed, actions);
    const auto outcome = run_apart(seed, list, patience);
    if (outcome.violation) return report_failure(seed, list, outcome, shrink_runs, patience);
    if (fingerprints)
      std::printf("seed %llu %016llx\n", (unsigned long long)seed,
                  (unsigned long long)outcome.fingerprint);
    add(sum, outcome);
  }
  print(sum, runs, seconds_since(start));
  return 0;
}
