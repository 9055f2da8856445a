#include "persistence/store.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <exception>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "model/entry_json.hpp"
#include "model/json.hpp"
#include "persistence/contact_record.hpp"
#include "persistence/crash_point.hpp"
#include "persistence/json_reader.hpp"
#include "persistence/sorted_files.hpp"
#include "persistence/state_json.hpp"
#include "persistence/store_batch.hpp"
#include "persistence/store_keys.hpp"

namespace inboxd::persistence {
namespace {

namespace fs = std::filesystem;
using model::ContactId;
using model::Offset;
using model::Seq;

rocksdb::Slice slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
std::string_view view(const rocksdb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

void check(const rocksdb::Status& status, const char* doing) {
  if (!status.ok()) {
    throw std::runtime_error(std::string("The state store failed while ") + doing + ": " +
                             status.ToString() + ".");
  }
}

/// An entry's offset is the last member of its JSON (model/entry_json.hpp).
Offset offset_in(std::string_view json) {
  Offset offset;
  const auto colon = json.rfind(':');
  if (colon != std::string_view::npos) {
    std::from_chars(json.data() + colon + 1, json.data() + json.size(), offset.value);
  }
  return offset;
}

rocksdb::Options database_options(const StoreOptions& options) {
  rocksdb::Options o;
  if (options.env != nullptr) {
    o.env = options.env;
    o.max_file_opening_threads = 1;  // no disk to wait for; by default sixteen threads a family
  }
  o.create_if_missing = options.mode == StoreOptions::Mode::create;
  o.create_missing_column_families = options.mode == StoreOptions::Mode::create;
  o.atomic_flush = true;
  o.avoid_flush_during_shutdown = true;  // what is durable is decided by `flush`
  o.max_background_jobs = 2;
  o.bytes_per_sync = 1 << 20;
  o.keep_log_file_num = 2;
  o.max_open_files = 4096;
  o.info_log_level = rocksdb::WARN_LEVEL;
  // There is one writer.
  o.allow_concurrent_memtable_write = false;
  return o;
}

struct FamilyKind {
  const char* name;
  bool large;     // takes much of the write buffer
  bool grows;     // with every message: kept in runs that are merged seldom
  bool is_asked;  // for single keys that mostly are not there
  bool is_kept;   // most of it is never written again
};
/// In the order of `Families`.
constexpr std::array<FamilyKind, Family::count> family_kinds{{
    {"default", false, false, false, false},
    {"contacts", true, true, false, false},
    {"entries", true, true, false, true},
    {"changed", false, true, false, false},
    {"client_ids", false, true, true, false},
    {"provider_ids", false, true, true, false},
    {"pending", false, false, false, false},
    {"workspace", false, false, false, false},
}};

/// Merges eight to sixteen runs of like size at a time, so that what is never written again is not
/// rewritten with each doubling; and everything only when the oldest run is a small part of it.
void compact_seldom(rocksdb::ColumnFamilyOptions& o) {
  o.level0_file_num_compaction_trigger = 16;
  o.level0_slowdown_writes_trigger = 32;
  o.level0_stop_writes_trigger = 48;
  auto& universal = o.compaction_options_universal;
  universal.stop_style = rocksdb::kCompactionStopStyleSimilarSize;
  universal.size_ratio = 100;  // one may be twice as large as the other
  universal.min_merge_width = 8;
  universal.max_size_amplification_percent = 1000;
}

rocksdb::ColumnFamilyOptions family_options(const StoreOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache,
                                            const FamilyKind& kind) {
  rocksdb::ColumnFamilyOptions o;
  o.write_buffer_size = options.write_buffer_bytes / (kind.large ? 1 : 4);
  o.max_write_buffer_number = 4;
  o.compression = rocksdb::kLZ4Compression;
  o.level_compaction_dynamic_level_bytes = true;
  if (kind.grows) {
    // Each byte is written again fewer times in its life than in levels; reads look into a few more
    // files.
    o.compaction_style = rocksdb::kCompactionStyleUniversal;
    o.level0_file_num_compaction_trigger = 8;
    o.compaction_options_universal.compression_size_percent = 60;  // the youngest runs are plain
  }
  if (kind.is_kept) compact_seldom(o);
  if (kind.is_asked) {
    o.memtable_prefix_bloom_size_ratio = 0.05;
    o.memtable_whole_key_filtering = true;
  }
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 8 * 1024;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  o.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return o;
}

/// Of this process's threads that RocksDB has made and named, so far; 0 where /proc does not say.
std::uint64_t background_cpu_us() {
  std::uint64_t sum_ns = 0;
  std::error_code error;
  for (const auto& task : fs::directory_iterator("/proc/self/task", error)) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    std::uint64_t ns = 0;
    if (name.starts_with("rocksdb:") && std::ifstream(task.path() / "schedstat") >> ns)
      sum_ns += ns;
  }
  return sum_ns / 1000;
}

constexpr std::string_view format_version = "2";
constexpr std::string_view format_with_json_contacts = "1";  // read, and written on as 2

/// CURRENT leads to the manifest that is copied with it.
void name_manifest(std::vector<StoreFile>& files) {
  const auto manifest = std::find_if(files.begin(), files.end(), [](const StoreFile& f) {
    return f.name.starts_with("MANIFEST");
  });
  for (auto& file : files) {
    if (file.name != "CURRENT" || manifest == files.end()) continue;
    file.content = manifest->name + '\n';
    file.bytes = file.content->size();
  }
}

}  // namespace

class StateStore::Impl {
 public:
  explicit Impl(const StoreOptions& options);
  ~Impl() {
    for (auto* family : families) db->DestroyColumnFamilyHandle(family);
  }

