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

/// Entries by their provider ids; collected, because RocksDB takes keys in order much faster.
struct ProviderId {
  std::string key;
  ContactId contact;
  Seq seq;
};
using ProviderIds = std::vector<ProviderId>;

void put_client_id(rocksdb::WriteBatch& batch, const Families& families, ContactId contact,
                   const Entry& entry) {
  const auto* message = entry.message();
  const auto* comment = entry.comment();
  if (message == nullptr && comment == nullptr) return;
  const auto& client_id = message != nullptr ? message->client_id : comment->client_id;
  if (client_id.empty()) return;
  std::string value;
  keys::put(value, entry.seq.value);
  batch.Put(families[Family::client_ids],
            keys::client({contact, entry.author.kind, entry.author.id, client_id}), value);
}

void collect_provider_id(ProviderIds& ids, const model::WorkspaceId& workspace, ContactId contact,
                         const Entry& entry) {
  const auto* message = entry.message();
  if (message == nullptr || message->provider_id.empty()) return;
  ids.push_back(
      {keys::provider({workspace, message->channel, message->direction, message->provider_id}),
       contact, entry.seq});
}

/// Where two entries of one run have the same id, the later one of `ids` counts.
void put_provider_ids(rocksdb::WriteBatch& batch, const Families& families, ProviderIds& ids) {
  std::vector<const ProviderId*> sorted;
  sorted.reserve(ids.size());
  for (const auto& id : ids) sorted.push_back(&id);
  std::sort(sorted.begin(), sorted.end(), [](const ProviderId* a, const ProviderId* b) {
    const auto order = a->key.compare(b->key);
    return order != 0 ? order < 0 : a < b;
  });
  for (const auto* id : sorted)
    batch.Put(families[Family::provider_ids], id->key, keys::entry(id->contact, id->seq));
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

void put_entry(rocksdb::WriteBatch& batch, const Families& families, const Latest& latest,
               ProviderIds& provider_ids, std::string& scratch) {
  const auto& change = *latest.change;
  const auto& entry = *change.entry;
  const auto key = keys::entry(change.contact, entry.seq);
  if (change.json) {
    batch.Put(families[Family::entries], key, *change.json);
  } else {
    scratch.clear();
    write_entry(scratch, change.contact, entry);
    batch.Put(families[Family::entries], key, scratch);
  }
  put_client_id(batch, families, change.contact, entry);
  collect_provider_id(provider_ids, *latest.workspace, change.contact, entry);
  if (latest.altered) {
    batch.Put(families[Family::changed], keys::changed(change.contact, entry.offset, entry.seq),
              "");
  }
  if (is_pending(entry)) {
    batch.Put(families[Family::pending], key, "");
  } else if (latest.altered) {
    batch.Delete(families[Family::pending], key);
  }
}

void put_workspace_event(rocksdb::WriteBatch& batch, const Families& families,
                         const model::WorkspaceId& id, const model::WorkspaceEvent& event) {
  const auto put = [&](std::string_view kind, std::string_view record) {
    std::string json;
    write_workspace_event(json, event);
    batch.Put(families[Family::workspace], keys::workspace(id, kind, record), json);
  };
  const auto remove = [&](std::string_view kind, std::string_view record) {
    batch.Delete(families[Family::workspace], keys::workspace(id, kind, record));
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

void put_contact(rocksdb::WriteBatch& batch, const Families& families,
                 const model::WorkspaceId& workspace, const model::Contact& contact,
                 std::string& scratch) {
  scratch.clear();
  write_contact_record(scratch, workspace, contact);
  batch.Put(families[Family::contacts], keys::contact(contact.id), scratch);
}

void put_position(rocksdb::WriteBatch& batch, const Families& families,
                  const AppliedPosition& position) {
  std::string json;
  model::json::Object{json}("offset", position.offset)("at", position.at)("contact_ids",
                                                                          position.contact_ids);
  batch.Put(families[Family::meta], "applied", json);
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

/// Calls `visit` with the touches of each contact or entry, in the order of keys; each run of
/// touches in the order of changes.
template <class What, class Visit>
void for_each_touched(std::vector<Touched<What>>& all, Visit visit) {
  constexpr std::size_t ahead = 4;
  std::sort(all.begin(), all.end());
  for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    for (; end < all.size() && all[end].same_key(all[begin]); ++end) {
      if (end + 2 * ahead < all.size()) fetch(all[end + 2 * ahead].what);
      if (end + ahead < all.size()) fetch_parts(*all[end + ahead].what);
    }
    visit(std::span<const Touched<What>>(&all[begin], end - begin));
  }
}

void put_contacts(rocksdb::WriteBatch& batch, const Families& families,
                  std::vector<Touched<model::Contact>>& touched) {
  std::string scratch;
  for_each_touched(touched, [&](std::span<const Touched<model::Contact>> run) {
    put_contact(batch, families, *run.back().workspace, *run.back().what, scratch);
  });
}

void put_entries(rocksdb::WriteBatch& batch, const Families& families,
                 std::vector<Touched<EntryChange>>& touched) {
  std::string scratch;
  ProviderIds provider_ids;
  for_each_touched(touched, [&](std::span<const Touched<EntryChange>> run) {
    Latest latest{run.back().what, run.back().workspace};
    for (const auto& t : run) latest.altered |= !t.what->fresh;
    put_entry(batch, families, latest, provider_ids, scratch);
  });
  put_provider_ids(batch, families, provider_ids);
}

}  // namespace

void put_changes(rocksdb::WriteBatch& batch, const Families& families,
                 const std::vector<Change>& changes, std::size_t begin, std::size_t end,
                 AppliedPosition& position) {
  // Sorted by key: RocksDB's memtable takes neighbours faster than strangers (store.cpp).
  std::vector<Touched<model::Contact>> contacts;
  std::vector<Touched<EntryChange>> entries;
  contacts.reserve(end - begin);
  entries.reserve(end - begin);
  for (auto i = begin; i < end; ++i) {
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
      batch.Put(families[Family::workspace], keys::workspace(change.workspace, "", ""), "");
    }
    for (const auto& event : change.workspace_events) {
      put_workspace_event(batch, families, change.workspace, event);
    }
    position.offset = change.offset;
    position.at = change.at;
  }
  put_contacts(batch, families, contacts);
  put_entries(batch, families, entries);
  put_position(batch, families, position);
}

void copy_entries(const StateStore& store, const Families& families, const Change& change,
                  const EntriesMoved& moved,
                  const std::function<void(rocksdb::WriteBatch&)>& commit) {
  constexpr int slice_entries = 1000;
  rocksdb::WriteBatch slice;
  ProviderIds provider_ids;
  std::string json;
  const auto finish_slice = [&] {
    put_provider_ids(slice, families, provider_ids);
    provider_ids.clear();
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
    slice.Put(families[Family::entries], key, json);
    put_client_id(slice, families, moved.primary, entry);
    collect_provider_id(provider_ids, change.workspace, moved.primary, entry);
    if (is_pending(entry)) {
      slice.Put(families[Family::pending], key, "");
      slice.Delete(families[Family::pending], keys::entry(moved.secondary, seq));
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
    batch.DeleteRange(families[family], begin, end);
  }
}

}  // namespace inboxd::persistence
