// A data directory with a store, a journal and a checkpointer, driven by hand and compared with a
// RandomOffice.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "model/entry_json.hpp"
#include "persistence/checkpointer.hpp"
#include "persistence/data_directory.hpp"
#include "persistence/journal.hpp"
#include "persistence/recovery.hpp"
#include "persistence/state_json.hpp"
#include "persistence/store.hpp"
#include "tests/persistence/random_office.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace inboxd::tests {

inline std::string json_of(model::ContactId contact, const model::Entry& entry) {
  std::string json;
  write_entry(json, contact, entry);
  return json;
}

/// How many seeds a random test runs: `in_gate`, where every opening of a store costs a disk's
/// syncs, or INBOXD_STORE_SEEDS for a long run.
inline std::uint64_t seeds(std::uint64_t in_gate) {
  const char* text =
      std::getenv("INBOXD_STORE_SEEDS");  // NOLINT(concurrency-mt-unsafe): one thread
  return text != nullptr ? std::stoull(text) : in_gate;
}

struct StoreFixture {
  explicit StoreFixture(std::uint64_t seed = 1) : office(seed) {}

  void open() {
    directory = std::make_unique<persistence::DataDirectory>(
        temp / "data", persistence::DataDirectory::Mode::create);
    store = std::make_unique<persistence::StateStore>(persistence::StoreOptions{
        .path = directory->store(), .cache_bytes = 1 << 20, .write_buffer_bytes = 1 << 20});
    recovered = persistence::recover(*directory, *store, recovery);
    persistence::JournalOptions options;
    options.directory = directory->journal();
    options.epoch = recovered.epoch;
    options.last = recovered.last;
    options.last_at = recovered.at;
    options.sync = recovery.sync;
    options.segment_bytes = segment_bytes;
    options.threaded = false;
    journal = std::make_unique<persistence::Journal>(options, persistence::JournalCallbacks{});
    checkpointer = std::make_unique<persistence::Checkpointer>(
        *store, journal.get(),
        persistence::CheckpointerOptions{.files_bytes_min = files_bytes_min, .threaded = false},
        persistence::CheckpointerCallbacks{[this](model::Offset offset) { saved = offset; },
                                           [](const std::string& reason) { FAIL(reason); }});
  }
  /// As a crash leaves it: what was not flushed is gone from the store.
  void kill() {
    checkpointer.reset();
    journal.reset();
    store.reset();
    directory.reset();
  }
  void stop() {
    REQUIRE(journal->stop());
    checkpointer->stop();
    kill();
  }

  /// One random commit into the journal, and into the checkpointer as actors/ does it.
  persistence::Change commit() {
    const auto record = office.commit();
    const auto placed = journal->submit(
        {persistence::write_record_body(record.workspace, record.body), record.at, nullptr});
    REQUIRE(placed.offset == record.offset);
    journal->pump();
    persistence::Change change{.offset = record.offset, .at = record.at, .workspace = office.id};
    if (const auto* c = std::get_if<model::ContactsChanged>(&record.body)) {
      for (const auto& one : c->changes) add(change, one);
    } else if (const auto* w = std::get_if<model::WorkspaceChanged>(&record.body)) {
      change.workspace_events = w->events;
    } else if (std::holds_alternative<model::WorkspaceCreated>(record.body)) {
      change.workspace_created = true;
    }
    std::vector<persistence::Change> changes;
    changes.push_back(change);
    checkpointer->add(std::move(changes));
    return change;
  }

  /// Everything that can be read from the store against the naive state.
  void check_store() {
    REQUIRE(store->applied().offset == office.last);
    std::map<model::ContactId, model::Contact> contacts;
    store->for_each_contact(1, [&](std::size_t, persistence::StoredContact&& c) {
      REQUIRE(c.workspace == office.id);
      contacts.emplace(c.contact.id, std::move(c.contact));
    });
    REQUIRE(contacts == office.contacts);
    std::size_t entries = 0;
    for (const auto& known : contacts) {
      const auto id = known.first;  // a binding cannot be captured, says Clang 14
      model::Seq expected{0};
      store->for_each_entry(id, [&](model::Seq seq, std::string_view json) {
        REQUIRE(seq == ++expected);
        REQUIRE(json == json_of(id, office.entries.at({id, seq})));
        ++entries;
      });
      if (!known.second.merged_into) REQUIRE(expected == known.second.last_seq);
    }
    REQUIRE(entries == office.entries.size());
    const auto workspaces = store->workspaces();
    REQUIRE(workspaces.size() == 1);
    const auto& workspace = workspaces.begin()->second;
    CHECK(workspace.agents == office.workspace.agents);
    CHECK(workspace.teams == office.workspace.teams);
    CHECK(workspace.channels == office.workspace.channels);
    CHECK(workspace.fields == office.workspace.fields);
    CHECK(workspace.views == office.workspace.views);
    CHECK(workspace.policy == office.workspace.policy);
  }

  TempDir temp;
  RandomOffice office;
  persistence::RecoveryOptions recovery{};
  std::uint64_t segment_bytes = 64 * 1024;
  std::uint64_t files_bytes_min = persistence::CheckpointerOptions{}.files_bytes_min;
  std::unique_ptr<persistence::DataDirectory> directory;
  std::unique_ptr<persistence::StateStore> store;
  std::unique_ptr<persistence::Journal> journal;
  std::unique_ptr<persistence::Checkpointer> checkpointer;
  persistence::Recovered recovered;
  model::Offset saved;

 private:
  void add(persistence::Change& change, const model::ContactChange& one) {
    change.contacts.push_back(
        std::make_shared<const model::Contact>(office.contacts.at(one.contact)));
    for (const auto& event : one.events) {
      if (const auto* appended = std::get_if<model::EntryAppended>(&event)) {
        add_entry(change, one.contact, appended->entry.seq, true);
      } else if (const auto* reported = std::get_if<model::StatusReported>(&event)) {
        add_entry(change, one.contact, reported->seq, false);
      } else if (const auto* took = std::get_if<model::TookOver>(&event)) {
        change.moved = {one.contact, took->secondary.id, took->base,
                        took->secondary.last_seq.value};
      }
    }
  }
  void add_entry(persistence::Change& change, model::ContactId contact, model::Seq seq,
                 bool fresh) {
    const auto& entry = office.entries.at({contact, seq});
    change.entries.push_back({contact, std::make_shared<const model::Entry>(entry),
                              std::make_shared<const std::string>(json_of(contact, entry)), fresh});
  }
};

}  // namespace inboxd::tests
