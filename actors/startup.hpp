// What the engine starts from: the recovered workspaces with their rows, identities, snoozes and
// pending messages.
#pragma once

#include <map>
#include <vector>

#include "actors/alarms.hpp"
#include "actors/commit.hpp"
#include "actors/directory.hpp"
#include "actors/outbox.hpp"
#include "actors/services.hpp"
#include "persistence/recovery.hpp"

namespace inboxd::actors {

struct StartingWorkspace {
  WorkspacePtr workspace;
  std::vector<model::RowPtr> rows;     // merged contacts have none
  std::vector<KnownContact> contacts;  // every one
  Alarms alarms;
  Outbox outbox;
};

/// Reads every contact of the store, on `threads` threads.
std::map<model::WorkspaceId, StartingWorkspace> read_workspaces(
    const std::map<model::WorkspaceId, model::Workspace>& workspaces,
    const persistence::StateStore& store, std::size_t threads);

/// R5, S19: snoozes that ended while the engine was down wake now, in the order (T, id), each as
/// its own commit. Returns how many. The caller makes the commits durable and saved before anybody
/// is served.
std::size_t wake_overdue(StartingWorkspace& starting, const Services& services);

}  // namespace inboxd::actors
