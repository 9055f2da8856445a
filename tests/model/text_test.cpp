// The fast ways through ordinary text against one character at a time.
#include "model/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;

namespace {

constexpr std::uint64_t seed = 7;

struct Piece {
  std::string_view text;
  bool is_space = false;
};

/// Mostly letters and lonely spaces, as people write, and all that such text may turn into.
std::vector<Piece> pieces(std::mt19937_64& random) {
  constexpr std::array<Piece, 16> odd{{{" ", true},
                                       {" ", true},
                                       {"\n", true},
                                       {"\t", true},
                                       {"\xC2\xA0", true},
                                       {"\xE3\x80\x80", true},
                                       {"\xC2\x85", true},
                                       {"\xC3\xA9"},
                                       {"\xE2\x82\xAC"},
                                       {"\xF0\x9F\x98\x80"},
                                       {"\x7F"},
                                       {"\x01"},
                                       {"\""},
                                       {"\\"},
                                       {"\x1F"},
                                       {"!"}}};
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz.,~";
  const auto oddness = random() % 30 + 1;
  std::vector<Piece> all(random() % 300);
  for (auto& piece : all) {
    if (random() % oddness == 0) {
      piece = odd[random() % odd.size()];
    } else if (random() % 6 == 0) {
      piece = {" ", true};
    } else {
      piece = {letters.substr(random() % letters.size(), 1)};
    }
  }
  return all;
}

std::string joined(const std::vector<Piece>& pieces) {
  std::string text;
  for (const auto& piece : pieces) text += piece.text;
  return text;
}

std::string naively_squeezed(const std::vector<Piece>& pieces, std::size_t count) {
  std::string out;
  bool gap = false;
  for (std::size_t i = 0; i < std::min(count, pieces.size()); ++i) {
    if (!pieces[i].is_space) {
      if (gap && !out.empty()) out += ' ';
      out += pieces[i].text;
    }
    gap = pieces[i].is_space;
  }
  return out;
}

}  // namespace

TEST_CASE("S10 any text is squeezed as it is one code point at a time") {
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 3000; ++round) {
    const auto text = pieces(random);
    const auto count = random() % 320;
    CAPTURE(round, count, joined(text));
    REQUIRE(squeezed(joined(text), count) == naively_squeezed(text, count));
  }
}

TEST_CASE("one bad byte anywhere in a text is not UTF-8") {
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 3000; ++round) {
    auto text = joined(pieces(random));
    CAPTURE(round, text);
    REQUIRE(is_utf8(text));
    text.insert(random() % (text.size() + 1), 1, '\xFF');
    REQUIRE_FALSE(is_utf8(text));
  }
}

TEST_CASE("any text written as JSON is read back, and nothing is escaped without need") {
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 3000; ++round) {
    const auto text = joined(pieces(random));
    CAPTURE(round, text);
    std::string out;
    json::write(out, text);
    REQUIRE(nlohmann::json::parse(out) == text);
    REQUIRE(out == nlohmann::json(text).dump());
  }
}
