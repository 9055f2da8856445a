// The texts behind the symbols of ids.hpp.
#pragma once

#include <cstddef>
#include <functional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_set>

namespace inboxd::model {

/// Texts of one kind, each once and at one address for the life of the process. Thread-safe.
class SymbolTable {
 public:
  const std::string& intern(std::string_view text);
  /// Nothing if nobody has interned it; keeps nothing.
  const std::string* find(std::string_view text) const;
  std::size_t size() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  mutable std::shared_mutex mutex_;
  std::unordered_set<std::string, Hash, std::equal_to<>> texts_;  // its nodes do not move
};

}  // namespace inboxd::model
