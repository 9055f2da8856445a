// The engine: the only face of actors/ that net/ and apps/ see. No CAF type appears here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/outlet.hpp"
#include "actors/request.hpp"
#include "actors/search_options.hpp"
#include "model/time.hpp"
#include "persistence/file.hpp"
#include "persistence/journal.hpp"

namespace rocksdb {
class Env;
}

namespace inboxd::actors {

/// What the engine stands on; the defaults are the real machine. Tests put their own in its place
/// (tests/sim).
struct Ground {
  persistence::FileSystem* journal_disk = nullptr;
  rocksdb::Env* store_disk = nullptr;
  std::function<std::string()> new_epoch;
  /// The engine has no thread of its own: nothing happens but in calls of `Engine::driver`.
  bool driven = false;
};

/// Drives an engine without threads: one actor, one message, one batch at a time, in the order that
/// the caller likes. All on one thread.
class Driver {
 public:
  virtual ~Driver() = default;
  /// How many actors have something to do; `run` lets one of them take one message.
  virtual std::size_t ready() const = 0;
  virtual void run(std::size_t which) = 0;
  /// How long until the next timer rings, if one is armed; `pass` lets time go by and rings those
  /// that are due. The options' clock is the caller's to move.
  virtual std::optional<model::Duration> until_timer() const = 0;
  virtual void pass(model::Duration time) = 0;
  /// Writes, syncs and releases what is queued in the journal; returns how many commits.
  virtual std::size_t commit() = 0;
  virtual void checkpoint(bool durable) = 0;
  /// As if the process had died here: nothing that waits is written, saved or answered. Only the
  /// engine's destructor may follow.
  virtual void die() = 0;
};

struct EngineOptions {
  std::filesystem::path data;                      // the data directory; made if it is missing
  std::vector<std::string> workspaces{"default"};  // made if they are missing
  persistence::SyncPolicy sync = persistence::SyncPolicy::always;
  model::Duration sync_interval = {100};  // with SyncPolicy::interval
  std::uint64_t journal_segment_bytes = std::uint64_t{64} << 20;
  std::uint64_t low_space_bytes = std::uint64_t{256} << 20;  // free: below, commands are refused
  std::uint64_t journal_retention_bytes = 0;   // of segments that the store does not need any more
  model::Duration checkpoint_every = {5'000};  // between writes of the state store
  model::Duration flush_every = {60'000};      // between flushes of it; segments go after one
  std::uint64_t store_files_bytes = std::uint64_t{64}
                                    << 20;  // CheckpointerOptions::files_bytes_min
  std::size_t scheduler_threads = 2;
  std::size_t resident_contacts_max =
      200'000;  // contact actors kept in memory before the idle ones are let go
  std::size_t view_aggregators = 1;      // per workspace
  model::Duration conflation_min = {5};  // DESIGN 8; as in model::ViewOptions
  model::Duration conflation_max = {250};
  model::Duration view_progress = {200};
  std::int64_t conflation_per_subscriber_us = 230;
  SearchOptions search;
  std::function<model::Timestamp()> clock;  // default: the system's
  /// The start's progress: what is being done, how much of how much (a total of 0: not known).
  /// Called on the constructing thread.
  std::function<void(std::string_view phase, std::uint64_t done, std::uint64_t total)> progress;
  /// The disk failed: nothing is acknowledged any more, and the process should end (DESIGN 11). Any
  /// thread.
  std::function<void(const std::string& reason)> on_failure;
  Ground ground;
};

/// What net/ asks of the engine; tests of net/ put their own behind it. Thread-safe.
class EngineFace {
 public:
  virtual ~EngineFace() = default;

  /// A session opened or went away. After `close` nothing more is delivered to it but what is
  /// already on its way. A `POST /rpc` request has a client too, which is neither opened nor
  /// closed.
  virtual void open(const ClientPtr& client) = 0;
  virtual void close(const ClientPtr& client) = 0;

  /// Takes requests in order: those of one client to one contact take effect in that order (S7).
  /// Each is answered exactly once through the outlet, but for Unsubscribe, which is not.
  virtual void submit(std::vector<Submission> batch) = 0;

  /// The client has room again after view deltas (Push::Loss::reset) were dropped: sends
  /// `view.reset` and goes on.
  virtual void reset_view(const ClientPtr& client, SubId sub) = 0;

  /// The data directory's life (a random text made with it), and the last offset that clients may
  /// know of.
  virtual const std::string& epoch() const = 0;
  virtual model::Offset released() const = 0;
  virtual bool has_workspace(const model::WorkspaceId& id) const = 0;
  /// The workspaces as they were at the last released commit.
  virtual std::vector<std::shared_ptr<const model::Workspace>> workspaces() const { return {}; }

  /// Prometheus text lines of the engine's own metrics.
  virtual std::string metrics() const = 0;

  /// Answers what is in flight, refuses new requests with `unavailable`, makes the store current,
  /// and returns.
  virtual void stop() = 0;
};

/// Construction recovers the data directory and returns when the engine is ready to serve; it
/// throws std::runtime_error with a full sentence when it cannot. The outlet must outlive it.
class Engine final : public EngineFace {
 public:
  Engine(EngineOptions options, Outlet& outlet);
  /// Lets go of everything; `stop` first for a clean end.
  ~Engine() override;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void open(const ClientPtr& client) override;
  void close(const ClientPtr& client) override;
  void submit(std::vector<Submission> batch) override;
  void reset_view(const ClientPtr& client, SubId sub) override;
  const std::string& epoch() const override;
  model::Offset released() const override;
  bool has_workspace(const model::WorkspaceId& id) const override;
  std::vector<std::shared_ptr<const model::Workspace>> workspaces() const override;
  std::string metrics() const override;
  void stop() override;

  /// Of an engine that is driven (Ground); null otherwise.
  Driver* driver();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inboxd::actors
