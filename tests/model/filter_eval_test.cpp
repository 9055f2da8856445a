#include "model/filter_eval.hpp"

#include <string>

#include "tests/model/views/naive.hpp"
#include "tests/model/views/random_inbox.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;

namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;
using enum Operator;
using F = FilterField;

Filter leaf(F field, Operator op, FilterValue value = {}, const char* custom = "") {
  Filter filter;
  filter.kind = Filter::Kind::leaf;
  filter.field = field;
  filter.op = op;
  filter.value = std::move(value);
  if (field == F::custom) filter.custom = FieldId(custom);
  return filter;
}
Filter node(Filter::Kind kind, std::vector<Filter> children) {
  Filter filter;
  filter.kind = kind;
  filter.children = std::move(children);
  return filter;
}
const Filter yes = node(Filter::Kind::all, {});
const Filter no = node(Filter::Kind::any, {});

constexpr Timestamp now{10'000};

/// A contact with a value in every field.
Row full() {
  Row row;
  row.id = {1};
  row.name = "Ana Muñoz";
  row.assignment = {AgentId("ana"), TeamId("care")};
  row.unread = 3;
  row.channel = ChannelId("wa");
  row.channel_kind = ChannelKind::whatsapp;
  row.priority = Priority::medium;
  row.tags = {Tag("new"), Tag("vip")};
  row.last_inbound_at = Timestamp{4'000};
  row.last_outbound_at = Timestamp{5'000};
  row.last_message = LastMessage{};
  row.last_message->at = Timestamp{5'000};
  Details details;
  details.first_name = "Ana";
  details.last_name = "Muñoz";
  details.phone = "+34600";
  details.email = "Ana@Example.com";
  details.language = "es";
  details.country = "ES";
  details.lifecycle = "lead";
  details.fields[FieldId("plan")] = std::string("Pro");
  details.fields[FieldId("score")] = 7.5;
  details.fields[FieldId("trial")] = false;
  details.fields[FieldId("due")] = Timestamp{9'000};
  details.fields[FieldId("likes")] = Texts{"tea", "milk"};
  row.details = std::make_shared<const Details>(details);
  return row;
}

/// A contact of which nothing is known.
Row bare() {
  Row row;
  row.id = {2};
  row.details = std::make_shared<const Details>();
  return row;
}

bool matches(const Filter& filter, const Row& row = full(), Timestamp at = now) {
  return Predicate(filter).match(row, at);
}

/// A positive operator and its exact negation.
void check_pair(const Filter& filter, Operator negation, bool expected, const Row& row = full()) {
  auto negated = filter;
  negated.op = negation;
  CAPTURE(name_of(filter.field), name_of(filter.op));
  CHECK(matches(filter, row) == expected);
  CHECK(matches(negated, row) != expected);
}

}  // namespace

TEST_CASE("S29 text is compared whole by eq and in, and ne and not_in are the exact negations") {
  for (const auto& [field, value] :
       std::vector<std::pair<F, std::string>>{{F::status, "open"},
                                              {F::assignee, "ana"},
                                              {F::team, "care"},
                                              {F::channel, "wa"},
                                              {F::channel_kind, "whatsapp"},
                                              {F::language, "es"},
                                              {F::country, "ES"},
                                              {F::lifecycle, "lead"},
                                              {F::first_name, "Ana"},
                                              {F::last_name, "Muñoz"},
                                              {F::name, "Ana Muñoz"},
                                              {F::phone, "+34600"},
                                              {F::email, "Ana@Example.com"}}) {
    const auto other = field == F::status ? "done" : field == F::channel_kind ? "sms" : "other";
    check_pair(leaf(field, eq, value), ne, true);
    check_pair(leaf(field, eq, other), ne, false);
    check_pair(leaf(field, in, Texts{other, value}), not_in, true);
    check_pair(leaf(field, in, Texts{other}), not_in, false);
    check_pair(leaf(field, in, Texts{}), not_in, false);
  }
  check_pair(leaf(F::custom, eq, "Pro", "plan"), ne, true);
  check_pair(leaf(F::custom, eq, "pro", "plan"), ne, false);
  check_pair(leaf(F::language, eq, "ES"), ne, false);
}

TEST_CASE("S29 contains and starts_with ignore case, beyond ASCII too") {
  CHECK(matches(leaf(F::name, contains, "MUÑ")));
  CHECK(matches(leaf(F::name, starts_with, "aNA m")));
  CHECK_FALSE(matches(leaf(F::name, starts_with, "muñ")));
  CHECK(matches(leaf(F::email, contains, "@EXAMPLE")));
  CHECK(matches(leaf(F::custom, starts_with, "pR", "plan")));
  CHECK(matches(leaf(F::assignee, contains, "N")));
  CHECK(matches(leaf(F::status, starts_with, "OP")));
  CHECK_FALSE(matches(leaf(F::phone, contains, "x")));
}

TEST_CASE("S29 on a missing value only the negations are true") {
  for (const auto field :
       {F::assignee, F::team, F::channel, F::channel_kind, F::language, F::country, F::lifecycle,
        F::first_name, F::last_name, F::name, F::phone, F::email}) {
    const auto value = field == F::channel_kind ? "custom" : "x";
    check_pair(leaf(field, eq, value), ne, false, bare());
    check_pair(leaf(field, in, Texts{value}), not_in, false, bare());
    check_pair(leaf(field, exists), not_exists, false, bare());
    check_pair(leaf(field, exists), not_exists, true, full());
    CHECK_FALSE(matches(leaf(field, contains, ""), bare()));
    CHECK_FALSE(matches(leaf(field, starts_with, ""), bare()));
  }
  for (const auto field : {F::last_inbound_at, F::last_outbound_at, F::last_activity_at}) {
    check_pair(leaf(field, exists), not_exists, false, bare());
    check_pair(leaf(field, exists), not_exists, true, full());
    for (const auto op : {lt, gt, older_than, newer_than}) {
      CHECK_FALSE(matches(leaf(field, op, 0.0), bare()));
    }
    CHECK_FALSE(matches(leaf(field, between, Numbers{0, 1e12}), bare()));
  }
  check_pair(leaf(F::tags, has_any, Texts{"vip"}), has_none, false, bare());
  CHECK_FALSE(matches(leaf(F::tags, has_all, Texts{}), bare()));
  check_pair(leaf(F::tags, exists), not_exists, false, bare());
  for (const auto* custom : {"plan", "score", "due", "likes"}) {
    check_pair(leaf(F::custom, exists, {}, custom), not_exists, false, bare());
    check_pair(leaf(F::custom, exists, {}, custom), not_exists, true, full());
  }
  check_pair(leaf(F::custom, eq, false, "trial"), ne, false, bare());
}

TEST_CASE("S29 numbers: eq ne in not_in lt gt, and between with both ends") {
  check_pair(leaf(F::unread, eq, 3.0), ne, true);
  check_pair(leaf(F::unread, in, Numbers{1, 3}), not_in, true);
  CHECK(matches(leaf(F::unread, lt, 4.0)));
  CHECK_FALSE(matches(leaf(F::unread, lt, 3.0)));
  CHECK(matches(leaf(F::unread, gt, 2.0)));
  CHECK_FALSE(matches(leaf(F::unread, gt, 3.0)));
  CHECK(matches(leaf(F::unread, between, Numbers{3, 4})));
  CHECK(matches(leaf(F::unread, between, Numbers{2, 3})));
  CHECK_FALSE(matches(leaf(F::unread, between, Numbers{4, 9})));
  check_pair(leaf(F::unread, exists), not_exists, true, bare());
  CHECK(matches(leaf(F::custom, gt, 7.0, "score")));
  check_pair(leaf(F::custom, eq, 7.5, "score"), ne, true);
}

TEST_CASE("S29 priority compares by rank") {
  check_pair(leaf(F::priority, eq, "medium"), ne, true);
  check_pair(leaf(F::priority, in, Texts{"low", "medium"}), not_in, true);
  CHECK(matches(leaf(F::priority, gt, "low")));
  CHECK_FALSE(matches(leaf(F::priority, gt, "medium")));
  CHECK(matches(leaf(F::priority, lt, "high")));
  CHECK(matches(leaf(F::priority, between, Texts{"low", "medium"})));
  CHECK_FALSE(matches(leaf(F::priority, between, Texts{"high", "urgent"})));
  CHECK(matches(leaf(F::priority, eq, "none"), bare()));
}

TEST_CASE("S29 older_than holds from t + d on, newer_than until then") {
  const auto older = leaf(F::last_inbound_at, older_than, 6'000.0);  // of 4,000
  const auto newer = leaf(F::last_inbound_at, newer_than, 6'000.0);
  CHECK_FALSE(matches(older, full(), {9'999}));
  CHECK(matches(older, full(), {10'000}));
  CHECK(matches(newer, full(), {9'999}));
  CHECK_FALSE(matches(newer, full(), {10'000}));
  CHECK(Predicate(older).next_flip(full(), {0}) == Timestamp{10'000});
  CHECK(Predicate(newer).next_flip(full(), {9'999}) == Timestamp{10'000});
  CHECK_FALSE(Predicate(older).next_flip(full(), {10'000}).has_value());
  CHECK_FALSE(Predicate(older).next_flip(bare(), {0}).has_value());
  CHECK(matches(leaf(F::custom, older_than, 1'000.0, "due")));
}

TEST_CASE("S29 times compare by lt gt between; last_activity_at is the last message's") {
  CHECK(matches(leaf(F::last_inbound_at, lt, 4'001.0)));
  CHECK_FALSE(matches(leaf(F::last_inbound_at, lt, 4'000.0)));
  CHECK(matches(leaf(F::last_outbound_at, gt, 4'999.0)));
  CHECK(matches(leaf(F::last_activity_at, between, Numbers{5'000, 5'000})));
  CHECK(matches(leaf(F::custom, between, Numbers{9'000, 9'001}, "due")));
}

TEST_CASE("S29 flags: snoozed, blocked and custom ones") {
  auto row = full();
  check_pair(leaf(F::snoozed, eq, false), ne, true, row);
  check_pair(leaf(F::blocked, eq, true), ne, false, row);
  row.snoozed_until = Timestamp{1};  // whatever the clock says: only its commit ends a snooze (S2)
  row.blocked = true;
  check_pair(leaf(F::snoozed, eq, true), ne, true, row);
  check_pair(leaf(F::blocked, eq, true), ne, true, row);
  check_pair(leaf(F::custom, eq, false, "trial"), ne, true);
}

TEST_CASE("S29 lists: has_any, has_all, has_none, on tags and custom lists") {
  check_pair(leaf(F::tags, has_any, Texts{"x", "vip"}), has_none, true);
  check_pair(leaf(F::tags, has_any, Texts{"VIP"}), has_none, false);
  CHECK(matches(leaf(F::tags, has_all, Texts{"vip", "new"})));
  CHECK_FALSE(matches(leaf(F::tags, has_all, Texts{"vip", "x"})));
  check_pair(leaf(F::tags, has_any, Texts{}), has_none, false);
  check_pair(leaf(F::custom, has_any, Texts{"tea"}, "likes"), has_none, true);
  CHECK_FALSE(matches(leaf(F::custom, has_all, Texts{"tea", "rum"}, "likes")));
}

TEST_CASE("S29 an empty all is true, an empty any is false, not turns round") {
  CHECK(matches(yes));
  CHECK_FALSE(matches(no));
  CHECK(matches(node(Filter::Kind::negation, {no})));
  CHECK_FALSE(matches(node(Filter::Kind::all, {yes, no})));
  CHECK(matches(node(Filter::Kind::any, {no, yes})));
}

TEST_CASE(
    "S29 a compiled filter answers as the plain reading of the tree, now and at the next flip") {
  RandomInbox random(23);
  const auto workspace = random.workspace();
  std::size_t matched = 0, flips = 0;
  for (int i = 0; i < 6'000; ++i) {
    const auto kind = random.once_in(2) ? Filter::Kind::all : Filter::Kind::any;
    const auto length = static_cast<double>(random.below(10'000));
    const auto filter = node(
        kind, {random.filter(workspace),
               leaf(F::last_activity_at, random.once_in(2) ? older_than : newer_than, length)});
    const Predicate predicate(filter);
    const Timestamp at{static_cast<std::int64_t>(1'000'000 + random.below(20'000))};
    const auto row = random.row({1}, at - Duration{static_cast<std::int64_t>(random.below(9'000))});
    const auto plain = [&](Timestamp t) { return naive::holds(filter, row, t, ""); };
    REQUIRE(predicate.match(row, at) == plain(at));
    matched += plain(at) ? 1 : 0;
    const auto flip = predicate.next_flip(row, at);
    // Nothing changes until the flip, or ever: relative filters here look back 10 s at most.
    const auto until = flip ? *flip : at + Duration{11'000};
    for (auto t = at; t < until; t = t + Duration{50}) REQUIRE(plain(t) == plain(at));
    if (!flip) continue;
    ++flips;
    REQUIRE(plain(*flip - Duration{1}) == plain(at));
    REQUIRE(plain(*flip) != plain(at));
  }
  CHECK(matched > 1'000);
  CHECK(flips > 100);
}
