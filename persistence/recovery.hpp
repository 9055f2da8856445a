// From what is on disk to the state at the last commit: the store at its applied offset, then the
// journal's tail.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "model/ids.hpp"
#include "model/record.hpp"
#include "model/time.hpp"
#include "model/workspace.hpp"
#include "persistence/data_directory.hpp"
#include "persistence/journal.hpp"
#include "persistence/store.hpp"

namespace inboxd::persistence {

struct RecoveryOptions {
  SyncPolicy sync = SyncPolicy::always;  // of the run that begins
  /// Called now and then: what is being done, how much of it is done (bytes or contacts).
  std::function<void(std::string_view phase, std::uint64_t done, std::uint64_t total)> progress;
  FileSystem* files = nullptr;             // null: the real disk
  std::function<std::string()> new_epoch;  // null: make_epoch (the simulation gives its own)
};

struct Recovered {
  std::string epoch;
  model::Offset last;             // the last commit
  model::Timestamp at;            // its time
  std::uint64_t contact_ids = 0;  // the highest contact id in use
  std::map<model::WorkspaceId, model::Workspace> workspaces;
  std::uint64_t replayed = 0;  // records folded into the store
  std::uint64_t torn_bytes =
      0;             // cut from the end of the journal: a write that a crash interrupted
  std::string note;  // for the log, a sentence; empty: nothing unusual
};

/// Corruption that is not a torn tail, a gap in the offsets, or a record from a later version:
/// where, and what to do.
struct CorruptJournal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Brings the store to the end of the journal, cuts a torn tail, and says where the engine goes on.
/// Afterwards read the contacts with `StateStore::for_each_contact`, start the Journal with `last`
/// and `at`.
Recovered recover(const DataDirectory& directory, StateStore& store,
                  const RecoveryOptions& options);

/// Where `derive_change` finds the state just before the record.
class PriorState {
 public:
  virtual ~PriorState() = default;
  virtual std::optional<model::Contact> contact(model::ContactId id) = 0;
  virtual std::optional<model::Entry> entry(model::ContactId contact, model::Seq seq) = 0;
};

/// What a record changes in the store. Throws FormatError if it does not fit the state.
Change derive_change(const model::Record& record, PriorState& prior);

}  // namespace inboxd::persistence
