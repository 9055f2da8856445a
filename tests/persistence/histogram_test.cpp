#include "persistence/histogram.hpp"

#include <cstdint>

#include "tests/support/catch.hpp"

using inboxd::persistence::Histogram;
using inboxd::persistence::HistogramCounts;

TEST_CASE("A histogram's bucket n takes what is above 2^(n-1) and up to 2^n") {
  Histogram histogram;
  for (const std::uint64_t value : {0, 1, 2, 3, 4, 5, 8, 9}) histogram.record(value);
  const auto counts = histogram.counts();
  CHECK(counts.by_size[0] == 2);  // 0, 1
  CHECK(counts.by_size[1] == 1);  // 2
  CHECK(counts.by_size[2] == 2);  // 3, 4
  CHECK(counts.by_size[3] == 2);  // 5, 8
  CHECK(counts.by_size[4] == 1);  // 9
  CHECK(counts.sum == 32);
}

TEST_CASE("A histogram's last bucket takes all that is larger") {
  Histogram histogram;
  histogram.record(std::uint64_t{1} << 22);
  histogram.record((std::uint64_t{1} << 23) + 1);
  histogram.record(std::uint64_t{1} << 50);
  const auto counts = histogram.counts();
  CHECK(counts.by_size[HistogramCounts::buckets - 2] == 1);
  CHECK(counts.by_size[HistogramCounts::buckets - 1] == 2);
}
