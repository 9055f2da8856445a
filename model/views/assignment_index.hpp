// Which contacts an agent or a team has, so that a list for them (`mine`, a team's, what somebody
// with visibility `assigned` or `team` sees of a view) is built from those and not by a scan over
// all contacts. About 10 bytes a contact that is assigned.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "model/filter.hpp"
#include "model/row.hpp"
#include "model/views/network.hpp"
#include "model/views/row_table.hpp"

namespace inboxd::model {

class AssignmentIndex {
 public:
  using Place = RowTable::Place;

  /// Either row may be null.
  void change(Place place, const Row* before, const Row* after) {
    if (before != nullptr && after != nullptr && before->assignment == after->assignment) return;
    if (before != nullptr) {
      each_term(*before, [&](Term term) {
        const auto found = places_.find(term);
        found->second.erase(place);
        if (found->second.empty()) places_.erase(found);
      });
    }
    if (after != nullptr) {
      each_term(*after, [&](Term term) { places_[term].insert(place); });
    }
  }

  /// Places of all contacts that the filter can match, each once, in no order; nothing if it
  /// requires neither an agent nor a team, or if they are more than `at_most`.
  std::optional<std::vector<Place>> candidates(const Filter& filter, std::size_t at_most) const {
    const TermWeight weight = [this](FilterField field, Term term, bool missing) {
      const bool indexed = field == FilterField::assignee || field == FilterField::team;
      if (!indexed || missing) return std::optional<double>();
      const auto found = places_.find(term);
      return std::optional(found == places_.end() ? 0.0
                                                  : static_cast<double>(found->second.size()));
    };
    const auto terms = required_terms(filter, weight);
    if (!terms) return std::nullopt;
    boost::unordered_flat_set<Place> places;
    for (const auto term : *terms) {
      const auto found = places_.find(term);
      if (found == places_.end()) continue;
      if (places.size() + found->second.size() > at_most) return std::nullopt;
      places.insert(found->second.begin(), found->second.end());
    }
    return std::vector<Place>(places.begin(), places.end());
  }

 private:
  template <class Each>
  static void each_term(const Row& row, Each each) {
    const auto& [assignee, team] = row.assignment;
    if (assignee) each(terms::of_text(FilterField::assignee, assignee->str()));
    if (team) each(terms::of_text(FilterField::team, team->str()));
  }

  struct TermHash {
    using is_avalanching = void;
    std::size_t operator()(Term term) const noexcept { return term; }
  };
  boost::unordered_flat_map<Term, boost::unordered_flat_set<Place>, TermHash> places_;
};

}  // namespace inboxd::model
