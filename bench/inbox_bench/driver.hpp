// Drives one kind of request over many connections of one loop: closed loop (each connection keeps
// so many in flight) or open loop (a fixed rate; latency counts from the time at which a request
// should have left, so that a server that stalls cannot hide it by stalling the generator).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "apps/client/connection.hpp"
#include "bench/inbox_bench/periods.hpp"

namespace inboxd::bench {

/// What went wrong, the first few in words.
class Failures {
 public:
  void add(std::string text) {
    if (++count_ <= shown) texts_.push_back(std::move(text));
  }
  std::uint64_t count() const { return count_; }
  /// The texts, and how many more there were.
  std::vector<std::string> texts() const;

 private:
  static constexpr std::uint64_t shown = 10;
  std::vector<std::string> texts_;
  std::uint64_t count_ = 0;
};

/// One kind of request.
class Work {
 public:
  virtual ~Work() = default;
  /// Appends the request `id` to `frame`. `subject` is kept with it until it is answered. `when` is
  /// the time from which its latency counts.
  virtual void write(std::string& frame, std::uint64_t id, std::uint32_t& subject,
                     client::Clock::time_point when) = 0;
  /// Reads an answer and says which request it belongs to; nothing if it is none.
  virtual std::optional<std::uint64_t> read(std::string_view text) = 0;
  /// The answer just read was to a request of this subject.
  virtual void answered(std::uint32_t subject) = 0;
};

class Driver {
 public:
  struct Target {
    client::Url url;
    std::function<std::string(unsigned connection)> token;  // empty: the server has no sessions
    std::chrono::milliseconds patience{30'000};             // for an answer
  };

  Driver(client::Loop& loop, Work& work, unsigned connections, Target target, Failures& failures);
  ~Driver();

  /// Connects all and opens their sessions. Throws std::runtime_error when that fails.
  void open();

  /// Sends `count` requests, `depth` in flight on each connection, and waits for the answers.
  void do_all(std::uint64_t count, unsigned depth);

  /// `think` is the mean time (exponentially distributed) between an answer and the next request,
  /// and before the first.
  void start_closed(unsigned depth, client::Clock::duration think = {});
  /// Requests a second, at a fixed rate or as the function says of the seconds since now.
  void start_open(double per_s) {
    start_open([per_s](double) { return per_s; });
  }
  using Rate = std::function<double(double seconds)>;
  void start_open(Rate per_s);
  /// No new requests, and waits for the answers to those on their way; what does not come in time
  /// is a failure.
  void stop();

  /// The latencies of requests that are due from now on are counted here, whenever they are
  /// answered (null: nowhere). `latencies` must last until `stop`.
  void measure(Histogram* latencies) { periods_.begin(latencies); }
  std::uint64_t answered() const { return answered_; }

 private:
  struct Slot {
    std::uint64_t id = 0;  // 0: free
    client::Clock::time_point when;
    std::uint32_t subject = 0;
  };
  struct Sender;

  void on_text(Sender& sender, std::string_view text);
  void send(Sender& sender, client::Clock::time_point when);
  void offer(Sender& sender, client::Clock::time_point when);
  void send_due();
  client::Clock::time_point next_due() const;
  void after_answer(Sender& sender, client::Clock::time_point now);
  void send_later(Sender& sender, client::Clock::time_point now);
  bool idle() const;

  client::Loop& loop_;
  Work& work_;
  Target target_;
  Failures& failures_;
  std::vector<std::unique_ptr<Sender>> senders_;
  std::size_t ready_ = 0;
  std::uint64_t left_ = 0;  // requests that closed loops may still send
  unsigned depth_ = 0;
  std::exponential_distribution<double> think_s_;
  bool thinks_ = false;
  std::minstd_rand random_;
  Rate per_s_;  // none: closed
  client::Clock::time_point open_since_, due_;
  std::uint64_t offered_ = 0;  // since open_since_
  client::Loop::TimerId timer_ = 0;
  Periods periods_;
  std::uint64_t answered_ = 0;
  std::string frame_;
};

}  // namespace inboxd::bench
