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

std::string length_text(Duration length) {
  const auto in = [&](Duration unit) { return length.ms % unit.ms == 0; };
  if (in(hours(1))) return std::to_string(length.ms / hours(1).ms) + " h";
  if (in(minutes(1))) return std::to_string(length.ms / minutes(1).ms) + " min";
  return std::to_string(length.ms) + " ms";
}

/// What an agent can do about it follows from the kind's row.
std::string why_closed(const Identity& identity, const Channel& channel,
                       std::optional<Timestamp> closed_at) {
  const auto rules = rules_of(channel);
  if (!identity.last_inbound_at && !closed_at) {
    return std::string("The customer has not written on this channel yet") +
           (rules.templates ? ": only a template may be sent." : ".");
  }
  if (rules.sends_per_inbound > 0 && identity.sends_since_inbound >= rules.sends_per_inbound) {
    return "The channel's window for writing has closed: " +
           std::to_string(rules.sends_per_inbound) +
           " messages were sent since the customer last wrote.";
  }
  auto text = "The channel's window for writing has closed: " + length_text(rules.window) +
              " after the customer last wrote";
  if (rules.templates) text += " only a template may be sent";
  if (rules.tagged_window > rules.window)
    text += ", or " + length_text(rules.tagged_window) + " with the tag human_agent";
  return text + ".";
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
              .message = why_closed(identity, channel, window.closes_at),
              .field = "channel"};
  error.window = true;
  error.closed_at = window.closes_at;
  return error;
}

}  // namespace inboxd::model
