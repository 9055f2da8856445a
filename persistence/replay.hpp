// Folding records into a state store, many at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/record.hpp"
#include "persistence/change.hpp"
#include "persistence/journal_reader.hpp"
#include "persistence/recovery.hpp"
#include "persistence/store.hpp"

namespace inboxd::persistence {

/// Collects what records change and writes it to the store in large batches. One thread.
class Replay final : private PriorState {
 public:
  explicit Replay(StateStore& store) : store_(store) {}

  /// Records that come next: what they change is read from the store on several threads at once,
  /// which is most of a replay's time.
  void expect(std::span<const Frame> frames);
  /// The record after the last one. Throws FormatError if it does not fit the state.
  void add(const model::Record& record);
  /// Writes what is left.
  void finish();

  std::uint64_t records() const { return records_; }

 private:
  static constexpr std::size_t batch_records = ahead_records;
  static constexpr std::size_t threads = 2;

  std::optional<model::Contact> contact(model::ContactId id) override;
  std::optional<model::Entry> entry(model::ContactId contact, model::Seq seq) override;

  StateStore& store_;
  std::vector<Change> changes_;
  // The latest of what `changes_` holds, and what was read ahead.
  std::unordered_map<model::ContactId, std::shared_ptr<const model::Contact>> contacts_;
  std::map<std::pair<model::ContactId, model::Seq>, std::shared_ptr<const model::Entry>> entries_;
  std::uint64_t records_ = 0;
};

}  // namespace inboxd::persistence
