#include "persistence/replay.hpp"

#include <algorithm>
#include <future>
#include <string_view>

namespace inboxd::persistence {
namespace {

/// The contacts that a record's text names first; a guess, which costs a read if it is wrong.
void name_contacts(std::string_view payload, std::vector<model::ContactId>& ids) {
  constexpr std::string_view before = "\"contacts\":[{\"contact\":\"";
  const auto at = payload.find(before);
  if (at == std::string_view::npos) return;
  const auto text = payload.substr(at + before.size(), model::ContactId::text_size);
  if (const auto id = model::ContactId::parse(text)) ids.push_back(*id);
}

}  // namespace

void Replay::expect(std::span<const Frame> frames) {
  finish();  // so that what is read now is not forgotten half-way
  std::vector<model::ContactId> ids;
  for (const auto& frame : frames) name_contacts(frame.payload, ids);
  std::ranges::sort(ids);  // neighbours stand in one block of the store
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::erase_if(ids, [&](model::ContactId id) { return contacts_.contains(id); });

  std::vector<std::shared_ptr<const model::Contact>> found(ids.size());
  const auto read = [&](std::size_t begin, std::size_t end) {
    for (auto i = begin; i < end; ++i) {
      if (auto stored = store_.contact(ids[i]))
        found[i] = std::make_shared<const model::Contact>(std::move(stored->contact));
    }
  };
  std::vector<std::future<void>> parts;
  for (std::size_t i = 0; i < threads; ++i) {
    parts.push_back(std::async(std::launch::async, read, ids.size() * i / threads,
                               ids.size() * (i + 1) / threads));
  }
  for (auto& part : parts) part.get();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (found[i]) contacts_.emplace(ids[i], std::move(found[i]));
  }
}

void Replay::add(const model::Record& record) {
  auto change = derive_change(record, *this);
  for (const auto& contact : change.contacts) contacts_[contact->id] = contact;
  for (const auto& entry : change.entries) {
    entries_[{entry.contact, entry.entry->seq}] = entry.entry;
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
    return *found->second;
  }
  return store_.entry(contact, seq);
}

}  // namespace inboxd::persistence
