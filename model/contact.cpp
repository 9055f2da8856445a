#include "model/contact.hpp"

#include <tuple>

#include "model/limits.hpp"
#include "model/text.hpp"

namespace inboxd::model {
namespace {

auto state_of(const Contact& c) {
  return std::tie(c.id, c.version, c.changed_at, c.created_at, *c.details, c.tags, c.priority,
                  c.identities, c.status, c.assignment, c.snooze, c.blocked, c.conversation,
                  c.merged_into, c.merged_base);
}

auto timeline_of(const Contact& c) {
  return std::tie(c.last_seq, c.read_seq, c.unread, c.last_inbound_seq, c.answered_seq,
                  c.last_inbound_channel, c.last_inbound_at, c.last_outbound_at, c.sort_at,
                  c.waiting_since, c.last_message);
}

}  // namespace

const Identity* Contact::identity(const ChannelId& channel) const {
  const Identity* found = nullptr;
  for (const auto& one : identities) {
    if (one.channel != channel) continue;
    if (found == nullptr || one.last_inbound_at > found->last_inbound_at) found = &one;
  }
  return found;
}

std::optional<ChannelId> Contact::current_channel() const {
  if (last_inbound_channel) return last_inbound_channel;
  if (!identities.empty()) return identities.front().channel;
  return std::nullopt;
}

bool operator==(const Contact& a, const Contact& b) {
  return state_of(a) == state_of(b) && timeline_of(a) == timeline_of(b);
}

std::string display_name(const Details& details, const std::vector<Identity>& identities) {
  const auto both = details.first_name + ' ' + details.last_name;
  if (const auto name = trimmed(both); !name.empty()) return std::string(name);
  if (!details.phone.empty()) return details.phone;
  if (!details.email.empty()) return details.email;
  return identities.empty() ? std::string() : identities.front().external_id;
}

std::string preview_of(std::string_view text) {
  return squeezed(text, limits::preview_code_points);
}

}  // namespace inboxd::model
