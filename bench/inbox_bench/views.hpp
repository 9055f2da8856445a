// Scenario `views`: what a change costs by the views there are. Runs the real view engine
// (model/view_engine.hpp, as an aggregator of inboxd drives it) in this process, because what is
// asked is CPU per update, which sockets and other actors would only blur; beside it, the naive way
// and PostgreSQL with the same contacts and views.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/inbox_bench/report.hpp"

namespace inboxd::bench {

struct ViewsOptions {
  std::vector<std::size_t> contacts{10'000, 100'000, 1'000'000};
  std::vector<std::size_t> idle{10, 100, 1'000, 10'000};  // views that no change matches
  std::vector<std::size_t> matching{1, 10, 100};          // beside the last of `idle`
  std::size_t subscribers = 200;                          // of one window, against one
  double seconds = 0.5;                                   // of CPU for each figure of the engine
  double other_seconds = 1;  // for each of the others; they make one update at least
  bool naive = true;
  bool sql = true;
  std::uint64_t seed = 1;
  std::filesystem::path place;  // for PostgreSQL's directory
};

Report run_views(const ViewsOptions& options);

}  // namespace inboxd::bench
