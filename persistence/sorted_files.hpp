// Keys and values as sorted files that become part of the state store all at once, without passing
// through its memtables (docs/decisions/0052-large-rounds-as-files.md).
#pragma once

#include <memory>
#include <string_view>

#include <rocksdb/db.h>

#include "persistence/key_sink.hpp"

namespace inboxd::persistence {

/// For one thread, and one at a time. Throws std::runtime_error when RocksDB fails.
class SortedFiles : public KeySink {
 public:
  /// The files are made beside the database's own. `db` and `families` outlive this.
  SortedFiles(rocksdb::DB& db, const Families& families);
  ~SortedFiles() override;

  /// Keys of contacts, entries, provider ids and pending messages have to come in their order, once
  /// each, and are written at once. The others, which are few, wait for `ingest`.
  void put(Family::Index family, std::string_view key, std::string_view value) override;
  void remove(Family::Index family, std::string_view key) override;

  /// Makes all of it part of the database, durably and in one step: after a crash all or nothing of
  /// it is there. The memtables must hold nothing that is not on disk, or that could be lost while
  /// what came after it is kept.
  void ingest();

  /// Removes what a crash has left in the database's folder.
  static void remove_leftovers(rocksdb::DB& db);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inboxd::persistence
