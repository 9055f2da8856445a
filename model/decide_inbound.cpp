// What connectors bring: the customer's messages (R1, R6, R8, R9, R12) and statuses of ours (S26,
// S27).
#include <algorithm>

#include "model/decide_parts.hpp"
#include "model/details_table.hpp"
#include "model/limits.hpp"

namespace inboxd::model {
namespace {

Checked check_params(const ReceiveInbound& command) {
  constexpr auto bytes_max = limits::external_id_bytes_max;
  if (auto error = check_name("external_id", command.external_id, bytes_max)) return error;
  if (auto error = check_name("provider_id", command.provider_id, bytes_max)) return error;
  if (command.at) {
    if (auto error = check_time("at", *command.at)) return error;
  }
  return check_content(command.content, Direction::in);
}

bool knows_account(const Contact& contact, const ReceiveInbound& command) {
  return std::any_of(
      contact.identities.begin(), contact.identities.end(), [&](const Identity& identity) {
        return identity.channel == command.channel && identity.external_id == command.external_id;
      });
}

/// S16: a profile fills what is empty.
void fill_details(Draft& draft, const Details& current, const Details& profile) {
  auto filled = current;
  fill_empty(filled, profile);
  if (filled != current) draft.add(DetailsFilled{std::move(filled)});
}

/// R8.
void create(Draft& draft, const ReceiveInbound& command, const Details& profile) {
  draft.add(Created{command.id});
  draft.add(IdentityLinked{.channel = command.channel, .external_id = command.external_id});
  fill_details(draft, Details(), profile);
  draft.event(author_of(command.id), Cause::inbound, Opened{});
}

/// R1, R6; R12: not for a blocked one.
void stir(Draft& draft, const Contact& contact, const Policy& policy) {
  if (contact.blocked) return;
  if (contact.status == ContactStatus::done && policy.reopen_on_inbound) {
    draft.event(author_of(contact.id), Cause::inbound, Reopened{});
  }
  if (contact.snooze && contact.snooze->wake_on_inbound && policy.wake_on_inbound) {
    draft.event(author_of(contact.id), Cause::inbound, Woke{.from = contact.snooze->until});
  }
}

Message message_of(const ReceiveInbound& command) {
  return {.direction = Direction::in,
          .channel = command.channel,
          .content = command.content,
          .statuses = {},
          .tag = {},
          .external_id = command.external_id,
          .client_id = {},
          .provider_id = command.provider_id,
          .platform_at = command.at};
}

Checked check_params(const ReportStatus& command) {
  if (command.at) {
    if (auto error = check_time("at", *command.at)) return error;
  }
  if (command.error) {
    if (auto error = check_line("error.code", command.error->code, limits::name_bytes_max)) {
      return error;
    }
    if (auto error =
            check_text("error.message", command.error->message, limits::field_value_bytes_max)) {
      return error;
    }
  }
  return check_line("provider_id", command.provider_id, limits::external_id_bytes_max);
}

/// S27: outbound messages of this connector's channel, and what the channel reports.
Checked check_subject(const ReportStatus& command, const Context& context) {
  const auto unknown = [] { return not_found("seq", "There is no such entry."); };
  if (context.subject == nullptr) return unknown();
  const auto* message = context.subject->message();
  if (message == nullptr || message->direction != Direction::out) {
    return invalid("seq", "Only outbound messages have statuses.");
  }
  // Another channel's messages are not for this connector to know.
  if (context.by.channel && *context.by.channel != message->channel) return unknown();
  if (command.from_outbox) return std::nullopt;
  const auto* channel = context.workspace.channel(message->channel);
  const bool reported = channel != nullptr && command.status != Status::pending &&
                        channel->reports().has(command.status);
  if (reported) return std::nullopt;
  return invalid("status", "This channel does not report the status '" +
                               std::string(name_of(command.status)) + "'.");
}

/// Tried on a message without its content.
bool says_new(const Message& message, const StatusReport& said, std::string_view provider_id) {
  Message trial;
  trial.statuses = message.statuses;
  trial.provider_id = message.provider_id;
  return report(trial, said, provider_id);
}

}  // namespace

Result<Decision> decide_on(const Contact& contact, const ReceiveInbound& command,
                           const Context& context) {
  if (auto error = check_params(command)) return *std::move(error);
  const auto profile = check_profile(command.profile.value_or(Details()));
  if (!profile) return profile.error();
  if (context.workspace.channel(command.channel) == nullptr) {
    return not_found("channel", "There is no channel '" + command.channel.str() + "'.");
  }
  if (context.repeated != nullptr) return duplicate_of(*context.repeated);
  Draft draft(contact, context);
  if (!contact.exists()) {
    create(draft, command, *profile);
  } else {
    if (contact.merged_into || !knows_account(contact, command)) {
      return not_found("external_id", "This account does not belong to the contact.");
    }
    fill_details(draft, *contact.details, *profile);
    stir(draft, contact, context.workspace.policy);
  }
  const auto author = author_of(contact.exists() ? contact.id : command.id);
  const auto seq = draft.append(author, message_of(command));
  return std::move(draft).finish(seq);
}

Result<Decision> decide_on(const Contact& contact, const ReportStatus& command,
                           const Context& context) {
  if (auto error = check_params(command)) return *std::move(error);
  if (auto error = check_seen(contact, context)) return *std::move(error);
  if (auto error = check_subject(command, context)) return *std::move(error);
  const StatusReport said{.status = command.status,
                          .at = std::min(command.at.value_or(context.now), context.now),
                          .error = command.error};
  if (!says_new(*context.subject->message(), said, command.provider_id)) return nothing();
  Draft draft(contact, context);
  draft.add(StatusReported{
      .seq = context.subject->seq, .report = said, .provider_id = command.provider_id});
  return std::move(draft).finish(context.subject->seq);
}

}  // namespace inboxd::model
