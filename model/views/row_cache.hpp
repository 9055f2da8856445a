// The JSON of rows that lists show, written once a row version and shared by all windows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/row.hpp"
#include "model/row_json.hpp"

namespace inboxd::model {

/// Two generations: what is used stays, what is not used falls out with the older one.
class RowCache {
 public:
  /// At most twice as many rows are kept, about 1 KB each with the row itself.
  explicit RowCache(std::size_t generation_rows) : generation_rows_(generation_rows) {}

  /// Valid until the next call.
  const std::string& text(const RowPtr& row) {
    if (auto found = young_.find(row->id); found != young_.end()) {
      if (found->second.row != row) encode(found->second, row);
      return found->second.text;
    }
    if (young_.size() >= generation_rows_) {
      old_ = std::exchange(young_, {});
    }
    auto& item = young_[row->id];
    if (auto found = old_.find(row->id); found != old_.end()) {
      item = std::move(found->second);
      old_.erase(found);
    }
    if (item.row != row) encode(item, row);
    return item.text;
  }

  std::uint64_t encoded() const { return encoded_; }

 private:
  struct Item {
    RowPtr row;
    std::string text;
  };
  void encode(Item& item, const RowPtr& row) {
    item.row = row;
    item.text.clear();
    write_row(item.text, *row);
    ++encoded_;
  }

  std::size_t generation_rows_;
  boost::unordered_flat_map<ContactId, Item, std::hash<ContactId>> young_, old_;
  std::uint64_t encoded_ = 0;
};

}  // namespace inboxd::model
