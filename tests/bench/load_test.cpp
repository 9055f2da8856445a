// When requests are due, what agents do, and what the histograms say of it.
#include <algorithm>
#include <cmath>
#include <random>

#include "bench/inbox_bench/agent_work.hpp"
#include "bench/inbox_bench/day.hpp"
#include "bench/inbox_bench/periods.hpp"
#include "tests/support/catch.hpp"

namespace inboxd::bench {
namespace {

using namespace std::chrono_literals;

}  // namespace

TEST_CASE(
    "a day's rates have the mean that was asked for, their low at night and their peak before "
    "noon") {
  constexpr int steps = 24'000;
  double sum = 0, highest = 0, peak = 0;
  for (int i = 0; i < steps; ++i) {
    const double share = (i + 0.5) / steps;
    const double rate = daily_curve(share);
    sum += rate;
    if (rate > highest) {
      highest = rate;
      peak = share * 24;
    }
  }
  CHECK(std::abs(sum / steps - 1) < 1e-3);
  CHECK(peak > 9);
  CHECK(peak < 12);
  CHECK(highest > 2);
  CHECK(daily_curve(3.0 / 24) < 0.1);
  CHECK(daily_curve(0) == Approx(daily_curve(1)));
}

TEST_CASE("what a histogram got since an earlier look is what was recorded meanwhile") {
  std::mt19937_64 random(7);
  std::exponential_distribution<double> ns(1e-6);
  Histogram all, meanwhile;
  const auto record = [&] {
    const std::chrono::nanoseconds value(static_cast<std::int64_t>(ns(random)));
    all.record(value);
    return value;
  };
  for (int i = 0; i < 1000; ++i) record();
  all.record(1h);  // the largest, before
  const Histogram earlier = all;
  for (int i = 0; i < 500; ++i) meanwhile.record(record());
  const auto since = all.since(earlier);
  CHECK(since.count() == 500);
  CHECK(since.mean() == meanwhile.mean());
  for (const double percent : {50.0, 99.0})
    CHECK(since.percentile(percent) == meanwhile.percentile(percent));
  CHECK(static_cast<double>(since.max().count()) ==
        Approx(static_cast<double>(meanwhile.max().count())).epsilon(1e-3));
  CHECK(all.since(all).count() == 0);
}

TEST_CASE("percentiles are those of the sorted values, to a thousandth") {
  const auto seed = GENERATE(1U, 2U, 3U);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> ns(13, 2);
  Histogram histogram;
  std::vector<std::int64_t> values;
  for (int i = 0; i < 5000; ++i) {
    values.push_back(static_cast<std::int64_t>(ns(random)));
    histogram.record(std::chrono::nanoseconds(values.back()));
  }
  std::ranges::sort(values);
  for (const double percent : {1.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * 5000)) - 1;
    const auto truth = static_cast<double>(values[rank]);
    CHECK(static_cast<double>(histogram.percentile(percent).count()) ==
          Approx(truth).epsilon(1e-3));
  }
  CHECK(histogram.count() == 5000);
  CHECK(histogram.max().count() == values.back());
}

TEST_CASE(
    "a latency counts in the part of the run in which its request was due, whenever it ends") {
  Histogram first, second;
  Periods periods;
  const Periods::Clock::time_point start{};
  periods.record(start + 1ms, start + 2ms);  // before any part
  periods.begin(&first, start + 10ms);
  periods.begin(&second, start + 20ms);
  periods.begin(nullptr, start + 30ms);
  periods.record(start + 19ms, start + 90ms);
  periods.record(start + 20ms, start + 21ms);
  periods.record(start + 31ms, start + 32ms);
  periods.record(start + 5ms, start + 15ms);
  CHECK(first.count() == 1);
  CHECK(first.max() == 71ms);
  CHECK(second.count() == 1);
}

TEST_CASE("the mix of acts is read as it is written, and what is not one is said") {
  const auto mix = ActMix::parse("reply=3,snooze=1");
  CHECK(mix.str() == "reply=3,read=0,assign=0,done=0,snooze=1");
  CHECK(mix.share(0) == Approx(0.75));
  CHECK(mix.of(0) == Act::reply);
  CHECK(mix.of(2) == Act::reply);
  CHECK(mix.of(3) == Act::snooze);
  CHECK_THROWS_WITH(ActMix::parse("fly=1"), Catch::Contains("there is no act 'fly'"));
  for (const auto* bad : {"reply", "reply=", "reply=-1", "reply=1x", "read=0", ""})
    CHECK_THROWS_AS(ActMix::parse(bad), std::invalid_argument);
}

TEST_CASE("agents who do something else than the mix are noticed, by chance nobody is") {
  Failures failures;
  const std::string contact = "c1";
  AgentWork work({.contacts = 1,
                  .agents = 1,
                  .text_bytes = 5,
                  .seed = 7,
                  .contact = [&](std::uint32_t) -> const std::string& { return contact; }},
                 failures);
  std::string frame;
  for (std::uint64_t id = 1; id <= 2000; ++id) {
    std::uint32_t act = 0;
    frame.clear();
    work.write(frame, id, act, {});
    CHECK(frame.find(act_methods.at(act)) != std::string::npos);
    work.answered(act);
  }
  CHECK(work.difference_to_mix().empty());
  for (int i = 0; i < 200; ++i) work.answered(static_cast<std::uint32_t>(Act::snooze));
  CHECK(work.difference_to_mix().find("snooze was done") != std::string::npos);
}

}  // namespace inboxd::bench
