// One of a crowd: a session with its subscriptions, which can be cut off and come back where it
// was.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "apps/client/connection.hpp"
#include "bench/inbox_bench/driver.hpp"
#include "bench/inbox_bench/histogram.hpp"
#include "bench/inbox_bench/live_counters.hpp"
#include "bench/inbox_bench/live_list.hpp"
#include "bench/inbox_bench/seat.hpp"

namespace inboxd::bench {

/// What all members share.
struct Crowd {
  Failures& failures;
  std::uint64_t live = 0;  // members whose subscriptions are all answered
  std::uint64_t recovered = 0, afresh = 0;
  Histogram* times = nullptr;  // from a member's connect to its being live
  client::Clock::time_point last_news;
};

class CrowdMember {
 public:
  CrowdMember(client::Loop& loop, Seat seat, Crowd& crowd);

  /// Connects and subscribes; with a list from before, resumes it.
  void connect();
  /// The connection breaks, as when a network goes.
  void cut();
  bool live() const { return live_; }
  /// "" if its list and counters are those of `truth`, else the difference.
  std::string difference(const CrowdMember& truth) const;
  const Seat& seat() const { return seat_; }

 private:
  void ask();
  void on_text(std::string_view text);
  std::string take_notification(std::string_view method, simdjson::ondemand::object params);
  std::string take_answer(std::uint64_t id, simdjson::ondemand::object result);
  std::string take_list(simdjson::ondemand::object result);

  Seat seat_;
  Crowd& crowd_;
  client::Connection connection_;
  LiveList list_;
  LiveCounters counters_;
  std::string epoch_;  // empty: never subscribed
  client::Clock::time_point connected_at_;
  unsigned answers_ = 0;
  bool live_ = false;
};

}  // namespace inboxd::bench
