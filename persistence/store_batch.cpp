#include "persistence/store_batch.hpp"

#include <algorithm>
#include <compare>
#include <span>
#include <string>
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
using ProviderIds = std::vector<std::pair<std::string, std::string>>;

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
  ids.emplace_back(
      keys::provider({workspace, message->channel, message->direction, message->provider_id}),
      keys::entry(contact, entry.seq));
}

/// Where two entries of one run have the same id, the later one of `ids` counts.
void put_provider_ids(rocksdb::WriteBatch& batch, const Families& families, ProviderIds& ids) {
  std::ranges::stable_sort(ids, {}, &ProviderIds::value_type::first);
  for (const auto& [key, value] : ids) batch.Put(families[Family::provider_ids], key, value);
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

/// A contact or an entry, and the change of it, by their places in a run of changes.
struct Touched {
  ContactId contact;
  Seq seq;  // of an entry
  std::size_t change = 0, item = 0;
  friend auto operator<=>(const Touched&, const Touched&) = default;
};

/// Calls `visit` with the touches of each contact or entry, in the order of keys; each run of
/// touches in the order of changes.
template <class Visit>
void for_each_touched(std::vector<Touched>& all, Visit visit) {
  std::ranges::sort(all);
  for (auto begin = all.begin(); begin != all.end();) {
    const auto end = std::find_if(begin, all.end(), [&](const Touched& t) {
      return t.contact != begin->contact || t.seq != begin->seq;
    });
    visit(std::span<const Touched>(begin, end));
    begin = end;
  }
}

void put_contacts(rocksdb::WriteBatch& batch, const Families& families,
                  const std::vector<Change>& changes, std::vector<Touched>& touched) {
  std::string scratch;
  for_each_touched(touched, [&](std::span<const Touched> run) {
    const auto& change = changes[run.back().change];
    put_contact(batch, families, change.workspace, *change.contacts[run.back().item], scratch);
  });
}

void put_entries(rocksdb::WriteBatch& batch, const Families& families,
                 const std::vector<Change>& changes, std::vector<Touched>& touched) {
  std::string scratch;
  ProviderIds provider_ids;
  for_each_touched(touched, [&](std::span<const Touched> run) {
    const auto& last = changes[run.back().change];
    Latest latest{&last.entries[run.back().item], &last.workspace};
    for (const auto& t : run) latest.altered |= !changes[t.change].entries[t.item].fresh;
    put_entry(batch, families, latest, provider_ids, scratch);
  });
  put_provider_ids(batch, families, provider_ids);
}

}  // namespace

void put_changes(rocksdb::WriteBatch& batch, const Families& families,
                 const std::vector<Change>& changes, std::size_t begin, std::size_t end,
                 AppliedPosition& position) {
  // Sorted by key: RocksDB's memtable takes neighbours faster than strangers (store.cpp).
  std::vector<Touched> contacts, entries;
  contacts.reserve(end - begin);
  entries.reserve(end - begin);
  for (auto i = begin; i < end; ++i) {
    const auto& change = changes[i];
    for (std::size_t item = 0; item < change.contacts.size(); ++item) {
      const auto id = change.contacts[item]->id;
      contacts.push_back({id, {}, i, item});
      position.contact_ids = std::max(position.contact_ids, id.value);
    }
    for (std::size_t item = 0; item < change.entries.size(); ++item) {
      const auto& entry = change.entries[item];
      entries.push_back({entry.contact, entry.entry->seq, i, item});
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
  put_contacts(batch, families, changes, contacts);
  put_entries(batch, families, changes, entries);
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
