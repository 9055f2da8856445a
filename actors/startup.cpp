#include "actors/startup.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "actors/contact_cell.hpp"

namespace inboxd::actors {
namespace {

KnownContact known_of(const model::Contact& contact) {
  KnownContact known{contact.id, contact.merged_into, contact.merged_base};
  if (contact.merged_into) return known;
  known.identities.reserve(contact.identities.size());
  for (const auto& identity : contact.identities)
    known.identities.push_back({identity.channel, identity.external_id});
  return known;
}

struct Part {
  std::vector<model::RowPtr> rows;
  std::vector<KnownContact> contacts;
};

/// Wakes that happen before there are actors have nobody to talk to.
class NoHost final : public ContactHost {
 public:
  void bounce(task::Perform) override {}
  void not_linked(model::ContactId, std::vector<model::ExternalIdentity>) override {}
  void handed_over(model::ContactId, std::shared_ptr<const HandedOver>) override {}
  void go_on(model::ContactId, task::Merge) override {}
  void merged(model::ContactId, model::ContactId, std::optional<model::Seq>) override {}
};

}  // namespace

StartingWorkspace::StartingWorkspace(const model::Workspace& of,
                                     const persistence::StateStore& store)
    : workspace(std::make_shared<const model::Workspace>(of)),
      outbox([&store](const Outbox::Place& place) {
        return store.entry_json(place.contact, place.seq);
      }) {}

std::map<model::WorkspaceId, StartingWorkspace> read_workspaces(
    const std::map<model::WorkspaceId, model::Workspace>& workspaces,
    const persistence::StateStore& store, std::size_t threads, const ReadProgress& progress) {
  std::map<model::WorkspaceId, StartingWorkspace> starting;
  for (const auto& [id, workspace] : workspaces) starting.try_emplace(id, workspace, store);
  std::vector<std::map<model::WorkspaceId, Part>> parts(threads);
  const auto total = store.applied().contact_ids;
  std::uint64_t seen = 0;  // by this thread, the first: the others are about as far
  store.for_each_contact(threads, [&](std::size_t thread, persistence::StoredContact&& stored) {
    constexpr std::uint64_t between_reports = 4096;
    if (thread == 0 && progress && ++seen % between_reports == 0)
      progress(std::min(seen * threads, total), total);
    auto& part = parts[thread][stored.workspace];
    part.contacts.push_back(known_of(stored.contact));
    if (stored.contact.merged_into) return;
    const auto& channels = starting.at(stored.workspace).workspace->channels;
    part.rows.push_back(
        std::make_shared<const model::Row>(model::make_row(stored.contact, channels)));
  });
  for (auto& part : parts) {
    for (auto& [id, found] : part) {
      auto& all = starting.at(id);
      for (const auto& row : found.rows) all.alarms.set(row->id, row->snoozed_until);
      std::move(found.rows.begin(), found.rows.end(), std::back_inserter(all.rows));
      std::move(found.contacts.begin(), found.contacts.end(), std::back_inserter(all.contacts));
    }
  }
  store.for_each_pending([&](model::ContactId contact, model::Entry&& entry) {
    const auto stored = store.contact(contact);
    if (!stored) return;
    starting.at(stored->workspace).outbox.load(contact, entry);
  });
  for (auto& [id, workspace] : starting) workspace.outbox.configure(*workspace.workspace);
  return starting;
}

std::size_t wake_overdue(StartingWorkspace& starting, const Services& services) {
  const auto due =
      starting.alarms.take_due(services.now(), std::numeric_limits<std::size_t>::max());
  if (due.empty()) return 0;
  NoHost host;
  std::unordered_map<model::ContactId, model::RowPtr> woken;
  for (const auto contact : due) {
    ContactCell cell(contact, services, host, *starting.workspace);
    cell.handle({.workspace = starting.workspace, .body = task::WakeDue{}});
    woken.emplace(contact, cell.row());
  }
  for (auto& row : starting.rows) {
    if (const auto fresh = woken.find(row->id); fresh != woken.end()) row = fresh->second;
  }
  return due.size();
}

}  // namespace inboxd::actors
