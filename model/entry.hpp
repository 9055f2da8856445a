// A timeline's entries: messages, comments and events (PROTOCOL.md "Shapes").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/channel.hpp"
#include "model/ids.hpp"
#include "model/time.hpp"

namespace inboxd::model {

enum class AuthorKind : std::uint8_t { contact, agent, service, connector, system };
std::string_view name_of(AuthorKind kind);
std::optional<AuthorKind> author_kind_of(std::string_view name);

/// Who wrote an entry. `id` is the contact's, agent's, service's or channel connector's; empty for
/// the system (null on the wire).
struct Author {
  AuthorKind kind = AuthorKind::system;
  std::string id;
  friend bool operator==(const Author&, const Author&) = default;
};

enum class Direction : std::uint8_t { in, out };
std::string_view name_of(Direction direction);
std::optional<Direction> direction_of(std::string_view name);

enum class MessageType : std::uint8_t { text, attachment, location, template_, unsupported };
std::string_view name_of(MessageType type);
std::optional<MessageType> message_type_of(std::string_view name);

struct Attachment {
  std::string url;
  std::string mime_type;              // empty: unknown
  std::string name;                   // empty: none
  std::optional<std::int64_t> bytes;  // size, when known
  friend bool operator==(const Attachment&, const Attachment&) = default;
};

struct Location {
  double latitude = 0;   // degrees
  double longitude = 0;  // degrees
  std::string name;      // empty: none
  std::string address;   // empty: none
  friend bool operator==(const Location&, const Location&) = default;
};

/// A platform's pre-approved message.
struct Template {
  std::string name;
  std::string language;
  std::vector<std::string> parameters;
  friend bool operator==(const Template&, const Template&) = default;
};

/// What a message says, in or out.
struct Content {
  MessageType type = MessageType::text;
  std::string text;  // empty: none
  std::vector<Attachment> attachments;
  std::optional<Location> location;
  std::optional<Template> template_;
  friend bool operator==(const Content&, const Content&) = default;
};

struct PlatformError {
  std::string code;
  std::string message;
  friend bool operator==(const PlatformError&, const PlatformError&) = default;
};

struct StatusReport {
  Status status = Status::pending;
  Timestamp at;
  std::optional<PlatformError> error;
  friend bool operator==(const StatusReport&, const StatusReport&) = default;
};

struct Message {
  Direction direction = Direction::in;
  ChannelId channel;
  Content content;
  std::vector<StatusReport> statuses;    // outbound: `pending` first, then by rank, one each (S27)
  std::string tag;                       // outbound: `human_agent`, or empty
  std::string external_id;               // the customer's account on the channel, from or to which
  std::string client_id;                 // empty: none
  std::string provider_id;               // empty: none
  std::optional<Timestamp> platform_at;  // inbound: the platform's own time (S26)

  /// The highest status reached (PRODUCT.md §2). Meaningful for outbound messages.
  Status status() const;
  friend bool operator==(const Message&, const Message&) = default;
};

struct Comment {
  std::string text;
  std::vector<AgentId> mentions;
  std::string client_id;  // empty: none
  friend bool operator==(const Comment&, const Comment&) = default;
};

// Events' data says from what to what (S42).

enum class ContactStatus : std::uint8_t { open, done };
std::string_view name_of(ContactStatus status);
std::optional<ContactStatus> contact_status_of(std::string_view name);

enum class Priority : std::uint8_t { none, low, medium, high, urgent };
std::string_view name_of(Priority priority);
std::optional<Priority> priority_of(std::string_view name);

struct Assignment {
  std::optional<AgentId> assignee;
  std::optional<TeamId> team;
  friend bool operator==(const Assignment&, const Assignment&) = default;
};

struct ClosingNote {
  std::string category;
  std::string summary;
  friend bool operator==(const ClosingNote&, const ClosingNote&) = default;
};

/// A custom field's value: text (also url, email, phone), number, bool, date (ms), list.
using FieldValue = std::variant<std::string, double, bool, Timestamp, std::vector<std::string>>;

/// The value of one detail in an `updated` event; nothing: absent.
using DetailValue = std::optional<FieldValue>;

/// One detail that changed. `key` is as in `contact.update` (`first_name`, `priority`, …) or
/// `fields.<id>`.
struct DetailChange {
  std::string key;
  DetailValue from;
  DetailValue to;
  friend bool operator==(const DetailChange&, const DetailChange&) = default;
};

struct Opened {
  friend bool operator==(const Opened&, const Opened&) = default;
};
struct Reopened {
  friend bool operator==(const Reopened&, const Reopened&) = default;
};
struct Done {
  std::optional<ClosingNote> note;
  friend bool operator==(const Done&, const Done&) = default;
};
struct Assigned {
  Assignment from, to;
  friend bool operator==(const Assigned&, const Assigned&) = default;
};
struct Unassigned {
  Assignment from, to;
  friend bool operator==(const Unassigned&, const Unassigned&) = default;
};
struct Snoozed {
  std::optional<Timestamp> from;
  Timestamp to;
  bool wake_on_inbound = true;
  friend bool operator==(const Snoozed&, const Snoozed&) = default;
};
struct Woke {
  Timestamp from;  // the T it was snoozed until
  friend bool operator==(const Woke&, const Woke&) = default;
};
struct Updated {
  std::vector<DetailChange> changes;
  friend bool operator==(const Updated&, const Updated&) = default;
};
struct Tagged {
  std::vector<Tag> added, removed;
  friend bool operator==(const Tagged&, const Tagged&) = default;
};
struct Blocked {
  friend bool operator==(const Blocked&, const Blocked&) = default;
};
struct Unblocked {
  friend bool operator==(const Unblocked&, const Unblocked&) = default;
};
struct Merged {
  ContactId from;   // the secondary, whose entries were moved in just before this one
  Seq first, last;  // their new place; first > last: it had none
  friend bool operator==(const Merged&, const Merged&) = default;
};
struct ChannelAdded {
  ChannelId channel;
  std::string external_id;
  friend bool operator==(const ChannelAdded&, const ChannelAdded&) = default;
};

using EventData = std::variant<Opened, Reopened, Done, Assigned, Unassigned, Snoozed, Woke, Updated,
                               Tagged, Blocked, Unblocked, Merged, ChannelAdded>;

/// Who or what caused an event (PRODUCT.md §2).
enum class Cause : std::uint8_t { manual, inbound, reply, done, timer, policy, merge };
std::string_view name_of(Cause cause);
std::optional<Cause> cause_of(std::string_view name);

struct TimelineEvent {
  Cause cause = Cause::manual;
  EventData data;
  friend bool operator==(const TimelineEvent&, const TimelineEvent&) = default;
};
/// `opened`, `reopened`, … as on the wire.
std::string_view name_of(const EventData& data);

struct Entry {
  Seq seq;
  Offset offset;  // of its last change; given when the commit is placed in the order
  Timestamp at;   // the engine's time (S26)
  Author author;
  std::variant<Message, Comment, TimelineEvent> body;

  const Message* message() const { return std::get_if<Message>(&body); }
  const Comment* comment() const { return std::get_if<Comment>(&body); }
  const TimelineEvent* event() const { return std::get_if<TimelineEvent>(&body); }
  friend bool operator==(const Entry&, const Entry&) = default;
};

/// Records a report in an outbound message: keeps each status's earliest time and orders them (S26,
/// S27). Returns false, and changes nothing, when the report says nothing new.
bool report(Message& message, const StatusReport& status, std::string_view provider_id);

}  // namespace inboxd::model
