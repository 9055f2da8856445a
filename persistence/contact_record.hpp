// A contact's state as the state store keeps it: binary, because each checkpoint writes it for
// every contact that changed, and each start reads it for all.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "model/contact.hpp"
#include "model/ids.hpp"

namespace inboxd::persistence {

/// Appends it.
void write_contact_record(std::string& out, const model::WorkspaceId& workspace,
                          const model::Contact& contact);

/// Of these bytes, or of the JSON (`write_contact_state`) of a store of format 1. Throws
/// FormatError.
std::pair<model::WorkspaceId, model::Contact> read_contact_record(std::string_view bytes);

}  // namespace inboxd::persistence
