#include "model/views/row_cache.hpp"

#include <memory>

#include "tests/support/catch.hpp"

using namespace inboxd::model;

namespace {

RowPtr row(std::uint64_t id, std::uint64_t version = 1) {
  auto made = std::make_shared<Row>();
  made->id = ContactId{id};
  made->version = Version{version};
  return made;
}

}  // namespace

TEST_CASE("a row is encoded once a version, however many windows show it") {
  RowCache cache(4096);
  const auto one = row(1);
  const std::string text = cache.text(one);
  CHECK(cache.text(one) == text);
  CHECK(cache.encoded() == 1);
  CHECK(cache.text(row(1, 2)) != text);
  CHECK(cache.encoded() == 2);
}

TEST_CASE("rows that are used stay encoded while others pass, and those that are not fall out") {
  RowCache cache(100);
  const auto used = row(1), unused = row(2);
  const std::string text = cache.text(used);
  cache.text(unused);
  std::weak_ptr<const Row> passed;
  for (std::uint64_t id = 3; id < 1'000; ++id) {
    const auto other = row(id);
    cache.text(other);
    if (id == 3) passed = other;
    if (id % 50 == 0) REQUIRE(cache.text(used) == text);
  }
  CHECK(passed.expired());
  const auto before = cache.encoded();
  CHECK(cache.text(used) == text);
  CHECK(cache.encoded() == before);
  cache.text(unused);
  CHECK(cache.encoded() == before + 1);
}
