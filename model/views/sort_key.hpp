// A row's place in a sorted list as two integers (S30), and cursors made of it (S33).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/filter.hpp"
#include "model/ids.hpp"
#include "model/row.hpp"

namespace inboxd::model {

/// Ascending order of keys is the list's order, for every sort; the id makes it total.
struct SortKey {
  std::uint64_t rank = 0;
  ContactId id;
  friend auto operator<=>(const SortKey&, const SortKey&) = default;
};

SortKey sort_key(Sort sort, const Row& row);

/// Opaque text that names the key's position in lists of this sort.
std::string cursor_of(Sort sort, const SortKey& key);
/// Nothing unless `cursor_of` gave the text, for the same sort.
std::optional<SortKey> parse_cursor(Sort sort, std::string_view text);

}  // namespace inboxd::model