  /// The value, or nothing.
  std::optional<std::string> get(Family::Index family, std::string_view key) const {
    std::string value;
    const auto status = db->Get(rocksdb::ReadOptions(), families[family], slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    check(status, "reading");
    return value;
  }
  std::unique_ptr<rocksdb::Iterator> iterate(Family::Index family,
                                             rocksdb::ReadOptions o = {}) const {
    return std::unique_ptr<rocksdb::Iterator>(db->NewIterator(o, families[family]));
  }
  void commit(rocksdb::WriteBatch& batch) {
    rocksdb::WriteOptions o;
    o.disableWAL = true;
    in_memory = true;
    check(db->Write(o, &batch), "writing");
  }
  /// The writer's one batch, empty. It keeps its memory: growing tens of megabytes anew each time
  /// costs as much as what is written into them.
  rocksdb::WriteBatch& empty_batch() {
    constexpr std::size_t keep_bytes_max = 96U << 20;
    if (batch.GetDataSize() > keep_bytes_max) batch = rocksdb::WriteBatch();
    batch.Clear();
    return batch;
  }
  void flush() {
    rocksdb::FlushOptions o;
    o.allow_write_stall = true;
    check(db->Flush(o, {families.begin(), families.end()}), "flushing");
    in_memory = false;
  }
  void move_to(const AppliedPosition& position) {
    {
      const std::lock_guard lock(mutex);
      applied = position;
    }
    applied_offset = position.offset.value;
  }
  /// Compactions are: RocksDB slows writes down, or stops them.
  bool is_behind() const {
    std::uint64_t rate = 0, stopped = 0;
    db->GetIntProperty(rocksdb::DB::Properties::kActualDelayedWriteRate, &rate);
    db->GetIntProperty(rocksdb::DB::Properties::kIsWriteStopped, &stopped);
    return rate != 0 || stopped != 0;
  }
  void load_meta(bool read_only);

  std::shared_ptr<rocksdb::Cache> cache;  // of all families
  std::unique_ptr<rocksdb::DB> db;
  Families families{};
  rocksdb::WriteBatch batch;
  bool in_memory = false;  // the memtables hold something: it is not on disk yet

  mutable std::mutex mutex;
  std::string epoch;
  AppliedPosition applied;
  std::atomic<std::uint64_t> applied_offset{0}, durable{0};
};

StateStore::Impl::Impl(const StoreOptions& options)
    : cache(rocksdb::NewLRUCache(options.cache_bytes)) {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto& kind : family_kinds) {
    descriptors.emplace_back(kind.name, family_options(options, cache, kind));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  const auto o = database_options(options);
  const auto path = options.path.string();
  const auto status = options.mode == StoreOptions::Mode::read_only
                          ? rocksdb::DB::OpenForReadOnly(o, path, descriptors, &handles, &opened)
                          : rocksdb::DB::Open(o, path, descriptors, &handles, &opened);
  if (!status.ok()) {
    throw std::runtime_error("The state store in " + path +
                             " cannot be opened: " + status.ToString() +
                             ". If it is damaged, restore a backup with `inboxctl restore`.");
  }
  db.reset(opened);
  if (options.mode != StoreOptions::Mode::read_only) {
    fs::remove(options.path / backup_mark);
    SortedFiles::remove_leftovers(*db);
  }
  std::copy(handles.begin(), handles.end(), families.begin());
  // Compactions and flushes give way to the live traffic.
  db->GetEnv()->LowerThreadPoolCPUPriority(rocksdb::Env::LOW);
  db->GetEnv()->LowerThreadPoolCPUPriority(rocksdb::Env::HIGH);
  load_meta(options.mode == StoreOptions::Mode::read_only);
}

void StateStore::Impl::load_meta(bool read_only) {
  const auto version = get(Family::meta, "format");
  if (version && *version != format_version && *version != format_with_json_contacts) {
    throw std::runtime_error("The state store was written by a later version of inboxd (format " +
                             *version + "): start that version, or restore a backup.");
  }
  epoch = get(Family::meta, "epoch").value_or("");
  if (const auto text = get(Family::meta, "applied")) {
    const auto v = parse_json(*text);
    applied = {{v["offset"].natural()}, v["at"].time(), v["contact_ids"].natural()};
  }
  applied_offset = durable = applied.offset.value;
  if (version && *version != format_version && !read_only) {
    // On disk together with the first record that needs it.
    rocksdb::WriteBatch upgrade;
    upgrade.Put(families[Family::meta], "format", slice(format_version));
    commit(upgrade);
  }
}

StateStore::StateStore(StoreOptions options) : impl_(std::make_unique<Impl>(options)) {}
StateStore::~StateStore() = default;

const std::string& StateStore::epoch() const {
  return impl_->epoch;
}

void StateStore::set_epoch(const std::string& epoch) {
  impl_->epoch = epoch;
  rocksdb::WriteBatch batch;
  batch.Put(impl_->families[Family::meta], "format", slice(format_version));
  batch.Put(impl_->families[Family::meta], "epoch", epoch);
  impl_->commit(batch);
  flush();
}

AppliedPosition StateStore::applied() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->applied;
}

Offset StateStore::applied_offset() const {
  return {impl_->applied_offset};
}

Offset StateStore::durable() const {
  return {impl_->durable};
}

// Reads.

std::optional<StoredContact> StateStore::contact(ContactId id) const {
  const auto bytes = impl_->get(Family::contacts, keys::contact(id));
  if (!bytes) return std::nullopt;
  auto [workspace, contact] = read_contact_record(*bytes);
  return StoredContact{workspace, std::move(contact)};
}

std::optional<std::string> StateStore::entry_json(ContactId contact, Seq seq) const {
  return impl_->get(Family::entries, keys::entry(contact, seq));
}

std::optional<model::Entry> StateStore::entry(ContactId contact, Seq seq) const {
  const auto json = entry_json(contact, seq);
  if (!json) return std::nullopt;
  return read_entry(*json);
}

EntryPage StateStore::page(ContactId contact, std::optional<Seq> before, std::size_t limit) const {
  EntryPage page;
  const std::string end(before ? std::string_view(keys::entry(contact, *before))
                               : std::string_view(keys::contact({contact.value + 1})));
  const auto begin = keys::contact(contact);
  const auto at = impl_->iterate(Family::entries);
  for (at->SeekForPrev(slice(end)); at->Valid(); at->Prev()) {
    if (view(at->key()) == end) continue;  // `before` itself
    if (!at->key().starts_with(slice(begin))) break;
    if (page.entries.size() == limit) {
      page.more = true;
      break;
    }
    page.entries.push_back(at->value().ToString());
  }
  check(at->status(), "reading a timeline");
  std::reverse(page.entries.begin(), page.entries.end());
  return page;
}

/// New entries stand at the end, in the order of their offsets, until the first one that has not
/// been touched since; older ones that were changed are found through `changed`.
std::optional<std::vector<std::string>> StateStore::changed_since(ContactId contact, Offset offset,
                                                                  std::size_t limit) const {
  std::map<Seq, std::string> found;
  const auto key = keys::contact(contact);
  const auto prefix = slice(key);
  const auto entries = impl_->iterate(Family::entries);
  for (entries->SeekForPrev(slice(keys::contact({contact.value + 1})));
       entries->Valid() && entries->key().starts_with(prefix); entries->Prev()) {
    if (offset_in(view(entries->value())) <= offset) break;
    if (found.size() == limit) return std::nullopt;
    found.emplace(Seq{keys::get(view(entries->key()), 8)}, entries->value().ToString());
  }
  check(entries->status(), "reading a timeline");
  const auto changes = impl_->iterate(Family::changed);
  for (changes->Seek(slice(keys::changed(contact, offset + 1, {0})));
       changes->Valid() && changes->key().starts_with(prefix); changes->Next()) {
    const Seq seq{keys::get(view(changes->key()), 16)};
    if (found.contains(seq)) continue;
    if (found.size() == limit) return std::nullopt;
    if (auto json = entry_json(contact, seq)) found.emplace(seq, std::move(*json));
  }
  check(changes->status(), "reading a timeline's changes");
  std::vector<std::string> texts;
  for (auto& [seq, json] : found) texts.push_back(std::move(json));
  return texts;
}

std::optional<Seq> StateStore::find(const ClientKey& key) const {
  const auto value = impl_->get(Family::client_ids, keys::client(key));
  if (!value) return std::nullopt;
  return Seq{keys::get(*value)};
}

std::optional<EntryPlace> StateStore::find(const ProviderKey& key) const {
  const auto value = impl_->get(Family::provider_ids, keys::provider(key));
  if (!value) return std::nullopt;
  return EntryPlace{{keys::get(*value)}, {keys::get(*value, 8)}};
}

std::map<model::WorkspaceId, model::Workspace> StateStore::workspaces() const {
  std::map<model::WorkspaceId, model::Workspace> all;
  const auto at = impl_->iterate(Family::workspace);
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    const auto key = view(at->key());
    const model::WorkspaceId id(key.substr(0, key.find('\0')));
    auto& workspace = all[id];
    workspace.id = id;
    if (!at->value().empty()) model::apply(workspace, read_workspace_event(view(at->value())));
  }
  check(at->status(), "reading the workspaces");
  return all;
}

