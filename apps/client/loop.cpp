#include "apps/client/loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <system_error>
#include <unistd.h>

namespace inboxd::client {
namespace {

constexpr std::size_t scratch_bytes = std::size_t{256} * 1024;
constexpr int events_per_turn = 128;

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

void drain(int fd) {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto size = ::read(fd, &count, sizeof count);
}

}  // namespace

Loop::Loop()
    : epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      timer_(checked(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd")),
      wake_up_(checked(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")),
      scratch_(scratch_bytes, '\0') {
  for (int* fd : {&timer_, &wake_up_}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = fd;
    checked(::epoll_ctl(epoll_, EPOLL_CTL_ADD, *fd, &event), "epoll_ctl");
  }
}

Loop::~Loop() {
  ::close(wake_up_);
  ::close(timer_);
  ::close(epoll_);
}

void Loop::run() {
  while (!stopped_.exchange(false)) turn();
}

bool Loop::run_until(const std::function<bool()>& done, Clock::time_point deadline) {
  bool late = false;
  const TimerId alarm = at(deadline, [&] { late = true; });
  while (!done() && !late && !stopped_) turn();
  cancel(alarm);
  return done();
}

void Loop::stop() {
  stopped_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto size = ::write(wake_up_, &one, sizeof one);
}

Loop::TimerId Loop::at(Clock::time_point when, std::function<void()> action) {
  const TimerId id = ++last_timer_;
  timers_.emplace(std::pair(when, id), std::move(action));
  timer_times_.emplace(id, when);
  return id;
}

void Loop::cancel(TimerId id) {
  const auto found = timer_times_.find(id);
  if (found == timer_times_.end()) return;
  timers_.erase({found->second, id});
  timer_times_.erase(found);
}

void Loop::watch(int fd, std::uint32_t epoll_events, Pollable& who) {
  epoll_event event{};
  event.events = epoll_events;
  event.data.ptr = &who;
  checked(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event), "epoll_ctl add");
}

void Loop::change(int fd, std::uint32_t epoll_events, Pollable& who) {
  epoll_event event{};
  event.events = epoll_events;
  event.data.ptr = &who;
  checked(::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event), "epoll_ctl mod");
}

void Loop::forget(int fd, Pollable& who) {
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  std::ranges::replace(ready_, &who, static_cast<Pollable*>(nullptr));
  std::ranges::replace(dirty_, &who, static_cast<Pollable*>(nullptr));
}

void Loop::turn() {
  flush_dirty();
  arm_timer();
  std::array<epoll_event, events_per_turn> events;
  const int count = ::epoll_wait(epoll_, events.data(), events_per_turn, -1);
  if (count < 0 && errno != EINTR) checked(count, "epoll_wait");

  ready_.clear();
  for (int i = 0; i < count; ++i) {
    void* who = events[static_cast<std::size_t>(i)].data.ptr;
    const bool own = who == &timer_ || who == &wake_up_;
    if (own) drain(*static_cast<int*>(who));
    if (who == &timer_) armed_for_ = Clock::time_point::max();
    ready_.push_back(own ? nullptr : static_cast<Pollable*>(who));
  }
  for (std::size_t i = 0; i < ready_.size(); ++i) {
    if (ready_[i] == nullptr) continue;
    ready_[i]->on_ready(events[i].events);
    flush_dirty();  // before the next, so that the server works while we read on
  }
  // Last, so that whoever waits for one sees that it ran before the next wait, which may have no
  // end.
  run_timers();
}

void Loop::arm_timer() {
  if (timers_.empty()) return;
  const auto when = timers_.begin()->first.first;
  if (when == armed_for_) return;
  armed_for_ = when;
  // Zero would disarm it; a time that has passed fires at once.
  const auto ns = std::max<std::int64_t>(
      1, std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count());
  itimerspec spec{};
  spec.it_value.tv_sec = ns / 1'000'000'000;
  spec.it_value.tv_nsec = ns % 1'000'000'000;
  checked(::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &spec, nullptr), "timerfd_settime");
}

void Loop::run_timers() {
  if (timers_.empty()) return;
  const auto now = Clock::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto node = timers_.extract(timers_.begin());
    timer_times_.erase(node.key().second);
    node.mapped()();
  }
}

void Loop::flush_dirty() {
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    if (dirty_[i] != nullptr) dirty_[i]->flush();
  }
  dirty_.clear();
}

}  // namespace inboxd::client
