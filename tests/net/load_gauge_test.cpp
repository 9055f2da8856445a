#include "net/load_gauge.hpp"

#include "tests/support/catch.hpp"

using inboxd::net::cpu_times;
using inboxd::net::LoadGauge;
using namespace std::chrono_literals;

TEST_CASE("The machine's busy time is read from /proc/stat without what gives way to others") {
  const auto times = cpu_times("cpu  100 1000 20 5000 300 4 3 2 0 0\ncpu0 1 2 3\n");
  REQUIRE(times);
  CHECK(times->busy == 129);
  CHECK(times->all == 6429);
  CHECK_FALSE(cpu_times(""));
  CHECK_FALSE(cpu_times("cpu0 1 2 3 4 5 6 7 8"));
  CHECK_FALSE(cpu_times("cpu  1 2 3"));
}

TEST_CASE("A machine half idle is at ease; one that is busy, or where things wait, is not") {
  CHECK(LoadGauge::pressure_of(0.5, 1ms, 1ms) == 0);
  CHECK(LoadGauge::pressure_of(0.95, 1ms, 1ms) == 1);
  CHECK(LoadGauge::pressure_of(0.5, 30ms, 1ms) == 1);
  CHECK(LoadGauge::pressure_of(0.5, 1ms, 30ms) == 1);
  const auto between = LoadGauge::pressure_of(0.75, 1ms, 1ms);
  CHECK(between > 0);
  CHECK(between < 0.5);
}

TEST_CASE(
    "One busy tenth of a second is no busy machine; after a rest what was before says nothing") {
  CHECK(LoadGauge::smoothed(0.6, 1, 100ms) == Approx(0.65));
  double busy = 0.6;
  for (int i = 0; i < 30; ++i) busy = LoadGauge::smoothed(busy, 0.9, 100ms);
  CHECK(busy == Approx(0.9).margin(0.01));
  CHECK(LoadGauge::smoothed(0.9, 0.1, 1min) == Approx(0.1));
}

TEST_CASE("Many slow answers are a busy engine, a few long requests are not") {
  CHECK(LoadGauge::mean({1'000, 500'000}, {2'000, 20'500'000}) == 20ms);
  CHECK(LoadGauge::mean({1'000, 500'000}, {1'010, 20'500'000}) == 0ms);
  CHECK(LoadGauge::mean({}, {}) == 0ms);
}

TEST_CASE("Until the machine was looked at twice there is no time to spare") {
  LoadGauge gauge;
  CHECK(gauge.pressure() == 1);
  CHECK(gauge.busy() == 1);
  const auto start = LoadGauge::Clock::now();
  CHECK(gauge.waited(0ms, start));
  gauge.look({});
  CHECK_FALSE(gauge.waited(0ms, start + 50ms));
  CHECK(gauge.pressure() == 1);
}
