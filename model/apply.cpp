// The fold: one commit's events into a contact's state. Everything that a contact is comes from
// here, live and in recovery alike.
#include <algorithm>
#include <stdexcept>

#include "model/apply_parts.hpp"
#include "model/event.hpp"
#include "model/overload.hpp"
#include "model/shared_details.hpp"

namespace inboxd::model {
namespace {

/// S3: what moves the version. Messages, comments, reads and status reports alone do not.
bool moves_version(const Event& event) {
  return std::visit(overload{
                        [](const EntryAppended& e) { return e.entry.event() != nullptr; },
                        [](const ReadMoved&) { return false; },
                        [](const StatusReported&) { return false; },
                        [](const auto&) { return true; },
                    },
                    event);
}

void move_read(Contact& contact, Seq read_seq) {
  const bool back = read_seq < contact.read_seq;
  contact.read_seq = read_seq;
  if (back) {
    // Only `contact.unread` goes back, and only to just before the last inbound message (S13).
    contact.unread = {contact.last_inbound_seq};
    return;
  }
  contact.unread.drop_up_to(read_seq);
}

void note_status(Contact& contact, const StatusReported& reported) {
  auto& last = contact.last_message;
  if (!last || last->seq != reported.seq || !last->status) return;
  last->status = std::max(*last->status, reported.report.status);
}

void fold(Contact& contact, const Event& event) {
  std::visit(
      overload{
          [&](const EntryAppended& e) { append_entry(contact, e.entry); },
          [&](const Created& c) { contact.id = c.id; },
          [&](const IdentityLinked& i) {
            contact.identities.push_back({.channel = i.channel, .external_id = i.external_id});
          },
          [&](const DetailsFilled& d) { contact.details = share(d.details); },
          [&](const Labelled& l) {
            contact.tags = l.tags;
            contact.priority = l.priority;
          },
          [&](const ReadMoved& r) { move_read(contact, r.read_seq); },
          [&](const StatusReported& s) { note_status(contact, s); },
          [&](const TookOver& t) { take_over(contact, t); },
          [&](const MergedInto& m) { end_merged(contact, m); },
      },
      event);
}

}  // namespace

void apply(Contact& contact, const std::vector<Event>& events, Offset offset) {
  if (events.empty()) throw std::logic_error("a commit without events");
  for (const auto& event : events) fold(contact, event);
  if (std::any_of(events.begin(), events.end(), moves_version)) ++contact.version;
  contact.changed_at = offset;
}

}  // namespace inboxd::model
