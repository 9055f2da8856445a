// All rows that an engine knows, by contact id. Rows have numbered places, so that a scan can go on
// where it stopped while rows come, change and go. About 45 bytes a row, besides the row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/row.hpp"

namespace inboxd::model {

class RowTable {
 public:
  using Place = std::uint32_t;

  void reserve(std::size_t rows) {
    rows_.reserve(rows);
    places_.reserve(rows);
  }

  std::size_t size() const { return places_.size(); }
  /// Places run up to here; some may be free.
  std::size_t places() const { return rows_.size(); }
  const RowPtr& at(Place place) const { return rows_[place]; }

  /// Null if the contact is not there.
  const RowPtr& find(ContactId id) const {
    static const RowPtr none;
    const auto found = places_.find(id);
    return found == places_.end() ? none : rows_[found->second];
  }

  /// Puts `row` in the contact's place (null: frees it), and returns the place and what was there.
  std::pair<Place, RowPtr> exchange(ContactId id, RowPtr row) {
    const auto found = places_.find(id);
    if (found == places_.end()) {
      if (!row) return {0, nullptr};
      const auto place = take_place();
      rows_[place] = std::move(row);
      places_.emplace(id, place);
      return {place, nullptr};
    }
    const auto place = found->second;
    if (!row) {
      places_.erase(found);
      free_.push_back(place);
    }
    return {place, std::exchange(rows_[place], std::move(row))};
  }

  Place place_of(ContactId id) const { return places_.at(id); }

  std::size_t bytes() const {
    // A slot of the flat map has a byte of its own besides the pair.
    constexpr auto slot = sizeof(std::pair<const ContactId, Place>) + 1;
    return rows_.capacity() * sizeof(RowPtr) + places_.bucket_count() * slot +
           free_.capacity() * sizeof(Place);
  }

 private:
  Place take_place() {
    if (!free_.empty()) {
      const auto place = free_.back();
      free_.pop_back();
      return place;
    }
    rows_.emplace_back();
    return static_cast<Place>(rows_.size() - 1);
  }

  std::vector<RowPtr> rows_;
  boost::unordered_flat_map<ContactId, Place, std::hash<ContactId>> places_;
  std::vector<Place> free_;
};

}  // namespace inboxd::model
