// The state store's column families, and where keys and values go that are written to them.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <rocksdb/db.h>

namespace inboxd::persistence {

struct Family {
  enum Index : std::size_t {
    meta,
    contacts,
    entries,
    changed,
    client_ids,
    provider_ids,
    pending,
    workspace,
    count,
  };
};
using Families = std::array<rocksdb::ColumnFamilyHandle*, Family::count>;

/// Of a key that is given more than once the last counts.
class KeySink {
 public:
  KeySink() = default;
  virtual ~KeySink() = default;
  KeySink(const KeySink&) = delete;
  KeySink& operator=(const KeySink&) = delete;

  virtual void put(Family::Index family, std::string_view key, std::string_view value) = 0;
  virtual void remove(Family::Index family, std::string_view key) = 0;
};

}  // namespace inboxd::persistence
