#include "persistence/tools/backup.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <stdexcept>
#include <system_error>

#include "persistence/journal_reader.hpp"
#include "persistence/recovery.hpp"
#include "persistence/store.hpp"

namespace inboxd::persistence {
namespace {

namespace fs = std::filesystem;

/// Stands in a backup while it is being made.
constexpr std::string_view incomplete_marker = "INCOMPLETE";
/// How often a copy is begun anew because the engine removed a file under it.
constexpr int attempts_max = 10;

/// The engine went on, and what was to be copied is gone.
struct Overtaken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void write_file(const fs::path& path, std::string_view bytes) {
  auto& files = posix_file_system();
  fs::remove(path);
  const auto file = files.open(path);
  if (!bytes.empty()) write_all(*file, 0, bytes);
  file->sync();
}

bool is_immutable(const fs::path& name) {
  return name.extension() == ".sst" || name.extension() == ".blob";
}

class Backup {
 public:
  Backup(fs::path source, fs::path target, const Progress& progress)
      : source_(std::move(source)), target_(std::move(target)), progress_(progress) {}

  BackupReport run() {
    if (!fs::exists(source_ / "VERSION")) {
      throw std::runtime_error(source_.string() + " is not a data directory.");
    }
    prepare_target();
    for (int attempt = 1;; ++attempt) {
      try {
        copy_all();
        break;
      } catch (const Overtaken& why) {
        if (attempt == attempts_max) {
          throw std::runtime_error(std::string("The backup could not keep up with the engine: ") +
                                   why.what() + ". Try when there is less traffic.");
        }
      }
    }
    fs::remove(target_ / incomplete_marker);
    posix_file_system().sync_directory(target_);
    return report_;
  }

 private:
  void prepare_target() {
    auto& files = posix_file_system();
    const bool usable = !fs::exists(target_) || fs::is_empty(target_) ||
                        fs::exists(target_ / "store" / backup_mark) ||
                        fs::exists(target_ / incomplete_marker);
    if (!usable) {
      throw std::runtime_error(target_.string() + " is neither empty nor an earlier backup.");
    }
    fs::create_directories(target_.parent_path().empty() ? "." : target_.parent_path());
    files.make_directory(target_);
    write_file(target_ / incomplete_marker, "");
    files.make_directory(target_ / "store");
    files.make_directory(target_ / "journal");
    files.sync_directory(target_);
  }

  void copy_all() {
    report_ = {};
    const auto applied = copy_store();
    copy_journal(applied);
    copy_small_files();
  }

  /// A store being written can be opened for reading: what it lists is one consistent state.
  model::Offset copy_store() {
    std::vector<StoreFile> live;
    model::Offset applied;
    try {
      const StateStore store({.path = source_ / "store", .mode = StoreOptions::Mode::read_only});
      check_same_directory(store.epoch());
      applied = store.applied_offset();
      live = store.files();
    } catch (const Overtaken&) {
      throw;
    } catch (const std::runtime_error& error) {
      throw Overtaken(error.what());
    }
    std::set<std::string> names;
    for (std::size_t i = 0; i < live.size(); ++i) {
      names.insert(live[i].name);
      copy_store_file(live[i]);
      if (progress_) progress_("copying the store", i + 1, live.size());
    }
    for (const auto& item : fs::directory_iterator(target_ / "store")) {
      if (!names.contains(item.path().filename().string())) fs::remove_all(item.path());
    }
    posix_file_system().sync_directory(target_ / "store");
    return applied;
  }

  /// File names repeat between stores: an earlier backup is used only if it is of this one.
  void check_same_directory(const std::string& epoch) {
    const auto mark = target_ / "store" / backup_mark;
    std::string earlier;
    std::ifstream(mark) >> earlier;
    if (earlier != epoch) {
      for (const auto& item : fs::directory_iterator(target_ / "store"))
        fs::remove_all(item.path());
    }
    epoch_ = epoch;
  }

