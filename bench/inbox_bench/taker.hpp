// A connector that takes what agents write and reports it `sent` at once, so that nothing gathers
// in the outbox of a long run.
#pragma once

#include <cstdint>
#include <string>

#include <simdjson.h>

#include "apps/client/rpc.hpp"
#include "bench/inbox_bench/driver.hpp"

namespace inboxd::bench {

class Taker {
 public:
  Taker(client::Loop& loop, Failures& failures);

  void open(const client::Url& url, std::string token) { rpc_.open(url, std::move(token)); }
  /// It is subscribed.
  bool ready() const { return ready_; }
  /// Each delivery's report is answered.
  bool idle() const { return in_flight_ == 0; }
  std::uint64_t taken() const { return taken_; }

 private:
  void subscribe();
  void take(simdjson::dom::element params);

  Failures& failures_;
  client::Rpc rpc_;
  bool ready_ = false;
  std::uint64_t in_flight_ = 0, taken_ = 0;
};

}  // namespace inboxd::bench
