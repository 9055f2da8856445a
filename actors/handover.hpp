// From a thread that must not wait to one that may not get to run for a while.
#pragma once

#include <atomic>
#include <chrono>
#include <ctime>
#include <semaphore.h>
#include <utility>
#include <vector>

namespace inboxd::actors {

/// Things in the order in which they were handed over. Neither side ever waits for the other: with
/// a mutex, a taker of low priority that loses its processor while it holds it holds up the giver.
/// A stack that is taken whole and turned round (R. K. Treiber, "Systems Programming: Coping with
/// Parallelism", IBM RJ 5118, 1986). Any thread may give and take.
template <class Thing>
class Handover {
 public:
  Handover() = default;
  Handover(const Handover&) = delete;
  Handover& operator=(const Handover&) = delete;
  ~Handover() { take(); }

  void give(Thing thing) {
    auto* const fresh = new Node{std::move(thing), newest_.load(std::memory_order_relaxed)};
    while (!newest_.compare_exchange_weak(fresh->before, fresh)) {
    }
  }
  /// All that was given and not taken, the oldest first.
  std::vector<Thing> take() {
    Node* oldest = nullptr;
    for (auto* node = newest_.exchange(nullptr); node != nullptr;) {
      auto* const before = std::exchange(node->before, oldest);
      oldest = std::exchange(node, before);
    }
    std::vector<Thing> things;
    while (oldest != nullptr) {
      things.push_back(std::move(oldest->thing));
      delete std::exchange(oldest, oldest->before);
    }
    return things;
  }
  bool empty() const { return newest_.load() == nullptr; }

 private:
  struct Node {
    Thing thing;
    Node* before;
  };
  std::atomic<Node*> newest_{nullptr};
};

/// Wakes who waits, or the next who will. Ringing takes no lock.
class Bell {
 public:
  Bell() { ::sem_init(&rung_, 0, 0); }
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  ~Bell() { ::sem_destroy(&rung_); }

  void ring() { ::sem_post(&rung_); }
  /// May return early.
  void wait_for(std::chrono::milliseconds time) {
    timespec until{};
    ::clock_gettime(CLOCK_MONOTONIC, &until);
    const auto nanoseconds = std::chrono::nanoseconds(time).count() + until.tv_nsec;
    until.tv_sec += nanoseconds / 1'000'000'000;
    until.tv_nsec = nanoseconds % 1'000'000'000;
    ::sem_clockwait(&rung_, CLOCK_MONOTONIC, &until);
  }

 private:
  sem_t rung_{};
};

}  // namespace inboxd::actors
