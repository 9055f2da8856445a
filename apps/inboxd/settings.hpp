// What inboxd can be told: by options, INBOXD_… in the environment, and a TOML file, in this order
// of precedence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/engine.hpp"
#include "net/options.hpp"

namespace inboxd::app {

struct Settings {
  actors::EngineOptions engine;
  net::Options net;
  std::vector<std::string> token_keys;  // KID=FILE
  bool demo = false;
  std::uint32_t demo_contacts = 320;
  double demo_pace = 1;
  std::string log_level = "info";
  std::string log_format = "text";
};

/// Nothing: the process should end with `exit_code`, and what had to be said was said (help, a
/// wrong option).
std::optional<Settings> read_settings(int argc, const char* const* argv, int& exit_code);

}  // namespace inboxd::app
