#include "bench/inbox_bench/views_naive.hpp"

#include <algorithm>

#include "model/json.hpp"
#include "model/row_json.hpp"

namespace inboxd::bench {

using namespace inboxd::model;

void NaiveViews::add(const Filter& filter, bool watched) {
  View view{.predicate = Predicate(filter), .watched = watched, .counters = {}, .list = {}};
  for (const auto& row : rows_) {
    if (!watched) break;
    if (!view.predicate.match(*row, {})) continue;
    view.counters.add(*row);
    view.list.push_back(sort_key(Sort::newest, *row));
  }
  std::sort(view.list.begin(), view.list.end());
  views_.push_back(std::move(view));
}

std::size_t NaiveViews::apply(const Row& before, const Row& after, Timestamp now) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < views_.size(); ++i) {
    auto& view = views_[i];
    const bool was = view.predicate.match(before, now);
    const bool is = view.predicate.match(after, now);
    if (was) view.counters.take_away(before);
    if (is) view.counters.add(after);
    if (!view.watched || (!was && !is)) continue;
    std::erase_if(view.list, [&](const SortKey& key) { return key.id == before.id; });
    if (is) view.list.push_back(sort_key(Sort::newest, after));
    std::sort(view.list.begin(), view.list.end());
    bytes += window(i).size();
  }
  return bytes;
}

std::string NaiveViews::window(std::size_t view) const {
  const auto& list = views_[view].list;
  const std::span first(list.data(), std::min(list.size(), limits::page_rows_default));
  std::string text;
  json::write_each(text, first,
                   [&](const SortKey& key) { write_row(text, *rows_[key.id.value - 1]); });
  return text;
}

}  // namespace inboxd::bench
