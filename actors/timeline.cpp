#include "actors/timeline.hpp"

#include <charconv>
#include <utility>
#include <vector>

#include "model/entry_json.hpp"

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

/// Entries' texts begin with the contact and the seq (model/entry_json.hpp).
model::Seq seq_of(std::string_view text) {
  constexpr std::string_view before = "\"seq\":";
  model::Seq seq;
  const auto at = text.find(before) + before.size();
  std::from_chars(text.data() + at, text.data() + text.size(), seq.value);
  return seq;
}

}  // namespace

void Timeline::put(std::shared_ptr<const model::Entry> entry, model::Offset offset) {
  auto placed = std::make_shared<model::Entry>(*entry);
  placed->offset = offset;
  if (auto key = client_key(*placed); !key.empty())
    by_key_.insert_or_assign(std::move(key), placed->seq);
  if (auto key = provider_key(*placed); !key.empty())
    by_key_.insert_or_assign(std::move(key), placed->seq);
  unsaved_.insert_or_assign(placed->seq, std::move(placed));
}

void Timeline::forget_saved(model::Offset saved) {
  if (saved <= forgotten_) return;
  forgotten_ = saved;
  for (auto kept = unsaved_.begin(); kept != unsaved_.end();) {
    if (kept->second->offset > saved) {
      ++kept;
      continue;
    }
    by_key_.erase(client_key(*kept->second));
    by_key_.erase(provider_key(*kept->second));
    kept = unsaved_.erase(kept);
  }
}

std::shared_ptr<const model::Entry> Timeline::find(model::Seq seq) const {
  if (const auto kept = unsaved_.find(seq); kept != unsaved_.end()) return kept->second;
  auto stored = store_.entry(contact_, seq);
  return stored ? std::make_shared<const model::Entry>(std::move(*stored)) : nullptr;
}

std::string Timeline::texts(model::Seq first, model::Seq last) const {
  std::string out;
  if (first > last) return out;
  // Seqs have no gaps: what memory does not hold is in the store, and what both hold is newer in
  // memory. So the newest entry that is not in memory is in the store, with all before it.
  auto in_store = last;
  while (in_store >= first && unsaved_.contains(in_store)) in_store = in_store - 1;
  std::vector<std::string> stored;
  if (in_store >= first)
    stored = store_.page(contact_, in_store + 1, in_store.value - first.value + 1).entries;
  for (auto seq = first; seq <= last; ++seq) {
    if (const auto kept = unsaved_.find(seq); kept != unsaved_.end()) {
      if (!out.empty()) out += ',';
      model::write_entry(out, contact_, *kept->second);
    } else {
      append(out, stored.at(seq.value - first.value));
    }
  }
  return out;
}

std::optional<std::string> Timeline::changed_since(model::Offset offset, std::size_t limit) const {
  // By seq, so that what memory holds replaces what the store holds.
  std::map<model::Seq, std::string> changed;
  const auto stored = store_.changed_since(contact_, offset, limit);
  if (!stored) return std::nullopt;
  for (const auto& text : *stored) changed.emplace(seq_of(text), text);
  for (const auto& [seq, entry] : unsaved_) {
    if (entry->offset <= offset) continue;
    std::string text;
    model::write_entry(text, contact_, *entry);
    changed.insert_or_assign(seq, std::move(text));
  }
  if (changed.size() > limit) return std::nullopt;
  std::string out;
  for (const auto& [seq, text] : changed) append(out, text);
  return out;
}

std::optional<model::Seq> Timeline::by_client_id(const model::Principal& by,
                                                 std::string_view client_id) const {
  const auto kind = author_kind(by.kind);
  if (const auto kept = by_key_.find(client_key(kind, by.id, client_id)); kept != by_key_.end())
    return kept->second;
  return store_.find(persistence::ClientKey{
      .contact = contact_, .kind = kind, .author = by.id, .client_id = client_id});
}

std::optional<model::Seq> Timeline::by_unsaved_provider_id(const model::ChannelId& channel,
                                                           model::Direction direction,
                                                           std::string_view provider_id) const {
  if (by_key_.empty()) return std::nullopt;
  const auto kept = by_key_.find(provider_key(channel, direction, provider_id));
  return kept != by_key_.end() ? std::optional(kept->second) : std::nullopt;
}

std::optional<model::Seq> Timeline::by_provider_id(const model::WorkspaceId& workspace,
                                                   const model::ChannelId& channel,
                                                   model::Direction direction,
                                                   std::string_view provider_id) const {
  if (const auto seq = by_unsaved_provider_id(channel, direction, provider_id)) return seq;
  const auto place = store_.find(persistence::ProviderKey{.workspace = workspace,
                                                          .channel = channel,
                                                          .direction = direction,
                                                          .provider_id = provider_id});
  if (!place || place->contact != contact_) return std::nullopt;
  return place->seq;
}

}  // namespace inboxd::actors
