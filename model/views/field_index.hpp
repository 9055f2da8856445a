// Finds the filters whose answer a change can have turned, by the fields that they read. For
// filters that require no rare term (network.hpp): `name contains "gar"`, `score > 90`, `not
// tagged`. One that reads no field that changed says of the row what it said before.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "model/filter.hpp"
#include "model/row.hpp"

namespace inboxd::model {

inline constexpr std::size_t filter_fields = 22;

class FieldIndex {
 public:
  /// What is found; the owner's own.
  using Item = void*;

  void add(Item item, const Filter& filter);
  void remove(Item item, const Filter& filter);
  bool empty() const { return all_.empty(); }

  /// Calls `found(item)` for each item whose filter reads a field in which the rows differ (all, if
  /// one of them is null); possibly more than once.
  template <class Found>
  void for_each(const Row* before, const Row* after, Found&& found) const {
    if (all_.empty()) return;
    if (before == nullptr || after == nullptr) {
      for (const auto item : all_) found(item);
      return;
    }
    const auto changed = changed_fields(*before, *after);
    for (std::size_t field = 0; field < filter_fields; ++field) {
      if ((changed >> field & 1U) == 0) continue;
      for (const auto item : by_field_[field]) found(item);
    }
    if ((changed >> static_cast<unsigned>(FilterField::custom) & 1U) == 0) return;
    for (const auto& [id, items] : by_custom_) {
      if (!custom_changed(*before, *after, id)) continue;
      for (const auto item : items) found(item);
    }
  }

  /// A bit for each FilterField; `custom` is set if any custom field may differ.
  static std::uint32_t changed_fields(const Row& before, const Row& after);

 private:
  static bool custom_changed(const Row& before, const Row& after, const FieldId& id);

  std::array<std::vector<Item>, filter_fields> by_field_;  // but `custom`
  std::map<FieldId, std::vector<Item>> by_custom_;
  std::vector<Item> all_;
};

}  // namespace inboxd::model
