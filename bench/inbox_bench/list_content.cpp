#include <charconv>
#include <string_view>

#include "bench/inbox_bench/live_list.hpp"

namespace inboxd::bench {
namespace {

// The same JSON without regard to white space.
bool same_json(const std::string& a, const std::string& b) {
  if (a == b) return true;
  simdjson::dom::parser parser_a;
  simdjson::dom::parser parser_b;
  simdjson::dom::element left;
  simdjson::dom::element right;
  return parser_a.parse(a).get(left) == simdjson::SUCCESS &&
         parser_b.parse(b).get(right) == simdjson::SUCCESS &&
         simdjson::to_string(left) == simdjson::to_string(right);
}

}  // namespace

std::string ListContent::difference(const ListContent& truth) const {
  if (items.size() != truth.items.size())
    return std::to_string(items.size()) + " rows instead of " + std::to_string(truth.items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& mine = items[i];
    const auto& other = truth.items[i];
    if (mine.id != other.id)
      return "row " + std::to_string(i) + " is " + mine.id + " instead of " + other.id;
    if (!same_json(mine.row, other.row))
      return "row " + std::to_string(i) + " is " + mine.row + " instead of " + other.row;
  }
  if (!same_json(counters, truth.counters))
    return "counters " + counters + " instead of " + truth.counters;
  if (cursor != truth.cursor) return "cursor " + cursor + " instead of " + truth.cursor;
  return "";
}

std::int64_t number_behind(std::string_view key, std::string_view row) {
  std::int64_t number = 0;
  if (const auto at = row.find(key); at != std::string_view::npos)
    std::from_chars(row.data() + at + key.size(), row.data() + row.size(), number);
  return number;
}

std::string ListContent::disorder() const {
  constexpr std::string_view key = "\"sort_at\":";
  for (std::size_t i = 1; i < items.size(); ++i) {
    const auto before = number_behind(key, items[i - 1].row), at = number_behind(key, items[i].row);
    if (before > at || (before == at && items[i - 1].id < items[i].id)) continue;
    return "row " + std::to_string(i) + ", " + items[i].id + " of " + std::to_string(at) +
           ", stands behind " + items[i - 1].id + " of " + std::to_string(before);
  }
  return "";
}

}  // namespace inboxd::bench
