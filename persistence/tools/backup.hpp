// `inboxctl backup` and `restore`: a copy of a data directory that is a data directory itself.
#pragma once

#include <cstdint>
#include <filesystem>

#include "model/ids.hpp"
#include "persistence/tools/verify.hpp"

namespace inboxd::persistence {

struct BackupReport {
  model::Offset offset;  // the copy holds every commit up to here, and nothing later
  std::uint64_t copied_bytes = 0;
  std::uint64_t kept_bytes = 0;  // of an earlier backup in the same place, still good
};

/// Copies a data directory, in use or not, to `target`: a new directory, or an earlier backup of
/// the same one, of which it takes over the store's files that have not changed. Throws
/// std::runtime_error with a full sentence.
BackupReport backup(const std::filesystem::path& source, const std::filesystem::path& target,
                    const Progress& progress = {});

/// Makes the data directory `target` (new or empty) from a backup, with a new epoch: positions that
/// clients hold from the time after the backup mean nothing in it. Returns the last commit.
model::Offset restore(const std::filesystem::path& backup, const std::filesystem::path& target,
                      const Progress& progress = {});

}  // namespace inboxd::persistence
