// LiveList and CommonWindow: what inbox-bench makes of deltas that are right, and of those that are
// not.
#include <algorithm>
#include <random>

#include "bench/inbox_bench/common_window.hpp"
#include "bench/inbox_bench/live_list.hpp"
#include "tests/support/catch.hpp"

namespace inboxd::bench {
namespace {

constexpr std::size_t limit = 5;

struct Contact {
  int id = 0;
  int sort_at = 0;
  int version = 1;
};
/// A view as the engine has it: all its contacts, newest first.
using View = std::vector<Contact>;

std::string row_of(const Contact& contact) {
  return R"({"id":"c)" + std::to_string(100 + contact.id) + R"(","version":)" +
         std::to_string(contact.version) + R"(,"sort_at":)" + std::to_string(contact.sort_at) + "}";
}

std::string counters_of(const View& view) {
  const auto count = std::to_string(view.size());
  return R"({"contacts":)" + count + R"(,"unread_contacts":)" + count + R"(,"unread_messages":)" +
         count + "}";
}

std::string snapshot_of(const View& view, std::uint64_t offset) {
  std::string rows;
  for (std::size_t i = 0; i < std::min(limit, view.size()); ++i)
    rows += (i > 0 ? "," : "") + row_of(view[i]);
  return R"({"sub":"s1","offset":)" + std::to_string(offset) + R"(,"rows":[)" + rows +
         R"(],"counters":)" + counters_of(view) + R"(,"cursor":null})";
}

std::string delta(std::uint64_t offset, const std::string& ops, const View& view) {
  return R"({"sub":"s1","offset":)" + std::to_string(offset) + R"(,"ops":[)" + ops +
         R"(],"counters":)" + counters_of(view) + "}";
}

/// A contact writes: it moves to the top. The ops that show it.
std::string written_to(View& view, int id, int now) {
  const auto known = std::ranges::find(view, id, &Contact::id);
  const bool shown = known != view.end() && known - view.begin() < static_cast<int>(limit);
  Contact contact = known != view.end() ? *known : Contact{.id = id};
  if (known != view.end()) view.erase(known);
  contact.sort_at = now;
  ++contact.version;
  view.insert(view.begin(), contact);
  std::string ops;
  if (!shown && view.size() > limit)
    ops = R"({"op":"del","id":"c)" + std::to_string(100 + view[limit].id) + R"("},)";
  const auto before = view.size() == 1 ? "null" : "\"c" + std::to_string(100 + view[1].id) + "\"";
  return ops + R"({"op":"put","row":)" + row_of(contact) + R"(,"before":)" + before + "}";
}

template <class Take>
std::string read(const std::string& json, Take take) {
  simdjson::ondemand::parser parser;
  const simdjson::padded_string text(json);
  auto document = parser.iterate(text);
  try {
    return take(document.get_object().value());
  } catch (const simdjson::simdjson_error& error) {
    return error.what();
  }
}

std::string take_delta(LiveList& list, const std::string& json) {
  return read(json, [&](simdjson::ondemand::object params) { return list.take_delta(params); });
}
std::string take_snapshot(LiveList& list, const std::string& json) {
  return read(json, [&](simdjson::ondemand::object result) { return list.take_snapshot(result); });
}

View three() {
  return {{.id = 3, .sort_at = 30}, {.id = 2, .sort_at = 20}, {.id = 1, .sort_at = 10}};
}

std::string after_three(const std::string& json) {
  LiveList list(limit);
  REQUIRE(take_snapshot(list, snapshot_of(three(), 7)).empty());
  return take_delta(list, json);
}

}  // namespace

TEST_CASE("a list folded from deltas is the view, whatever happens in it") {
  const auto seed = GENERATE(1U, 2U, 3U, 4U, 5U);
  INFO("seed " << seed);
  std::minstd_rand random(seed);
  View view;
  LiveList list(limit);
  REQUIRE(take_snapshot(list, snapshot_of(view, 1)).empty());
  for (int now = 2; now < 300; ++now) {
    const auto ops = written_to(view, static_cast<int>(random() % 12), now);
    REQUIRE(take_delta(list, delta(static_cast<std::uint64_t>(now), ops, view)).empty());
    LiveList fresh(limit);
    REQUIRE(take_snapshot(fresh, snapshot_of(view, static_cast<std::uint64_t>(now))).empty());
    REQUIRE(list.content().difference(fresh.content()).empty());
    REQUIRE(list.content().disorder().empty());
  }
}

TEST_CASE("a list says what is wrong with a delta") {
  const auto view = three();
  CHECK(after_three(delta(8, "", view)).empty());
  CHECK(after_three(delta(7, "", view)) == "a delta's offset 7 does not come after 7");
  CHECK(after_three(delta(8, R"({"op":"del","id":"c109"})", view)) ==
        "del of c109, which is not in the list");
  CHECK(after_three(delta(8, R"({"op":"put","row":{"id":"c102","version":1},"before":"c109"})",
                          view)) == "put before c109, which is not in the list");
  CHECK(after_three(delta(8, R"({"op":"put","row":{"id":"c102","version":0},"before":null})",
                          view)) == "c102 goes back from version 1 to 0");
  CHECK(after_three(delta(8, R"({"op":"del","id":"c102"})", view)) ==
        "2 rows of 3 contacts in a window of 5");
  CHECK(after_three(delta(8, R"({"op":"turn","id":"c102"})", view)) == "an unknown op turn");
  CHECK(after_three(R"({"sub":"s2","offset":8,"ops":[]})") ==
        "a delta of another subscription, s2");
  CHECK(after_three(R"({"sub":"s1","offset":8,"ops":[],"counters":{"contacts":3,)"
                    R"("unread_contacts":1,"unread_messages":-1}})")
            .starts_with("counters below zero"));
  CHECK(after_three(R"({"sub":"s1","offset":8,"ops":[],"counters":{"contacts":3,)"
                    R"("unread_contacts":4,"unread_messages":9}})")
            .starts_with("counters that cannot be"));
}

TEST_CASE("rows that are not newest first are told with the two that stand wrong") {
  LiveList list(limit);
  auto view = three();
  std::swap(view[1], view[2]);
  CHECK(take_snapshot(list, snapshot_of(view, 7)) == "row 2, c102 of 20, stands behind c101 of 10");
}

TEST_CASE(
    "any one delta that one of a window's watchers loses is noticed, also when the next makes it "
    "good") {
  constexpr std::uint64_t deltas = 40;
  const auto seed = GENERATE(1U, 2U, 3U, 4U, 5U, 6U);
  std::minstd_rand random(seed);
  const auto loser = static_cast<unsigned>(random() % 4);
  const std::uint64_t lost = 3 + random() % (deltas - 4);
  INFO("seed " << seed << ", watcher " << loser << " loses delta " << lost);
  CommonWindow window;
  std::vector<unsigned> numbers;
  for (unsigned i = 0; i < 4; ++i) numbers.push_back(window.enter());
  std::vector<std::uint64_t> had(4), last(4);
  std::string error;
  for (std::uint64_t n = 1; n <= deltas && error.empty(); ++n) {
    for (unsigned i = 0; i < 4 && error.empty(); ++i) {
      if (i == loser && n == lost) continue;
      ListContent content;
      content.offset = 10 * n;
      error = window.hear(numbers[i], ++had[i] > 2 ? last[i] : 0, content,
                          CommonWindow::Look::by_turns);
      last[i] = content.offset;
    }
  }
  CHECK(error.find("the delta at " + std::to_string(10 * lost)) != std::string::npos);
}

TEST_CASE("who comes later, or skips what the others' first delta led over, has lost nothing") {
  CommonWindow window;
  const auto hear = [&](unsigned who, std::uint64_t previous, std::uint64_t offset) {
    ListContent content;
    content.offset = offset;
    return window.hear(who, previous, content, CommonWindow::Look::by_turns);
  };
  const auto old = window.enter(), newcomer = window.enter();
  CHECK(hear(old, 10, 20).empty());
  CHECK(hear(newcomer, 0, 25).empty());  // its own way to where the others are
  CHECK(hear(old, 20, 30).empty());
  CHECK(hear(newcomer, 0, 30).empty());
  CHECK(hear(newcomer, 30, 40).empty());
  CHECK(hear(old, 30, 40).empty());
}

TEST_CASE("two lists of a window that differ at one offset are told apart, with the difference") {
  CommonWindow window;
  ListContent content;
  content.offset = 20;
  content.items = {{"c1", R"({"id":"c1","sort_at":5})"}};
  CHECK(window.hear(window.enter(), 0, content, CommonWindow::Look::followed).empty());
  CHECK(window.hear(window.enter(), 0, content, CommonWindow::Look::fresh).empty());
  CHECK(window.compared_fresh() == 1);
  content.items = {{"c2", R"({"id":"c2","sort_at":5})"}};
  CHECK(
      window.hear(window.enter(), 0, content, CommonWindow::Look::fresh) ==
      "at offset 20 it is not the list that others of the window have: row 0 is c2 instead of c1");
}

}  // namespace inboxd::bench
