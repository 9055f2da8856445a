// `inboxctl verify`: reads everything that is in a data directory and says what does not fit.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.hpp"
#include "persistence/data_directory.hpp"

namespace inboxd::persistence {

using Progress =
    std::function<void(std::string_view phase, std::uint64_t done, std::uint64_t total)>;

struct VerifyReport {
  std::uint64_t segments = 0, records = 0;  // in the journal
  std::uint64_t contacts = 0, entries = 0;  // in the store
  model::Offset applied;                    // the store's position
  model::Offset last;                       // the journal's end
  std::uint64_t torn_bytes =
      0;  // an interrupted write at the journal's end, which recovery cuts: no problem
  std::vector<std::string> problems;  // full sentences; empty: all is well
};

/// Changes nothing. Checks every checksum of journal and store, that every value reads, that
/// offsets and seqs have no gap, and that the journal's records are found in the store up to its
/// position and fold onto it beyond.
VerifyReport verify(const DataDirectory& directory, const Progress& progress = {});

}  // namespace inboxd::persistence
