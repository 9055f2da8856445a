// The rules. `decide` says what a command does to a contact, as events or one error; it changes
// nothing.
#pragma once

#include <optional>
#include <vector>

#include "model/command.hpp"
#include "model/contact.hpp"
#include "model/error.hpp"
#include "model/event.hpp"
#include "model/workspace.hpp"

namespace inboxd::model {

/// Everything a decision rests on besides the contact and the command. Pure input: the caller
/// looked it up.
struct Context {
  Timestamp now;
  const Principal& by;
  const Workspace& workspace;
  std::optional<Version> expect_version = std::nullopt;
  /// The entry that the command's `client_id` or `provider_id` repeats (R9, R10): then nothing is
  /// decided anew.
  const Entry* repeated = nullptr;
  /// ReportStatus: the entry named, null if there is none.
  const Entry* subject = nullptr;
};

struct Decision {
  std::vector<Event> events;  // empty: nothing changes (S4)
  std::optional<Seq> entry;   // the entry that the answer names
  bool duplicate = false;     // R9, R10
};

/// Errors in the order of S6. Does not look at time-made changes: a due snooze is applied before,
/// by the caller (`wake_is_due`, S19).
Result<Decision> decide(const Contact& contact, const Command& command, const Context& context);

/// True when a snooze's end has come and has not been applied: the caller commits `WakeDue` first
/// (S19).
bool wake_is_due(const Contact& contact, Timestamp now);

/// S25: may this principal see a contact so assigned? `team` visibility looks at the assignee's
/// teams too, hence the workspace. An agent without a record sees all, as a new record would.
bool can_see(const Principal& principal, const Workspace& workspace, const Assignment& assignment);

/// A channel's window as of `now` (S28), for a contact's details.
struct WindowState {
  bool open = false;
  std::optional<Timestamp> closes_at;
};
WindowState window_of(const Identity& identity, const Channel& channel, Timestamp now);

}  // namespace inboxd::model
