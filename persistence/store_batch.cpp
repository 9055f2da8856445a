#include "persistence/store_batch.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/entry_json.hpp"
#include "model/json.hpp"
#include "model/overload.hpp"
#include "model/renumber.hpp"
#include "persistence/contact_record.hpp"
#include "persistence/state_json.hpp"
#include "persistence/store_keys.hpp"

namespace inboxd::persistence {
namespace {

using model::ContactId;
using model::Direction;
using model::Entry;
using model::Seq;

/// Entries by their provider ids; collected, because they are to be written in the order of keys.
class ProviderIds {
 public:
  void add(const model::WorkspaceId& workspace, ContactId contact, const Entry& entry) {
    const auto* message = entry.message();
    if (message == nullptr || message->provider_id.empty()) return;
    const auto begin = keys_.size();
    keys::provider(keys_, {workspace, message->channel, message->direction, message->provider_id});
    ids_.push_back({begin, keys_.size() - begin, contact, entry.seq});
  }

  /// Of two entries with the same id the later one counts. Nothing is left.
  void put(KeySink& sink) {
    std::vector<std::pair<std::string_view, const Id*>> sorted;
    sorted.reserve(ids_.size());
    for (const auto& id : ids_)
      sorted.emplace_back(std::string_view(keys_).substr(id.begin, id.size), &id);
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      const auto& [key, id] = sorted[i];
      if (i + 1 < sorted.size() && sorted[i + 1].first == key) continue;
      sink.put(Family::provider_ids, key, keys::entry(id->contact, id->seq));
    }
    keys_.clear();
    ids_.clear();
  }

 private:
  struct Id {
    std::size_t begin, size;  // of its key
    ContactId contact;
    Seq seq;
  };
  std::string keys_;  // all of them, one after the other
  std::vector<Id> ids_;
};

void put_client_id(KeySink& sink, ContactId contact, const Entry& entry) {
  const auto* message = entry.message();
  const auto* comment = entry.comment();
  if (message == nullptr && comment == nullptr) return;
  const auto& client_id = message != nullptr ? message->client_id : comment->client_id;
  if (client_id.empty()) return;
  sink.put(Family::client_ids,
           keys::client({contact, entry.author.kind, entry.author.id, client_id}),
           keys::seq(entry.seq));
}

bool is_pending(const Entry& entry) {
  const auto* message = entry.message();
  return message != nullptr && message->direction == Direction::out &&
         message->status() == model::Status::pending;
}

/// The last state of an entry in a run of changes.
struct Latest {
  const EntryChange* change = nullptr;
  const model::WorkspaceId* workspace = nullptr;
  bool altered = false;  // it was there before, or was changed after it was made
};

void put_entry(KeySink& sink, const Latest& latest, ProviderIds& provider_ids,
               std::string& scratch) {
  const auto& change = *latest.change;
  const auto& entry = *change.entry;
  const auto key = keys::entry(change.contact, entry.seq);
  if (change.json) {
    sink.put(Family::entries, key, *change.json);
  } else {
    scratch.clear();
    write_entry(scratch, change.contact, entry);
    sink.put(Family::entries, key, scratch);
  }
  put_client_id(sink, change.contact, entry);
  provider_ids.add(*latest.workspace, change.contact, entry);
  if (latest.altered) {
    sink.put(Family::changed, keys::changed(change.contact, entry.offset, entry.seq), "");
  }
  if (is_pending(entry)) {
    sink.put(Family::pending, key, "");
  } else if (latest.altered) {
    sink.remove(Family::pending, key);
  }
}

void put_workspace_event(KeySink& sink, const model::WorkspaceId& id,
                         const model::WorkspaceEvent& event) {
  const auto put = [&](std::string_view kind, std::string_view record) {
    std::string json;
    write_workspace_event(json, event);
    sink.put(Family::workspace, keys::workspace(id, kind, record), json);
  };
  const auto remove = [&](std::string_view kind, std::string_view record) {
    sink.remove(Family::workspace, keys::workspace(id, kind, record));
  };
  std::visit(model::overload{
                 [&](const model::PutAgent& p) { put("agent", p.agent.id.str()); },
                 [&](const model::RemoveAgent& r) { remove("agent", r.id.str()); },
                 [&](const model::PutTeam& p) { put("team", p.team.id.str()); },
                 [&](const model::PutChannel& p) { put("channel", p.channel.id.str()); },
                 [&](const model::PutField& p) { put("field", p.field.id.str()); },
                 [&](const model::PolicyChanged&) { put("policy", ""); },
                 [&](const model::PutView& p) { put("view", p.view.id.str()); },
                 [&](const model::DeleteView& d) { remove("view", d.id.str()); },
             },
             event);
}

void put_contact(KeySink& sink, const model::WorkspaceId& workspace, const model::Contact& contact,
                 std::string& scratch) {
  scratch.clear();
  write_contact_record(scratch, workspace, contact);
  sink.put(Family::contacts, keys::contact(contact.id), scratch);
}

void put_position(KeySink& sink, const AppliedPosition& position) {
  std::string json;
  model::json::Object{json}("offset", position.offset)("at", position.at)("contact_ids",
                                                                          position.contact_ids);
  sink.put(Family::meta, "applied", json);
}

/// A change of a contact or an entry (`What`) in a run of changes. Ordered by the keys of the
/// store, and those of one key as they came.
template <class What>
struct Touched {
  ContactId contact;
  Seq seq;  // of an entry
  std::size_t order = 0;
  const What* what = nullptr;
  const model::WorkspaceId* workspace = nullptr;

