// How changes become the state store's keys and values. Part of store.cpp, apart because it is a
// subject of its own.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include <rocksdb/write_batch.h>

#include "persistence/change.hpp"
#include "persistence/key_sink.hpp"
#include "persistence/store.hpp"

namespace inboxd::persistence {

/// Into a batch, which outlives this.
class BatchSink : public KeySink {
 public:
  BatchSink(rocksdb::WriteBatch& batch, const Families& families)
      : batch_(batch), families_(families) {}
  void put(Family::Index family, std::string_view key, std::string_view value) override;
  void remove(Family::Index family, std::string_view key) override;

 private:
  rocksdb::WriteBatch& batch_;
  const Families& families_;
};

/// Writes changes[begin, end), the last state of each contact and entry only, and moves `position`.
/// The keys of contacts, entries, provider ids and pending messages come in their order, once each.
void put_changes(KeySink& sink, const std::vector<Change>& changes, std::size_t begin,
                 std::size_t end, AppliedPosition& position);

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
