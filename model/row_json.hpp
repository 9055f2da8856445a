// A row's JSON, the shape of PROTOCOL.md "Row".
#pragma once

#include <memory>
#include <string>

#include "model/row.hpp"

namespace inboxd::model {

/// Appends the row's object; absent values are null.
void write_row(std::string& out, const Row& row);

}  // namespace inboxd::model
