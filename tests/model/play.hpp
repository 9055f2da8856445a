// Random plays for the properties: a play is a list of small steps, each a command on one of two
// contacts, with an oracle that says beforehand, from the naive model, what must come of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/model/scene.hpp"

namespace inboxd::model {

struct Step {
  std::uint8_t what = 0;  // which command
  std::uint8_t who = 0;   // by whom, on which contact
  std::uint8_t a = 0, b = 0;
};

std::vector<Step> random_play(std::uint64_t seed);

/// Plays it all; the first thing that is not as it must be, in words.
std::optional<std::string> failure_of(const std::vector<Step>& play);

/// A shortest play that still fails, by leaving out steps one by one.
std::vector<Step> shrunk(std::vector<Step> play);
std::string describe(const std::vector<Step>& play);

}  // namespace inboxd::model
