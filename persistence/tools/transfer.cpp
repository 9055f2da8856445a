#include "persistence/tools/transfer.hpp"

#include <istream>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/json.hpp"
#include "persistence/format_error.hpp"
#include "persistence/recovery.hpp"
#include "persistence/state_json.hpp"
#include "persistence/store.hpp"

namespace inboxd::persistence {
namespace {

constexpr std::string_view workspace_key = "{\"workspace\":", record_key = "{\"workspace_record\":",
                           contact_key = "{\"contact\":", entry_key = "{\"entry\":";

class Import {
 public:
  explicit Import(StateStore& store) : store_(store) {}

  void line(std::string_view text) {
    const auto inner = [&](std::string_view key) {
      return text.substr(key.size(), text.size() - key.size() - 1);
    };
    if (text.starts_with(workspace_key) && text.ends_with('}')) {
      finish_contact();
      auto name = inner(workspace_key);
      if (name.size() < 3) throw FormatError("a workspace without a name");
      workspace_ = model::WorkspaceId(name.substr(1, name.size() - 2));
      auto change = next();
      change.workspace_created = true;
      add(std::move(change));
      ++report.workspaces;
    } else if (text.starts_with(record_key)) {
      auto change = next();
      change.workspace_events.push_back(read_workspace_event(inner(record_key)));
      add(std::move(change));
    } else if (text.starts_with(contact_key)) {
      finish_contact();
      auto [workspace, contact] = read_contact_state(inner(contact_key));
      if (workspace != workspace_) throw FormatError("a contact of another workspace");
      contact_ = next();
      contact.changed_at = contact_.offset;
      has_contact_ = true;
      contact_.contacts.push_back(std::make_shared<const model::Contact>(std::move(contact)));
      ++report.contacts;
    } else if (text.starts_with(entry_key)) {
      if (!has_contact_) throw FormatError("an entry without a contact before it");
      auto entry = read_entry(inner(entry_key));
      entry.offset = contact_.offset;
      contact_.entries.push_back({contact_.contacts.front()->id,
                                  std::make_shared<const model::Entry>(std::move(entry)), nullptr,
                                  true});
      ++report.entries;
      bytes_ += text.size();
      if (contact_.entries.size() >= entries_max) spill();
    } else {
      throw FormatError("a line of no known kind");
    }
  }

  void finish() {
    finish_contact();
    write();
    store_.flush();
  }

  TransferReport report;

 private:
  static constexpr std::uint64_t batch_bytes = 16 << 20;
  static constexpr std::size_t entries_max = 10'000;

  Change next() {
    Change change;
    change.offset = ++last_;
    change.workspace = workspace_;
    return change;
  }
  void add(Change&& change) {
    changes_.push_back(std::move(change));
    bytes_ += 1024;
    if (bytes_ >= batch_bytes) write();
  }
  void finish_contact() {
    if (has_contact_) add(std::move(contact_));
    has_contact_ = false;
  }
  /// A long timeline goes in parts; only the last brings the contact itself.
  void spill() {
    auto part = next();
    std::swap(part.offset, contact_.offset);
    part.entries.swap(contact_.entries);
    auto contact = *contact_.contacts.front();
    contact.changed_at = contact_.offset;
    contact_.contacts.front() = std::make_shared<const model::Contact>(std::move(contact));
    add(std::move(part));
  }
  void write() {
    if (!changes_.empty()) store_.write(changes_);
    changes_.clear();
    bytes_ = 0;
  }

  StateStore& store_;
  model::WorkspaceId workspace_;
  model::Offset last_;
  Change contact_;
  bool has_contact_ = false;
  std::vector<Change> changes_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

TransferReport export_to(std::ostream& out, const DataDirectory& directory,
                         const Progress& progress) {
  StateStore store({.path = directory.store(), .mode = StoreOptions::Mode::existing});
  RecoveryOptions options;
  options.progress = progress;
  const auto recovered = recover(directory, store, options);
  TransferReport report;
  std::string text;
  for (const auto& known : recovered.workspaces) {
    const auto& id = known.first;  // a binding cannot be captured, says Clang 14
    text.assign(workspace_key);
    model::json::write(text, id);
    out << text << "}\n";
    ++report.workspaces;
    store.for_each_workspace_record(
        id, [&](std::string_view json) { out << record_key << json << "}\n"; });
    store.for_each_contact(1, [&](std::size_t, StoredContact&& stored) {
      if (stored.workspace != id) return;
      text.assign(contact_key);
      write_contact_state(text, id, stored.contact);
      out << text << "}\n";
      ++report.contacts;
      store.for_each_entry(stored.contact.id, [&](model::Seq, std::string_view json) {
        out << entry_key << json << "}\n";
        ++report.entries;
      });
      if (progress && report.contacts % 1000 == 0) {
        progress("exporting contacts", report.contacts, recovered.contact_ids);
      }
    });
  }
  out.flush();
  if (!out) throw std::runtime_error("The export could not be written.");
  return report;
}

TransferReport import_from(std::istream& in, const DataDirectory& directory,
                           const Progress& progress) {
  StateStore store({.path = directory.store()});
  const auto recovered = recover(directory, store, {});
  if (recovered.last.value > 0) {
    throw std::runtime_error("The data directory " + directory.path().string() +
                             " holds something already: import into a new one.");
  }
  Import import(store);
  std::string line;
  for (std::uint64_t number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    try {
      import.line(line);
    } catch (const FormatError& error) {
      throw std::runtime_error("Line " + std::to_string(number) +
                               " does not read: " + error.what() + ". The directory " +
                               directory.path().string() + " is not complete: remove it.");
    }
    if (progress && number % 10'000 == 0) progress("importing lines", number, 0);
  }
  import.finish();
  // The journal goes on where the store ends.
  JournalOptions options;
  options.directory = directory.journal();
  options.epoch = recovered.epoch;
  options.last = store.applied_offset();
  options.threaded = false;
  const Journal journal(options, {});
  return import.report;
}

}  // namespace inboxd::persistence
