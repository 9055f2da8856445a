// What agents do all day: answer, read, assign, close, snooze, in believable ratios.
#pragma once

#include <functional>
#include <random>
#include <string>

#include <simdjson.h>

#include "bench/inbox_bench/driver.hpp"
#include "bench/inbox_bench/texts.hpp"

namespace inboxd::bench {

class AgentWork final : public Work {
 public:
  struct Plan {
    std::uint32_t contacts = 0;
    unsigned agents = 0;
    std::size_t text_bytes = 300;
    std::uint64_t seed = 1;
    /// The id of the n-th, on which an agent acts now.
    std::function<const std::string&(std::uint32_t)> contact;
  };

  AgentWork(Plan plan, Failures& failures)
      : plan_(std::move(plan)),
        failures_(failures),
        texts_(plan_.seed + 1),
        random_(plan_.seed + 1) {}

  void write(std::string& frame, std::uint64_t id, std::uint32_t& subject,
             client::Clock::time_point when) override;
  std::optional<std::uint64_t> read(std::string_view text) override;
  void answered(std::uint32_t) override {}

  /// Commands refused because the contact had changed, as it happens to people.
  std::uint64_t conflicts() const { return conflicts_; }

 private:
  void write_params(std::string& out, unsigned dice, const std::string& contact);

  Plan plan_;
  Failures& failures_;
  Texts texts_;
  std::mt19937_64 random_;
  simdjson::dom::parser parser_;
  std::uint64_t conflicts_ = 0;
};

}  // namespace inboxd::bench
