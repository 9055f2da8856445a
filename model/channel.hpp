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

/// How many messages may go out in how long, and how many at once (bucket.hpp). What a platform
/// allows differs from account to account, so it stands in the channel's record.
struct Throughput {
  std::uint32_t count = 1;  // so many …
  Duration per{1'000};      // … in so long, evenly
  std::uint32_t burst = 1;  // so many at once after a silence
  friend bool operator==(const Throughput&, const Throughput&) = default;
};

/// What becomes of a delivery that a connector could not hand over, or did not report on.
struct Redelivery {
  std::uint32_t attempts = 8;     // after as many it is `failed`
  Duration delay{2'000};          // before the second; doubles with each
  Duration delay_max{600'000};    // at most
  Duration ack_timeout{120'000};  // without a word from the connector; doubles too
  friend bool operator==(const Redelivery&, const Redelivery&) = default;
};

/// `channel.put`: an account on a platform.
struct Channel {
  ChannelId id;
  ChannelKind kind = ChannelKind::custom;
  std::string name;
  std::optional<Duration> window = {};           // overrides the kind's; 0: none
  std::optional<StatusSet> statuses = {};        // overrides the kind's
  std::optional<Throughput> rate = {};           // of the whole channel; absent: no limit
  std::optional<Throughput> customer_rate = {};  // of each customer; absent: no limit
  std::optional<Redelivery> retry = {};          // absent: the defaults above
  bool paused = false;                           // nothing is given to connectors
  /// Present: inboxd serves the channel itself, as webchat, to visitors of pages of these origins
  /// and of its own. Kind `webchat` only.
  std::optional<std::vector<std::string>> origins = {};

  Duration window_length() const { return window ? *window : rules_of(kind).window; }
  StatusSet reports() const { return statuses ? *statuses : rules_of(kind).reports; }
  friend bool operator==(const Channel&, const Channel&) = default;
};

/// The row of the channel's kind, with what its record overrides.
KindRules rules_of(const Channel& channel);

}  // namespace inboxd::model
