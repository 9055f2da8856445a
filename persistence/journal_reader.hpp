// Reading the journal of a directory that nobody writes: recovery, verify, replay and export go
// through here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/ids.hpp"
#include "persistence/file.hpp"
#include "persistence/recovery.hpp"
#include "persistence/segment.hpp"

namespace inboxd::persistence {

/// The journal's segments, oldest first.
std::vector<SegmentInfo> list_segments(FileSystem& files, const std::filesystem::path& journal);

/// What stands at the end of the journal.
struct JournalEnd {
  model::Offset last;             // of the last record visited; `after` if there is none
  model::Timestamp at;            // its time, 0 if there is none
  std::uint64_t records = 0;      // visited
  std::filesystem::path segment;  // the last one read; empty: there is none
  model::Offset end;              // of its last good record
  std::uint64_t position = 0;     // where its good records end
  std::uint64_t torn_bytes = 0;   // of an interrupted write behind them
};

struct ReadOptions {
  model::Offset
      after;  // records up to this one are not needed: segments that hold only such are not read
  bool all_segments = false;                 // read them all the same, to check them
  std::optional<model::Offset> until;        // stop after this one
  std::optional<model::Timestamp> until_at;  // stop before the first that is later
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;  // bytes
  /// Called with the next records, up to `ahead_records` of them, before they are visited.
  std::function<void(std::span<const Frame>)> ahead;
};
inline constexpr std::size_t ahead_records = 20'000;

/// Visits the records after `options.after` in order. Throws CorruptJournal, which names segment
/// and position and says what to do, for everything but a torn tail. What `visit` throws as
/// FormatError is made one too.
JournalEnd read_journal(FileSystem& files, const std::filesystem::path& journal,
                        const ReadOptions& options, const std::function<void(const Frame&)>& visit);

}  // namespace inboxd::persistence
