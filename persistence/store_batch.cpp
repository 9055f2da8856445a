#include "persistence/store_batch.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "model/entry_json.hpp"
#include "model/json.hpp"
#include "model/overload.hpp"
#include "persistence/state_json.hpp"
#include "persistence/store_keys.hpp"

namespace inboxd::persistence {
namespace {

using model::ContactId;
using model::Direction;
using model::Entry;
using model::Seq;

/// Where a repeated id finds the entry.
void put_ids(rocksdb::WriteBatch& batch, const Families& families,
             const model::WorkspaceId& workspace, ContactId contact, const Entry& entry) {
  const auto put_client = [&](const std::string& client_id) {
    if (client_id.empty()) return;
    std::string value;
    keys::put(value, entry.seq.value);
    batch.Put(families[Family::client_ids],
              keys::client({contact, entry.author.kind, entry.author.id, client_id}), value);
  };
  if (const auto* comment = entry.comment()) put_client(comment->client_id);
  const auto* message = entry.message();
  if (message == nullptr) return;
  put_client(message->client_id);
  if (message->provider_id.empty()) return;
  batch.Put(families[Family::provider_ids],
            keys::provider({workspace, message->channel, message->direction, message->provider_id}),
            keys::entry(contact, entry.seq));
}

bool is_pending(const Entry& entry) {
  const auto* message = entry.message();
  return message != nullptr && message->direction == Direction::out &&
         message->status() == model::Status::pending;
}

/// The last state of an entry in a run of changes.
struct Latest {
  const EntryChange* change;
  const model::WorkspaceId* workspace;
  bool fresh = false;    // it was made in this run
  bool altered = false;  // and changed, or only changed
};
using LatestEntries = std::map<std::pair<ContactId, Seq>, Latest>;

void put_entry(rocksdb::WriteBatch& batch, const Families& families, const Latest& latest) {
  const auto& change = *latest.change;
  const auto& entry = change.entry;
  const auto key = keys::entry(change.contact, entry.seq);
  if (change.json) {
    batch.Put(families[Family::entries], key, *change.json);
  } else {
    std::string json;
    write_entry(json, change.contact, entry);
    batch.Put(families[Family::entries], key, json);
  }
  put_ids(batch, families, *latest.workspace, change.contact, entry);
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
  write_contact_state(scratch, workspace, contact);
  batch.Put(families[Family::contacts], keys::contact(contact.id), scratch);
}

void put_position(rocksdb::WriteBatch& batch, const Families& families,
                  const AppliedPosition& position) {
  std::string json;
  model::json::Object{json}("offset", position.offset)("at", position.at)("contact_ids",
                                                                          position.contact_ids);
  batch.Put(families[Family::meta], "applied", json);
}

}  // namespace

void put_changes(rocksdb::WriteBatch& batch, const Families& families,
                 const std::vector<Change>& changes, std::size_t begin, std::size_t end,
                 AppliedPosition& position) {
  // Sorted by key: RocksDB's memtable takes neighbours faster than strangers.
  std::map<ContactId, std::pair<const Change*, const model::Contact*>> contacts;
  LatestEntries entries;
  for (auto i = begin; i < end; ++i) {
    const auto& change = changes[i];
    for (const auto& contact : change.contacts) {
      contacts[contact->id] = {&change, contact.get()};
      position.contact_ids = std::max(position.contact_ids, contact->id.value);
    }
    for (const auto& entry : change.entries) {
      auto& latest = entries[{entry.contact, entry.entry.seq}];
      latest.change = &entry;
      latest.workspace = &change.workspace;
      latest.fresh |= entry.fresh;
      latest.altered |= !entry.fresh;
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
  std::string scratch;
  for (const auto& [id, latest] : contacts) {
    put_contact(batch, families, latest.first->workspace, *latest.second, scratch);
  }
  for (const auto& [key, latest] : entries) put_entry(batch, families, latest);
  put_position(batch, families, position);
}

void copy_entries(const StateStore& store, const Families& families, const Change& change,
                  const EntriesMoved& moved,
                  const std::function<void(rocksdb::WriteBatch&)>& commit) {
  constexpr int slice_entries = 1000;
  rocksdb::WriteBatch slice;
  std::string json;
  const auto move_entry = [&](Seq seq, std::string_view before) {
    auto entry = read_entry(before);
    entry.seq = moved.base + seq.value;
    entry.offset = change.offset;
    json.clear();
    write_entry(json, moved.primary, entry);
    const auto key = keys::entry(moved.primary, entry.seq);
    slice.Put(families[Family::entries], key, json);
    put_ids(slice, families, change.workspace, moved.primary, entry);
    if (is_pending(entry)) {
      slice.Put(families[Family::pending], key, "");
      slice.Delete(families[Family::pending], keys::entry(moved.secondary, seq));
    }
    if (slice.Count() >= slice_entries) {
      commit(slice);
      slice.Clear();
    }
  };
  store.for_each_entry(moved.secondary, move_entry);
  commit(slice);
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
