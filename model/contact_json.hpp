#pragma once
#include <string>
#include "model/contact.hpp"
#include "model/workspace.hpp"
namespace inboxd::model {
void write_contact(std::string& out, const Contact& contact, const Workspace& workspace, Timestamp now);
}
