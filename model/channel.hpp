// Channels: the kinds of platform, what each allows and reports (PRODUCT.md §2), and a workspace's
// channel records.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.hpp"
#include "model/time.hpp"

namespace inboxd::model {

enum class ChannelKind : std::uint8_t {
  whatsapp,
  messenger,
  instagram,
  telegram,
  line,
  viber,
  wechat,
  sms,
  email,
  webchat,
  custom,
};
inline constexpr std::size_t channel_kinds = 11;
std::string_view name_of(ChannelKind kind);
std::optional<ChannelKind> channel_kind_of(std::string_view name);

/// How far a message got, in rank order: `failed` is shown only while nothing higher was reported.
enum class Status : std::uint8_t { pending, failed, sent, delivered, read };
std::string_view name_of(Status status);
std::optional<Status> status_of(std::string_view name);

/// A set of statuses, one bit each.
struct StatusSet {
  std::uint8_t bits = 0;
  constexpr bool has(Status s) const { return (bits >> static_cast<unsigned>(s) & 1U) != 0; }
  constexpr StatusSet with(Status s) const {
    return {static_cast<std::uint8_t>(bits | 1U << static_cast<unsigned>(s))};
  }
  friend bool operator==(const StatusSet&, const StatusSet&) = default;
};

/// One row of the two tables of PRODUCT.md §2.
struct KindRules {
  ChannelKind kind;
  Duration window;                  // after the customer's last inbound message; 0: none
  Duration tagged_window;           // with `tag: human_agent`; 0: the tag does not count
  bool templates;                   // `type: template` exists, and passes a closed window
  bool must_have_written;           // the customer has to write first
  std::uint32_t sends_per_inbound;  // accepted sends after each inbound message; 0: no limit
  StatusSet reports;
};
const KindRules& rules_of(ChannelKind kind);

/// `channel.put`: an account on a platform.
struct Channel {
  ChannelId id;
  ChannelKind kind = ChannelKind::custom;
  std::string name;
  std::optional<Duration> window;     // overrides the kind's; 0: none
  std::optional<StatusSet> statuses;  // overrides the kind's

  Duration window_length() const { return window ? *window : rules_of(kind).window; }
  StatusSet reports() const { return statuses ? *statuses : rules_of(kind).reports; }
  friend bool operator==(const Channel&, const Channel&) = default;
};

}  // namespace inboxd::model
