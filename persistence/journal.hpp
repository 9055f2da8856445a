// The changelog: every commit, in one total order, on disk before anybody sees it. Format:
// docs/JOURNAL.md.
//
//   submit ──► queue (order = offset order) ──► journal thread: frame · write · fdatasync ──►
//   release
//
// What a commit makes visible travels with it as an `Effect` and comes out in offset order after
// the sync. Things that write nothing (reads, no-op answers, errors) go the same way with an empty
// payload, so that they never overtake the commits they may have seen.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.hpp"
#include "model/time.hpp"
#include "persistence/histogram.hpp"

namespace inboxd::persistence {

class FileSystem;

/// When commits are synced to disk; what each can lose is in docs/JOURNAL.md.
///   always    before they are released: nothing acknowledged is lost, not to power failure either
///   interval  released once the kernel has them, synced every `sync_interval`: a crash of the
///   machine takes back
///             up to that much; a crash of the process alone takes nothing
///   none      never synced but at segment ends: a crash of the machine takes what the kernel still
///   held
enum class SyncPolicy : std::uint8_t { always, interval, none };
std::string_view name_of(SyncPolicy policy);
std::optional<SyncPolicy> sync_policy_of(std::string_view name);
/// A sentence for people: what acknowledged commits a crash can take back.
std::string loss_of(SyncPolicy policy, model::Duration sync_interval);

/// A file beside the segments: a lossy sync policy is in force, or was when the process ended:
/// offsets that clients saw may be gone, so the next recovery begins a new epoch. `stop` removes
/// it.
inline constexpr std::string_view unsynced_marker = "UNSYNCED";

/// What becomes visible with a commit. actors/ derives from it.
struct Effect {
  Effect() = default;
  virtual ~Effect() = default;
  Effect(const Effect&) = delete;
  Effect& operator=(const Effect&) = delete;
  /// The commit has its place in the order. Called by `submit` under its mutex, before anybody else
  /// sees the commit: for a few instructions.
  virtual void placed(model::Offset) {}
};

struct Commit {
  std::string
      payload;  // a record's body (state_json.hpp), without offset and time; empty: passes through
  model::Timestamp at;
  std::unique_ptr<Effect> effect;  // may be null
};

/// Where a commit was put.
struct Placed {
  model::Offset offset;  // of a pass-through: the last one given before it
  model::Timestamp
      at;  // the record's time: the commit's own, or the former record's if that is later
};

struct Released {
  model::Offset offset;
  model::Timestamp at;
  bool passes_through = false;
  std::unique_ptr<Effect> effect;
};

/// One run of offsets on disk.
struct SegmentInfo {
  model::Offset first;
  std::filesystem::path path;
  std::uint64_t bytes = 0;  // as listed on disk
};

struct JournalOptions {
  std::filesystem::path directory;  // must exist
  std::string epoch;                // written in segment headers, for people and tools
  model::Offset last;               // the last offset in use: the first commit gets the one after
  model::Timestamp last_at;
  SyncPolicy sync = SyncPolicy::always;
  model::Duration sync_interval = {100};
  /// With `SyncPolicy::always`, a batch begins at the soonest so long after the sync before it
  /// began (docs/decisions/0086); a commit after rest goes at once, and so does all when flushing.
  std::chrono::microseconds sync_spacing{500};
  std::uint64_t segment_bytes = std::uint64_t{64} << 20;
  std::uint64_t retention_bytes = 0;  // of segments that are not needed any more, how much to keep
  std::uint64_t low_space_bytes = std::uint64_t{256}
                                  << 20;  // free bytes below which `low_space(true)` is called
  bool threaded = true;                   // false: nothing happens but in `pump`
  FileSystem* files = nullptr;            // null: the real disk
};

struct JournalCallbacks {
  /// A batch in order, after it is on disk. Called on the journal thread (or in `pump`); what it
  /// waits for, all commits wait for.
  std::function<void(std::vector<Released>&&)> release;
  /// A write or sync failed: nothing is released any more, and the process should end (fail-stop:
  /// what was not released may or may not be found after the restart). Called once, on the journal
  /// thread.
  std::function<void(const std::string& reason)> failed;
  /// Free space fell below `low_space_bytes` (true), or is back above twice that (false).
  std::function<void(bool low)> low_space;
};

struct JournalStats {
  std::uint64_t records = 0, bytes = 0, batches = 0, syncs = 0;
  std::uint64_t queued = 0;  // submitted and not yet released
  std::uint64_t segments = 0, segment_bytes = 0;
  HistogramCounts sync_us;        // how long each sync took
  HistogramCounts batch_records;  // of the batches that wrote any
};

class Journal {
 public:
  /// Starts a new segment after `options.last`; recover() (recovery.hpp) comes before and says what
  /// that is. Throws std::system_error when the directory cannot be written.
  Journal(JournalOptions options, JournalCallbacks callbacks);
  /// Ends the thread; what is queued and not written is dropped. `stop` first for a clean end.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Gives the commit its place. Thread-safe; holds a mutex for a few instructions. After a failure
  /// the commit is dropped, effect and all.
  Placed submit(Commit commit);

  /// Without a thread: writes, syncs and releases what is queued, here and now. Returns how many
  /// were released.
  std::size_t pump();

  /// Waits until all that was submitted before is released (or the journal has failed); syncs
  /// whatever the policy. False: it has failed.
  bool flush();
  /// `flush`, then ends the thread. Commits submitted later are dropped.
  bool stop();

  /// The last offset given, and the last one released. Thread-safe.
  model::Offset last() const;
  model::Offset released() const;
  bool failed() const;
  JournalStats stats() const;

  /// All records up to `offset` are in the state store for good: segments with nothing later are
  /// removed, but for `retention_bytes` of the newest of them. Thread-safe.
  void drop_up_to(model::Offset offset);
  std::vector<SegmentInfo> segments() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inboxd::persistence
