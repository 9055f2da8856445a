// The engine: the only face of actors/ that net/ and apps/ see. No CAF type appears here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/outlet.hpp"
#include "actors/request.hpp"
#include "model/time.hpp"
#include "persistence/journal.hpp"

namespace inboxd::actors {

struct EngineOptions {
  std::filesystem::path data;                      // the data directory; made if it is missing
  std::vector<std::string> workspaces{"default"};  // made if they are missing
  persistence::SyncPolicy sync = persistence::SyncPolicy::always;
  model::Duration sync_interval = {100};  // with SyncPolicy::interval
  std::size_t scheduler_threads = 2;
  std::size_t resident_contacts_max =
      200'000;  // contact actors kept in memory before the idle ones are let go
  std::size_t view_aggregators = 1;       // per workspace
  model::Duration conflation_min = {20};  // DESIGN 8
  model::Duration conflation_max = {250};
  std::function<model::Timestamp()> clock;  // default: the system's
};

/// Thread-safe unless it says otherwise. Construction recovers the data directory and returns when
/// the engine is ready to serve; it throws std::runtime_error with a full sentence when it cannot.
class Engine {
 public:
  Engine(EngineOptions options, Outlet& outlet);
  /// Lets go of everything; `stop` first for a clean end.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// A session opened or went away. After `close` nothing more is delivered to it but what is
  /// already on its way.
  void open(const ClientPtr& client);
  void close(const ClientPtr& client);

  /// Takes requests in order: those of one client to one contact take effect in that order (S7).
  /// Each is answered exactly once through the outlet, but for Unsubscribe, which is not.
  void submit(std::vector<Submission> batch);

  /// The client has room again after view deltas (Push::Loss::reset) were dropped: sends
  /// `view.reset` and goes on.
  void reset_view(const ClientPtr& client, SubId sub);

  /// The data directory's life (a random text made with it), and the last offset that clients may
  /// know of.
  const std::string& epoch() const;
  model::Offset released() const;
  bool has_workspace(const model::WorkspaceId& id) const;

  /// Prometheus text lines of the engine's own metrics.
  std::string metrics() const;

  /// Answers what is in flight, refuses new requests with `unavailable`, makes the store current,
  /// and returns.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inboxd::actors
