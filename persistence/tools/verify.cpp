#include "persistence/tools/verify.hpp"

#include <map>
#include <optional>

#include "model/overload.hpp"
#include "model/renumber.hpp"
#include "persistence/format_error.hpp"
#include "persistence/journal_reader.hpp"
#include "persistence/recovery.hpp"
#include "persistence/state_json.hpp"
#include "persistence/store.hpp"

namespace inboxd::persistence {
namespace {

using model::ContactId;
using model::Seq;

constexpr std::size_t problems_max = 100;

/// The store and, above it in memory, what the journal's tail changes.
class Overlay final : public PriorState {
 public:
  explicit Overlay(const StateStore& store) : store_(store) {}

  std::optional<EntriesMoved> fold(const model::Record& record) {
    auto change = derive_change(record, *this);
    for (const auto& contact : change.contacts) contacts_[contact->id] = contact;
    for (const auto& entry : change.entries) {
      entries_[{entry.contact, entry.entry->seq}] = entry.entry;
    }
    if (change.moved) moved_.push_back(*change.moved);
    return change.moved;
  }

  std::optional<model::Contact> contact(ContactId id) override {
    if (const auto found = contacts_.find(id); found != contacts_.end()) return *found->second;
    if (auto stored = store_.contact(id)) return std::move(stored->contact);
    return std::nullopt;
  }
  std::optional<model::Entry> entry(ContactId contact, Seq seq) override {
    if (const auto found = entries_.find({contact, seq}); found != entries_.end()) {
      return *found->second;
    }
    for (const auto& moved : moved_) {
      if (moved.primary != contact || seq <= moved.base || seq > moved.base + moved.count) continue;
      auto found = entry(moved.secondary, seq - moved.base.value);
      if (found) renumber(*found, moved.base);
      return found;
    }
    return store_.entry(contact, seq);
  }

 private:
  const StateStore& store_;
  std::map<ContactId, std::shared_ptr<const model::Contact>> contacts_;
  std::map<std::pair<ContactId, Seq>, std::shared_ptr<const model::Entry>> entries_;
  std::vector<EntriesMoved> moved_;
};

class Verification {
 public:
  Verification(const DataDirectory& directory, const Progress& progress)
      : directory_(directory), progress_(progress) {}

  VerifyReport run() {
    if (std::filesystem::exists(directory_.store())) {
      try {
        store_.emplace(
            StoreOptions{.path = directory_.store(), .mode = StoreOptions::Mode::read_only});
        check_store();
      } catch (const std::exception& error) {
        problem(error.what());
      }
    }
    check_journal();
    return std::move(report_);
  }

 private:
  void problem(const std::string& sentence) {
    if (report_.problems.size() < problems_max) report_.problems.push_back(sentence);
  }

  void check_store() {
    report_.applied = store_->applied_offset();
    store_->verify_checksums();
    const auto total = store_->applied().contact_ids;
    store_->for_each_contact(1, [&](std::size_t, StoredContact&& stored) {
      ++report_.contacts;
      check_contact(stored.contact);
      if (progress_ && report_.contacts % 1000 == 0) {
        progress_("checking contacts", report_.contacts, total);
      }
    });
  }

  void check_contact(const model::Contact& contact) {
    const auto name = "Contact " + contact.id.str();
    if (contact.changed_at > report_.applied) {
      problem(name + " was changed at offset " + std::to_string(contact.changed_at.value) +
              ", after the store's own position.");
    }
    Seq last{0};
    store_->for_each_entry(contact.id, [&](Seq seq, std::string_view json) {
      ++report_.entries;
      if (seq != last + 1) {
        problem(name + " has no entry " + std::to_string(last.value + 1) + ".");
      }
      last = seq;
      check_entry(contact, seq, json);
    });
    const auto expected = contact.merged_into ? Seq{0} : contact.last_seq;
    if (last > expected && !contact.merged_into) {
      copied_ahead_.emplace(contact.id, last);  // by a merge that only the journal has?
    } else if (last != expected) {
      problem(name + " should end with entry " + std::to_string(expected.value) +
              ", and ends with " + std::to_string(last.value) + ".");
    }
  }

