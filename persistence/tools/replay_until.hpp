// `inboxctl replay`: how a contact stood at an earlier moment.
#pragma once

#include <map>
#include <optional>
#include <utility>

#include "model/contact.hpp"
#include "model/entry.hpp"
#include "model/ids.hpp"
#include "model/time.hpp"
#include "model/workspace.hpp"
#include "persistence/data_directory.hpp"
#include "persistence/tools/verify.hpp"

namespace inboxd::persistence {

struct ReplayOptions {
  std::optional<model::Offset> until;  // this or `until_at`; neither: the end
  std::optional<model::Timestamp> until_at;
};

/// Every contact as it stood after the last commit that counts.
struct ReplayedState {
  model::Offset offset;
  model::Timestamp at;
  std::map<model::WorkspaceId, model::Workspace> workspaces;
  std::map<model::ContactId, std::pair<model::WorkspaceId, model::Contact>> contacts;
  std::map<model::ContactId, std::map<model::Seq, model::Entry>>
      timelines;  // of `timeline_of` only
};

/// Folds the journal from its first record, or, when the store is not later than the moment asked
/// for (a backup's may be), from the store on. Throws std::runtime_error when the records needed
/// were dropped (`--journal-retention` keeps them). `timeline_of`: the contact whose entries are
/// wanted, too.
ReplayedState replay_until(const DataDirectory& directory, const ReplayOptions& options,
                           std::optional<model::ContactId> timeline_of,
                           const Progress& progress = {});

}  // namespace inboxd::persistence
