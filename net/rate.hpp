// A token bucket: so many a second, a second's worth at once.
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/time.hpp"

namespace inboxd::net {

class Rate {
 public:
  explicit Rate(std::size_t per_s) : per_s_(static_cast<double>(per_s)), left_(per_s_) {}

  /// False when there is nothing left; `wait()` says for how long.
  bool take(model::Timestamp now) {
    if (now > at_) {
      left_ = std::min(per_s_, left_ + per_s_ * static_cast<double>(now.ms - at_.ms) / 1000);
      at_ = now;
    }
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }
  model::Duration wait() const {
    return {static_cast<std::int64_t>((1 - left_) * 1000 / per_s_) + 1};
  }
  bool full(model::Timestamp now) const { return now.ms - at_.ms >= 1000; }

 private:
  double per_s_;
  double left_;
  model::Timestamp at_;
};

}  // namespace inboxd::net
