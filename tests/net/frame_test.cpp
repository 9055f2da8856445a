#include "net/frame.hpp"

#include <string>

#include "model/limits.hpp"
#include "net/json_scan.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd;
using namespace inboxd::net;
using model::Reason;

namespace {

Frame parse(std::string_view text, std::size_t requests_max = 4) {
  Frame frame;
  parse_frame(text, requests_max, frame);
  return frame;
}

Reason whole_error(std::string_view text) {
  const auto frame = parse(text);
  if (!frame.error) throw std::logic_error("accepted: " + std::string(text));
  return frame.error->reason;
}

Envelope only(const Frame& frame) {
  if (frame.error || frame.requests.size() != 1) throw std::logic_error("not one request");
  return frame.requests.front();
}

}  // namespace

TEST_CASE("a request is taken apart whatever the order of its members") {
  static const std::string text =
      R"( {"params" : {"a":[1,{}]}, "id":"x\"1", "method":"m", "jsonrpc":"2.0"} )";
  const auto e = only(parse(text));
  CHECK_FALSE(e.error);
  CHECK(e.method == "m");
  CHECK(e.id == R"("x\"1")");
  CHECK(e.params == R"({"a":[1,{}]})");
}

TEST_CASE("names may be written with escapes, as any text") {
  const auto frame = parse(
      R"({"json\u0072pc":"\u0032.0","i\u0064":"\u0061","meth\u006fd":"view\u002elist","params":{}})");
  const auto e = only(frame);
  CHECK_FALSE(e.error);
  CHECK(e.method == "view.list");
  CHECK(e.id == R"("\u0061")");
  CHECK(only(parse(R"({"jsonrpc":"2.0","id":1,"\u0069d":2,"method":"m"})")).error);
  const auto other = parse(R"({"jsonrpc":"2.0","method":"a\u00e9\n"})");
  CHECK(only(other).method == R"(a\u00e9\n)");
  const auto literal = parse(R"({"jsonrpc":"2.0","method":"\\u0061"})");
  CHECK(only(literal).method == R"(\\u0061)");
}

TEST_CASE("ids come back as they were written") {
  for (const auto* id : {"7", "-1", "1.50", "1e3", "123456789012345678901234567890", "null", "\"\"",
                         R"("\u00e9")"}) {
    const auto text = R"({"jsonrpc":"2.0","method":"m","id":)" + std::string(id) + "}";
    const auto e = only(parse(text));
    CHECK_FALSE(e.error);
    CHECK(e.id == id);
    CHECK(e.wants_answer());
  }
}

TEST_CASE("a request without id is a notification") {
  CHECK_FALSE(only(parse(R"({"jsonrpc":"2.0","method":"m"})")).wants_answer());
}

TEST_CASE("what is no JSON is a parse error") {
  for (const auto* text : {"",
                           " ",
                           "{",
                           "[",
                           "nul",
                           "tru",
                           "{]",
                           "[1,]",
                           R"({"a" 1})",
                           R"({"a":1,})",
                           "01",
                           "1.",
                           "-",
                           "1e",
                           "+1",
                           ".5",
                           "\"",
                           R"("\x")",
                           R"("\u12")",
                           "\"a\nb\"",
                           "{} {}",
                           "[] 1",
                           "'a'",
                           "NaN",
                           R"({"jsonrpc":"2.0","method":"m","id":1,"params":{"a":tru}})",
                           R"([{"jsonrpc":"2.0","method":"m","id":1},)"}) {
    INFO(text);
    CHECK(whole_error(text) == Reason::parse_error);
  }
}

TEST_CASE("S8 an empty batch is an invalid request") {
  CHECK(whole_error("[]") == Reason::invalid_request);
  CHECK(whole_error(" [ ] ") == Reason::invalid_request);
}

TEST_CASE("S8 a batch's requests stand for themselves") {
  const auto frame = parse(R"([1,{"jsonrpc":"2.0","method":"m","id":2},{"method":"m"}])");
  CHECK(frame.batch);
  REQUIRE(frame.requests.size() == 3);
  CHECK(frame.requests[0].error->reason == Reason::invalid_request);
  CHECK_FALSE(frame.requests[1].error);
  CHECK(frame.requests[2].error->reason == Reason::invalid_request);
}

TEST_CASE("a batch over its limit is refused whole") {
  std::string text = "[";
  for (int i = 0; i < 5; ++i) text += i == 0 ? "1" : ",1";
  const auto frame = parse(text + "]");
  REQUIRE(frame.error);
  CHECK(frame.error->reason == Reason::limit_exceeded);
  CHECK(frame.error->limit == 4);
}

TEST_CASE("what is JSON but no request is an invalid request") {
  for (const auto* text :
       {"1", "\"a\"", "null", "{}", R"({"jsonrpc":"1.0","method":"m","id":1})",
        R"({"jsonrpc":2.0,"method":"m","id":1})", R"({"jsonrpc":"2.0","method":1,"id":1})",
        R"({"jsonrpc":"2.0","id":1})", R"({"jsonrpc":"2.0","id":1,"result":{}})",
        R"({"jsonrpc":"2.0","method":"m","params":"a","id":1})",
        R"({"jsonrpc":"2.0","method":"m","id":true})", R"({"jsonrpc":"2.0","method":"m","id":{}})",
        R"({"jsonrpc":"2.0","method":"m","method":"n","id":1})"}) {
    INFO(text);
    const auto e = only(parse(text));
    REQUIRE(e.error);
    CHECK(e.error->reason == Reason::invalid_request);
    CHECK(e.wants_answer());
  }
}

TEST_CASE("an error keeps the id that could be read") {
  CHECK(only(parse(R"({"jsonrpc":"1.0","method":"m","id":5})")).id == "5");
  CHECK(only(parse(R"({"jsonrpc":"2.0","method":"m","id":[5]})")).id.empty());
}

TEST_CASE("params by position are refused as params") {
  CHECK(only(parse(R"({"jsonrpc":"2.0","method":"m","params":[1],"id":1})")).error->reason ==
        Reason::invalid_params);
}

TEST_CASE("deep nesting is bounded, and costs no stack") {
  const std::string deep(100'000, '[');
  const auto frame = parse(R"({"jsonrpc":"2.0","method":"m","id":1,"params":)" + deep);
  REQUIRE(frame.error);
  CHECK(frame.error->reason == Reason::limit_exceeded);
  CHECK(frame.error->limit == model::limits::json_depth_max);
}

TEST_CASE("a response has its id as it came, or null") {
  std::string out;
  write_response(out, "\"a\"", R"("result":{})");
  CHECK(out == R"({"jsonrpc":"2.0","id":"a","result":{}})");
  out.clear();
  write_response(out, "", R"("error":{})");
  CHECK(out == R"({"jsonrpc":"2.0","id":null,"error":{}})");
}
