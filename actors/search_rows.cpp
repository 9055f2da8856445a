#include "actors/search_rows.hpp"

#include <algorithm>

namespace inboxd::actors {

namespace {

/// The store does not have this as the index does. What is only new is not in the index either
/// while its commit is not indexed.
bool may_be_indexed(const EntryChange& change) {
  return (!change.appended || change.moved) && change.entry->event() == nullptr;
}

}  // namespace

void note(const Commit& commit, std::vector<Noted>& noted) {
  for (const auto& state : commit.states) {
    noted.push_back({.contact = state->id,
                     .offset = commit.offset,
                     .last_seq = state->last_seq,
                     .version = state->version});
  }
}

SearchCommit::SearchCommit(const Commit& commit)
    : workspace(commit.workspace),
      offset(commit.offset),
      at(commit.at),
      moved(commit.moved),
      workspace_after(commit.workspace_after) {
  rows.reserve(commit.rows.size());
  for (const auto& change : commit.rows) rows.push_back({change.contact, change.after});
  for (const auto& change : commit.entries) {
    if (may_be_indexed(change)) entries.push_back({change.contact, change.entry});
  }
  note(commit, noted);
}

void SearchRows::load(const WorkspacePtr& workspace, const std::vector<model::RowPtr>& rows,
                      const std::vector<KnownContact>& contacts, model::Offset offset,
                      model::Timestamp at) {
  workspaces_[workspace->id] = workspace;
  for (const auto& row : rows) put(workspace->id, row->id, row);
  for (const auto& contact : contacts) {
    if (contact.merged_into)
      merged_[contact.id] = {.into = *contact.merged_into, .base = contact.merged_base};
  }
  offset_ = offset;
  at_ = at;
}

void SearchRows::put(const model::WorkspaceId& workspace, model::ContactId contact,
                     model::RowPtr row) {
  if (slots_.size() <= contact.value) {
    if (slots_.capacity() <= contact.value) slots_.reserve(contact.value * 3 / 2 + 64);
    slots_.resize(contact.value + 1);
  }
  auto& slot = slots_[contact.value];
  count_ += (row != nullptr ? 1U : 0U) - (slot.row != nullptr ? 1U : 0U);
  slot.workspace = workspace;
  if (row != nullptr) slot.sort_at = row->sort_at;
  slot.row = std::move(row);
}

template <class AnyCommit>
void SearchRows::follow_rows(const AnyCommit& commit) {
  for (const auto& change : commit.rows) put(commit.workspace, change.contact, change.after);
  if (commit.moved)
    merged_[commit.moved->secondary] = {.into = commit.moved->primary, .base = commit.moved->base};
  if (commit.workspace_after) workspaces_[commit.workspace] = commit.workspace_after;
  offset_ = std::max(offset_, commit.offset);
  at_ = std::max(at_, commit.at);
}

void SearchRows::follow(const Commit& commit, bool indexed) {
  follow_rows(commit);
  for (const auto& change : commit.entries) {
    if (may_be_indexed(change) || (indexed && change.entry->event() == nullptr))
      keep(change.contact, change.entry, commit.offset);
  }
}

void SearchRows::follow(const SearchCommit& commit) {
  follow_rows(commit);
  for (const auto& change : commit.entries) keep(change.contact, change.entry, commit.offset);
}

void SearchRows::keep(model::ContactId contact, const std::shared_ptr<const model::Entry>& entry,
                      model::Offset offset) {
  const Place place{contact, entry->seq};
  unsaved_[place] = {.entry = entry, .offset = offset};
  unsaved_order_.emplace_back(offset, place);
}

void SearchRows::forget_saved(model::Offset saved) {
  while (!unsaved_order_.empty() && unsaved_order_.front().first <= saved) {
    const auto known = unsaved_.find(unsaved_order_.front().second);
    if (known != unsaved_.end() && known->second.offset <= saved) unsaved_.erase(known);
    unsaved_order_.pop_front();
  }
}

std::vector<SearchRows::Place> SearchRows::places(model::ContactId contact, model::Seq seq) const {
  std::vector<Place> all{{contact, seq}};
  while (const auto moved = next(all.back())) all.push_back(*moved);
  return all;
}

SearchRows::Place SearchRows::resolve(model::ContactId contact, model::Seq seq) const {
  Place place{contact, seq};
  while (const auto moved = next(place)) place = *moved;
  return place;
}

// Every step leads to a contact that was merged later, so there is an end.
std::optional<SearchRows::Place> SearchRows::next(const Place& place) const {
  const auto known = merged_.find(place.first);
  if (known == merged_.end()) return std::nullopt;
  return Place{known->second.into, known->second.base + place.second.value};
}

std::shared_ptr<model::Entry> SearchRows::unsaved(const Place& place) const {
  const auto known = unsaved_.find(place);
  if (known == unsaved_.end()) return nullptr;
  auto entry = std::make_shared<model::Entry>(*known->second.entry);
  entry->offset = known->second.offset;
  return entry;
}

}  // namespace inboxd::actors
