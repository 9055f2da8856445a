// A contact's state: what its actor holds and what every rule R1–R14 reads. Always the fold of its
// events (event.hpp).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/entry.hpp"
#include "model/ids.hpp"
#include "model/seq_set.hpp"
#include "model/time.hpp"

namespace inboxd::model {

/// Who the customer is. Empty text: not known.
struct Details {
  std::string first_name, last_name;
  std::string phone;  // E.164
  std::string email;
  std::string language;  // BCP 47, such as `es` or `pt-BR`
  std::string country;   // ISO 3166-1 alpha-2
  std::string avatar;    // URL
  std::string lifecycle;
  std::map<FieldId, FieldValue> fields;
  friend bool operator==(const Details&, const Details&) = default;
};

/// A customer's account on one channel, with what its window depends on.
struct Identity {
  ChannelId channel;
  std::string external_id;
  std::optional<Timestamp>
      last_inbound_at;  // S26: the platform's time when given, never later than ours
  std::uint32_t sends_since_inbound = 0;  // accepted sends after it (S28, WeChat)
  std::optional<Timestamp> last_send_at;  // of those
  friend bool operator==(const Identity&, const Identity&) = default;
};

struct Snooze {
  Timestamp until;
  bool wake_on_inbound = true;
  friend bool operator==(const Snooze&, const Snooze&) = default;
};

struct Conversation {
  std::uint64_t number = 1;
  Timestamp opened_at;
  std::optional<Timestamp> first_response_at;
  std::optional<Timestamp> done_at;
  friend bool operator==(const Conversation&, const Conversation&) = default;
};

/// What a row shows of the last message.
struct LastMessage {
  Seq seq;
  Timestamp at;
  Direction direction = Direction::in;
  MessageType type = MessageType::text;
  std::string preview;           // S10
  std::optional<Status> status;  // outbound only
  friend bool operator==(const LastMessage&, const LastMessage&) = default;
};

struct Contact {
  ContactId id;
  Version version;    // 0: does not exist yet
  Offset changed_at;  // the offset of its last commit
  Timestamp created_at;

  // Shared with the rows made of it, replaced when it changes.
  std::shared_ptr<const Details> details = std::make_shared<const Details>();
  std::vector<Tag> tags;  // in byte order, each once
  Priority priority = Priority::none;
  std::vector<Identity> identities;

  ContactStatus status = ContactStatus::open;
  Assignment assignment;
  std::optional<Snooze> snooze;
  bool blocked = false;
  Conversation conversation;
  std::optional<ContactId> merged_into;  // it lives on in that contact …
  Seq merged_base;                       // … where its seq n is now merged_base + n

  Seq last_seq;
  Seq read_seq;
  SeqSet unread;         // inbound messages after read_seq (S13)
  Seq last_inbound_seq;  // 0: none
  Seq answered_seq;      // the last outbound message or `done`; 0: none
  std::optional<ChannelId> last_inbound_channel;
  std::optional<Timestamp> last_inbound_at;  // engine's time of the last inbound message
  std::optional<Timestamp> last_outbound_at;
  Timestamp sort_at;                       // S9
  std::optional<Timestamp> waiting_since;  // S9
  std::optional<LastMessage> last_message;

  bool exists() const { return version.value > 0; }
  /// The account on that channel that was last heard from (a merge can bring a second one).
  const Identity* identity(const ChannelId& channel) const;
  /// The channel that the contact last wrote on, else its first identity's (S12).
  std::optional<ChannelId> current_channel() const;
  friend bool operator==(const Contact&, const Contact&);
};

/// S10: "first last" trimmed, else phone, e-mail, first external id, else "".
std::string display_name(const Details& details, const std::vector<Identity>& identities);

/// S10: the first 120 code points, white space runs as one space, trimmed.
std::string preview_of(std::string_view text);

}  // namespace inboxd::model
