// What can be asked of a contact: one plain struct a method (PROTOCOL.md "Commands", "Connectors"),
// one sealed variant.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/contact.hpp"
#include "model/entry.hpp"

namespace inboxd::model {

struct ExternalIdentity {
  ChannelId channel;
  std::string external_id;
  friend bool operator==(const ExternalIdentity&, const ExternalIdentity&) = default;
};

/// Changes of details: absent leaves alone, an inner null clears (S15).
template <class T>
using Patch = std::optional<std::optional<T>>;

struct DetailsPatch {
  Patch<std::string> first_name, last_name, phone, email, language, country, avatar, lifecycle;
  Patch<Priority> priority;
  std::map<FieldId, std::optional<FieldValue>>
      fields;  // values as the wire typed them; `decide` fits them to the field
};

struct CreateContact {
  ContactId id;  // fresh, given by the directory
  DetailsPatch set;
  std::vector<std::string> tags;  // texts, as below
  std::vector<ExternalIdentity> channels;
};
struct UpdateContact {
  DetailsPatch set;
  std::vector<std::string> tags_add, tags_remove;  // texts: symbols only once they are accepted
  std::vector<ExternalIdentity> channels_add;
};
struct AssignContact {
  Assignment to;
};
struct MarkDone {
  std::optional<ClosingNote> note;
};
struct ReopenContact {};
struct SnoozeContact {
  Timestamp until;
  bool wake_on_inbound = true;
};
struct WakeContact {};
struct MarkRead {
  std::optional<Seq> up_to;
};
struct MarkUnread {};
struct BlockContact {};
struct UnblockContact {};
/// To the primary, with the secondary's state (the directory has stopped the secondary before).
struct MergeContact {
  Contact secondary;
  /// Its inbound messages up to its `read_seq`. Needed if the primary has unread ones
  /// (S13, S23).
  SeqSet read_inbound = {};
};
struct SendMessage {
  std::optional<ChannelId> channel;
  Content content;
  std::string tag;
  std::string client_id;
  std::optional<Seq> expect_seq;
};
struct AddComment {
  std::string text;
  std::vector<AgentId> mentions;
  std::string client_id;
};
struct ReceiveInbound {
  ContactId id;  // fresh, used if the contact does not exist yet (R8)
  ChannelId channel;
  std::string external_id;
  std::string provider_id;
  std::optional<Timestamp> at;
  Content content;
  std::optional<Details> profile;
};
/// A status for the message `seq`; the context brings the entry.
struct ReportStatus {
  Seq seq;
  Status status = Status::sent;
  std::optional<Timestamp> at;
  std::optional<PlatformError> error;
  std::string provider_id;   // `outbox.sent`: the platform's id
  bool from_outbox = false;  // `outbox.sent` is allowed whatever the channel reports (S27)
};
/// The timer's word that T has come (S19). A no-op unless the snooze is still due.
struct WakeDue {};
/// An agent was removed (S24): unassign, cause `policy`. A no-op if somebody else has it by now.
struct UnassignRemoved {
  AgentId agent;
};

using Command = std::variant<CreateContact, UpdateContact, AssignContact, MarkDone, ReopenContact,
                             SnoozeContact, WakeContact, MarkRead, MarkUnread, BlockContact,
                             UnblockContact, MergeContact, SendMessage, AddComment, ReceiveInbound,
                             ReportStatus, WakeDue, UnassignRemoved>;

}  // namespace inboxd::model