void StateStore::for_each_workspace_record(
    const model::WorkspaceId& id, const std::function<void(std::string_view json)>& visit) const {
  const auto prefix = id.str() + '\0';
  const auto at = impl_->iterate(Family::workspace);
  for (at->Seek(slice(prefix)); at->Valid() && at->key().starts_with(prefix); at->Next()) {
    if (!at->value().empty()) visit(view(at->value()));
  }
  check(at->status(), "reading a workspace");
}

void StateStore::for_each_contact(
    std::size_t threads,
    const std::function<void(std::size_t thread, StoredContact&&)>& visit) const {
  const auto ids = applied().contact_ids + 1;
  threads = std::max<std::size_t>(threads, 1);
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto walk = [&](std::size_t thread) {
    try {
      const auto begin = keys::contact({ids * thread / threads});
      const auto end = keys::contact({ids * (thread + 1) / threads});
      const auto upper = slice(end);
      rocksdb::ReadOptions o;
      o.iterate_upper_bound = &upper;
      o.readahead_size = 2 << 20;
      o.fill_cache = false;
      const auto at = impl_->iterate(Family::contacts, o);
      for (at->Seek(slice(begin)); at->Valid(); at->Next()) {
        auto [workspace, contact] = read_contact_record(view(at->value()));
        visit(thread, {workspace, std::move(contact)});
      }
      check(at->status(), "reading the contacts");
    } catch (...) {
      const std::lock_guard lock(failure_mutex);
      failure = std::current_exception();
    }
  };
  std::vector<std::thread> helpers;
  for (std::size_t i = 1; i < threads; ++i) helpers.emplace_back(walk, i);
  walk(0);
  for (auto& helper : helpers) helper.join();
  if (failure) std::rethrow_exception(failure);
}