  void check_entry(const model::Contact& contact, Seq seq, std::string_view json) {
    const auto where = "Contact " + contact.id.str() + ", entry " + std::to_string(seq.value);
    try {
      const auto entry = read_entry(json);
      if (entry.seq != seq) problem(where + " says that it is another one.");
      if (entry.offset > report_.applied && seq <= contact.last_seq)
        problem(where + " is later than the store's position.");
    } catch (const FormatError& error) {
      problem(where + " does not read: " + error.what() + '.');
    }
  }

  void check_journal() {
    auto& files = posix_file_system();
    report_.segments = list_segments(files, directory_.journal()).size();
    std::optional<Overlay> overlay;
    if (store_) overlay.emplace(*store_);
    ReadOptions read;
    read.after = report_.applied;
    read.all_segments = true;
    read.progress = [&](std::uint64_t done, std::uint64_t total) {
      if (progress_) progress_("checking the journal", done, total);
    };
    try {
      const auto end = read_journal(files, directory_.journal(), read, [&](const Frame& frame) {
        const auto record = read_record(frame.payload, frame.offset, frame.at);
        ++report_.records;
        if (!overlay) return;
        if (frame.offset > report_.applied) {
          if (const auto moved = overlay->fold(record)) forgive_copy(*moved);
        } else {
          check_applied(record);
        }
      });
      report_.last = end.end;
      for (const auto& [contact, last] : copied_ahead_) {
        problem("Contact " + contact.str() + " has entries up to " + std::to_string(last.value) +
                ", beyond its last one.");
      }
      report_.torn_bytes = end.torn_bytes;
      if (end.end < report_.applied) {
        problem("The journal ends with record " + std::to_string(end.end.value) +
                ", before the store's position " + std::to_string(report_.applied.value) + ".");
      }
    } catch (const std::exception& error) {
      problem(error.what());
    }
  }

  /// The store copies a merge's entries before the batch that makes them the primary's; a crash
  /// between leaves a part, and the next start copies them again.
  void forgive_copy(const EntriesMoved& moved) {
    const auto copied = copied_ahead_.find(moved.primary);
    if (copied != copied_ahead_.end() && copied->second <= moved.base + moved.count)
      copied_ahead_.erase(copied);
  }

  /// What the record wrote is in the store, unless a merge moved it since.
  void check_applied(const model::Record& record) {
    const auto* changed = std::get_if<model::ContactsChanged>(&record.body);
    if (changed == nullptr) return;
    for (const auto& one : changed->changes) {
      const auto stored = store_->contact(one.contact);
      const auto name = "Record " + std::to_string(record.offset.value);
      if (!stored || stored->contact.changed_at < record.offset) {
        problem(name + " is not in the state of contact " + one.contact.str() + '.');
        continue;
      }
      if (stored->contact.merged_into) continue;
      for (const auto& event : one.events) {
        const auto* appended = std::get_if<model::EntryAppended>(&event);
        if (appended == nullptr) continue;
        const auto entry = store_->entry(one.contact, appended->entry.seq);
        if (!entry || entry->offset < record.offset || entry->at != appended->entry.at) {
          problem(name + ": its entry " + std::to_string(appended->entry.seq.value) +
                  " of contact " + one.contact.str() + " is not in the store.");
        }
      }
    }
  }

  const DataDirectory& directory_;
  const Progress& progress_;
  std::optional<StateStore> store_;
  VerifyReport report_;
  std::map<ContactId, Seq> copied_ahead_;  // the last entry that a contact's state does not count
};

}  // namespace

VerifyReport verify(const DataDirectory& directory, const Progress& progress) {
  return Verification(directory, progress).run();
}

}  // namespace inboxd::persistence