  void copy_store_file(const StoreFile& file) {
    const auto from = source_ / "store" / file.name, to = target_ / "store" / file.name;
    std::error_code error;
    if (is_immutable(file.name) && fs::file_size(to, error) == file.bytes && !error) {
      report_.kept_bytes += file.bytes;
      return;
    }
    std::string bytes;
    if (file.content) {
      bytes = *file.content;
    } else {
      try {
        bytes = posix_file_system().read(from);
      } catch (const std::system_error&) {
        throw Overtaken(from.string() + " is gone");
      }
      if (bytes.size() < file.bytes) throw Overtaken(from.string() + " is shorter than it was");
      bytes.resize(file.bytes);
    }
    write_file(to, bytes);
    report_.copied_bytes += bytes.size();
  }

  /// From the store's position to the last whole record.
  void copy_journal(model::Offset applied) {
    auto& files = posix_file_system();
    for (const auto& item : fs::directory_iterator(target_ / "journal")) fs::remove(item.path());
    const auto segments = list_segments(files, source_ / "journal");
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const bool last = i + 1 == segments.size();
      if (!last && segments[i + 1].first.value <= applied.value + 1) continue;
      copy_segment(segments[i]);
      if (progress_) progress_("copying the journal", i + 1, segments.size());
    }
    files.sync_directory(target_ / "journal");
    try {
      ReadOptions read;
      read.after = applied;
      const auto end = read_journal(files, target_ / "journal", read, [](const Frame&) {});
      report_.offset = std::max(end.end, applied);
    } catch (const CorruptJournal& error) {
      throw Overtaken(error.what());
    }
  }

  void copy_segment(const SegmentInfo& segment) {
    std::string bytes;
    try {
      bytes = posix_file_system().read(segment.path);
    } catch (const std::system_error&) {
      throw Overtaken(segment.path.string() + " is gone");
    }
    std::string why;
    if (!decode_header(bytes, why)) throw std::runtime_error(segment.path.string() + ": " + why);
    SegmentReader reader(bytes, segment.first);
    while (reader.next()) {
    }
    if (reader.end() == SegmentReader::End::corrupt) {
      throw std::runtime_error("The journal is damaged: segment " + segment.path.string() +
                               ", byte " + std::to_string(reader.position()) + ": " + reader.why() +
                               ". Run `inboxctl verify`.");
    }
    bytes.resize(reader.position());
    write_file(target_ / "journal" / segment.path.filename(), bytes);
    report_.copied_bytes += bytes.size();
  }

  /// VERSION, the signing key, whatever else stands beside.
  void copy_small_files() {
    for (const auto& item : fs::directory_iterator(source_)) {
      const auto name = item.path().filename();
      if (!item.is_regular_file() || name == "LOCK" || name.extension() == ".tmp") continue;
      write_file(target_ / name, posix_file_system().read(item.path()));
    }
    write_file(target_ / "store" / backup_mark, epoch_);
  }

  fs::path source_, target_;
  const Progress& progress_;
  std::string epoch_;
  BackupReport report_;
};

}  // namespace

BackupReport backup(const fs::path& source, const fs::path& target, const Progress& progress) {
  return Backup(source, target, progress).run();
}

model::Offset restore(const fs::path& backup, const fs::path& target, const Progress& progress) {
  if (!fs::exists(backup / "VERSION")) {
    throw std::runtime_error(backup.string() + " is not a backup.");
  }
  if (fs::exists(backup / incomplete_marker)) {
    throw std::runtime_error(backup.string() +
                             " is a backup that was not finished: make it again, or take another.");
  }
  if (fs::exists(target) && !fs::is_empty(target)) {
    throw std::runtime_error(target.string() +
                             " is not empty: restore to a new directory, then start inboxd there.");
  }
  if (progress) progress("copying", 0, 1);
  fs::create_directories(target);
  fs::permissions(target, fs::perms::owner_all);
  for (const auto& item : fs::directory_iterator(backup)) {
    if (item.path().filename() == "LOCK") continue;
    fs::copy(item.path(), target / item.path().filename(), fs::copy_options::recursive);
  }
  const DataDirectory directory(target, DataDirectory::Mode::existing);
  StateStore store({.path = directory.store(), .mode = StoreOptions::Mode::existing});
  RecoveryOptions options;
  options.progress = progress;
  const auto recovered = recover(directory, store, options);
  store.set_epoch(make_epoch());
  return recovered.last;
}

}  // namespace inboxd::persistence
