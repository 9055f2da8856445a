// Entries that a merge moves behind others.
#include "model/renumber.hpp"

#include "tests/support/catch.hpp"

using namespace inboxd::model;

TEST_CASE("R14 an entry that a merge moves goes behind the primary's") {
  Entry entry;
  entry.seq = {3};
  entry.body = Comment{};
  renumber(entry, {10});
  CHECK(entry.seq == Seq{13});
}

TEST_CASE("S23 what an earlier merge's event says of its entries' seqs moves with them") {
  Entry entry;
  entry.seq = {6};
  Merged merged;
  merged.first = {2};
  merged.last = {5};
  TimelineEvent event;
  event.data = merged;
  entry.body = event;
  renumber(entry, {10});
  CHECK(entry.seq == Seq{16});
  const auto& moved = std::get<Merged>(std::get<TimelineEvent>(entry.body).data);
  CHECK(moved.first == Seq{12});
  CHECK(moved.last == Seq{15});
}
