// The state store: contacts, timelines and workspaces as of `applied().offset`, in RocksDB. It may
// lag behind the journal; its own log is off, and each write moves `applied` in the same atomic
// batch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/contact.hpp"
#include "model/entry.hpp"
#include "model/ids.hpp"
#include "model/time.hpp"
#include "model/workspace.hpp"
#include "persistence/change.hpp"

namespace rocksdb {
class Env;
}

namespace inboxd::persistence {

struct StoreOptions {
  std::filesystem::path path;
  enum class Mode : std::uint8_t { create, existing, read_only } mode = Mode::create;
  std::uint64_t cache_bytes = std::uint64_t{256} << 20;        // blocks kept in memory
  std::uint64_t write_buffer_bytes = std::uint64_t{64} << 20;  // of the timelines' column family
  rocksdb::Env* env = nullptr;                                 // null: the real disk
};

/// Up to where the store holds everything.
struct AppliedPosition {
  model::Offset offset;
  model::Timestamp at;
  std::uint64_t contact_ids = 0;  // the highest contact id in use
};

struct StoredContact {
  model::WorkspaceId workspace;
  model::Contact contact;
};

/// The JSON of entries, ascending by seq.
struct EntryPage {
  std::vector<std::string> entries;
  bool more = false;  // there are older ones
};

struct EntryPlace {
  model::ContactId contact;
  model::Seq seq;
};

/// What a repeated `client_id` is compared with (S22).
struct ClientKey {
  model::ContactId contact;
  model::AuthorKind kind = model::AuthorKind::agent;
  std::string_view author;  // the principal's id
  std::string_view client_id;
};

/// A provider's message id on a channel of a workspace.
struct ProviderKey {
  model::WorkspaceId workspace;
  model::ChannelId channel;
  model::Direction direction = model::Direction::in;
  std::string_view provider_id;
};

/// In the store of a backup: the epoch that it was made of. Gone once the store is opened for
/// writing.
inline constexpr std::string_view backup_mark = "BACKUP";

/// A file of the store as it is at one moment.
struct StoreFile {
  std::string name;
  std::uint64_t bytes = 0;             // of it, from the start, belong to that moment
  std::optional<std::string> content;  // given where the file itself has moved on
};

/// Reads are thread-safe and see the last finished `write`; writing and `flush` are for one thread.
/// Throws std::runtime_error with a full sentence when RocksDB fails or a value does not read back:
/// both mean that the disk or the program is broken.
class StateStore {
 public:
  explicit StateStore(StoreOptions options);
  ~StateStore();
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;

  const std::string& epoch() const;
  void set_epoch(const std::string& epoch);  // durable on return
  AppliedPosition applied() const;
  model::Offset applied_offset() const;  // of that, without a lock: each task of a contact asks

  std::optional<StoredContact> contact(model::ContactId id) const;
  std::optional<std::string> entry_json(model::ContactId contact, model::Seq seq) const;
  std::optional<model::Entry> entry(model::ContactId contact, model::Seq seq) const;
  /// The `limit` entries before `before` (nothing: the last ones).
  EntryPage page(model::ContactId contact, std::optional<model::Seq> before,
                 std::size_t limit) const;
  /// The JSON of every entry whose offset is greater, ascending by seq; nothing when there are more
  /// than `limit`.
  std::optional<std::vector<std::string>> changed_since(model::ContactId contact,
                                                        model::Offset offset,
                                                        std::size_t limit) const;
  std::optional<model::Seq> find(const ClientKey& key) const;
  /// After a merge that is not saved yet this may still name the secondary.
  std::optional<EntryPlace> find(const ProviderKey& key) const;

  std::map<model::WorkspaceId, model::Workspace> workspaces() const;
  /// The records that make up a workspace (`write_workspace_event`), as JSON.
  void for_each_workspace_record(const model::WorkspaceId& id,
                                 const std::function<void(std::string_view json)>& visit) const;
  /// Every contact, merged ones too, on `threads` threads at once: `visit(thread, …)`, thread from
  /// 0. Ascending by id within a thread. Throws what `visit` throws.
  void for_each_contact(
      std::size_t threads,
      const std::function<void(std::size_t thread, StoredContact&&)>& visit) const;
  /// Every outbound message that is still `pending`, by (contact, seq).
  void for_each_pending(const std::function<void(model::ContactId, model::Entry&&)>& visit) const;
  /// Those of one contact, ascending.
  std::vector<model::Seq> pending(model::ContactId contact) const;
  /// Every entry of a contact, ascending, without holding them all.
  void for_each_entry(model::ContactId contact,
                      const std::function<void(model::Seq, std::string_view json)>& visit) const;

  /// Changes in offset order, from the one after `applied().offset` on, all or nothing.
  void write(const std::vector<Change>& changes);
  /// As `write`, and durable on return, with all that was written before: the cheaper way for tens
  /// of thousands of changes.
  void write_durably(const std::vector<Change>& changes);
  /// Makes everything written durable.
  void flush();
  /// What is durable: after a crash the store is at least here.
  model::Offset durable() const;

  /// Reads every block. Throws if one is damaged.
  void verify_checksums() const;
  /// What a copy of the store consists of, durable state only (read_only stores).
  std::vector<StoreFile> files() const;

  /// For the metrics: RocksDB's size on disk, memory, compactions pending, and the CPU time of its
  /// own threads, which flush and compact.
  struct Stats {
    std::uint64_t disk_bytes = 0, memory_bytes = 0, pending_compaction_bytes = 0;
    std::uint64_t background_cpu_us = 0;
  };
  Stats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inboxd::persistence
