#include "persistence/crash_point.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

namespace inboxd::persistence {
namespace {

struct Wanted {
  std::string name;  // empty: none
  int times = 1;
};

Wanted wanted_from(const char* text) {
  Wanted wanted;
  if (text == nullptr) return wanted;
  wanted.name = text;
  if (const auto colon = wanted.name.find(':'); colon != std::string::npos) {
    wanted.times = std::atoi(wanted.name.c_str() + colon + 1);
    wanted.name.resize(colon);
  }
  return wanted;
}

struct Hold {
  std::string name, file;
};

Hold hold_from(const char* text) {
  Hold hold;
  if (text == nullptr) return hold;
  hold.name = text;
  const auto colon = hold.name.find(':');
  if (colon == std::string::npos) return {};
  hold.file = hold.name.substr(colon + 1);
  hold.name.resize(colon);
  return hold;
}

void wait_for_file(const std::string& file) {
  constexpr std::chrono::milliseconds between_looks{5};
  std::error_code ignored;
  while (!std::filesystem::exists(file, ignored)) std::this_thread::sleep_for(between_looks);
}

}  // namespace

void crash_point(std::string_view name) {
  static const Wanted wanted = wanted_from(std::getenv("INBOXD_CRASH_AT"));
  static std::atomic<int> times{0};
  static const Hold hold = hold_from(std::getenv("INBOXD_HOLD_AT"));
  if (!hold.name.empty() && name == hold.name) wait_for_file(hold.file);
  if (wanted.name.empty() || name != wanted.name) return;
  if (++times == wanted.times) std::raise(SIGKILL);
}

}  // namespace inboxd::persistence
