// What a new timeline entry does to its contact: messages move times, unread and windows (S9, S13,
// S14, S28), events change the state by what they say (S42), comments do nothing.
#include <algorithm>
#include <stdexcept>

#include "model/apply_parts.hpp"
#include "model/details_table.hpp"
#include "model/overload.hpp"
#include "model/shared_details.hpp"

namespace inboxd::model {
namespace {

/// The account that the message came from or goes to.
Identity* account_of(Contact& contact, const Message& message) {
  for (auto& identity : contact.identities) {
    if (identity.channel == message.channel && identity.external_id == message.external_id) {
      return &identity;
    }
  }
  const auto* found = contact.identity(message.channel);
  return found == nullptr ? nullptr : &contact.identities[found - contact.identities.data()];
}

void hear(Contact& contact, const Entry& entry, const Message& message) {
  if (auto* account = account_of(contact, message)) {
    const auto said_at = std::min(message.platform_at.value_or(entry.at), entry.at);  // S26
    // Reports of what was said earlier do not shorten a window.
    account->last_inbound_at = std::max(account->last_inbound_at, std::optional(said_at));
    account->sends_since_inbound = 0;
    account->last_send_at.reset();
  }
  contact.unread.insert(entry.seq);
  contact.last_inbound_seq = entry.seq;
  contact.last_inbound_channel = message.channel;
  contact.last_inbound_at = entry.at;
  if (!contact.waiting_since) contact.waiting_since = entry.at;
}

void say(Contact& contact, const Entry& entry, const Message& message) {
  if (auto* account = account_of(contact, message)) {
    ++account->sends_since_inbound;
    account->last_send_at = entry.at;
  }
  contact.last_outbound_at = entry.at;
  contact.answered_seq = entry.seq;
  contact.waiting_since.reset();
  auto& first_response = contact.conversation.first_response_at;
  if (entry.author.kind == AuthorKind::agent && !first_response) first_response = entry.at;
}

void append(Contact& contact, const Entry& entry, const Message& message) {
  std::optional<Status> shown;
  if (message.direction == Direction::in) {
    hear(contact, entry, message);
  } else {
    say(contact, entry, message);
    shown = message.status();
  }
  contact.sort_at = std::max(contact.sort_at, entry.at);
  contact.last_message = LastMessage{.seq = entry.seq,
                                     .at = entry.at,
                                     .direction = message.direction,
                                     .type = message.content.type,
                                     .preview = preview_of(message.content.text),
                                     .status = shown};
}

/// The entry's time, not the record's: a record is never earlier than the one before it
/// (JOURNAL.md), so after a clock that went back recovery would find another contact than clients
/// saw.
void open(Contact& contact, Timestamp at) {
  contact.status = ContactStatus::open;
  contact.created_at = contact.sort_at = at;
  contact.conversation = {.number = 1, .opened_at = at, .first_response_at = {}, .done_at = {}};
}

void open_again(Contact& contact, Timestamp at) {
  contact.status = ContactStatus::open;
  contact.conversation = {.number = contact.conversation.number + 1,
                          .opened_at = at,
                          .first_response_at = {},
                          .done_at = {}};
}

void close(Contact& contact, const Entry& entry) {
  contact.status = ContactStatus::done;
  contact.conversation.done_at = entry.at;
  contact.snooze.reset();  // R3: without `woke`, and `sort_at` stays (S18)
  contact.waiting_since.reset();
  contact.answered_seq = entry.seq;
}

void wake(Contact& contact, const Woke& woke, Cause cause, Timestamp at) {
  contact.snooze.reset();
  const auto woke_at = cause == Cause::timer ? woke.from : at;  // S19
  contact.sort_at = std::max(contact.sort_at, woke_at);
}

void change_field(Details& details, const FieldId& id, const DetailValue& to) {
  if (to) {
    details.fields[id] = *to;
  } else {
    details.fields.erase(id);
  }
}

void change_text(Details& details, const DetailChange& change) {
  const auto* detail = std::find_if(text_details.begin(), text_details.end(),
                                    [&](const TextDetail& d) { return d.key == change.key; });
  if (detail == text_details.end()) throw std::logic_error("unknown detail: " + change.key);
  details.*detail->value = change.to ? std::get<std::string>(*change.to) : std::string();
}

void change_details(Contact& contact, const Updated& updated) {
  auto details = *contact.details;
  for (const auto& change : updated.changes) {
    if (change.key == priority_key) {
      contact.priority = priority_of(std::get<std::string>(change.to.value())).value();
    } else if (change.key.starts_with(field_key_prefix)) {
      const auto id = std::string_view(change.key).substr(field_key_prefix.size());
      change_field(details, FieldId(id), change.to);
    } else {
      change_text(details, change);
    }
  }
  contact.details = share(std::move(details));
}

void change_tags(Contact& contact, const Tagged& tagged) {
  auto& tags = contact.tags;
  for (const auto& tag : tagged.removed) std::erase(tags, tag);
  tags.insert(tags.end(), tagged.added.begin(), tagged.added.end());
  std::sort(tags.begin(), tags.end());
}

void append(Contact& contact, const Entry& entry, const TimelineEvent& event) {
  std::visit(overload{
                 [&](const Opened&) { open(contact, entry.at); },
                 [&](const Reopened&) { open_again(contact, entry.at); },
                 [&](const Done&) { close(contact, entry); },
                 [&](const Assigned& a) { contact.assignment = a.to; },
                 [&](const Unassigned& u) { contact.assignment = u.to; },
                 [&](const Snoozed& s) {
                   contact.snooze = Snooze{.until = s.to, .wake_on_inbound = s.wake_on_inbound};
                 },
                 [&](const Woke& w) { wake(contact, w, event.cause, entry.at); },
                 [&](const Updated& u) { change_details(contact, u); },
                 [&](const Tagged& t) { change_tags(contact, t); },
                 [&](const Blocked&) { contact.blocked = true; },
                 [&](const Unblocked&) { contact.blocked = false; },
                 [](const Merged&) {},        // said by TookOver, just before
                 [](const ChannelAdded&) {},  // said by IdentityLinked, just before
             },
             event.data);
}

}  // namespace

void append_entry(Contact& contact, const Entry& entry) {
  if (entry.seq != contact.last_seq + 1) throw std::logic_error("a gap in a timeline");
  contact.last_seq = entry.seq;
  std::visit(overload{
                 [&](const Message& m) { append(contact, entry, m); },
                 [](const Comment&) {},
                 [&](const TimelineEvent& e) { append(contact, entry, e); },
             },
             entry.body);
}

}  // namespace inboxd::model
