#include "bench/inbox_bench/checkpoints.hpp"

namespace inboxd::bench {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds pause_max{600};    // between two
constexpr milliseconds look_every{50};    // whether the two were compared
constexpr milliseconds follow_max{3000};  // a list in which nothing happens is left

}  // namespace

void Checkpoints::start() {
  if (watchers_.empty()) return;
  later(milliseconds(random_() % pause_max.count()), &Checkpoints::begin);
}

void Checkpoints::later(milliseconds time, void (Checkpoints::*what)()) {
  timer_ = loop_.after(time, [this, what] { (this->*what)(); });
}

void Checkpoints::begin() {
  followed_ = watchers_[random_() % watchers_.size()].get();
  compared_before_ = followed_->window().compared_fresh();
  fresh_ = std::make_unique<Watcher>(loop_, followed_->seat(), watching_, Watcher::Look::fresh);
  followed_->look(Watcher::Look::followed);
  fresh_->open();
  give_up_ = client::Clock::now() + follow_max;
  later(look_every, &Checkpoints::look);
}

void Checkpoints::look() {
  if (followed_->window().compared_fresh() == compared_before_ && client::Clock::now() < give_up_)
    return later(look_every, &Checkpoints::look);
  end();
  start();
}

void Checkpoints::end() {
  if (!fresh_) return;
  followed_->look(Watcher::Look::by_turns);
  fresh_->drop();
  fresh_.reset();
}

void Checkpoints::stop() {
  loop_.cancel(timer_);
  end();
}

}  // namespace inboxd::bench
