// The inbox that `inbox-bench views` measures on: contacts, custom views and changes, all made by
// formulas, so that the engine, the naive way and SQL are given the same.
//
// Of ten contacts one is a "vip", open, unassigned, tagged `vip` alone; the others carry one of
// 1,000 tags, a plan, and are open (a third, half of them assigned to one of 500 agents) or done.
// Every change is a message of a vip. Idle views look for a tag, an assignee or a plan that no vip
// has; one in fifty has nothing to be found by (`name contains`, `score gt`) and holds nobody.
// Matching views hold all vips.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "model/view_engine.hpp"

namespace inboxd::bench {

class ViewsInbox {
 public:
  static constexpr std::size_t vip_every = 10;

  ViewsInbox(std::size_t contacts, std::uint64_t seed);

  const std::vector<model::RowPtr>& rows() const { return rows_; }
  model::Timestamp now() const { return now_; }

  struct Change {
    model::Timestamp at;
    model::RowPtr before;
    model::RowChange row;
  };
  /// The next `count` messages, a millisecond apart.
  std::vector<Change> changes(std::size_t count);

 private:
  std::vector<model::RowPtr> rows_;
  std::mt19937_64 random_;
  model::Timestamp now_{2'000'000'000'000};
};

/// A workspace with the custom fields that the views read.
model::Workspace views_workspace();
/// They are shared with everybody. `idle1`, …
model::ViewDefinition idle_view(std::size_t i);
/// `match1`, …
model::ViewDefinition matching_view(std::size_t i);

}  // namespace inboxd::bench
