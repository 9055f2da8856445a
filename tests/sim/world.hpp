// A machine with one inboxd on it, all of it simulated but the engine itself: clock, disks, network
// and the order in which everything runs. One thread; nothing happens but in calls of `World`.
//
//   Client ─ RpcSession ─ Engine (all actors, journal, checkpointer, store)
//     ▲ frames               │ SimulatedDisk, RocksDB's memory Env
//     └── outlet queue ◄─────┘
#pragma once

#include <deque>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/engine.hpp"
#include "net/services.hpp"
#include "tests/sim/deliveries.hpp"
#include "tests/sim/history.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/sim/random.hpp"
#include "tests/sim/violation.hpp"
#include "tests/support/simulated_disk.hpp"
#include "tests/support/temp_dir.hpp"

namespace inboxd::sim {

class Client;

/// What differs from one run to the next; drawn from the seed.
struct Settings {
  explicit Settings(std::uint64_t seed);
  std::size_t aggregators, residents_max;
  model::Duration conflation_min, conflation_max;
  std::size_t queue_bytes_max;
  std::uint64_t store_files_bytes;  // small: checkpoints often go to the store as files
};

class World final : public actors::Outlet {
  tests::TempDir home_;
  tests::SimulatedDisk disk_;

 public:
  explicit World(std::uint64_t seed);
  ~World() override;
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const Settings settings;
  Ledger ledger;
  Deliveries deliveries;
  History history;
  std::vector<std::unique_ptr<Client>> clients;
  std::map<std::string, std::uint64_t> met;  // what happened, and how often
  std::uint64_t exact = 0;        // lists, counters, contacts that were as they were shown
  std::ostream* trace = nullptr;  // is told every frame, if there is one

  // The process.
  bool up() const { return engine_ != nullptr; }
  bool failed() const { return failed_; }  // the disk did: the process should end
  void start();
  void stop();
  /// Ends in the middle of whatever it does. With `power`, what the disk did not sync goes too.
  void crash(bool power);
  actors::Engine& engine() { return *engine_; }
  actors::Driver& driver() { return *engine_->driver(); }
  net::Services& services() { return services_; }
  /// The offsets after which and up to which each start, after a clean stop, has woken who was due.
  const std::vector<std::pair<std::uint64_t, std::uint64_t>>& starts() const { return starts_; }
  tests::SimulatedDisk& disk() { return disk_; }

  // Time, in milliseconds.
  std::int64_t now() const { return now_ms_; }
  /// The clock never was later.
  bool clock_is_ahead() const { return now_ms_ >= latest_ms_; }
  std::int64_t elapsed() const { return elapsed_ms_; }
  /// Time goes by, and what it brings happens.
  void advance(std::int64_t ms, Random& random);
  /// Somebody sets the clock.
  void step_clock(std::int64_t ms);

  // What runs.
  /// Writes, syncs and releases what is queued in the journal; returns how many commits.
  std::size_t commit();
  /// Saves what the store does not have yet; `durable`: and journal segments go.
  void checkpoint(bool durable);
  /// Up to `steps` things happen, in an order that `random` chooses.
  void run(std::size_t steps, Random& random);
  /// Until nothing has anything to do. Readers that sleep stay asleep.
  void settle(Random& random);

  /// Everything that anybody was sent and everything in the journal, in one number.
  std::uint64_t fingerprint();
  /// To a client.
  void note_frame(std::size_t client, std::string_view text);
  void note_request(std::size_t client, std::string_view text) const;

  void deliver(std::vector<actors::Outgoing> batch) override;
  std::string token(const model::WorkspaceId& workspace, const model::Principal& principal) const;

  std::uint64_t frames() const { return frames_; }

 private:
  bool step(Random& random);
  void note_deliveries(const actors::Outgoing& item);
  /// What leaves the engine tells of nothing that a crash could take back.
  void check_released(std::string_view text) const;
  void take_outlet();
  void reap();
  void hang_up_all();
  void hash_journal();

  std::unique_ptr<rocksdb::Env> store_disk_;
  net::Services services_;
  std::unique_ptr<actors::Engine> engine_;
  std::deque<std::vector<actors::Outgoing>> outlet_;
  bool failed_ = false;
  std::optional<std::string> violation_;  // by an actor
  std::int64_t now_ms_ = 1'700'000'000'000, latest_ms_ = now_ms_, elapsed_ms_ = 0;
  std::int64_t last_tick_ms_ = 0;
  std::optional<std::uint64_t> stopped_at_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> starts_;
  std::uint64_t epochs_ = 0, sessions_ = 0, frames_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

}  // namespace inboxd::sim
