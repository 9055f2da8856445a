// One customer-facing connector and one agent, doing what they do until the connection breaks.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "tests/crash/ledger.hpp"
#include "tests/support/server.hpp"

namespace inboxd::tests {

inline constexpr const char* channel = "web-1";

class Load {
 public:
  Load(const Server& server, Ledger& ledger, int number, std::uint64_t seed, std::uint64_t life);

  /// Until the engine is gone.
  void run();

 private:
  void step();
  void customer_writes();
  void customer_writes_a_lot();
  void agent_writes(const std::string& contact);
  void agent_handles(const std::string& contact);
  void agent_merges(const std::string& contact);
  void agent_creates();
  Json inbound(const std::string& customer);
  std::string customer();

  Ledger& ledger_;
  std::mt19937_64 random_;
  std::uint64_t life_;
  std::string prefix_;
  std::uint64_t last_ = 0;
  RpcClient connector_, agent_;
};

}  // namespace inboxd::tests
