// An agent who looks at a view: a session with `view.subscribe`, its list folded from the deltas,
// and the time from a message's sending to its delta.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <simdjson.h>

#include "apps/client/connection.hpp"
#include "bench/inbox_bench/driver.hpp"
#include "bench/inbox_bench/histogram.hpp"
#include "bench/inbox_bench/live_list.hpp"
#include "bench/inbox_bench/seat.hpp"

namespace inboxd::bench {

/// When message number n should have left; of the last million.
class SendTimes {
 public:
  void set(std::uint64_t n, client::Clock::time_point when) { times_[n % kept] = {n, when}; }
  /// Its row will be seen again for other reasons than the message: it is not measured any more.
  void forget(std::uint64_t n) {
    if (times_[n % kept].first == n) times_[n % kept].first = 0;
  }
  /// Nothing when it was too long ago.
  std::optional<client::Clock::time_point> of(std::uint64_t n) const {
    const auto& [number, when] = times_[n % kept];
    return number == n ? std::optional(when) : std::nullopt;
  }

 private:
  static constexpr std::size_t kept = 1 << 20;
  std::vector<std::pair<std::uint64_t, client::Clock::time_point>> times_ =
      std::vector<std::pair<std::uint64_t, client::Clock::time_point>>(kept);
};

/// What all watchers of a run share.
struct Watching {
  const SendTimes& sent;
  Failures& failures;
  Histogram* latencies = nullptr;  // of messages sent since `measure_from`
  client::Clock::time_point measure_from;
  std::uint64_t resets = 0;
  client::Clock::time_point last_news;  // of any watcher
};

class Watcher {
 public:
  Watcher(client::Loop& loop, Seat seat, Watching& watching);

  void open();
  /// The snapshot is here.
  bool ready() const { return state_ == State::watching; }
  const LiveList& list() const { return list_; }
  const Seat& seat() const { return seat_; }
  std::uint64_t received_bytes() const { return connection_.received_bytes(); }
  client::Connection& connection() { return connection_; }

 private:
  enum class State : std::uint8_t { closed, opening, subscribing, watching };

  void on_text(std::string_view text);
  std::string take_result(simdjson::ondemand::object result);
  std::string take_notification(std::string_view method, simdjson::ondemand::object params);
  void on_put(std::string_view row, bool appended);
  bool see(std::uint64_t message);

  Seat seat_;
  Watching& watching_;
  client::Connection connection_;
  State state_ = State::closed;
  LiveList list_;
  std::vector<bool> seen_;  // by number of the message
};

/// Opens all, in groups, and waits for their snapshots. Throws std::runtime_error when they do not
/// come.
void open_all(client::Loop& loop, std::vector<std::unique_ptr<Watcher>>& watchers,
              Failures& failures);

/// Waits until nothing changes any more, subscribes afresh for each, and compares. True if all
/// agree; what does not is added to the failures.
bool check_lists(client::Loop& loop, std::vector<std::unique_ptr<Watcher>>& watchers,
                 Watching& watching);

}  // namespace inboxd::bench
