// What one commit changes in the state store. Live, actors/ fills it from what it has at hand; in
// recovery it is derived from the journal's record (recovery.hpp). Both lead to the same store.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/contact.hpp"
#include "model/entry.hpp"
#include "model/ids.hpp"
#include "model/time.hpp"
#include "model/workspace.hpp"

namespace inboxd::persistence {

/// An entry that is new or was changed (a status report), as it is after.
struct EntryChange {
  model::ContactId contact;
  std::shared_ptr<const model::Entry> entry;  // with its offset
  std::shared_ptr<const std::string>
      json;           // of `model::write_entry`; null: written when it is saved
  bool fresh = true;  // false: it was there before
};

/// A merge at the level of entries: the secondary's 1 … `count` become base+1 … base+count of the
/// primary, with the merge's offset. The store copies them; they are not in `Change::entries`.
struct EntriesMoved {
  model::ContactId primary, secondary;
  model::Seq base;
  std::uint64_t count = 0;
};

struct Change {
  model::Offset offset;
  model::Timestamp at;
  model::WorkspaceId workspace;
  bool workspace_created = false;
  std::vector<std::shared_ptr<const model::Contact>> contacts;  // each as it is after this commit
  std::vector<EntryChange> entries;
  std::optional<EntriesMoved> moved;
  std::vector<model::WorkspaceEvent> workspace_events;
};

}  // namespace inboxd::persistence
