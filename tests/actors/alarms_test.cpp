#include "actors/alarms.hpp"

#include "tests/support/catch.hpp"

using inboxd::actors::Alarms;
using inboxd::model::ContactId;
using inboxd::model::Timestamp;

TEST_CASE("S19 contacts come due in the order of their time, then of their id") {
  Alarms alarms;
  alarms.set({3}, Timestamp{100});
  alarms.set({1}, Timestamp{200});
  alarms.set({2}, Timestamp{100});
  CHECK(alarms.take_due({99}, 10).empty());
  CHECK(alarms.take_due({200}, 10) == std::vector<ContactId>{{2}, {3}, {1}});
  CHECK(alarms.next() == std::nullopt);
}

TEST_CASE("S18 snoozing again replaces the time, and waking clears it") {
  Alarms alarms;
  alarms.set({1}, Timestamp{100});
  alarms.set({1}, Timestamp{300});
  alarms.set({2}, Timestamp{200});
  alarms.set({2}, std::nullopt);
  CHECK(alarms.next() == Timestamp{300});
  CHECK(alarms.take_due({250}, 10).empty());
  CHECK(alarms.take_due({300}, 10) == std::vector<ContactId>{{1}});
}

TEST_CASE("many alarms of one moment are taken in slices, none twice") {
  Alarms alarms;
  for (std::uint64_t id = 1; id <= 5; ++id) alarms.set({id}, Timestamp{10});
  CHECK(alarms.take_due({10}, 2) == std::vector<ContactId>{{1}, {2}});
  CHECK(alarms.take_due({10}, 2) == std::vector<ContactId>{{3}, {4}});
  CHECK(alarms.take_due({10}, 2) == std::vector<ContactId>{{5}});
  CHECK(alarms.size() == 0);
}
