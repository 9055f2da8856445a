#include "persistence/sorted_files.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <rocksdb/env.h>
#include <rocksdb/sst_file_writer.h>

#include "persistence/crash_point.hpp"

namespace inboxd::persistence {
namespace {

/// RocksDB leaves files alone whose names are not its own.
constexpr std::string_view suffix = ".new";

rocksdb::Slice slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

void check(const rocksdb::Status& status, const char* doing) {
  if (!status.ok()) {
    throw std::runtime_error(std::string("The state store failed while ") + doing + ": " +
                             status.ToString() + ".");
  }
}

constexpr bool comes_in_order(Family::Index family) {
  return family == Family::contacts || family == Family::entries ||
         family == Family::provider_ids || family == Family::pending;
}

/// The file of one family.
class File {
 public:
  File(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family)
      : env_(*db.GetEnv()),
        path(db.GetName() + '/' + family->GetName() + std::string(suffix)),
        writer_(rocksdb::EnvOptions(db.GetDBOptions()), options(db, family), family,
                /*invalidate_page_cache=*/false) {
    check(writer_.Open(path), "making a file");
  }
  ~File() { env_.DeleteFile(path).PermitUncheckedError(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void put(std::string_view key, std::string_view value) {
    check(writer_.Put(slice(key), slice(value)), "writing a file");
  }
  void remove(std::string_view key) { check(writer_.Delete(slice(key)), "writing a file"); }
  void finish() { check(writer_.Finish(), "finishing a file"); }

 private:
  static rocksdb::Options options(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) {
    auto o = db.GetOptions(family);
    o.compression = rocksdb::kNoCompression;  // it will be merged soon
    o.bottommost_compression = rocksdb::kDisableCompressionOption;
    return o;
  }

  rocksdb::Env& env_;

 public:
  const std::string path;

 private:
  rocksdb::SstFileWriter writer_;
};

}  // namespace

class SortedFiles::Impl {
 public:
  Impl(rocksdb::DB& db, const Families& families) : db_(db), families_(families) {}

  void write(Family::Index family, std::string_view key, std::optional<std::string_view> value) {
    if (comes_in_order(family)) {
      write_to_file(family, key, value);
    } else {
      loose_[family].insert_or_assign(std::string(key),
                                      value ? std::optional<std::string>(*value) : std::nullopt);
    }
  }

  void ingest() {
    for (std::size_t family = 0; family < Family::count; ++family) {
      for (const auto& [key, value] : loose_[family])
        write_to_file(static_cast<Family::Index>(family), key, value);
    }
    std::vector<rocksdb::IngestExternalFileArg> args;
    for (std::size_t family = 0; family < Family::count; ++family) {
      if (!files_[family]) continue;
      files_[family]->finish();
      auto& arg = args.emplace_back();
      arg.column_family = families_[family];
      arg.external_files = {files_[family]->path};
      arg.options.move_files = true;
      arg.options.write_global_seqno = false;
    }
    crash_point("checkpoint.files");
    if (!args.empty()) check(db_.IngestExternalFiles(args), "taking files in");
  }

 private:
  void write_to_file(Family::Index family, std::string_view key,
                     std::optional<std::string_view> value) {
    auto& file = files_[family];
    if (!file) file.emplace(db_, families_[family]);
    if (value) {
      file->put(key, *value);
    } else {
      file->remove(key);
    }
  }

  rocksdb::DB& db_;
  const Families& families_;
  std::array<std::optional<File>, Family::count> files_;
  std::array<std::map<std::string, std::optional<std::string>, std::less<>>, Family::count> loose_;
};

SortedFiles::SortedFiles(rocksdb::DB& db, const Families& families)
    : impl_(std::make_unique<Impl>(db, families)) {}
SortedFiles::~SortedFiles() = default;

void SortedFiles::put(Family::Index family, std::string_view key, std::string_view value) {
  impl_->write(family, key, value);
}
void SortedFiles::remove(Family::Index family, std::string_view key) {
  impl_->write(family, key, std::nullopt);
}
void SortedFiles::ingest() {
  impl_->ingest();
}

void SortedFiles::remove_leftovers(rocksdb::DB& db) {
  std::vector<std::string> names;
  check(db.GetEnv()->GetChildren(db.GetName(), &names), "listing its files");
  for (const auto& name : names) {
    if (name.ends_with(suffix))
      check(db.GetEnv()->DeleteFile(db.GetName() + '/' + name), "removing a file");
  }
}

}  // namespace inboxd::persistence
