// A contact's state as the state store keeps it: binary, because each checkpoint writes it for
// every contact that changed, and each start reads it for all.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "model/contact.hpp"
#include "model/ids.hpp"
#include "model/row.hpp"

namespace inboxd::persistence {

/// Appends it.
void write_contact_record(std::string& out, const model::WorkspaceId& workspace,
                          const model::Contact& contact);

/// Of these bytes, or of the JSON (`write_contact_state`) of a store of format 1. Throws
/// FormatError.
std::pair<model::WorkspaceId, model::Contact> read_contact_record(std::string_view bytes);

/// Appends what a contact's row does not say of it, some 70 bytes: to keep in memory beside the
/// row, not in files.
void write_beside_row(std::string& out, const model::Contact& contact);

/// The contact, of its row and those bytes. Throws FormatError.
model::Contact read_beside_row(const model::Row& row, std::string_view bytes);

}  // namespace inboxd::persistence
