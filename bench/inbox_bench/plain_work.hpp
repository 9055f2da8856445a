// Requests of which nothing is known afterwards but that they were answered with a result.
#pragma once

#include <simdjson.h>

#include "bench/inbox_bench/driver.hpp"

namespace inboxd::bench {

class PlainWork : public Work {
 public:
  explicit PlainWork(Failures& failures) : failures_(failures) {}

  std::optional<std::uint64_t> read(std::string_view text) final;
  void answered(std::uint32_t) final {}

 private:
  Failures& failures_;
  simdjson::dom::parser parser_;
};

}  // namespace inboxd::bench
