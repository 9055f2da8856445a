#include "model/entry.hpp"
#include "model/workspace.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;

TEST_CASE("every name of an enumeration reads back as its value") {
  for (std::size_t i = 0; i < channel_kinds; ++i) {
    const auto kind = static_cast<ChannelKind>(i);
    CHECK(channel_kind_of(name_of(kind)) == kind);
  }
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(FilterField::last_activity_at); ++i) {
    CHECK(filter_field_of(name_of(static_cast<FilterField>(i))) == static_cast<FilterField>(i));
  }
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(Operator::newer_than); ++i) {
    CHECK(operator_of(name_of(static_cast<Operator>(i))) == static_cast<Operator>(i));
  }
}

TEST_CASE("an unknown name is no value") {
  CHECK_FALSE(role_of("root"));
  CHECK_FALSE(status_of(""));
  CHECK_FALSE(sharing_of("private_"));
}
