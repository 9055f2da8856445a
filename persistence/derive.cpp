// From a record of the journal to what it changes in the store: the rules' `apply`, and the entries
// beside it.
#include <algorithm>

#include "model/overload.hpp"
#include "persistence/format_error.hpp"
#include "persistence/recovery.hpp"

namespace inboxd::persistence {
namespace {

using namespace model;  // the whole file is about its types

class Derivation {
 public:
  Derivation(const Record& record, PriorState& prior) : record_(record), prior_(prior) {
    change_.offset = record.offset;
    change_.at = record.at;
    change_.workspace = record.workspace;
  }

  Change run() && {
    std::visit(overload{
                   [&](const ContactsChanged& c) {
                     for (const auto& one : c.changes) change_contact(one);
                   },
                   [&](const WorkspaceChanged& w) { change_.workspace_events = w.events; },
                   [&](const WorkspaceCreated&) { change_.workspace_created = true; },
                   [&](const Tick&) {},
               },
               record_.body);
    return std::move(change_);
  }

 private:
  void change_contact(const ContactChange& one) {
    if (one.events.empty()) throw FormatError("a contact's change is empty");
    auto contact = prior_.contact(one.contact).value_or(Contact{});
    apply(contact, one.events, record_.offset);
    if (contact.id != one.contact) {
      throw FormatError("contact " + one.contact.str() + " is changed before it was made");
    }
    change_.contacts.push_back(std::make_shared<const Contact>(std::move(contact)));
    for (const auto& event : one.events) change_entries(one.contact, event);
  }

  void change_entries(ContactId contact, const Event& event) {
    if (const auto* appended = std::get_if<EntryAppended>(&event)) {
      auto entry = std::make_shared<Entry>(appended->entry);
      entry->offset = record_.offset;
      change_.entries.push_back({contact, std::move(entry), nullptr, true});
    } else if (const auto* reported = std::get_if<StatusReported>(&event)) {
      report_status(contact, *reported);
    } else if (const auto* took = std::get_if<TookOver>(&event)) {
      change_.moved = {contact, took->secondary.id, took->base, took->secondary.last_seq.value};
    }
  }

  void report_status(ContactId contact, const StatusReported& reported) {
    auto entry = find_entry(contact, reported.seq);
    auto* message = entry ? std::get_if<Message>(&entry->body) : nullptr;
    if (message == nullptr) {
      throw FormatError("a status is reported for entry " + std::to_string(reported.seq.value) +
                        " of contact " + contact.str() + ", which is no message");
    }
    report(*message, reported.report, reported.provider_id);
    entry->offset = record_.offset;
    change_.entries.push_back(
        {contact, std::make_shared<const Entry>(std::move(*entry)), nullptr, false});
  }

  std::optional<Entry> find_entry(ContactId contact, Seq seq) {
    const auto mine = std::find_if(
        change_.entries.rbegin(), change_.entries.rend(),
        [&](const EntryChange& e) { return e.contact == contact && e.entry->seq == seq; });
    if (mine != change_.entries.rend()) return *mine->entry;
    return prior_.entry(contact, seq);
  }

  const Record& record_;
  PriorState& prior_;
  Change change_;
};

}  // namespace

Change derive_change(const Record& record, PriorState& prior) {
  return Derivation(record, prior).run();
}

}  // namespace inboxd::persistence
