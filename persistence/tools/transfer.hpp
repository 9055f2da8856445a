// `inboxctl export` and `import`: everything as lines of JSON, for other programs and for moving
// between versions.
//   {"workspace":"default"}                    a workspace; what follows is in it
//   {"workspace_record":{…}}                   an agent, team, channel, field, view, or the policy
//   {"contact":{…}}                            a contact's state
//   {"entry":{…}}                              its entries, ascending; none after a merged one
#pragma once

#include <cstdint>
#include <iosfwd>

#include "persistence/data_directory.hpp"
#include "persistence/tools/verify.hpp"

namespace inboxd::persistence {

struct TransferReport {
  std::uint64_t workspaces = 0, contacts = 0, entries = 0;
};

/// What the directory holds after its last commit. Recovers it first, as a start would.
TransferReport export_to(std::ostream& out, const DataDirectory& directory,
                         const Progress& progress = {});

/// Fills a new data directory. Contacts keep their ids; every entry gets a new offset, and the
/// directory an epoch of its own. Throws std::runtime_error, naming the line, for what does not
/// read.
TransferReport import_from(std::istream& in, const DataDirectory& directory,
                           const Progress& progress = {});

}  // namespace inboxd::persistence
