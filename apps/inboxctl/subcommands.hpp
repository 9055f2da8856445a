// What inboxctl can do: each adds its subcommand, with its options, and runs when it was named.
// Failures are std::runtime_error with a full sentence.
#pragma once

#include <CLI/App.hpp>

namespace inboxd::inboxctl {

/// Prints a token signed with the directory's key.
void add_token(CLI::App& app);
/// Checks everything in a data directory.
void add_verify(CLI::App& app);
/// Copies a data directory, in use or not; and back.
void add_backup(CLI::App& app);
void add_restore(CLI::App& app);
/// Prints contacts as they stood at an earlier moment.
void add_replay(CLI::App& app);
/// Everything as lines of JSON; and back.
void add_export(CLI::App& app);
void add_import(CLI::App& app);

}  // namespace inboxd::inboxctl
