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
#include "bench/inbox_bench/common_window.hpp"
#include "bench/inbox_bench/driver.hpp"
#include "bench/inbox_bench/live_counters.hpp"
#include "bench/inbox_bench/live_list.hpp"
#include "bench/inbox_bench/periods.hpp"
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
  std::chrono::milliseconds patience{30'000};  // for an answer
  Periods latencies{};                         // from a message's sending to its delta
  CommonWindows windows{};
  std::uint64_t resets = 0;
  client::Clock::time_point last_news = client::Clock::now();  // of any watcher
};

class Watcher {
 public:
  using Look = CommonWindow::Look;

  /// One that looks `fresh` is there to be compared with others: its latencies do not count.
  Watcher(client::Loop& loop, Seat seat, Watching& watching, Look look = Look::by_turns);

  void open();
  /// Leaves without a word.
  void drop() { connection_.drop(); }
  /// What it asked for is here.
  bool ready() const { return has_list_ && (has_counters_ || !seat_.counters); }
  void look(Look look) { look_ = look; }
  /// Asks the server how many deltas it sent since it last gave the whole list; not as many as came
  /// is a failure. `counted` when that was answered.
  void ask_count();
  bool counted() const { return counted_; }
  const LiveList& list() const { return list_; }
  /// "" if its list and counters are those of `truth`, else the difference.
  std::string difference(const Watcher& truth) const;
  const CommonWindow& window() const { return *window_; }
  const Seat& seat() const { return seat_; }
  std::uint64_t received_bytes() const { return connection_.received_bytes(); }
  client::Connection& connection() { return connection_; }

 private:
  void on_text(std::string_view text);
  void subscribe();
  std::string take_result(std::uint64_t id, simdjson::ondemand::object result);
  std::string take_notification(std::string_view method, simdjson::ondemand::object params);
  std::string take_delta(simdjson::ondemand::object params);
  std::string take_count(simdjson::ondemand::object result);
  void on_put(std::string_view row, bool appended);
  bool see(std::uint64_t message);

  Seat seat_;
  Watching& watching_;
  client::Connection connection_;
  bool opened_ = false, has_list_ = false, has_counters_ = false;
  bool counted_ = true;  // nothing is asked
  LiveList list_;
  LiveCounters counters_;
  std::shared_ptr<CommonWindow> window_;
  unsigned number_;  // in the window
  Look look_;
  std::uint64_t since_snapshot_ = 0;  // deltas, since the whole list came
  std::vector<bool> seen_;            // by number of the message
};

/// Opens all, in groups, and waits for their snapshots. Throws std::runtime_error when they do not
/// come.
void open_all(client::Loop& loop, std::vector<std::unique_ptr<Watcher>>& watchers,
              Watching& watching);

/// Waits until nothing changes any more, subscribes afresh for each, and compares the lists, and
/// the deltas that came with those that were sent. True if all agree; what does not is added to the
/// failures.
bool check_lists(client::Loop& loop, std::vector<std::unique_ptr<Watcher>>& watchers,
                 Watching& watching);

/// In words, what `check_lists` and the looks meanwhile found true of so many lists.
std::string lists_checked(const Watching& watching, std::size_t lists);

}  // namespace inboxd::bench