  bool same_key(const Touched& other) const { return contact == other.contact && seq == other.seq; }
  friend bool operator<(const Touched& a, const Touched& b) {
    return std::tie(a.contact, a.seq, a.order) < std::tie(b.contact, b.seq, b.order);
  }
};

/// Asks for what will be read soon, if it is there. It was last used a second ago and on another
/// processor: a checkpoint would wait for it for a sixth of its time.
template <class T>
void fetch(const T* what) {
  constexpr std::size_t line_bytes = 64;
  if (what == nullptr) return;
  for (std::size_t at = 0; at < sizeof(T); at += line_bytes)
    __builtin_prefetch(reinterpret_cast<const char*>(what) + at);
}
void fetch_parts(const model::Contact& contact) {
  fetch(contact.details.get());
  fetch(contact.identities.data());
}
void fetch_parts(const EntryChange& change) {
  fetch(change.entry.get());
  fetch(change.json.get());
}
void fetch_text(const model::Contact& /*contact*/) {}
/// Its beginning; the processor itself asks for the rest.
void fetch_text(const EntryChange& change) {
  constexpr std::size_t line_bytes = 64, lines = 4;
  if (!change.json) return;
  for (std::size_t line = 0; line < lines; ++line)
    __builtin_prefetch(change.json->data() + line * line_bytes);
}

/// Asks for the beginnings of what `put_changes` sorts by.
void fetch_ahead(const std::vector<Change>& changes, std::size_t at, std::size_t end) {
  constexpr std::size_t ahead = 8;
  if (at + 2 * ahead < end) {
    __builtin_prefetch(changes[at + 2 * ahead].contacts.data());
    __builtin_prefetch(changes[at + 2 * ahead].entries.data());
  }
  if (at + ahead >= end) return;
  const auto& change = changes[at + ahead];
  if (!change.contacts.empty()) __builtin_prefetch(change.contacts.front().get());
  if (!change.entries.empty()) __builtin_prefetch(change.entries.front().entry.get());
}

/// Calls `visit` with the touches of each contact or entry, in the order of keys; each run of
/// touches in the order of changes.
template <class What, class Visit>
void for_each_touched(std::vector<Touched<What>>& all, Visit visit) {
  constexpr std::size_t ahead = 8;
  std::sort(all.begin(), all.end());
  for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    for (; end < all.size() && all[end].same_key(all[begin]); ++end) {
      if (end + 2 * ahead < all.size()) fetch(all[end + 2 * ahead].what);
      if (end + ahead < all.size()) fetch_parts(*all[end + ahead].what);
      if (end + ahead / 2 < all.size()) fetch_text(*all[end + ahead / 2].what);
    }
    visit(std::span<const Touched<What>>(&all[begin], end - begin));
  }
}

