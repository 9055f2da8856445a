// Which sparse selections hold a contact: what a change must reach though it touched nothing that
// their filters read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/views/row_table.hpp"

namespace inboxd::model {

struct Selection;

class Holders {
 public:
  using Place = RowTable::Place;

  void add(Place place, Selection* selection) { held_[place].push_back(selection); }
  void remove(Place place, Selection* selection) {
    const auto found = held_.find(place);
    auto& selections = found->second;
    *std::find(selections.begin(), selections.end(), selection) = selections.back();
    selections.pop_back();
    if (selections.empty()) held_.erase(found);
  }
  /// Valid until the next change.
  std::span<Selection* const> of(Place place) const {
    const auto found = held_.find(place);
    if (found == held_.end()) return {};
    return found->second;
  }

 private:
  boost::unordered_flat_map<Place, std::vector<Selection*>> held_;
};

}  // namespace inboxd::model
