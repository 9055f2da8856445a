// A contact's entries as its actor sees them: those that the store may not have yet, in memory,
// before those in the store; and those of contacts that were merged into it, which stay where they
// are until the store has moved them. Memory grows with what is not saved, not with the history:
// an entry belongs to its commit, and then to the checkpointer until that has written it. A
// timeline only knows it (weakly), so it is gone when it is saved, whether or not anybody asks for
// the contact again.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/entry.hpp"
#include "model/ids.hpp"
#include "model/workspace.hpp"
#include "persistence/store.hpp"

namespace inboxd::actors {

/// Not thread-safe: belongs to one contact. Reads may go to the store's files.
class Timeline {
 public:
  Timeline(model::ContactId contact, const persistence::StateStore& store)
      : contact_(contact), store_(&store) {}

  using EntryPtr = std::shared_ptr<const model::Entry>;

  /// A new or changed entry, with its commit's offset. Somebody else keeps it until the store has
  /// it: an entry that nobody keeps any more is read from there.
  void put(const EntryPtr& entry);
  /// Takes over another contact's whole timeline of `count` entries, as base+1 … base+count, with
  /// the merge's offset (S23). They stay where they are, and are read from there, until the store
  /// has moved them.
  void take(model::Seq base, std::uint64_t count, model::Offset at,
            std::shared_ptr<const Timeline> from);
  /// Forgets that there was something in memory that the store holds by now.
  void forget_saved(model::Offset saved);

  /// With its offset; null: there is none.
  EntryPtr find(model::Seq seq) const;
  /// Those with seq in [first, last], ascending. Fewer if there are not so many, or if this
  /// timeline was taken over and the store has moved it meanwhile.
  std::vector<EntryPtr> entries(model::Seq first, model::Seq last) const;
  /// Outbound messages that wait for their platform, ascending.
  std::vector<EntryPtr> pending() const;

  /// The entries with seq in [first, last], ascending, in wire form, separated by commas.
  std::string texts(model::Seq first, model::Seq last) const;

  /// Entries changed after `offset`, ascending by seq, separated by commas; nothing when there are
  /// more than `limit` (S35).
  std::optional<std::string> changed_since(model::Offset offset, std::size_t limit) const;

  /// R10: the entry that this principal wrote with this client id.
  std::optional<model::Seq> by_client_id(const model::Principal& by,
                                         std::string_view client_id) const;
  /// The same among the entries that the store may not have yet: cheap, no file is read.
  std::optional<model::Seq> by_unsaved_provider_id(const model::ChannelId& channel,
                                                   model::Direction direction,
                                                   std::string_view provider_id) const;
  /// R9 and statuses: the message with the platform's id. Entries of other contacts are not found
  /// here.
  std::optional<model::Seq> by_provider_id(const model::WorkspaceId& workspace,
                                           const model::ChannelId& channel,
                                           model::Direction direction,
                                           std::string_view provider_id) const;

 private:
  /// Up to as many unsaved entries are looked through; more get an index by their ids.
  static constexpr std::size_t unindexed_max = 8;

  /// What was another contact's, until the store has moved it.
  struct Taken {
    model::Seq base;
    std::uint64_t count = 0;
    model::Offset at;  // of the merge
    std::shared_ptr<const Timeline> from;
  };

  /// An entry that the store may not have. Expired: the store has it.
  struct Unsaved {
    model::Seq seq;
    std::weak_ptr<const model::Entry> entry;
  };
  /// Entries that are kept from being saved away while they are looked at: ascending. To be taken
  /// before the store is asked, or else something may be in neither.
  using Held = std::vector<EntryPtr>;
  Held hold(model::Seq first, model::Seq last) const;
  Held hold_all() const { return hold({}, {std::numeric_limits<std::uint64_t>::max()}); }
  /// The one with that seq among them, or null.
  static const EntryPtr* in(const Held& held, model::Seq seq);

  std::vector<Unsaved>::const_iterator place_of(model::Seq seq) const;
  /// The unsaved entry with that seq, or null.
  EntryPtr unsaved(model::Seq seq) const;
  /// Whose entry that was; null: this contact's own.
  const Taken* taken_with(model::Seq seq) const;
  /// Cuts [first, last] where the owner changes: `visit(taken or null, first, last)`, ascending.
  template <class Visit>
  void for_each_part(model::Seq first, model::Seq last, Visit visit) const;
  /// Entries as the store holds them under this contact.
  std::vector<EntryPtr> stored(model::Seq first, model::Seq last) const;
  std::vector<EntryPtr> own_entries(model::Seq first, model::Seq last) const;
  std::vector<EntryPtr> taken_entries(const Taken& taken, model::Seq first, model::Seq last) const;
  void append_own_texts(std::string& out, model::Seq first, model::Seq last) const;
  /// An entry of the store by the place that it has there; nothing: it is not of this timeline.
  std::optional<model::Seq> seq_here(const persistence::EntryPlace& place) const;
  /// The seq of the unsaved entry with this id (timeline.cpp), `is` saying so of an entry.
  template <class Is>
  std::optional<model::Seq> unsaved_with(const std::string& key, Is is) const;
  void index(const model::Entry& entry);
  void index_again();

  model::ContactId contact_;
  const persistence::StateStore* store_;
  std::vector<Unsaved> unsaved_;  // by seq
  std::vector<Taken> taken_;      // ascending
  bool indexed_ = false;
  /// Their client and provider ids, if indexed; and some that are saved by now: the seqs are right.
  std::unordered_map<std::string, model::Seq> by_key_;
  model::Offset forgotten_;
};

}  // namespace inboxd::actors
