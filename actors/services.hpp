// What the owners of state work with: the way to durability, the way to the past, the way out, and
// the time.
#pragma once

#include <functional>
#include <memory>

#include "actors/commit.hpp"
#include "actors/engine_stats.hpp"
#include "actors/outlet.hpp"
#include "model/ids.hpp"
#include "model/time.hpp"
#include "persistence/store.hpp"

namespace inboxd::actors {

/// The journal as its writers see it (implemented by the release pipeline; by a simulated one in
/// tests).
class CommitLog {
 public:
  virtual ~CommitLog() = default;
  /// Places a commit in the order and returns its offset. `payload` is the record's body
  /// (persistence/state_json.hpp); `commit` is released, in offset order, when the record is on
  /// disk. Thread-safe; takes microseconds.
  virtual model::Offset submit(std::string payload, std::unique_ptr<Commit> commit) = 0;
  /// For what must not overtake earlier commits: released after all that were submitted before;
  /// writes no record.
  virtual void pass(std::unique_ptr<Commit> commit) = 0;
  /// Everything up to here is on disk and released.
  virtual model::Offset released() const = 0;
};

struct Services {
  CommitLog& log;
  const persistence::StateStore& store;
  Outlet& outlet;
  std::function<model::Timestamp()> now;
  std::shared_ptr<EngineStats> stats = std::make_shared<EngineStats>();
};

}  // namespace inboxd::actors
