// A run: a seed makes a list of actions, each with a seed of its own, so that any part of the list
// can be left out and the rest still means something. That is how a failing run is made short.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inboxd::sim {

struct Action {
  std::size_t kind = 0;  // place in `action_names`
  std::uint64_t seed = 0;
};
const std::vector<std::string_view>& action_names();

std::vector<Action> make_actions(std::uint64_t seed, std::size_t count);

struct Outcome {
  std::optional<std::string> violation;
  std::size_t done = 0;  // actions, the one that failed included
  std::uint64_t fingerprint = 0;
  std::int64_t simulated_ms = 0;
  std::uint64_t frames = 0, commits = 0, audits = 0, exact = 0;
  std::map<std::string, std::uint64_t> met;  // World::met
};

/// `seed` is the world's own: settings, and what its disk does. `trace` is told each action, and
/// with `frames` all that clients and engine say to each other.
Outcome run(std::uint64_t seed, const std::vector<Action>& actions, std::ostream* trace = nullptr,
            bool frames = false);

/// The shortest list found, within `runs_max` runs, of which `fails` is still true (delta
/// debugging, Zeller 1999).
std::vector<Action> shrink(std::vector<Action> actions, std::size_t runs_max,
                           const std::function<bool(const std::vector<Action>&)>& fails);

/// One line an action; the first names the seed.
void write(std::ostream& out, std::uint64_t seed, const std::vector<Action>& actions);
std::pair<std::uint64_t, std::vector<Action>> read(std::istream& in);

}  // namespace inboxd::sim
