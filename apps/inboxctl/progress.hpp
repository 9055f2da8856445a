// A line on the terminal that says how far long work is; silent in a pipe.
#pragma once

#include <cstdint>
#include <string_view>

namespace inboxd::inboxctl {

/// Fits `persistence::Progress`. Writes to standard error, at most ten times a second.
void show_progress(std::string_view phase, std::uint64_t done, std::uint64_t total);
/// Takes the line away.
void end_progress();

}  // namespace inboxd::inboxctl
