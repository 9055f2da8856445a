#include "model/views/script.hpp"

#include <algorithm>
#include <map>
#include <random>

#include "tests/support/catch.hpp"

using namespace inboxd::model;

namespace {

/// One row object a letter and version, so that equal letters are the same row.
RowPtr row(std::uint64_t id, int version = 0) {
  static std::map<std::pair<std::uint64_t, int>, RowPtr> rows;
  auto& kept = rows[{id, version}];
  if (!kept) {
    Row made;
    made.id = {id};
    kept = std::make_shared<const Row>(made);
  }
  return kept;
}

RowList list(const std::string& letters) {
  RowList rows;
  for (const char c : letters) {
    const auto id = static_cast<std::uint64_t>(c);
    rows.push_back({{id}, row(id)});
  }
  return rows;
}

RowList fold(RowList rows, const std::vector<Op>& ops) {
  const auto find = [&rows](ContactId id) {
    return std::find_if(rows.begin(), rows.end(), [id](const ListedRow& r) { return r.id == id; });
  };
  for (const auto& op : ops) {
    if (const auto at = find(op.id); at != rows.end()) rows.erase(at);
    if (op.kind == Op::Kind::del) continue;
    const auto place = op.before ? find(*op.before) : rows.end();
    REQUIRE((!op.before || place != rows.end()));
    rows.insert(place, {op.id, op.row});
  }
  return rows;
}

bool equal(const RowList& a, const RowList& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.id == y.id && x.row == y.row; });
}

/// No script is shorter than: what went, what is new or changed, and the fewest of the others that
/// have to move. Found by trying every set of rows that stay.
std::size_t fewest(const RowList& from, const RowList& to) {
  std::vector<std::size_t> origins;
  std::size_t always = 0;
  for (const auto& r : from) {
    always += std::none_of(to.begin(), to.end(), [&](const auto& x) { return x.id == r.id; });
  }
  for (const auto& r : to) {
    const auto was = std::find_if(from.begin(), from.end(),
                                  [&](const auto& x) { return x.id == r.id && x.row == r.row; });
    if (was == from.end()) {
      ++always;
    } else {
      origins.push_back(static_cast<std::size_t>(was - from.begin()));
    }
  }
  std::size_t most = 0;
  for (std::size_t set = 0; set < std::size_t{1} << origins.size(); ++set) {
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < origins.size(); ++i) {
      if ((set >> i & 1U) != 0) kept.push_back(origins[i]);
    }
    if (std::is_sorted(kept.begin(), kept.end())) most = std::max(most, kept.size());
  }
  return always + origins.size() - most;
}

}  // namespace

TEST_CASE("S32 a row that comes to the top of a full window is one put and one del") {
  const auto ops = script(list("abc"), list("dab"));
  REQUIRE(ops.size() == 2);
  CHECK(ops[0].kind == Op::Kind::del);
  CHECK(ops[0].id == ContactId{'c'});
  CHECK(ops[1].kind == Op::Kind::put);
  CHECK(ops[1].id == ContactId{'d'});
  CHECK(ops[1].before == ContactId{'a'});
}

TEST_CASE("S32 a row that moves is one put, whichever way it goes") {
  CHECK(script(list("abcdef"), list("fabcde")).size() == 1);
  CHECK(script(list("abcdef"), list("bcdefa")).size() == 1);
  CHECK(script(list("abcdef"), list("abcdef")).empty());
}

TEST_CASE("S32 every script leads to the list, with as few ops as there can be") {
  std::mt19937_64 random(11);
  for (int i = 0; i < 3'000; ++i) {
    const auto some = [&] {
      std::string letters = "abcdefghij";
      std::shuffle(letters.begin(), letters.end(), random);
      letters.resize(random() % 9);
      return list(letters);
    };
    const auto from = some();
    auto to = some();
    for (auto& r : to) {
      if (random() % 5 == 0) r.row = row(r.id.value, 1);  // changed
    }
    const auto ops = script(from, to);
    REQUIRE(equal(fold(from, ops), to));
    REQUIRE(ops.size() == fewest(from, to));
  }
}
