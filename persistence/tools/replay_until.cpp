#include "persistence/tools/replay_until.hpp"

#include <stdexcept>

#include "model/renumber.hpp"
#include "persistence/journal_reader.hpp"
#include "persistence/recovery.hpp"
#include "persistence/state_json.hpp"
#include "persistence/store.hpp"

namespace inboxd::persistence {
namespace {

using model::ContactId;
using model::Seq;

/// Contacts in memory; of entries only those that a later record can name or that are wanted.
class Fold final : private PriorState {
 public:
  explicit Fold(std::optional<ContactId> timeline_of) : timeline_of_(timeline_of) {}

  void start_from(const StateStore& store) {
    const auto applied = store.applied();
    state_.offset = applied.offset;
    state_.at = applied.at;
    state_.workspaces = store.workspaces();
    store.for_each_contact(1, [&](std::size_t, StoredContact&& stored) {
      const auto id = stored.contact.id;
      state_.contacts[id] = {stored.workspace, std::move(stored.contact)};
    });
    base_ = &store;
  }

  void add(const model::Record& record) {
    auto change = derive_change(record, *this);
    state_.offset = record.offset;
    state_.at = record.at;
    if (change.workspace_created) state_.workspaces[record.workspace].id = record.workspace;
    for (const auto& event : change.workspace_events) {
      model::apply(state_.workspaces[record.workspace], event);
    }
    for (const auto& contact : change.contacts) {
      state_.contacts[contact->id] = {record.workspace, *contact};
    }
    if (change.moved) move(*change.moved, record.offset);
    for (const auto& entry : change.entries) {
      entries_[{entry.contact, entry.entry->seq}] = *entry.entry;
    }
  }

  ReplayedState finish() && {
    if (!timeline_of_) return std::move(state_);
    auto& timeline = state_.timelines[*timeline_of_];
    const auto found = state_.contacts.find(*timeline_of_);
    if (found == state_.contacts.end() || found->second.second.merged_into) {
      return std::move(state_);
    }
    for (Seq seq{1}; seq <= found->second.second.last_seq; ++seq) {
      if (auto one = entry(*timeline_of_, seq)) timeline.emplace(seq, std::move(*one));
    }
    return std::move(state_);
  }

 private:
  std::optional<model::Contact> contact(ContactId id) override {
    const auto found = state_.contacts.find(id);
    if (found == state_.contacts.end()) return std::nullopt;
    return found->second.second;
  }
  std::optional<model::Entry> entry(ContactId contact, Seq seq) override {
    if (const auto found = entries_.find({contact, seq}); found != entries_.end()) {
      return found->second;
    }
    if (base_ != nullptr) return base_->entry(contact, seq);
    return std::nullopt;
  }
  void move(const EntriesMoved& moved, model::Offset offset) {
    for (Seq seq{1}; seq.value <= moved.count; ++seq) {
      auto one = entry(moved.secondary, seq);
      if (!one) continue;
      renumber(*one, moved.base);
      one->offset = offset;
      entries_.erase({moved.secondary, seq});
      entries_[{moved.primary, one->seq}] = std::move(*one);
    }
  }

  std::optional<ContactId> timeline_of_;
  const StateStore* base_ = nullptr;
  ReplayedState state_;
  std::map<std::pair<ContactId, Seq>, model::Entry> entries_;
};

}  // namespace

ReplayedState replay_until(const DataDirectory& directory, const ReplayOptions& options,
                           std::optional<ContactId> timeline_of, const Progress& progress) {
  auto& files = posix_file_system();
  Fold fold(timeline_of);
  ReadOptions read;
  read.until = options.until;
  read.until_at = options.until_at;
  read.progress = [&](std::uint64_t done, std::uint64_t total) {
    if (progress) progress("replaying the journal", done, total);
  };
  const auto segments = list_segments(files, directory.journal());
  const bool from_the_start = !segments.empty() && segments.front().first.value == 1;
  std::optional<StateStore> store;
  if (!from_the_start) {
    store.emplace(StoreOptions{.path = directory.store(), .mode = StoreOptions::Mode::read_only});
    const auto applied = store->applied();
    const bool later = (options.until && applied.offset > *options.until) ||
                       (options.until_at && applied.at > *options.until_at);
    if (later) {
      throw std::runtime_error(
          "The journal begins with record " +
          std::to_string(segments.empty() ? 0 : segments.front().first.value) +
          " and the store is at " + std::to_string(applied.offset.value) +
          ": what was before is not kept. Run this on a backup from before that moment, and keep "
          "more with --journal-retention.");
    }
    fold.start_from(*store);
    read.after = applied.offset;
  }
  read_journal(files, directory.journal(), read, [&](const Frame& frame) {
    fold.add(read_record(frame.payload, frame.offset, frame.at));
  });
  return std::move(fold).finish();
}

}  // namespace inboxd::persistence
