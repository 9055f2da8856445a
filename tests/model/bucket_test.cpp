#include "model/bucket.hpp"

#include <random>
#include <vector>

#include "tests/support/catch.hpp"

namespace inboxd::model {
namespace {

/// Takes whenever it may, for so long: when.
std::vector<Timestamp> taken(const Throughput& rate, Timestamp from, Duration time) {
  Bucket bucket;
  std::vector<Timestamp> all;
  for (auto now = from; now < from + time;) {
    if (const auto at = bucket.ready_at(rate); at > now) {
      now = at;
      continue;
    }
    bucket.take(rate, now);
    all.push_back(now);
  }
  return all;
}

}  // namespace

TEST_CASE("a bucket lets a burst go at once, and then so many in so long") {
  const auto all = taken({.count = 80, .per = seconds(1), .burst = 80}, {1'000}, seconds(60));
  CHECK(all[79] == Timestamp{1'000});
  CHECK(all[80] > Timestamp{1'000});
  CHECK(all.size() >= 80 + 60 * 80 - 1);
  CHECK(all.size() <= 80 + 60 * 80);
}

TEST_CASE("a rate that does not divide its time is exact over a long time") {
  const auto all = taken({.count = 7, .per = seconds(1), .burst = 1}, {1'000}, hours(1));
  CHECK(all.size() >= 7 * 3600 - 1);
  CHECK(all.size() <= 7 * 3600 + 1);
}

TEST_CASE("in no stretch of time go more than the burst and what the rate gives for it") {
  std::mt19937 random(7);
  const Throughput rate{.count = 5, .per = seconds(1), .burst = 3};
  Bucket bucket;
  std::vector<std::int64_t> all;
  for (Timestamp now{1'000}; now < Timestamp{200'000};
       now = now + Duration{static_cast<std::int64_t>(random() % 300)}) {
    if (bucket.ready_at(rate) > now) continue;
    bucket.take(rate, now);
    all.push_back(now.ms);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = i; j < all.size(); ++j) {
      const auto allowed = 3 + (all[j] - all[i]) * 5 / 1000;
      REQUIRE(static_cast<std::int64_t>(j - i + 1) <= allowed);
    }
  }
}

TEST_CASE("after a silence a bucket is as if new") {
  const Throughput rate{.count = 1, .per = seconds(6), .burst = 2};
  Bucket bucket;
  bucket.take(rate, {10'000});
  bucket.take(rate, {10'000});
  CHECK(bucket.ready_at(rate) == Timestamp{16'000});
  CHECK(bucket.full_at() == Timestamp{22'000});
}

}  // namespace inboxd::model
