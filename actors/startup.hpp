// What the engine starts from: the recovered workspaces with their rows, identities, snoozes and
// pending messages.
#pragma once

#include <cstdint>
#include <functional>
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
  StartingWorkspace(const model::Workspace& of, const persistence::StateStore& store);

  WorkspacePtr workspace;
  std::vector<model::RowPtr> rows;     // merged contacts have none
  std::vector<KnownContact> contacts;  // every one
  Alarms alarms;
  Outbox outbox;
};

/// Told now and then, on the calling thread: how many contacts of how many, roughly.
using ReadProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Reads every contact of the store, on `threads` threads. The store outlives what is returned.
std::map<model::WorkspaceId, StartingWorkspace> read_workspaces(
    const std::map<model::WorkspaceId, model::Workspace>& workspaces,
    const persistence::StateStore& store, std::size_t threads, const ReadProgress& progress);

/// R5, S19: snoozes that ended while the engine was down wake now, in the order (T, id), each as
/// its own commit. Returns how many. The caller makes the commits durable and saved before anybody
/// is served.
std::size_t wake_overdue(StartingWorkspace& starting, const Services& services);

}  // namespace inboxd::actors
