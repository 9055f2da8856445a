#include "model/views/network.hpp"

#include "model/filter_eval.hpp"
#include "tests/model/views/random_inbox.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;

namespace {

Filter leaf(FilterField field, Operator op, FilterValue value) {
  Filter filter;
  filter.kind = Filter::Kind::leaf;
  filter.field = field;
  filter.op = op;
  filter.value = std::move(value);
  return filter;
}
Filter all(std::vector<Filter> children) {
  Filter filter;
  filter.children = std::move(children);
  return filter;
}

std::size_t found(const Network& network, const Row& row) {
  std::size_t n = 0;
  network.for_each(row, [&n](Network::Item) { ++n; });
  return n;
}

}  // namespace

TEST_CASE("a network calls up every filter that matches the row, at whatever time") {
  RandomInbox random(31);
  const auto workspace = random.workspace();
  std::size_t matched = 0;
  for (int i = 0; i < 8'000; ++i) {
    const auto filter = random.filter(workspace);
    int item = 0;
    Network network;
    network.add(&item, filter);
    const Timestamp at{static_cast<std::int64_t>(1'000'000 + random.below(20'000))};
    const auto row = random.row({1}, at);
    const bool matches = Predicate(filter).match(row, at + Duration{5'000});
    if (matches) REQUIRE(found(network, row) > 0);
    matched += matches ? 1 : 0;
    network.remove(&item, filter);
    REQUIRE(found(network, row) == 0);
    REQUIRE(network.empty());
  }
  CHECK(matched > 1'000);
}

TEST_CASE(
    "a network files a filter under its rarest term, so that others' changes do not call it up") {
  const auto open = leaf(FilterField::status, Operator::eq, "open");
  std::vector<int> items(1'000);
  Network network;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto tag = std::vector<std::string>{"tag" + std::to_string(i)};
    network.add(&items[i], all({open, leaf(FilterField::tags, Operator::has_any, tag)}));
  }
  Row row;
  row.details = std::make_shared<const Details>();
  CHECK(found(network, row) == 0);
  row.tags = {Tag("tag7")};
  CHECK(found(network, row) == 1);
}
