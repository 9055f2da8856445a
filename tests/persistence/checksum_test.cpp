#include "persistence/checksum.hpp"

#include <random>

#include "tests/support/catch.hpp"

using namespace inboxd::persistence;

TEST_CASE("CRC-32C gives the published values") {
  // RFC 3720, B.4.
  CHECK(crc32c("123456789") == 0xE3069283);
  CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AA);
  CHECK(crc32c(std::string(32, '\xFF')) == 0x62A8AB43);
  CHECK(crc32c("") == 0);
}

TEST_CASE("The processor's CRC-32C and the portable one agree, at once and in parts") {
  std::mt19937_64 random(7);
  for (int round = 0; round < 500; ++round) {
    std::string bytes(random() % 300, '\0');
    for (auto& c : bytes) c = static_cast<char>(random());
    const auto cut = random() % (bytes.size() + 1);
    const auto whole = crc32c(bytes);
    REQUIRE(whole == crc32c_portable(bytes));
    REQUIRE(whole == crc32c(bytes.substr(cut), crc32c(bytes.substr(0, cut))));
    REQUIRE(whole == crc32c_portable(bytes.substr(cut), crc32c_portable(bytes.substr(0, cut))));
  }
}
