// What the simulated customers write: cheap to make, the same for the same seed.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace inboxd::bench {

class Texts {
 public:
  explicit Texts(std::uint64_t seed);

  /// `bytes` of words in one line, ASCII without anything that JSON escapes; valid while this
  /// lives. `bytes` ≤ 16 KiB.
  std::string_view next(std::size_t bytes);

 private:
  std::string pool_;
  std::minstd_rand random_;
};

}  // namespace inboxd::bench
