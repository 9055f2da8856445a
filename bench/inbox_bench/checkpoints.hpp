// While a run is measured: at random moments a client subscribes afresh where one of the watchers
// sits, and the two lists must be alike at the next offset that both are told of. One at a time, so
// that it costs nobody anything that shows.
#pragma once

#include <memory>
#include <random>
#include <vector>

#include "bench/inbox_bench/watcher.hpp"

namespace inboxd::bench {

class Checkpoints {
 public:
  Checkpoints(client::Loop& loop, std::vector<std::unique_ptr<Watcher>>& watchers,
              Watching& watching, std::uint64_t seed)
      : loop_(loop), watchers_(watchers), watching_(watching), random_(seed) {}
  ~Checkpoints() { stop(); }
  Checkpoints(const Checkpoints&) = delete;
  Checkpoints& operator=(const Checkpoints&) = delete;

  void start();
  void stop();

 private:
  void begin();
  void look();
  void end();
  void later(std::chrono::milliseconds time, void (Checkpoints::*what)());

  client::Loop& loop_;
  std::vector<std::unique_ptr<Watcher>>& watchers_;
  Watching& watching_;
  std::minstd_rand random_;
  client::Loop::TimerId timer_ = 0;
  Watcher* followed_ = nullptr;
  std::unique_ptr<Watcher> fresh_;
  std::uint64_t compared_before_ = 0;
  client::Clock::time_point give_up_;
};

}  // namespace inboxd::bench
