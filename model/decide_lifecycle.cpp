// Open and done, assigned and not, snoozed and awake, blocked and not (R3–R7, S17–S21).
#include "model/decide_parts.hpp"
#include "model/limits.hpp"

namespace inboxd::model {
namespace {

Checked check_ids(const Assignment& to, const Workspace& workspace) {
  if (to.assignee && workspace.agent(*to.assignee) == nullptr) {
    return not_found("assignee", "There is no agent '" + to.assignee->str() + "'.");
  }
  if (to.team && workspace.team(*to.team) == nullptr) {
    return not_found("team", "There is no team '" + to.team->str() + "'.");
  }
  return std::nullopt;
}

EventData assignment_event(const Assignment& from, const Assignment& to) {
  if (!to.assignee && !to.team) return Unassigned{.from = from, .to = to};  // S17
  return Assigned{.from = from, .to = to};
}

Assignment without_assignee(Assignment assignment) {
  assignment.assignee.reset();
  return assignment;
}

Checked check_note(const std::optional<ClosingNote>& note) {
  if (!note) return std::nullopt;
  if (auto error = check_line("note.category", note->category, limits::name_bytes_max)) {
    return error;
  }
  return check_text("note.summary", note->summary, limits::note_bytes_max);
}

}  // namespace

Result<Decision> decide_on(const Contact& contact, const AssignContact& command,
                           const Context& context) {
  if (auto error = check_seen(contact, context)) return *std::move(error);
  if (auto error = check_ids(command.to, context.workspace)) return *std::move(error);
  if (auto error = check_expected(contact, context)) return *std::move(error);
  const bool to_somebody = command.to.assignee || command.to.team;
  Draft draft(contact, context);
  if (to_somebody && contact.status == ContactStatus::done) {
    draft.event(Cause::manual, Reopened{});  // S18
  }
  if (command.to != contact.assignment) {
    draft.event(Cause::manual, assignment_event(contact.assignment, command.to));
  }
  return std::move(draft).finish();
}

Result<Decision> decide_on(const Contact& contact, const UnassignRemoved& command,
                           const Context& context) {
  if (contact.assignment.assignee != command.agent) return nothing();
  Draft draft(contact, context);
  draft.event(system_author(), Cause::policy,
              Unassigned{.from = contact.assignment, .to = without_assignee(contact.assignment)});
  return std::move(draft).finish();
}

Result<Decision> decide_on(const Contact& contact, const MarkDone& command,
                           const Context& context) {
  if (auto error = check_note(command.note)) return *std::move(error);
  if (auto error = check_usual(contact, context)) return *std::move(error);
  if (contact.status == ContactStatus::done) return nothing();
  Draft draft(contact, context);
  draft.event(Cause::manual, Done{command.note});
  if (contact.assignment.assignee && context.workspace.policy.unassign_on_done) {
    draft.event(Cause::done,
                Unassigned{.from = contact.assignment, .to = without_assignee(contact.assignment)});
  }
  draft.add(ReadMoved{draft.last()});
  return std::move(draft).finish();
}

Result<Decision> decide_on(const Contact& contact, const ReopenContact&, const Context& context) {
  if (auto error = check_usual(contact, context)) return *std::move(error);
  if (contact.status == ContactStatus::open) return nothing();
  Draft draft(contact, context);
  draft.event(Cause::manual, Reopened{});
  return std::move(draft).finish();
}

Result<Decision> decide_on(const Contact& contact, const SnoozeContact& command,
                           const Context& context) {
  if (auto error = check_time("until", command.until)) return *std::move(error);
  if (command.until <= context.now) return invalid("until", "'until' must lie ahead.");
  if (auto error = check_usual(contact, context)) return *std::move(error);
  if (contact.status == ContactStatus::done) {
    return conflict(contact, "A contact that is done cannot be snoozed.");
  }
  const Snooze wanted{.until = command.until, .wake_on_inbound = command.wake_on_inbound};
  if (contact.snooze == wanted) return nothing();
  Snoozed snoozed{.from = {}, .to = wanted.until, .wake_on_inbound = wanted.wake_on_inbound};
  if (contact.snooze) snoozed.from = contact.snooze->until;
  Draft draft(contact, context);
  draft.event(Cause::manual, snoozed);
  return std::move(draft).finish();
}

Result<Decision> decide_on(const Contact& contact, const WakeContact&, const Context& context) {
  if (auto error = check_usual(contact, context)) return *std::move(error);
  if (!contact.snooze) return nothing();
  Draft draft(contact, context);
  draft.event(Cause::manual, Woke{.from = contact.snooze->until});
  return std::move(draft).finish();
}

Result<Decision> decide_on(const Contact& contact, const WakeDue&, const Context& context) {
  if (!wake_is_due(contact, context.now)) return nothing();
  Draft draft(contact, context);
  draft.event(system_author(), Cause::timer, Woke{.from = contact.snooze->until});
  return std::move(draft).finish();
}

Result<Decision> decide_on(const Contact& contact, const BlockContact&, const Context& context) {
  if (auto error = check_usual(contact, context)) return *std::move(error);
  if (contact.blocked) return nothing();
  Draft draft(contact, context);
  draft.event(Cause::manual, Blocked{});
  return std::move(draft).finish();
}

Result<Decision> decide_on(const Contact& contact, const UnblockContact&, const Context& context) {
  if (auto error = check_usual(contact, context)) return *std::move(error);
  if (!contact.blocked) return nothing();
  Draft draft(contact, context);
  draft.event(Cause::manual, Unblocked{});
  return std::move(draft).finish();
}

}  // namespace inboxd::model
