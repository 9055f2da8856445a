// A client's copy of the counters of its views: folded from the answer and the deltas, checking
// each step. No socket.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <simdjson.h>

namespace inboxd::bench {

class LiveCounters {
 public:
  // Each returns "" or what is wrong with it.
  std::string take_snapshot(simdjson::ondemand::object result);
  std::string take_delta(simdjson::ondemand::object params);

  /// "" if both hold the same counters of the same views, else the difference.
  std::string difference(const LiveCounters& truth) const;

 private:
  std::string fold(simdjson::ondemand::object members);
  std::string take(std::string view, simdjson::ondemand::value value);

  using Counters = std::map<std::string, std::int64_t>;  // by name
  std::map<std::string, Counters> views_;
  std::uint64_t offset_ = 0;
};

}  // namespace inboxd::bench
