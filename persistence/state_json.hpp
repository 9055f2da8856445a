// The state as JSON, in journal records and in the store: written straight into strings, read with
// simdjson. Entries have the wire's shape (model/entry_json.hpp). Readers take texts that passed a
// checksum; what they cannot read is a FormatError.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "model/contact.hpp"
#include "model/entry.hpp"
#include "model/event.hpp"
#include "model/record.hpp"
#include "model/workspace.hpp"
#include "persistence/format_error.hpp"

namespace inboxd::persistence {

// Records. The body is what a Commit carries as payload; offset and time stand in the frame.
using RecordBody = decltype(model::Record::body);
std::string write_record_body(const model::WorkspaceId& workspace, const RecordBody& body);
model::Record read_record(std::string_view body, model::Offset offset, model::Timestamp at);

/// The same for one or two contacts, with bytes of entries that were made before
/// (`write_entry_open`).
///   RecordWriter w(workspace);
///   w.contact(id).entry(open_bytes).event(read_moved);
///   std::string payload = std::move(w).finish();
class RecordWriter {
 public:
  explicit RecordWriter(const model::WorkspaceId& workspace);
  RecordWriter& contact(model::ContactId id);
  RecordWriter& entry(std::string_view open);
  /// Any event; EntryAppended too.
  RecordWriter& event(const model::Event& event);
  std::string finish() &&;

 private:
  void next_event();
  std::string out_;
  model::ContactId contact_;
  bool any_contact_ = false, any_event_ = false;
};

// States.
void write_contact_state(std::string& out, const model::WorkspaceId& workspace,
                         const model::Contact& contact);
std::pair<model::WorkspaceId, model::Contact> read_contact_state(std::string_view json);
model::Entry read_entry(std::string_view json);

// Workspaces.
void write_workspace_event(std::string& out, const model::WorkspaceEvent& event);
model::WorkspaceEvent read_workspace_event(std::string_view json);

}  // namespace inboxd::persistence
