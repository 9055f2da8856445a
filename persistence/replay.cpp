#include "persistence/replay.hpp"

namespace inboxd::persistence {

void Replay::add(const model::Record& record) {
  auto change = derive_change(record, *this);
  for (const auto& contact : change.contacts) contacts_[contact->id] = contact;
  for (const auto& entry : change.entries) {
    entries_[{entry.contact, entry.entry.seq}] = entry.entry;
  }
  const bool merged = change.moved.has_value();
  changes_.push_back(std::move(change));
  ++records_;
  // After a merge the entries are where `entry` looks only when the store has moved them.
  if (merged || changes_.size() >= batch_records) finish();
}

void Replay::finish() {
  if (changes_.empty()) return;
  store_.write(changes_);
  changes_.clear();
  contacts_.clear();
  entries_.clear();
}

std::optional<model::Contact> Replay::contact(model::ContactId id) {
  if (const auto found = contacts_.find(id); found != contacts_.end()) return *found->second;
  if (auto stored = store_.contact(id)) return std::move(stored->contact);
  return std::nullopt;
}

std::optional<model::Entry> Replay::entry(model::ContactId contact, model::Seq seq) {
  if (const auto found = entries_.find({contact, seq}); found != entries_.end()) {
    return found->second;
  }
  return store_.entry(contact, seq);
}

}  // namespace inboxd::persistence
