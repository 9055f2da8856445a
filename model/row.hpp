// What the lists hold of a contact: everything that a list shows, sorts or filters by. Immutable,
// shared by all views.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/contact.hpp"

namespace inboxd::model {

struct Row {
  ContactId id;
  Version version;
  Timestamp sort_at;
  std::optional<Timestamp> waiting_since;
  std::optional<Timestamp> snoozed_until;
  std::optional<Timestamp> last_inbound_at;  // engine's times, for filters
  std::optional<Timestamp> last_outbound_at;
  Assignment assignment;
  std::optional<ChannelId> channel;
  ChannelKind channel_kind = ChannelKind::custom;  // meaningful with `channel`
  std::uint32_t unread = 0;
  ContactStatus status = ContactStatus::open;
  Priority priority = Priority::none;
  bool blocked = false;
  std::string name;
  std::vector<Tag> tags;
  std::optional<LastMessage> last_message;
  std::shared_ptr<const Details> details;

  friend bool operator==(const Row&, const Row&);
};
using RowPtr = std::shared_ptr<const Row>;

/// `channels` gives the kind of the contact's current channel.
Row make_row(const Contact& contact, const std::map<ChannelId, Channel>& channels);

}  // namespace inboxd::model
