#include "model/row.hpp"

#include <tuple>

namespace inboxd::model {
namespace {

auto plain_members(const Row& r) {
  return std::tie(r.id, r.version, r.sort_at, r.waiting_since, r.snoozed_until, r.last_inbound_at,
                  r.last_outbound_at, r.assignment, r.channel, r.channel_kind, r.unread, r.status,
                  r.priority, r.blocked, r.name, r.tags, r.last_message);
}

bool same_details(const Row& a, const Row& b) {
  if (a.details == b.details) return true;
  return a.details && b.details && *a.details == *b.details;
}

}  // namespace

bool operator==(const Row& a, const Row& b) {
  return plain_members(a) == plain_members(b) && same_details(a, b);
}

Row make_row(const Contact& contact, const std::map<ChannelId, Channel>& channels) {
  Row row{.id = contact.id,
          .version = contact.version,
          .sort_at = contact.sort_at,
          .waiting_since = contact.waiting_since,
          .snoozed_until = std::nullopt,
          .last_inbound_at = contact.last_inbound_at,
          .last_outbound_at = contact.last_outbound_at,
          .assignment = contact.assignment,
          .channel = contact.current_channel(),
          .unread = static_cast<std::uint32_t>(contact.unread.size()),
          .status = contact.status,
          .priority = contact.priority,
          .blocked = contact.blocked,
          .name = display_name(*contact.details, contact.identities),
          .tags = contact.tags,
          .last_message = contact.last_message,
          .details = contact.details};
  if (contact.snooze) row.snoozed_until = contact.snooze->until;
  if (row.channel) {
    const auto found = channels.find(*row.channel);
    if (found != channels.end()) row.channel_kind = found->second.kind;
  }
  return row;
}

}  // namespace inboxd::model
