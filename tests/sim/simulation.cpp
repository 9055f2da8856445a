#include "tests/sim/simulation.hpp"

#include <algorithm>
#include <istream>
#include <ostream>

#include "tests/sim/office.hpp"

namespace inboxd::sim {
namespace {

/// Commits of the run, from the offset that the engine ended at.
std::uint64_t offset_of(Office& office) {
  return office.world.up() ? office.world.engine().released().value : 0;
}

void act(Office& office, const Action& action) {
  Random random(action.seed);
  (office.*Office::kinds().at(action.kind).act)(random);
  // What follows from it happens now, in part, or later.
  const auto steps = random.below(100);
  if (steps < 80) {
    office.world.run(steps, random);
  } else {
    office.world.settle(random);
  }
  if (!office.world.failed()) return;
  throw Violation("the engine failed on a good disk");
}

}  // namespace

const std::vector<std::string_view>& action_names() {
  static const auto names = [] {
    std::vector<std::string_view> all;
    for (const auto& kind : Office::kinds()) all.push_back(kind.name);
    return all;
  }();
  return names;
}

std::vector<Action> make_actions(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  unsigned total = 0;
  for (const auto& kind : Office::kinds()) total += kind.weight;
  std::vector<Action> actions;
  while (actions.size() < count) {
    auto left = random.below(total);
    std::size_t kind = 0;
    while (left >= Office::kinds()[kind].weight) left -= Office::kinds()[kind++].weight;
    actions.push_back({kind, random.next()});
  }
  return actions;
}

Outcome run(std::uint64_t seed, const std::vector<Action>& actions, std::ostream* trace,
            bool frames) {
  Outcome outcome;
  Office office(seed);
  if (frames) office.world.trace = trace;
  try {
    for (const auto& action : actions) {
      ++outcome.done;
      if (trace != nullptr) {
        *trace << outcome.done << ' ' << action_names()[action.kind] << " at " << office.world.now()
               << std::endl;
      }
      act(office, action);
    }
    Random random(seed);
    office.audit(random);
  } catch (const std::exception& error) {
    outcome.violation = error.what();
  }
  outcome.fingerprint = office.world.fingerprint();
  outcome.simulated_ms = office.world.elapsed();
  outcome.frames = office.world.frames();
  outcome.commits = offset_of(office);
  outcome.audits = office.audits;
  outcome.exact = office.world.exact;
  outcome.met = office.world.met;
  outcome.met["unsynced sectors lost"] = office.world.disk().sectors_lost();
  outcome.met["unsynced file names lost"] = office.world.disk().names_lost();
  return outcome;
}

std::vector<Action> shrink(std::vector<Action> actions, std::size_t runs_max,
                           const std::function<bool(const std::vector<Action>&)>& fails) {
  std::size_t runs = 0;
  for (auto chunk = std::max<std::size_t>(actions.size() / 2, 1);;
       chunk = std::max<std::size_t>(chunk / 2, 1)) {
    bool shorter = false;
    for (std::size_t at = 0; at < actions.size() && runs < runs_max;) {
      auto rest = actions;
      const auto begin = rest.begin() + static_cast<std::ptrdiff_t>(at);
      rest.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(chunk, rest.size() - at)));
      ++runs;
      if (fails(rest)) {
        actions = std::move(rest);
        shorter = true;
      } else {
        at += chunk;
      }
    }
    if (runs >= runs_max || (chunk == 1 && !shorter)) return actions;
  }
}

void write(std::ostream& out, std::uint64_t seed, const std::vector<Action>& actions) {
  out << "world " << seed << '\n';
  for (const auto& action : actions)
    out << action_names()[action.kind] << ' ' << action.seed << '\n';
}

std::pair<std::uint64_t, std::vector<Action>> read(std::istream& in) {
  std::string name;
  std::uint64_t seed = 0, number = 0;
  in >> name >> seed;
  std::vector<Action> actions;
  const auto& names = action_names();
  while (in >> name >> number) {
    const auto kind = std::find(names.begin(), names.end(), name);
    if (kind == names.end()) throw std::runtime_error("There is no action " + name + ".");
    actions.push_back({static_cast<std::size_t>(kind - names.begin()), number});
  }
  return {seed, std::move(actions)};
}

}  // namespace inboxd::sim
