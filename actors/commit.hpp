// What one commit means to everybody else: made by the owner of the change, carried by the journal,
// and released in offset order once the record is on disk. Nothing in here is seen by anybody
// before that.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/outlet.hpp"
#include "model/contact.hpp"
#include "model/entry.hpp"
#include "model/row.hpp"
#include "model/workspace.hpp"
#include "persistence/change.hpp"
#include "persistence/journal.hpp"

namespace inboxd::actors {

using WorkspacePtr = std::shared_ptr<const model::Workspace>;

/// A contact's row before and after. No `before`: new. No `after`: it was merged into `into`.
struct RowChange {
  model::ContactId contact;
  model::RowPtr before, after;
  std::optional<model::ContactId> into = std::nullopt;
};

/// A new or changed entry, shared by all who keep it. Its `offset` is set when the commit is
/// placed; nobody changes it after that.
struct EntryChange {
  model::ContactId contact;
  std::shared_ptr<model::Entry> entry;
  std::shared_ptr<std::string> text;  // its wire form; the offset is placed at release
  std::size_t open_size = 0;          // of `text`: the part before the offset
  bool appended = false;              // false: a status changed
  bool moved = false;                 // it came with a merge
};

/// A notification to an agent about one of its contacts (S41).
struct Notice {
  enum class Kind : std::uint8_t { assigned, mention, inbound };
  model::AgentId agent;
  Kind kind = Kind::inbound;
  model::ContactId contact;
  model::Seq seq;
  model::Timestamp at;
};

struct Commit final : persistence::Effect {
  model::WorkspaceId workspace;
  model::Offset offset;  // given by the journal; of a commit without record: of the one before it
  model::Timestamp at;
  bool recorded = false;  // false: reads and refusals that had to wait for what they saw

  std::vector<RowChange> rows;
  std::vector<EntryChange> entries;
  std::optional<persistence::EntriesMoved> moved;
  std::vector<Notice> notices;
  bool workspace_created = false;
  std::vector<model::WorkspaceEvent> workspace_events;
  WorkspacePtr workspace_after;  // with workspace_events
  /// For the store: each as it is after this commit. `changed_at` is set when the commit is placed;
  /// whoever changes the contact after that leaves these alone (ContactCell::own).
  std::vector<std::shared_ptr<model::Contact>> states;
  std::vector<Outgoing> out;
  /// Shared tails of pushes in `out` that still carry offset marks.
  std::vector<std::shared_ptr<std::string>> unplaced;

  void placed(model::Offset at_offset) override;
};
using CommitPtr = std::shared_ptr<const Commit>;

/// A released batch: recorded commits of all workspaces in offset order, shared by all who follow
/// them.
using CommitBatch = std::shared_ptr<const std::vector<CommitPtr>>;

/// Puts the commit's offset into the texts that were made before it was known (offset_mark.hpp).
void place_offsets(Commit& commit);

}  // namespace inboxd::actors
