// What the journal keeps: one record a command (S1), enough to fold every state again.
#pragma once

#include <variant>
#include <vector>

#include "model/event.hpp"
#include "model/ids.hpp"
#include "model/time.hpp"
#include "model/workspace.hpp"

namespace inboxd::model {

/// Events of one contact. A merge has two of these in one record: the primary's and the secondary's
/// (S23).
struct ContactChange {
  ContactId contact;
  std::vector<Event> events;
  friend bool operator==(const ContactChange&, const ContactChange&) = default;
};
struct ContactsChanged {
  std::vector<ContactChange> changes;
  friend bool operator==(const ContactsChanged&, const ContactsChanged&) = default;
};
struct WorkspaceChanged {
  std::vector<WorkspaceEvent> events;
  friend bool operator==(const WorkspaceChanged&, const WorkspaceChanged&) = default;
};
struct WorkspaceCreated {
  friend bool operator==(const WorkspaceCreated&, const WorkspaceCreated&) = default;
};
/// Time alone moved contacts in or out of a relative-time filter (S2).
struct Tick {
  friend bool operator==(const Tick&, const Tick&) = default;
};

struct Record {
  Offset offset;
  Timestamp at;
  WorkspaceId workspace;
  std::variant<ContactsChanged, WorkspaceChanged, WorkspaceCreated, Tick> body;
  friend bool operator==(const Record&, const Record&) = default;
};

}  // namespace inboxd::model
