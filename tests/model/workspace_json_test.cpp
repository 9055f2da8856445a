#include "model/workspace_json.hpp"

#include "tests/support/catch.hpp"

using namespace inboxd::model;

namespace {

Filter leaf(FilterField field, Operator op, FilterValue value) {
  Filter f;
  f.kind = Filter::Kind::leaf;
  f.field = field;
  f.op = op;
  f.value = std::move(value);
  return f;
}

std::string json_of(const Filter& filter) {
  std::string out;
  write_filter(out, filter);
  return out;
}

}  // namespace

TEST_CASE("S29 a filter is written as it was asked for") {
  Filter negation;
  negation.kind = Filter::Kind::negation;
  negation.children = {leaf(FilterField::tags, Operator::has_any, std::vector<std::string>{"vip"})};
  Filter tree;
  tree.kind = Filter::Kind::all;
  tree.children = {leaf(FilterField::last_inbound_at, Operator::older_than, 1'800'000.0), negation};
  CHECK(json_of(tree) == R"({"all":[{"field":"last_inbound_at","op":"older_than","value":1800000},)"
                         R"({"not":{"field":"tags","op":"has_any","value":["vip"]}}]})");
}

TEST_CASE(
    "S29 an operator without operand is written without one, and custom fields by their path") {
  auto f = leaf(FilterField::custom, Operator::exists, {});
  f.custom = FieldId("plan");
  CHECK(json_of(f) == R"({"field":"fields.plan","op":"exists"})");
}

TEST_CASE("a channel without overrides says null, so that every channel has the same members") {
  std::string out;
  Channel channel;
  channel.id = ChannelId("wa");
  channel.name = "W";
  write_channel(out, channel);
  CHECK(out == R"({"id":"wa","kind":"custom","name":"W","window_ms":null,"statuses":null})");
}
