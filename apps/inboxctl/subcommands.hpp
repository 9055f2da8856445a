// What inboxctl can do: each adds its subcommand, with its options, and runs when it was named.
// Failures are std::runtime_error with a full sentence.
#pragma once

#include <CLI/App.hpp>

namespace inboxd::inboxctl {

/// Prints a token signed with the directory's key.
void add_token(CLI::App& app);

}  // namespace inboxd::inboxctl
