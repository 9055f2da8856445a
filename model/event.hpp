// What can happen to a contact. A commit is a list of these; `apply` folds them into the state, and
// nothing else does.
#pragma once

#include <variant>
#include <vector>

#include "model/contact.hpp"
#include "model/entry.hpp"

namespace inboxd::model {

/// A new entry of the timeline. Messages and events change the state by what they say; comments do
/// not.
struct EntryAppended {
  Entry entry;
  friend bool operator==(const EntryAppended&, const EntryAppended&) = default;
};
/// A contact came to be, with this id (always the first event; `opened` follows).
struct Created {
  ContactId id;
  friend bool operator==(const Created&, const Created&) = default;
};
/// A channel account belongs to the contact from here on.
struct IdentityLinked {
  ChannelId channel;
  std::string external_id;
  friend bool operator==(const IdentityLinked&, const IdentityLinked&) = default;
};
/// Empty details filled from a platform's profile (S16) or at creation; writes no entry.
struct DetailsFilled {
  Details details;  // the whole of them, after
  friend bool operator==(const DetailsFilled&, const DetailsFilled&) = default;
};
/// Tags and priority given at creation.
struct Labelled {
  std::vector<Tag> tags;
  Priority priority = Priority::none;
  friend bool operator==(const Labelled&, const Labelled&) = default;
};
/// The read position moved: forward (`read`, `done`), or back to just before the last inbound
/// message (`unread`).
struct ReadMoved {
  Seq read_seq;
  friend bool operator==(const ReadMoved&, const ReadMoved&) = default;
};
/// A platform's word about an outbound message.
struct StatusReported {
  Seq seq;
  StatusReport report;
  std::string provider_id;  // empty: none
  friend bool operator==(const StatusReported&, const StatusReported&) = default;
};
/// The primary took over a secondary: its entries follow the primary's own, renumbered by `base`
/// (S23).
struct TookOver {
  Seq base;           // the primary's last seq before
  Contact secondary;  // as it was
  /// The secondary's inbound messages up to its `read_seq`: they count as unread again if the
  /// primary had unread ones, whose read position stays. Empty otherwise.
  SeqSet read_inbound = {};
  friend bool operator==(const TookOver&, const TookOver&) = default;
};
/// The secondary lives on in `primary`; its seq n is now base + n there.
struct MergedInto {
  ContactId primary;
  Seq base;
  friend bool operator==(const MergedInto&, const MergedInto&) = default;
};

using Event = std::variant<EntryAppended, Created, IdentityLinked, DetailsFilled, Labelled,
                           ReadMoved, StatusReported, TookOver, MergedInto>;

/// Folds one commit into the contact: the events in order, then version and `changed_at` (S1, S3).
/// `events` must not be empty.
void apply(Contact& contact, const std::vector<Event>& events, Offset offset);

}  // namespace inboxd::model
