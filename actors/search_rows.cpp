#include "actors/search_rows.hpp"

#include <algorithm>

namespace inboxd::actors {

SearchCommit::SearchCommit(const Commit& commit)
    : workspace(commit.workspace),
      offset(commit.offset),
      at(commit.at),
      rows(commit.rows),
      moved(commit.moved),
      workspace_after(commit.workspace_after) {
  entries.reserve(commit.entries.size());
  for (const auto& change : commit.entries) {
    if (change.entry->event() == nullptr) entries.push_back({change.contact, change.entry});
  }
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

void SearchRows::follow(const SearchCommit& commit) {
  for (const auto& change : commit.rows) put(commit.workspace, change.contact, change.after);
  if (commit.moved)
    merged_[commit.moved->secondary] = {.into = commit.moved->primary, .base = commit.moved->base};
  for (const auto& change : commit.entries) {
    const Place place{change.contact, change.entry->seq};
    unsaved_[place] = {.entry = change.entry, .offset = commit.offset};
    unsaved_order_.emplace_back(commit.offset, place);
  }
  if (commit.workspace_after) workspaces_[commit.workspace] = commit.workspace_after;
  offset_ = std::max(offset_, commit.offset);
  at_ = std::max(at_, commit.at);
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
