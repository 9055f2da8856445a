#include "actors/offset_mark.hpp"

#include "tests/support/catch.hpp"

using inboxd::actors::offset_mark;
using inboxd::actors::place_offset;
using inboxd::model::Offset;

TEST_CASE("a text made before its commit has a place gets the offset wherever a mark stands") {
  std::string text = "{\"entry\":{\"offset\":";
  text += offset_mark;
  text += "},\"offset\":";
  text += offset_mark;
  text += '}';
  place_offset(text, Offset{9'007'199'254'740'991});
  CHECK(text == R"({"entry":{"offset":9007199254740991},"offset":9007199254740991})");
}

TEST_CASE("a text without marks stays as it is") {
  std::string text = R"({"text":"\u0001 is escaped in JSON, so it is no mark"})";
  const auto before = text;
  place_offset(text, Offset{7});
  CHECK(text == before);
}
