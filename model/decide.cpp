// Who may give which command, and what every decision shares.
#include "model/decide.hpp"

#include "model/decide_parts.hpp"
#include "model/overload.hpp"

namespace inboxd::model {
namespace {

/// A platform's word comes by the connector of its channel; all else by people and services.
Checked check_kind(const Command& command, const Principal& by) {
  if (by.kind == PrincipalKind::system) return std::nullopt;
  const bool connector = by.kind == PrincipalKind::connector;
  const bool allowed =
      std::visit(overload{
                     [&](const ReceiveInbound& c) { return connector && by.channel == c.channel; },
                     [&](const ReportStatus&) { return connector; },
                     // The engine's own; whoever's request made it look, they happen.
                     [](const WakeDue&) { return true; },
                     [](const UnassignRemoved&) { return true; },
                     [&](const auto&) { return !connector; },
                 },
                 command);
  if (allowed) return std::nullopt;
  return forbidden(connector ? "A connector only reports inbound messages and statuses of its own "
                               "channel."
                             : "Only the channel's connector may report this.");
}

}  // namespace

Seq Draft::event(Cause cause, EventData data) {
  return event(author_of(context_.by), cause, std::move(data));
}

Author author_of(const Principal& by) {
  switch (by.kind) {
    case PrincipalKind::agent: return {.kind = AuthorKind::agent, .id = by.id};
    case PrincipalKind::service: return {.kind = AuthorKind::service, .id = by.id};
    case PrincipalKind::connector: return {.kind = AuthorKind::connector, .id = by.id};
    case PrincipalKind::system: break;
  }
  return system_author();
}

Decision duplicate_of(const Entry& entry) {
  return {.events = {}, .entry = entry.seq, .duplicate = true};
}

Error conflict(const Contact& contact, std::string message) {
  return {.reason = Reason::conflict,
          .message = std::move(message),
          .version = contact.version,
          .last_seq = contact.last_seq};
}

Checked check_seen(const Contact& contact, const Context& context) {
  const bool seen = contact.exists() && !contact.merged_into &&
                    can_see(context.by, context.workspace, contact.assignment);
  if (seen) return std::nullopt;
  return not_found("contact", "There is no contact with this id.");
}

Checked check_expected(const Contact& contact, const Context& context,
                       std::optional<Seq> expect_seq) {
  if (context.expect_version.value_or(contact.version) != contact.version) {
    return conflict(contact, "The contact is no longer at the expected version.");
  }
  if (expect_seq.value_or(contact.last_seq) != contact.last_seq) {
    return conflict(contact, "The timeline no longer ends at the expected seq.");
  }
  return std::nullopt;
}

Checked check_usual(const Contact& contact, const Context& context) {
  if (auto error = check_seen(contact, context)) return error;
  return check_expected(contact, context);
}

Result<Decision> decide(const Contact& contact, const Command& command, const Context& context) {
  if (auto error = check_kind(command, context.by)) return *std::move(error);
  return std::visit([&](const auto& one) { return decide_on(contact, one, context); }, command);
}

bool wake_is_due(const Contact& contact, Timestamp now) {
  return contact.snooze && contact.snooze->until <= now;
}

}  // namespace inboxd::model
