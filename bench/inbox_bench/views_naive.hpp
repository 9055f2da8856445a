// The views of `inbox-bench views` kept the way that comes first to mind: each change asks every
// view's filter, and a list that it concerns is sorted again and its window written again.
#pragma once

#include <string>
#include <vector>

#include "bench/inbox_bench/views_inbox.hpp"
#include "model/filter_eval.hpp"
#include "model/views/counters.hpp"
#include "model/views/sort_key.hpp"

namespace inboxd::bench {

class NaiveViews {
 public:
  explicit NaiveViews(const std::vector<model::RowPtr>& rows) : rows_(rows) {}

  /// A view whose counters are kept; `watched`: its first rows too, newest first. The counters of
  /// one that is not watched begin at zero: to count 10,000 views over a million contacts takes
  /// minutes.
  void add(const model::Filter& filter, bool watched);
  /// The row has taken its place in `rows` already. Returns the bytes that subscribers would get.
  std::size_t apply(const model::Row& before, const model::Row& after, model::Timestamp now);

  std::size_t views() const { return views_.size(); }
  /// The rows that a watcher of the view sees, as JSON.
  std::string window(std::size_t view) const;
  const model::Counters& counters(std::size_t view) const { return views_[view].counters; }

 private:
  struct View {
    model::Predicate predicate;
    bool watched;
    model::Counters counters;
    std::vector<model::SortKey> list;
  };
  const std::vector<model::RowPtr>& rows_;
  std::vector<View> views_;
};

}  // namespace inboxd::bench
