// The live state that a search is judged by: every contact's row, what merges led where, the
// workspaces, and entries that the store has not got yet. Follows the released commits; rows are
// shared with the views.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/commit.hpp"
#include "actors/directory.hpp"
#include "model/row.hpp"

namespace inboxd::actors {

/// How far a contact went with a commit that is not indexed as it came: it is brought in from the
/// store later.
struct Noted {
  model::ContactId contact;
  model::Offset offset;  // of that commit
  model::Seq last_seq;
  model::Version version;
};
/// Appends those of a commit.
void note(const Commit& commit, std::vector<Noted>& noted);

/// All that is kept of commits that came too fast: what a search is judged by, and what to bring in
/// later.
struct SearchCommit {
  explicit SearchCommit(const Commit& commit);

  struct Row {
    model::ContactId contact;
    model::RowPtr after;
  };
  struct Change {
    model::ContactId contact;
    std::shared_ptr<const model::Entry> entry;
  };
  model::WorkspaceId workspace;
  model::Offset offset;
  model::Timestamp at;
  std::vector<Row> rows;
  std::vector<Change> entries;  // which may be in the index already
  std::optional<persistence::EntriesMoved> moved;
  WorkspacePtr workspace_after;
  std::vector<Noted> noted;
};

/// Not thread-safe.
class SearchRows {
 public:
  using Place = std::pair<model::ContactId, model::Seq>;

  void load(const WorkspacePtr& workspace, const std::vector<model::RowPtr>& rows,
            const std::vector<KnownContact>& contacts, model::Offset offset, model::Timestamp at);
  /// `indexed`: what is new in it may be found before the store has it.
  void follow(const Commit& commit, bool indexed);
  void follow(const SearchCommit& commit);
  /// The store has everything up to here: entries are read from it.
  void forget_saved(model::Offset saved);

  /// Null for contacts that are not there, or of another workspace.
  const model::RowPtr& row(const model::WorkspaceId& workspace, model::ContactId contact) const {
    static const model::RowPtr none;
    if (contact.value >= slots_.size()) return none;
    const auto& slot = slots_[contact.value];
    return slot.workspace == workspace ? slot.row : none;
  }
  /// The row's `sort_at`; nothing as with `row`. No look at the row itself.
  std::optional<model::Timestamp> sort_at(const model::WorkspaceId& workspace,
                                          model::ContactId contact) const {
    if (contact.value >= slots_.size()) return std::nullopt;
    const auto& slot = slots_[contact.value];
    if (slot.row == nullptr || !(slot.workspace == workspace)) return std::nullopt;
    return slot.sort_at;
  }

  /// Where an entry was from merge to merge (S23); the last place is where it is now.
  std::vector<Place> places(model::ContactId contact, model::Seq seq) const;
  Place resolve(model::ContactId contact, model::Seq seq) const;
  /// A copy of an entry that the store may not have yet, with its offset set; null: read it there.
  std::shared_ptr<model::Entry> unsaved(const Place& place) const;

  const WorkspacePtr& workspace(const model::WorkspaceId& id) const { return workspaces_.at(id); }
  model::Offset offset() const { return offset_; }
  /// Of the last commit: what relative filters are evaluated at (S2).
  model::Timestamp at() const { return at_; }
  std::size_t size() const { return count_; }

 private:
  struct Slot {
    model::RowPtr row;
    model::Timestamp sort_at;
    model::WorkspaceId workspace;
  };
  struct Merged {
    model::ContactId into;
    model::Seq base;
  };
  struct Unsaved {
    std::shared_ptr<const model::Entry> entry;
    model::Offset offset;
  };
  struct Hash {
    std::size_t operator()(const Place& place) const {
      return std::hash<model::ContactId>{}(place.first) * 31 ^ place.second.value;
    }
  };

  /// The place that a merge gave it; nothing: it is still there.
  std::optional<Place> next(const Place& place) const;
  void put(const model::WorkspaceId& workspace, model::ContactId contact, model::RowPtr row);
  template <class AnyCommit>
  void follow_rows(const AnyCommit& commit);
  void keep(model::ContactId contact, const std::shared_ptr<const model::Entry>& entry,
            model::Offset offset);

  std::vector<Slot> slots_;  // by contact id, which are consecutive
  std::unordered_map<model::ContactId, Merged> merged_;
  std::unordered_map<Place, Unsaved, Hash> unsaved_;
  std::deque<std::pair<model::Offset, Place>> unsaved_order_;
  std::unordered_map<model::WorkspaceId, WorkspacePtr> workspaces_;
  model::Offset offset_;
  model::Timestamp at_;
  std::size_t count_ = 0;
};

}  // namespace inboxd::actors
