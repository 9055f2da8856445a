// A contact as the wire shows it (PROTOCOL.md "Contact"): its row's members, then its details.
#pragma once

#include <string>

#include "model/contact.hpp"
#include "model/workspace.hpp"

namespace inboxd::model {

/// Appends the contact's object. Windows are as of `now` (S28). Details that are not known are
/// null.
void write_contact(std::string& out, const Contact& contact, const Workspace& workspace,
                   Timestamp now);

}  // namespace inboxd::model
