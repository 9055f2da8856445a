// The search index keeps up where it can, and gives way where it cannot or must.
#include "actors/index_pace.hpp"

#include "tests/support/catch.hpp"

using inboxd::actors::IndexPace;
using namespace std::chrono_literals;

namespace {

constexpr double at_ease = 0.3, at_work = 0.6, nearly_full = 0.75;  // of the machine's processors

/// After ten seconds of so many commits and documents a second, each for so much time.
IndexPace after(std::uint64_t commits, std::uint64_t documents, std::chrono::microseconds each) {
  IndexPace pace;
  IndexPace::Done done;
  for (auto now = IndexPace::Clock::time_point(1h); now < IndexPace::Clock::time_point(1h + 10s);
       now += 20ms) {
    pace.see(done, now);
    done.commits += commits / 50;
    done.documents += documents / 50;
    done.cpu += each * (documents / 50);
  }
  return pace;
}

/// The part of a processor that is left to it.
double share(double rest) {
  return 1 / (1 + rest);
}

}  // namespace

TEST_CASE("what it takes to index each commit as it comes is measured") {
  CHECK(IndexPace().demand() == 0);
  CHECK(after(5'000, 5'000, 80us).demand() == Approx(0.4).margin(0.02));
  CHECK(after(25'000, 2'500, 80us).demand() == Approx(2.0).margin(0.1));
  CHECK(after(5'000, 0, 80us).demand() == 0);
}

TEST_CASE("the search index does not rest on a machine at ease") {
  CHECK(after(25'000, 2'500, 80us).rest(at_ease, 0) == 0);
  CHECK(IndexPace().rest(at_ease, 0) == 0);
}

TEST_CASE("on a machine at work it takes a quarter of a processor, or what keeps it up to date") {
  CHECK(share(after(1'000, 1'000, 80us).rest(at_work, 0)) == Approx(0.25));
  CHECK(share(after(5'000, 5'000, 80us).rest(at_work, 0)) == Approx(0.5).margin(0.02));
  // Behind anyway: what it does now is done at others' expense, and again from the store.
  CHECK(share(after(25'000, 2'500, 80us).rest(at_work, 0)) == Approx(0.25));
}

TEST_CASE(
    "on a machine nearly full it still keeps up, but takes a ninth of a processor if it cannot") {
  CHECK(share(after(5'000, 5'000, 80us).rest(nearly_full, 0)) == Approx(0.5).margin(0.02));
  CHECK(share(after(25'000, 2'500, 80us).rest(nearly_full, 0)) == Approx(1.0 / 9));
}

TEST_CASE("on a full machine a ninth of a processor is all that it takes") {
  CHECK(share(after(5'000, 5'000, 80us).rest(1, 1)) == Approx(1.0 / 9));
  CHECK(share(after(25'000, 2'500, 80us).rest(at_ease, 1)) == Approx(1.0 / 9));
}
