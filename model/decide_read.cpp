// The read position (R11, S13).
#include "model/decide_parts.hpp"

namespace inboxd::model {
namespace {

/// Whose reading counts: the assignee's or, while there is none, any agent's.
bool reads_for_all(const Principal& by, const Assignment& assignment) {
  if (by.kind != PrincipalKind::agent) return false;
  return !assignment.assignee || assignment.assignee->str() == by.id;
}

}  // namespace

Result<Decision> decide_on(const Contact& contact, const MarkRead& command,
                           const Context& context) {
  if (auto error = check_seen(contact, context)) return *std::move(error);
  const auto up_to = command.up_to.value_or(contact.last_seq);
  if (up_to > contact.last_seq) {
    return invalid("up_to_seq", "'up_to_seq' is beyond the last entry, " +
                                    std::to_string(contact.last_seq.value) + ".");
  }
  if (auto error = check_expected(contact, context)) return *std::move(error);
  if (!reads_for_all(context.by, contact.assignment) || up_to <= contact.read_seq) return nothing();
  Draft draft(contact, context);
  draft.add(ReadMoved{up_to});
  return std::move(draft).finish();
}

Result<Decision> decide_on(const Contact& contact, const MarkUnread&, const Context& context) {
  if (auto error = check_usual(contact, context)) return *std::move(error);
  const bool has_something = contact.unread.empty() && contact.last_inbound_seq.value > 0;
  if (!has_something || !reads_for_all(context.by, contact.assignment)) return nothing();
  Draft draft(contact, context);
  draft.add(ReadMoved{contact.last_inbound_seq - 1});
  return std::move(draft).finish();
}

}  // namespace inboxd::model
