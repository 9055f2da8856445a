// A contact's entries as its actor sees them: those that the store may not have yet, in memory,
// before those in the store.
#pragma once

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
      : contact_(contact), store_(store) {}

  using EntryPtr = std::shared_ptr<const model::Entry>;

  /// Keeps a new or changed entry, with its commit's offset, until the store has it.
  void put(EntryPtr entry);
  /// Lets go of what the store holds by now.
  void forget_saved(model::Offset saved);

  /// With its offset; null: there is none.
  EntryPtr find(model::Seq seq) const;

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

  /// The unsaved entry with that seq, or null.
  const EntryPtr* unsaved(model::Seq seq) const;
  /// The seq of the unsaved entry with this id (timeline.cpp), `is` saying so of an entry.
  template <class Is>
  std::optional<model::Seq> unsaved_with(const std::string& key, Is is) const;
  void index(const model::Entry& entry);

  model::ContactId contact_;
  const persistence::StateStore& store_;
  std::vector<EntryPtr> unsaved_;  // by seq
  bool indexed_ = false;
  std::unordered_map<std::string, model::Seq> by_key_;  // their client and provider ids, if indexed
  model::Offset forgotten_;
};

}  // namespace inboxd::actors