void StateStore::for_each_pending(
    const std::function<void(ContactId, model::Entry&&)>& visit) const {
  const auto at = impl_->iterate(Family::pending);
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    const ContactId contact{keys::get(view(at->key()))};
    if (auto found = entry(contact, {keys::get(view(at->key()), 8)})) {
      visit(contact, std::move(*found));
    }
  }
  check(at->status(), "reading the outbox");
}

std::vector<Seq> StateStore::pending(ContactId contact) const {
  std::vector<Seq> seqs;
  const auto key = keys::contact(contact);
  const auto prefix = slice(key);
  const auto at = impl_->iterate(Family::pending);
  for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix); at->Next())
    seqs.push_back({keys::get(view(at->key()), 8)});
  check(at->status(), "reading the outbox");
  return seqs;
}

void StateStore::for_each_entry(
    ContactId contact, const std::function<void(Seq, std::string_view json)>& visit) const {
  const auto end = keys::contact({contact.value + 1});
  const auto upper = slice(end);
  rocksdb::ReadOptions o;
  o.iterate_upper_bound = &upper;
  const auto at = impl_->iterate(Family::entries, o);
  for (at->Seek(slice(keys::contact(contact))); at->Valid(); at->Next()) {
    visit({keys::get(view(at->key()), 8)}, view(at->value()));
  }
  check(at->status(), "reading a timeline");
}

