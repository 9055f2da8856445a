// The ops of a delta: from the list that a client has to the one that it should have, with as few
// ops as there can be.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "model/ids.hpp"
#include "model/row.hpp"

namespace inboxd::model {

/// A list as a client has it. A null row stands for one whose content is not known any more: it is
/// taken for changed.
struct ListedRow {
  ContactId id;
  RowPtr row;
};
using RowList = std::vector<ListedRow>;

/// PROTOCOL.md: `del id`, or `put row before id` (absent: last): take the row out if it is there,
/// then place it.
struct Op {
  enum class Kind : std::uint8_t { put, del };
  Kind kind = Kind::del;
  ContactId id;
  RowPtr row;                       // put
  std::optional<ContactId> before;  // put
};

/// Rows that went get a `del`, new and changed ones a `put`; of the others only those move that are
/// not in a longest run that kept its order (Schensted 1961), so no script has fewer ops.
std::vector<Op> script(const RowList& from, const RowList& to);

}  // namespace inboxd::model
