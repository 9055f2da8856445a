// Places at which a test lets the process die, to be sure that it died just there (tests/crash).
// or to hold a start there until the test has looked at it. Off unless the environment asks for it;
// never on the way of a command.
#pragma once

#include <string_view>

namespace inboxd::persistence {

/// Kills this process with SIGKILL when `INBOXD_CRASH_AT` is `NAME` or `NAME:N`, NAME is `name`,
/// and this is the Nth time that it comes here (the first without N). When `INBOXD_HOLD_AT` is
/// `NAME:FILE`, waits here until there is a file of that name. Thread-safe.
void crash_point(std::string_view name);

}  // namespace inboxd::persistence