// Writes.

void StateStore::write(const std::vector<Change>& changes) {
  std::size_t begin = 0;
  while (begin < changes.size()) {
    // A merge copies what is in the store: all that comes before it has to be there.
    auto end = begin + 1;
    while (end < changes.size() && !changes[end].moved) ++end;
    auto position = applied();
    auto& batch = impl_->empty_batch();
    if (const auto& moved = changes[begin].moved) {
      copy_entries(*this, impl_->families, changes[begin], *moved, [&](rocksdb::WriteBatch& slice) {
        impl_->commit(slice);
        crash_point("merge.copying");
      });
      crash_point("merge.copied");
      forget_entries(batch, impl_->families, *moved);
    }
    BatchSink sink(batch, impl_->families);
    put_changes(sink, changes, begin, end, position);
    impl_->commit(batch);
    impl_->move_to(position);
    begin = end;
  }
}

void StateStore::write_durably(const std::vector<Change>& changes) {
  const bool copies =
      std::any_of(changes.begin(), changes.end(), [](const Change& c) { return bool(c.moved); });
  // A write waits for compactions that have fallen behind; a file that is taken in does not.
  if (copies || changes.empty() || impl_->is_behind()) {
    write(changes);
    flush();
    return;
  }
  if (impl_->in_memory) flush();
  auto position = applied();
  SortedFiles files(*impl_->db, impl_->families);
  put_changes(files, changes, 0, changes.size(), position);
  files.ingest();
  impl_->move_to(position);
  impl_->durable = position.offset.value;
}

void StateStore::flush() {
  const auto position = applied_offset();
  impl_->flush();
  impl_->durable = position.value;
}

void StateStore::verify_checksums() const {
  check(impl_->db->VerifyChecksum(), "checking every block");
}

std::vector<StoreFile> StateStore::files() const {
  std::vector<std::string> names;
  std::uint64_t manifest_bytes = 0;
  check(impl_->db->GetLiveFiles(names, &manifest_bytes, false), "listing its files");
  std::vector<StoreFile> files;
  for (const auto& listed : names) {
    const auto name = listed.substr(listed.find_first_not_of('/'));
    const auto path = fs::path(impl_->db->GetName()) / name;
    StoreFile file{name, 0, std::nullopt};
    if (name.starts_with("MANIFEST")) {
      file.bytes = manifest_bytes;
    } else if (name == "CURRENT") {
      file.content = "";  // it may name a later manifest by now: name_manifest
    } else {
      std::error_code gone;
      file.bytes = fs::file_size(path, gone);
      if (gone) {
        throw std::runtime_error("The state store's file " + path.string() + " is gone.");
      }
    }
    files.push_back(std::move(file));
  }
  name_manifest(files);
  return files;
}

StateStore::Stats StateStore::stats() const {
  Stats stats;
  const auto property = [&](const std::string& name) {
    std::uint64_t sum = 0;
    impl_->db->GetAggregatedIntProperty(name, &sum);
    return sum;
  };
  stats.disk_bytes = property(rocksdb::DB::Properties::kLiveSstFilesSize);
  stats.memory_bytes = property(rocksdb::DB::Properties::kSizeAllMemTables) +
                       property(rocksdb::DB::Properties::kEstimateTableReadersMem) +
                       impl_->cache->GetUsage();
  stats.pending_compaction_bytes =
      property(rocksdb::DB::Properties::kEstimatePendingCompactionBytes);
  stats.background_cpu_us = background_cpu_us();
  return stats;
}

}  // namespace inboxd::persistence
