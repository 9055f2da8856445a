// How changes become the state store's keys and values. Part of store.cpp, apart because it is a
// subject of its own.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "persistence/change.hpp"
#include "persistence/store.hpp"

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

/// Puts changes[begin, end) into the batch, the last state of each contact and entry only, and
/// moves `position`.
void put_changes(rocksdb::WriteBatch& batch, const Families& families,
                 const std::vector<Change>& changes, std::size_t begin, std::size_t end,
                 AppliedPosition& position);

/// Copies a merge's entries behind the primary's own, with the keys that lead to them, in slices:
/// until the batch that moves the primary's `last_seq` nobody looks there, and a copy that a crash
/// interrupts is made again.
void copy_entries(const StateStore& store, const Families& families, const Change& change,
                  const EntriesMoved& moved,
                  const std::function<void(rocksdb::WriteBatch&)>& commit);
/// Removes them from under the secondary.
void forget_entries(rocksdb::WriteBatch& batch, const Families& families,
                    const EntriesMoved& moved);

}  // namespace inboxd::persistence