void put_contacts(KeySink& sink, std::vector<Touched<model::Contact>>& touched) {
  std::string scratch;
  for_each_touched(touched, [&](std::span<const Touched<model::Contact>> run) {
    put_contact(sink, *run.back().workspace, *run.back().what, scratch);
  });
}

void put_entries(KeySink& sink, std::vector<Touched<EntryChange>>& touched) {
  std::string scratch;
  ProviderIds provider_ids;
  for_each_touched(touched, [&](std::span<const Touched<EntryChange>> run) {
    Latest latest{run.back().what, run.back().workspace};
    for (const auto& t : run) latest.altered |= !t.what->fresh;
    put_entry(sink, latest, provider_ids, scratch);
  });
  provider_ids.put(sink);
}

rocksdb::Slice slice_of(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace

void BatchSink::put(Family::Index family, std::string_view key, std::string_view value) {
  batch_.Put(families_[family], slice_of(key), slice_of(value));
}
void BatchSink::remove(Family::Index family, std::string_view key) {
  batch_.Delete(families_[family], slice_of(key));
}

void put_changes(KeySink& sink, const std::vector<Change>& changes, std::size_t begin,
                 std::size_t end, AppliedPosition& position) {
  // Sorted by key: RocksDB's memtable takes neighbours faster than strangers (store.cpp).
  std::vector<Touched<model::Contact>> contacts;
  std::vector<Touched<EntryChange>> entries;
  contacts.reserve(end - begin);
  entries.reserve(end - begin);
  for (auto i = begin; i < end; ++i) {
    fetch_ahead(changes, i, end);
    const auto& change = changes[i];
    for (const auto& contact : change.contacts) {
      contacts.push_back({contact->id, {}, contacts.size(), contact.get(), &change.workspace});
      position.contact_ids = std::max(position.contact_ids, contact->id.value);
    }
    for (const auto& entry : change.entries) {
      entries.push_back(
          {entry.contact, entry.entry->seq, entries.size(), &entry, &change.workspace});
    }
    if (change.workspace_created) {
      sink.put(Family::workspace, keys::workspace(change.workspace, "", ""), "");
    }
    for (const auto& event : change.workspace_events) {
      put_workspace_event(sink, change.workspace, event);
    }
    position.offset = change.offset;
    position.at = change.at;
  }
  put_contacts(sink, contacts);
  put_entries(sink, entries);
  put_position(sink, position);
}

void copy_entries(const StateStore& store, const Families& families, const Change& change,
                  const EntriesMoved& moved,
                  const std::function<void(rocksdb::WriteBatch&)>& commit) {
  constexpr int slice_entries = 1000;
  rocksdb::WriteBatch slice;
  BatchSink sink(slice, families);
  ProviderIds provider_ids;
  std::string json;
  const auto finish_slice = [&] {
    provider_ids.put(sink);
    commit(slice);
    slice.Clear();
  };
  const auto move_entry = [&](Seq seq, std::string_view before) {
    auto entry = read_entry(before);
    renumber(entry, moved.base);
    entry.offset = change.offset;
    json.clear();
    write_entry(json, moved.primary, entry);
    const auto key = keys::entry(moved.primary, entry.seq);
    sink.put(Family::entries, key, json);
    put_client_id(sink, moved.primary, entry);
    provider_ids.add(change.workspace, moved.primary, entry);
    if (is_pending(entry)) {
      sink.put(Family::pending, key, "");
      sink.remove(Family::pending, keys::entry(moved.secondary, seq));
    }
    if (slice.Count() >= slice_entries) finish_slice();
  };
  store.for_each_entry(moved.secondary, move_entry);
  finish_slice();
}

void forget_entries(rocksdb::WriteBatch& batch, const Families& families,
                    const EntriesMoved& moved) {
  const auto begin = keys::contact(moved.secondary);
  const auto end = keys::contact({moved.secondary.value + 1});
  for (const auto family : {Family::entries, Family::changed, Family::client_ids}) {
    batch.DeleteRange(families[family], slice_of(begin), slice_of(end));
  }
}

}  // namespace inboxd::persistence
