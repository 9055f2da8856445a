// How the engine searches.
#pragma once

#include <cstddef>

#include "model/time.hpp"

namespace inboxd::actors {

struct SearchOptions {
  bool on = true;
  std::size_t recent_max = 20'000;         // documents in memory before they are written to disk
  model::Duration write_every = {30'000};  // or when the oldest of them is so old
};

}  // namespace inboxd::actors
