// Brings the state store after the journal, on a thread of low priority: collects released commits,
// coalesces the changes of a contact, writes them in one batch, makes them durable, and lets
// journal segments go.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/ids.hpp"
#include "model/time.hpp"
#include "persistence/change.hpp"

namespace inboxd::persistence {

class Journal;
class StateStore;

struct CheckpointerOptions {
  model::Duration every = {5'000};  // between writes to the store
  /// Of collected changes, roughly: writes earlier. As many as that, because a contact is written
  /// once for all its changes, and sorted keys go into a memtable the cheaper the more there are.
  std::uint64_t bytes_max = 128U << 20;
  /// Of the changes of one write, roughly: from as many on they go to the store as sorted files,
  /// and are durable at once. Fewer would make many small files, and a sync for each.
  std::uint64_t files_bytes_min = 64U << 20;
  /// Of changes that wait or are being written: at more, `add` waits, and with it the journal and
  /// all that commit.
  std::uint64_t held_bytes_max = 384U << 20;
  model::Duration flush_every = {60'000};  // between flushes; segments go after a flush
  std::uint64_t flush_bytes = std::uint64_t{256}
                              << 20;  // written since the last flush: flushes earlier
  bool threaded = true;               // false: nothing happens but in `checkpoint`
};

struct CheckpointerCallbacks {
  /// Everything up to here can be read from the store: a contact whose `changed_at` is not greater
  /// may be let go, with the entries kept for it. Called on the checkpointer's thread.
  std::function<void(model::Offset)> saved;
  /// The store cannot be written: fail-stop, as with the journal.
  std::function<void(const std::string& reason)> failed;
};

struct CheckpointerStats {
  std::uint64_t checkpoints = 0, flushes = 0;
  std::uint64_t commits = 0, contacts = 0, entries = 0;  // written
  std::uint64_t pending_commits = 0, pending_bytes = 0;
  std::int64_t waited_us = 0;  // that `add` had to wait
  model::Offset saved, durable;
  std::int64_t cpu_us = 0;  // of the thread
};

class Checkpointer {
 public:
  /// `journal` may be null (no segments to drop).
  Checkpointer(StateStore& store, Journal* journal, CheckpointerOptions options,
               CheckpointerCallbacks callbacks);
  /// Ends the thread without a last checkpoint.
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  /// The changes of released commits, in offset order and without gaps (a tick is a Change with
  /// nothing in it). Thread-safe, cheap: call it from the journal's release. Waits while too much
  /// is held (`held_bytes_max`): a store that cannot keep up slows the commits down instead of
  /// filling the memory.
  void add(std::vector<Change>&& changes);

  /// Writes all that was added before, with `durable` flushes too, and returns. Thread-safe.
  void checkpoint(bool durable);
  /// `checkpoint(true)` and ends the thread.
  void stop();

  CheckpointerStats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inboxd::persistence
