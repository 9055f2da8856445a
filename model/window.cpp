// When a platform lets one write (PRODUCT.md §2, S28).
#include <algorithm>

#include "model/decide_parts.hpp"

namespace inboxd::model {
namespace {

WindowState window_for(const Identity& identity, const Channel& channel, Duration length,
                       Timestamp now) {
  const auto& rules = rules_of(channel.kind);
  const bool used_up =
      rules.sends_per_inbound > 0 && identity.sends_since_inbound >= rules.sends_per_inbound;
  if (used_up) return {.open = false, .closes_at = identity.last_send_at};
  if (length.ms == 0) {
    return {.open = !rules.must_have_written || identity.last_inbound_at, .closes_at = {}};
  }
  if (!identity.last_inbound_at) return {.open = false, .closes_at = {}};
  const auto closes_at = *identity.last_inbound_at + length;
  return {.open = now < closes_at, .closes_at = closes_at};
}

/// With `tag: human_agent`, where it counts, longer.
Duration length_for(const Channel& channel, const std::string& tag) {
  const auto length = channel.window_length();
  if (tag.empty() || length.ms == 0) return length;
  return std::max(length, rules_of(channel.kind).tagged_window);
}

}  // namespace

WindowState window_of(const Identity& identity, const Channel& channel, Timestamp now) {
  return window_for(identity, channel, channel.window_length(), now);
}

Checked check_window(const Identity& identity, const Channel& channel, const SendMessage& message,
                     Timestamp now) {
  // Only kinds with templates let one come this far with one.
  if (message.content.type == MessageType::template_) return std::nullopt;
  const auto window = window_for(identity, channel, length_for(channel, message.tag), now);
  if (window.open) return std::nullopt;
  Error error{.reason = Reason::window_closed,
              .message = window.closes_at ? "The channel's window for writing has closed."
                                          : "The customer has not written on this channel yet.",
              .field = "channel"};
  error.window = true;
  error.closed_at = window.closes_at;
  return error;
}

}  // namespace inboxd::model
