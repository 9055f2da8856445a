// Messages out through one connector, with three statuses each that come back out of order.
// Scenario `outbox`.
#pragma once

#include "bench/inbox_bench/report.hpp"
#include "bench/inbox_bench/target.hpp"

namespace inboxd::bench {

struct OutboxOptions {
  TargetOptions target;
  std::uint32_t contacts = 5'000;
  std::uint32_t messages = 50'000;  // in all, to contacts in turn
  unsigned depth = 128;             // closed loop: sends not answered yet
  double rate = 0;                  // open loop: messages a second; 0: closed loop
  unsigned held = 1'000;            // deliveries that the connector has at once
  std::size_t text_bytes = 300;
  bool late = false;  // the connector comes only when all is written
  std::uint64_t seed = 1;
};

Report run_outbox(const OutboxOptions& options);

}  // namespace inboxd::bench
