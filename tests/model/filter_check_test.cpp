#include "model/filter_check.hpp"

#include "model/limits.hpp"
#include "tests/model/views/random_inbox.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;

namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;
using enum Operator;
using F = FilterField;

Filter leaf(F field, Operator op, FilterValue value = {}) {
  Filter filter;
  filter.kind = Filter::Kind::leaf;
  filter.field = field;
  filter.op = op;
  filter.value = std::move(value);
  return filter;
}
Filter custom(const char* id, Operator op, FilterValue value = {}) {
  auto filter = leaf(F::custom, op, std::move(value));
  filter.custom = FieldId(id);
  return filter;
}
Filter node(Filter::Kind kind, std::vector<Filter> children) {
  Filter filter;
  filter.kind = kind;
  filter.children = std::move(children);
  return filter;
}

const Workspace& workspace() {
  static const auto made = RandomInbox(1).workspace();
  return made;
}

/// Reason and place of the error; empty: none.
std::string verdict(const Filter& filter) {
  const auto error = check_filter(filter, workspace(), "filter");
  if (!error) return "";
  return std::string(name_of(error->reason)) + " " + error->field;
}

const Filter good = leaf(F::status, eq, "open");

}  // namespace

TEST_CASE("S29 an error points at the node") {
  const auto bad = leaf(F::unread, contains, "x");
  CHECK(verdict(bad) == "invalid_params filter.op");
  CHECK(verdict(node(Filter::Kind::all, {good, bad})) == "invalid_params filter.all[1].op");
  const auto inner = node(Filter::Kind::negation, {node(Filter::Kind::any, {bad})});
  CHECK(verdict(node(Filter::Kind::all, {good, good, inner})) ==
        "invalid_params filter.all[2].not.any[0].op");
  CHECK(verdict(node(Filter::Kind::negation, {})) == "invalid_params filter.not");
}

TEST_CASE("S29 each type has its operators and no others") {
  const std::vector<std::pair<F, std::vector<Operator>>> rules{
      {F::name, {eq, ne, in, not_in, exists, not_exists, contains, starts_with}},
      {F::unread, {eq, ne, in, not_in, exists, not_exists, lt, gt, between}},
      {F::priority, {eq, ne, in, not_in, lt, gt, between}},
      {F::last_inbound_at, {lt, gt, between, exists, not_exists, older_than, newer_than}},
      {F::snoozed, {eq, ne}},
      {F::tags, {has_any, has_all, has_none, exists, not_exists}}};
  for (const auto& [field, ops] : rules) {
    for (unsigned i = 0; i < 16; ++i) {
      const auto op = static_cast<Operator>(i);
      const bool listed = std::find(ops.begin(), ops.end(), op) != ops.end();
      CAPTURE(name_of(field), name_of(op));
      CHECK(allows(value_type_of(field), op) == listed);
      if (!listed) CHECK(verdict(leaf(field, op)) == "invalid_params filter.op");
    }
  }
}

TEST_CASE("S29 custom fields take the operators of their type") {
  CHECK(verdict(custom("plan", contains, "x")).empty());
  CHECK(verdict(custom("score", gt, 1.5)).empty());
  CHECK(verdict(custom("trial", eq, true)).empty());
  CHECK(verdict(custom("due", older_than, 1000.0)).empty());
  CHECK(verdict(custom("likes", has_any, Texts{"x"})).empty());
  CHECK(verdict(custom("plan", gt, 1.0)) == "invalid_params filter.op");
  CHECK(verdict(custom("score", contains, "x")) == "invalid_params filter.op");
  CHECK(verdict(custom("due", eq, 1.0)) == "invalid_params filter.op");
  CHECK(verdict(custom("nothing", eq, "x")) == "not_found filter.field");
}

TEST_CASE("S29 a value has the shape that its operator wants") {
  const auto value = "invalid_params filter.value";
  CHECK(verdict(leaf(F::name, eq, 1.0)) == value);
  CHECK(verdict(leaf(F::name, eq)) == value);
  CHECK(verdict(leaf(F::name, in, "x")) == value);
  CHECK(verdict(leaf(F::name, in, Numbers{1})) == value);
  CHECK(verdict(leaf(F::name, exists, true)) == value);
  CHECK(verdict(leaf(F::unread, eq, "1")) == value);
  CHECK(verdict(leaf(F::unread, in, Texts{"1"})) == value);
  CHECK(verdict(leaf(F::unread, between, Numbers{1})) == value);
  CHECK(verdict(leaf(F::unread, between, 1.0)) == value);
  CHECK(verdict(leaf(F::snoozed, eq, "true")) == value);
  CHECK(verdict(leaf(F::last_inbound_at, lt, 1.5)) == value);
  CHECK(verdict(leaf(F::last_inbound_at, older_than, -1.0)) == value);
  CHECK(verdict(leaf(F::last_inbound_at, older_than, 1e17)) == value);
  CHECK(verdict(leaf(F::last_inbound_at, between, Numbers{1, 2, 3})) == value);
  CHECK(verdict(leaf(F::priority, gt, "vital")) == value);
  CHECK(verdict(leaf(F::priority, between, Texts{"low"})) == value);
  CHECK(verdict(leaf(F::priority, in, Texts{"low", "x"})) == "invalid_params filter.value[1]");
  CHECK(verdict(leaf(F::tags, has_any, "vip")) == value);
  CHECK(verdict(leaf(F::name, in, Numbers{})).empty());  // an empty list has no type
}

TEST_CASE("S39 ids that do not exist are not found, unknown names are invalid") {
  CHECK(verdict(leaf(F::assignee, eq, "ana")).empty());
  CHECK(verdict(leaf(F::assignee, in, Texts{"$me", "bob"})).empty());
  CHECK(verdict(leaf(F::assignee, in, Texts{"ana", "zoe"})) == "not_found filter.value[1]");
  CHECK(verdict(leaf(F::team, eq, "none")) == "not_found filter.value");
  CHECK(verdict(leaf(F::channel, ne, "fax")) == "not_found filter.value");
  CHECK(verdict(leaf(F::status, eq, "closed")) == "invalid_params filter.value");
  CHECK(verdict(leaf(F::channel_kind, in, Texts{"sms", "fax"})) ==
        "invalid_params filter.value[1]");
  CHECK(verdict(leaf(F::assignee, contains, "zo")).empty());  // part of an id names none
}

TEST_CASE("filters are bounded in nodes, depth and values") {
  const std::vector<Filter> most(limits::filter_nodes_max - 1, good);
  CHECK(verdict(node(Filter::Kind::all, most)).empty());
  const std::vector<Filter> many(limits::filter_nodes_max, good);
  CHECK(verdict(node(Filter::Kind::all, many)) == "limit_exceeded filter.all[255]");

  auto deep = good;
  for (std::size_t i = 1; i < limits::filter_depth_max; ++i) {
    deep = node(Filter::Kind::negation, {deep});
  }
  CHECK(verdict(deep).empty());
  CHECK(verdict(node(Filter::Kind::negation, {deep})).starts_with("limit_exceeded filter.not.not"));

  const Texts values(limits::filter_values_max, "x");
  CHECK(verdict(leaf(F::name, in, values)).empty());
  const Texts more(limits::filter_values_max + 1, "x");
  CHECK(verdict(leaf(F::name, in, more)) == "limit_exceeded filter.value");
}

TEST_CASE("S29 whatever a random filter says, it passes the check") {
  RandomInbox random(9);
  for (int i = 0; i < 2'000; ++i) REQUIRE(verdict(random.filter(workspace(), 4)).empty());
}
