#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "bench/inbox_bench/agent_work.hpp"

namespace inboxd::bench {
namespace {

constexpr unsigned weight_max = 1'000'000;

}  // namespace

ActMix ActMix::parse(std::string_view text) {
  ActMix mix;
  mix.weights.fill(0);
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const auto equals = std::min(part.find('='), part.size());
    const auto name = std::ranges::find(act_names, part.substr(0, equals));
    const auto number = part.substr(std::min(part.size(), equals + 1));
    unsigned weight = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), weight);
    if (name == act_names.end())
      throw std::invalid_argument("there is no act '" + std::string(part.substr(0, equals)) +
                                  "'; there are reply, read, assign, done, snooze");
    if (read.ec != std::errc{} || read.ptr != number.data() + number.size() || weight > weight_max)
      throw std::invalid_argument("'" + std::string(part) + "' has no weight from 0 to " +
                                  std::to_string(weight_max));
    mix.weights[static_cast<std::size_t>(name - act_names.begin())] = weight;
  }
  if (mix.sum() == 0) throw std::invalid_argument("no act has a weight above 0");
  return mix;
}

std::string ActMix::str() const {
  std::string text;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    text.append(text.empty() ? "" : ",").append(act_names[i]).append("=");
    text += std::to_string(weights[i]);
  }
  return text;
}

unsigned ActMix::sum() const {
  return std::accumulate(weights.begin(), weights.end(), 0U);
}

double ActMix::share(std::size_t act) const {
  return static_cast<double>(weights[act]) / sum();
}

Act ActMix::of(unsigned dice) const {
  std::size_t act = 0;
  for (; act + 1 < weights.size() && dice >= weights[act]; ++act) dice -= weights[act];
  return static_cast<Act>(act);
}

std::string AgentWork::difference_to_mix() const {
  constexpr double deviations_max = 5;  // one run in two million is further off by chance
  double all = 0;
  for (const auto& count : counts_) all += static_cast<double>(count.done + count.conflicts);
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const auto got = static_cast<double>(counts_[i].done + counts_[i].conflicts);
    const double share = plan_.mix.share(i);
    const double deviation = std::sqrt(all * share * (1 - share));
    if (std::abs(got - all * share) <= deviations_max * deviation + 1) continue;
    return std::string(act_names[i]) + " was done " + std::to_string(static_cast<long>(got)) +
           " times of " + std::to_string(static_cast<long>(all)) + ", not " +
           std::to_string(static_cast<long>(all * share));
  }
  return "";
}

}  // namespace inboxd::bench
