#include "model/symbol_table.hpp"

#include <mutex>

namespace inboxd::model {

const std::string& SymbolTable::intern(std::string_view text) {
  if (const auto* known = find(text)) return *known;
  const std::unique_lock lock(mutex_);
  return *texts_.emplace(text).first;
}

const std::string* SymbolTable::find(std::string_view text) const {
  const std::shared_lock lock(mutex_);
  const auto place = texts_.find(text);
  return place == texts_.end() ? nullptr : &*place;
}

std::size_t SymbolTable::size() const {
  const std::shared_lock lock(mutex_);
  return texts_.size();
}

}  // namespace inboxd::model
