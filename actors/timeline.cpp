#include "actors/timeline.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <iterator>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "model/entry_json.hpp"
#include "model/renumber.hpp"
#include "persistence/state_json.hpp"

namespace inboxd::actors {
namespace {

void append(std::string& out, std::string_view text) {
  if (!out.empty()) out += ',';
  out += text;
}

model::AuthorKind author_kind(model::PrincipalKind kind) {
  switch (kind) {
    case model::PrincipalKind::agent: return model::AuthorKind::agent;
    case model::PrincipalKind::connector: return model::AuthorKind::connector;
    case model::PrincipalKind::service: return model::AuthorKind::service;
    case model::PrincipalKind::system: break;
  }
  return model::AuthorKind::system;
}

std::string client_key(model::AuthorKind kind, std::string_view author,
                       std::string_view client_id) {
  std::string key = "c";
  key += static_cast<char>(kind);
  key += author;
  key += '\0';
  key += client_id;
  return key;
}

/// Empty: the entry has no such key.
std::string client_key(const model::Entry& entry) {
  const auto* message = entry.message();
  const auto* comment = entry.comment();
  const std::string_view id = message != nullptr   ? std::string_view(message->client_id)
                              : comment != nullptr ? std::string_view(comment->client_id)
                                                   : std::string_view{};
  return id.empty() ? std::string{} : client_key(entry.author.kind, entry.author.id, id);
}

std::string provider_key(const model::ChannelId& channel, model::Direction direction,
                         std::string_view provider_id) {
  std::string key = "p";
  key += static_cast<char>(direction);
  key += channel.str();
  key += '\0';
  key += provider_id;
  return key;
}

std::string provider_key(const model::Entry& entry) {
  const auto* message = entry.message();
  if (message == nullptr || message->provider_id.empty()) return {};
  return provider_key(message->channel, message->direction, message->provider_id);
}

bool is_pending(const model::Entry& entry) {
  const auto* message = entry.message();
  return message != nullptr && message->direction == model::Direction::out &&
         message->status() == model::Status::pending;
}

/// Entries' texts begin with the contact and the seq (model/entry_json.hpp).
model::Seq seq_of(std::string_view text) {
  constexpr std::string_view before = "\"seq\":";
  model::Seq seq;
  const auto at = text.find(before) + before.size();
  std::from_chars(text.data() + at, text.data() + text.size(), seq.value);
  return seq;
}

}  // namespace

void Timeline::put(const EntryPtr& entry) {
  if (indexed_) index(*entry);
  Unsaved unsaved{.seq = entry->seq, .entry = entry};
  if (unsaved_.empty() || unsaved_.back().seq < entry->seq) {
    unsaved_.push_back(std::move(unsaved));
  } else {
    const auto place = unsaved_.begin() + (place_of(entry->seq) - unsaved_.cbegin());
    if (place != unsaved_.end() && place->seq == entry->seq) {
      *place = std::move(unsaved);
    } else {
      unsaved_.insert(place, std::move(unsaved));
    }
  }
  if (!indexed_ && unsaved_.size() > unindexed_max) {
    indexed_ = true;
    index_again();
  }
}

void Timeline::index_again() {
  by_key_.clear();
  for (const auto& entry : hold_all()) index(*entry);
}

void Timeline::index(const model::Entry& entry) {
  for (auto& key : {client_key(entry), provider_key(entry)}) {
    if (!key.empty()) by_key_.insert_or_assign(key, entry.seq);
  }
}

void Timeline::take(model::Seq base, std::uint64_t count, model::Offset at,
                    std::shared_ptr<const Timeline> from) {
  if (count > 0)
    taken_.push_back({.base = base, .count = count, .at = at, .from = std::move(from)});
}

void Timeline::forget_saved(model::Offset saved) {
  if (saved <= forgotten_) return;
  forgotten_ = saved;
  std::erase_if(taken_, [&](const Taken& taken) { return taken.at <= saved; });
  if (unsaved_.empty()) return;
  std::erase_if(unsaved_, [&](const Unsaved& unsaved) {
    const auto kept = unsaved.entry.lock();
    return !kept || kept->offset <= saved;
  });
  if (unsaved_.empty()) {
    unsaved_ = {};
    indexed_ = false;
    by_key_ = {};
  } else if (indexed_ && by_key_.size() > 4 * unsaved_.size()) {  // two ids each at most
    index_again();
  }
}

std::vector<Timeline::Unsaved>::const_iterator Timeline::place_of(model::Seq seq) const {
  return std::lower_bound(
      unsaved_.begin(), unsaved_.end(), seq,
      [](const Unsaved& unsaved, model::Seq wanted) { return unsaved.seq < wanted; });
}

Timeline::Held Timeline::hold(model::Seq first, model::Seq last) const {
  Held held;
  for (auto at = place_of(first); at != unsaved_.end() && at->seq <= last; ++at) {
    if (auto entry = at->entry.lock()) held.push_back(std::move(entry));
  }
  // Who let go of the others had written them before: what is read from the store now has them.
  std::atomic_thread_fence(std::memory_order_acquire);
  return held;
}

const Timeline::EntryPtr* Timeline::in(const Held& held, model::Seq seq) {
  const auto place =
      std::lower_bound(held.begin(), held.end(), seq,
                       [](const EntryPtr& kept, model::Seq wanted) { return kept->seq < wanted; });
  return place != held.end() && (*place)->seq == seq ? &*place : nullptr;
}

Timeline::EntryPtr Timeline::unsaved(model::Seq seq) const {
  const auto at = place_of(seq);
  auto entry = at != unsaved_.end() && at->seq == seq ? at->entry.lock() : nullptr;
  std::atomic_thread_fence(std::memory_order_acquire);  // as in `hold`
  return entry;
}

template <class Is>
std::optional<model::Seq> Timeline::unsaved_with(const std::string& key, Is is) const {
  if (indexed_) {
    const auto kept = by_key_.find(key);
    return kept != by_key_.end() ? std::optional(kept->second) : std::nullopt;
  }
  // The newest first: so it was with the index, which keeps the last that came.
  const auto known = std::find_if(unsaved_.rbegin(), unsaved_.rend(), [&](const Unsaved& unsaved) {
    const auto entry = unsaved.entry.lock();
    return entry && is(*entry);
  });
  std::atomic_thread_fence(std::memory_order_acquire);  // as in `hold`
  return known != unsaved_.rend() ? std::optional(known->seq) : std::nullopt;
}

const Timeline::Taken* Timeline::taken_with(model::Seq seq) const {
  for (const auto& taken : taken_) {
    if (taken.base < seq && seq <= taken.base + taken.count) return &taken;
  }
  return nullptr;
}

template <class Visit>
void Timeline::for_each_part(model::Seq first, model::Seq last, Visit visit) const {
  for (const auto& taken : taken_) {
    if (first > last) return;
    if (first <= taken.base) {
      const auto end = std::min(last, taken.base);
      visit(nullptr, first, end);
      first = end + 1;
    }
    const auto end = std::min(last, taken.base + taken.count);
    if (first > end) continue;
    visit(&taken, first, end);
    first = end + 1;
  }
  if (first <= last) visit(nullptr, first, last);
}

Timeline::EntryPtr Timeline::find(model::Seq seq) const {
  if (auto kept = unsaved(seq)) return kept;
  if (const auto* taken = taken_with(seq)) {
    const auto found = taken_entries(*taken, seq, seq);
    return found.empty() ? nullptr : found.front();
  }
  auto stored = store_->entry(contact_, seq);
  return stored ? std::make_shared<const model::Entry>(std::move(*stored)) : nullptr;
}

std::vector<Timeline::EntryPtr> Timeline::entries(model::Seq first, model::Seq last) const {
  std::vector<EntryPtr> all;
  for_each_part(first, last, [&](const Taken* taken, model::Seq from, model::Seq to) {
    auto part = taken != nullptr ? taken_entries(*taken, from, to) : own_entries(from, to);
    std::move(part.begin(), part.end(), std::back_inserter(all));
  });
  return all;
}

std::vector<Timeline::EntryPtr> Timeline::stored(model::Seq first, model::Seq last) const {
  std::vector<EntryPtr> all;
  for (const auto& text : store_->page(contact_, last + 1, last.value - first.value + 1).entries) {
    auto entry = persistence::read_entry(text);
    if (entry.seq >= first) all.push_back(std::make_shared<const model::Entry>(std::move(entry)));
  }
  return all;
}

// Seqs have no gaps: what memory does not hold is in the store, and what both hold is newer in
// memory. So the newest entry that is not in memory is in the store, with all before it.
std::vector<Timeline::EntryPtr> Timeline::own_entries(model::Seq first, model::Seq last) const {
  const auto held = hold(first, last);
  auto in_store = last;
  while (in_store >= first && in(held, in_store) != nullptr) in_store = in_store - 1;
  std::vector<EntryPtr> all;
  if (in_store >= first) all = stored(first, in_store);
  for (auto& entry : all) {
    if (const auto* kept = in(held, entry->seq)) entry = *kept;
  }
  for (auto seq = in_store + 1; seq <= last; ++seq) all.push_back(*in(held, seq));
  return all;
}

std::vector<Timeline::EntryPtr> Timeline::taken_entries(const Taken& taken, model::Seq first,
                                                        model::Seq last) const {
  const auto held = hold(first, last);
  auto all = taken.from->entries(first - taken.base.value, last - taken.base.value);
  if (all.size() == last.value - first.value + 1) {
    for (auto& entry : all) {
      auto moved = std::make_shared<model::Entry>(*entry);
      model::renumber(*moved, taken.base);
      moved->offset = taken.at;
      entry = std::move(moved);
    }
  } else {
    all = stored(first, last);  // moved there meanwhile
  }
  for (auto& entry : all) {
    if (const auto* kept = in(held, entry->seq)) entry = *kept;
  }
  return all;
}

std::vector<Timeline::EntryPtr> Timeline::pending() const {
  std::set<model::Seq> seqs;
  const auto held = hold_all();
  for (const auto seq : store_->pending(contact_)) seqs.insert(seq);
  for (const auto& entry : held) seqs.insert(entry->seq);
  for (const auto& taken : taken_) {
    for (const auto& entry : taken.from->pending()) seqs.insert(taken.base + entry->seq.value);
  }
  std::vector<EntryPtr> all;
  for (const auto seq : seqs) {
    if (auto entry = find(seq); entry && is_pending(*entry)) all.push_back(std::move(entry));
  }
  return all;
}

std::string Timeline::texts(model::Seq first, model::Seq last) const {
  std::string out;
  for_each_part(first, last, [&](const Taken* taken, model::Seq from, model::Seq to) {
    if (taken == nullptr) {
      append_own_texts(out, from, to);
      return;
    }
    for (const auto& entry : taken_entries(*taken, from, to)) {
      if (!out.empty()) out += ',';
      model::write_entry(out, contact_, *entry);
    }
  });
  return out;
}

// As `own_entries`, but what the store holds is not read, only copied.
void Timeline::append_own_texts(std::string& out, model::Seq first, model::Seq last) const {
  const auto held = hold(first, last);
  auto in_store = last;
  while (in_store >= first && in(held, in_store) != nullptr) in_store = in_store - 1;
  std::vector<std::string> stored;
  if (in_store >= first)
    stored = store_->page(contact_, in_store + 1, in_store.value - first.value + 1).entries;
  for (auto seq = first; seq <= last; ++seq) {
    if (const auto* kept = in(held, seq)) {
      if (!out.empty()) out += ',';
      model::write_entry(out, contact_, **kept);
    } else if (const auto at = seq.value - first.value; at < stored.size()) {
      append(out, stored[at]);
    }  // else the disk has failed, and took it along
  }
}

std::optional<std::string> Timeline::changed_since(model::Offset offset, std::size_t limit) const {
  // By seq, so that what memory holds replaces what the store holds.
  std::map<model::Seq, std::string> changed;
  const auto held = hold_all();
  const auto stored = store_->changed_since(contact_, offset, limit);
  if (!stored) return std::nullopt;
  for (const auto& text : *stored) changed.emplace(seq_of(text), text);
  for (const auto& taken : taken_) {
    if (taken.at <= offset) continue;
    if (taken.count > limit) return std::nullopt;
    for (const auto& entry : taken_entries(taken, taken.base + 1, taken.base + taken.count)) {
      std::string text;
      model::write_entry(text, contact_, *entry);
      changed.insert_or_assign(entry->seq, std::move(text));
    }
  }
  for (const auto& entry : held) {
    if (entry->offset <= offset) continue;
    std::string text;
    model::write_entry(text, contact_, *entry);
    changed.insert_or_assign(entry->seq, std::move(text));
  }
  if (changed.size() > limit) return std::nullopt;
  std::string out;
  for (const auto& [seq, text] : changed) append(out, text);
  return out;
}

std::optional<model::Seq> Timeline::by_client_id(const model::Principal& by,
                                                 std::string_view client_id) const {
  const auto kind = author_kind(by.kind);
  const auto key = client_key(kind, by.id, client_id);
  if (const auto kept =
          unsaved_with(key, [&](const model::Entry& entry) { return client_key(entry) == key; }))
    return kept;
  for (auto taken = taken_.rbegin(); taken != taken_.rend(); ++taken) {
    if (const auto seq = taken->from->by_client_id(by, client_id)) return taken->base + seq->value;
  }
  return store_->find(persistence::ClientKey{
      .contact = contact_, .kind = kind, .author = by.id, .client_id = client_id});
}

std::optional<model::Seq> Timeline::by_unsaved_provider_id(const model::ChannelId& channel,
                                                           model::Direction direction,
                                                           std::string_view provider_id) const {
  for (auto taken = taken_.rbegin(); taken != taken_.rend(); ++taken) {
    if (const auto seq = taken->from->by_unsaved_provider_id(channel, direction, provider_id))
      return taken->base + seq->value;
  }
  if (unsaved_.empty()) return std::nullopt;
  const auto key = indexed_ ? provider_key(channel, direction, provider_id) : std::string();
  return unsaved_with(key, [&](const model::Entry& entry) {
    const auto* message = entry.message();
    return message != nullptr && message->provider_id == provider_id && !provider_id.empty() &&
           message->channel == channel && message->direction == direction;
  });
}

std::optional<model::Seq> Timeline::seq_here(const persistence::EntryPlace& place) const {
  if (place.contact == contact_) return place.seq;
  for (const auto& taken : taken_) {
    if (const auto seq = taken.from->seq_here(place)) return taken.base + seq->value;
  }
  return std::nullopt;
}

std::optional<model::Seq> Timeline::by_provider_id(const model::WorkspaceId& workspace,
                                                   const model::ChannelId& channel,
                                                   model::Direction direction,
                                                   std::string_view provider_id) const {
  if (const auto seq = by_unsaved_provider_id(channel, direction, provider_id)) return seq;
  const auto place = store_->find(persistence::ProviderKey{.workspace = workspace,
                                                           .channel = channel,
                                                           .direction = direction,
                                                           .provider_id = provider_id});
  return place ? seq_here(*place) : std::nullopt;
}

}  // namespace inboxd::actors
