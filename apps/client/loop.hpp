// One thread's event loop for clients: sockets by epoll, timers with nanosecond deadlines. Written
// for the load generator, which shares its cores with the server that it measures: no allocation
// and no call more than needed between the kernel and the frame. Not thread-safe, but for `stop`.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace inboxd::client {

using Clock = std::chrono::steady_clock;

/// What the loop calls when its descriptor is ready.
class Pollable {
 public:
  virtual void on_ready(std::uint32_t epoll_events) = 0;
  /// Sends what was written since the last call, in one go.
  virtual void flush() = 0;

 protected:
  ~Pollable() = default;
};

class Loop {
 public:
  /// Throws std::system_error when the system has no descriptors left.
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Until `stop`.
  void run();
  /// Until `done`, which is asked after every event; false when the deadline came first, or `stop`.
  bool run_until(const std::function<bool()>& done, Clock::time_point deadline);
  /// Ends the current `run`, and the next if none runs; from any thread.
  void stop();

  /// Timers may be set and cancelled from inside timers. 0 is never an id.
  using TimerId = std::uint64_t;
  TimerId at(Clock::time_point when, std::function<void()> action);
  TimerId after(Clock::duration delay, std::function<void()> action) {
    return at(Clock::now() + delay, std::move(action));
  }
  void cancel(TimerId id);

  // For connections.
  void watch(int fd, std::uint32_t epoll_events, Pollable& who);
  void change(int fd, std::uint32_t epoll_events, Pollable& who);
  /// `who` is not called any more, not even for events that are already here.
  void forget(int fd, Pollable& who);
  /// `who.flush()` is called before the loop waits or turns to the next descriptor.
  void flush_soon(Pollable& who) { dirty_.push_back(&who); }
  /// Room to read into; its content lasts until the next read of any connection.
  std::span<char> scratch() { return scratch_; }

 private:
  void turn();
  void arm_timer();
  void run_timers();
  void flush_dirty();

  int epoll_ = -1;
  int timer_ = -1;
  int wake_up_ = -1;
  std::atomic<bool> stopped_{false};
  std::map<std::pair<Clock::time_point, TimerId>, std::function<void()>> timers_;
  std::map<TimerId, Clock::time_point> timer_times_;
  TimerId last_timer_ = 0;
  Clock::time_point armed_for_ = Clock::time_point::max();
  std::vector<Pollable*> dirty_;
  std::vector<Pollable*> ready_;  // of the current turn, so that `forget` can strike out
  std::string scratch_;
};

}  // namespace inboxd::client
