#include "persistence/recovery.hpp"

#include "persistence/crash_point.hpp"
#include "persistence/file.hpp"
#include "persistence/journal_reader.hpp"
#include "persistence/replay.hpp"
#include "persistence/state_json.hpp"

namespace inboxd::persistence {
namespace {

namespace fs = std::filesystem;

class Recovery {
 public:
  Recovery(const DataDirectory& directory, StateStore& store, const RecoveryOptions& options)
      : journal_(directory.journal()),
        store_(store),
        options_(options),
        files_(options.files != nullptr ? *options.files : posix_file_system()),
        was_unsynced_(files_.exists(marker())) {}

  Recovered run() {
    const auto before = store_.applied();
    const auto end = replay(before.offset);
    if (end.end < before.offset) accept_short_journal(end, before.offset);
    crash_point("recovery.replayed");
    cut_tail(end);
    crash_point("recovery.cut");
    if (recovered_.replayed > 0) {
      progress("saving", 0, 1);
      store_.flush();
      crash_point("recovery.saved");
    }
    choose_epoch();
    mark_sync_policy();
    const auto applied = store_.applied();
    recovered_.epoch = store_.epoch();
    recovered_.last = applied.offset;
    recovered_.at = applied.at;
    recovered_.contact_ids = applied.contact_ids;
    recovered_.workspaces = store_.workspaces();
    return std::move(recovered_);
  }

 private:
  fs::path marker() const { return journal_ / unsynced_marker; }

  void progress(std::string_view phase, std::uint64_t done, std::uint64_t total) const {
    if (options_.progress) options_.progress(phase, done, total);
  }
  void note(const std::string& sentence) {
    if (!recovered_.note.empty()) recovered_.note += ' ';
    recovered_.note += sentence;
  }

  JournalEnd replay(model::Offset after) {
    Replay replay(store_);
    ReadOptions read;
    read.after = after;
    read.progress = [&](std::uint64_t done, std::uint64_t total) {
      progress("replaying the journal", done, total);
    };
    read.ahead = [&](std::span<const Frame> frames) { replay.expect(frames); };
    auto end = read_journal(files_, journal_, read, [&](const Frame& frame) {
      replay.add(read_record(frame.payload, frame.offset, frame.at));
    });
    replay.finish();
    recovered_.replayed = replay.records();
    return end;
  }

  /// The store never gets ahead of the journal on disk, but where the policy allowed it.
  void accept_short_journal(const JournalEnd& end, model::Offset applied) {
    if (!was_unsynced_) {
      throw CorruptJournal(
          "The journal ends before the state store does (record " + std::to_string(end.end.value) +
          " before " + std::to_string(applied.value) +
          "): segments are missing. Put them back from a copy, or `inboxctl restore` a backup.");
    }
    note("The end of the journal was not on disk yet when the machine stopped.");
  }

  void cut_tail(const JournalEnd& end) {
    if (end.segment.empty()) return;
    recovered_.torn_bytes = end.torn_bytes;
    if (end.torn_bytes > 0) {
      note("Cut " + std::to_string(end.torn_bytes) + " bytes after record " +
           std::to_string(end.end.value) + " from " + end.segment.filename().string() +
           ": a write that was interrupted and never acknowledged.");
    }
    // Space that was reserved goes with it: the journal goes on in a new segment.
    const auto file = files_.open(end.segment);
    file->truncate(end.position);
    file->sync();
  }

  /// Clients' positions are good as long as no offset they saw is given anew.
  void choose_epoch() {
    if (!store_.epoch().empty() && !was_unsynced_) return;
    if (was_unsynced_) {
      note(
          "The last run did not sync every commit and did not end cleanly: clients start afresh "
          "(new epoch).");
    }
    store_.set_epoch(options_.new_epoch ? options_.new_epoch() : make_epoch());
  }

  void mark_sync_policy() {
    if (options_.sync != SyncPolicy::always) {
      files_.open(marker())->sync();
    } else if (was_unsynced_) {
      files_.remove(marker());
    } else {
      return;
    }
    files_.sync_directory(journal_);
  }

  fs::path journal_;
  StateStore& store_;
  const RecoveryOptions& options_;
  FileSystem& files_;
  bool was_unsynced_;
  Recovered recovered_;
};

}  // namespace

Recovered recover(const DataDirectory& directory, StateStore& store,
                  const RecoveryOptions& options) {
  return Recovery(directory, store, options).run();
}

}  // namespace inboxd::persistence
