#include "model/error_json.hpp"

#include "tests/support/catch.hpp"

using namespace inboxd::model;

TEST_CASE(
    "an error says its code, its sentence and its reason, and nothing that it does not know") {
  CHECK(
      error_member(forbidden("Only admins may do this.")) ==
      R"("error":{"code":-32002,"message":"Only admins may do this.","data":{"reason":"forbidden"}})");
}

TEST_CASE("an error names the field and the facts that a client can act on") {
  Error error = invalid("attachments[0].url", "expected a text");
  error.limit = 3;
  CHECK(
      error_member(error) ==
      R"("error":{"code":-32602,"message":"expected a text","data":{"reason":"invalid_params","field":"attachments[0].url","limit":3}})");

  const Error conflict{
      .reason = Reason::conflict, .message = "m", .version = Version{4}, .last_seq = Seq{9}};
  CHECK(
      error_member(conflict) ==
      R"("error":{"code":-32004,"message":"m","data":{"reason":"conflict","version":4,"last_seq":9}})");
}

TEST_CASE("S28 a closed window says when it closed, and null if it never opened") {
  Error error{.reason = Reason::window_closed, .message = "m", .window = true};
  CHECK(
      error_member(error) ==
      R"("error":{"code":-32005,"message":"m","data":{"reason":"window_closed","closed_at":null}})");
  error.closed_at = Timestamp{1700};
  CHECK(error_member(error).ends_with(R"("closed_at":1700}})"));
}
