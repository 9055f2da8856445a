// What agents do all day: answer, read, assign, close, snooze, in believable ratios.
#pragma once

#include <array>
#include <functional>
#include <random>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "bench/inbox_bench/driver.hpp"
#include "bench/inbox_bench/texts.hpp"

namespace inboxd::bench {

enum class Act : std::uint8_t { reply, read, assign, done, snooze };
constexpr std::array<std::string_view, 5> act_names{"reply", "read", "assign", "done", "snooze"};
constexpr std::array<std::string_view, 5> act_methods{
    "message.send", "contact.read", "contact.assign", "contact.done", "contact.snooze"};

/// How often each is done, by weight.
struct ActMix {
  std::array<unsigned, act_names.size()> weights{55, 20, 10, 10, 5};

  /// `reply=55,read=20`: what is not named is not done. Throws std::invalid_argument.
  static ActMix parse(std::string_view text);
  std::string str() const;
  /// Of all acts.
  double share(std::size_t act) const;
  /// Which act a number below the sum of the weights stands for.
  Act of(unsigned dice) const;
  unsigned sum() const;
};

class AgentWork final : public Work {
 public:
  struct Plan {
    std::uint32_t contacts = 0;
    unsigned agents = 0;
    std::size_t text_bytes = 300;
    std::uint64_t seed = 1;
    ActMix mix{};
    /// The id of the n-th, on which an agent acts now.
    std::function<const std::string&(std::uint32_t)> contact;
  };
  struct Count {
    std::uint64_t done = 0;
    std::uint64_t conflicts =
        0;  // refused because the contact had changed, as it happens to people
  };

  AgentWork(Plan plan, Failures& failures)
      : plan_(std::move(plan)),
        failures_(failures),
        texts_(plan_.seed + 1),
        random_(plan_.seed + 1) {}

  void write(std::string& frame, std::uint64_t id, std::uint32_t& subject,
             client::Clock::time_point when) override;
  std::optional<std::uint64_t> read(std::string_view text) override;
  void answered(std::uint32_t subject) override;

  const std::array<Count, act_names.size()>& counts() const { return counts_; }
  /// "" if what was answered is what the mix asks for, as far as chance allows, else what is not.
  std::string difference_to_mix() const;

 private:
  void write_params(std::string& out, Act act, const std::string& contact);

  Plan plan_;
  Failures& failures_;
  Texts texts_;
  std::mt19937_64 random_;
  simdjson::dom::parser parser_;
  std::array<Count, act_names.size()> counts_{};
  bool conflict_ = false;  // the answer just read
};

}  // namespace inboxd::bench
