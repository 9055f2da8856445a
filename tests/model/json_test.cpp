#include "model/json.hpp"

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

using namespace inboxd::model;

TEST_CASE("every byte that JSON does not allow in a string is escaped, and read back") {
  std::string text = "\"\\/\x7f ñ";
  for (char c = 1; c < 0x20; ++c) text += c;
  text += '\0';
  std::string out;
  json::write(out, text);
  CHECK(nlohmann::json::parse(out) == text);
  CHECK(out.find("\\r") != std::string::npos);
  CHECK(out.find("\\u001f") != std::string::npos);
}

TEST_CASE("numbers come back as they were, and what is none is null") {
  for (const double number : {0.0, -1.5, 0.1, 1e300, 5e-324, 9007199254740993.0}) {
    std::string out;
    json::write(out, number);
    CHECK(nlohmann::json::parse(out).get<double>() == number);
  }
  for (const double none :
       {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    std::string out;
    json::write(out, none);
    CHECK(out == "null");
  }
}
