// A run in a process of its own: as if it were the first (names are kept for the life of a process,
// model::Symbol), and an engine that ends its process, or never comes to an end, is a failure like
// any other, which is made short and can be replayed.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "tests/sim/simulation.hpp"

namespace inboxd::sim {

/// To be called while this process has one thread and has run nothing itself. A run that takes
/// longer than `patience` is ended, and failed.
Outcome run_apart(std::uint64_t seed, const std::vector<Action>& actions,
                  std::chrono::seconds patience);

}  // namespace inboxd::sim
