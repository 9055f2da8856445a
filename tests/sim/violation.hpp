// What a simulation ends with when something that must hold does not.
#pragma once

#include <stdexcept>
#include <string>

namespace inboxd::sim {

struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws a Violation unless `good`.
inline void must(bool good, const std::string& what) {
  if (!good) throw Violation(what);
}

}  // namespace inboxd::sim
