// The directory as an actor, and the contacts that are in memory: brought in on the first task, let
// go when they are idle, saved, and more than the budget.
#pragma once

#include <atomic>
#include <deque>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <caf/event_based_actor.hpp>

#include "actors/contact_run.hpp"
#include "actors/directory.hpp"
#include "actors/messages.hpp"

namespace inboxd::actors {

struct Residency {
  std::size_t contacts_max = 0;
  std::atomic<std::uint64_t> resident{0};  // for the metrics
};

class DirectoryActor final : public caf::event_based_actor, private DirectoryHost {
 public:
  /// `known`: the contacts of the store.
  DirectoryActor(caf::actor_config& config, WorkspacePtr workspace,
                 const std::vector<KnownContact>& known, const Services& services, ContactIds& ids,
                 Residency& residency, caf::actor views);

 private:
  caf::behavior make_behavior() override;
  void on_exit() override;
  /// A handler after which the contacts that it gave work are scheduled, together.
  template <class Message, class Handle>
  auto then_run(Handle handle) {
    return [this, handle](Message& message) {
      handle(message);
      run_.schedule();
    };
  }

  void give(model::ContactId contact, ContactTask task) override;
  void find_assigned(const model::AgentId& agent) override;
  void postpone(const Origin& origin, Outbox::Place place, Outbox::Place named,
                Outbox::Failure failure) override;

  struct Resident {
    caf::actor actor;
    bool used = true;                  // since the sweep came by
    bool leaving = false;              // asked to retire, has not answered
    std::vector<ContactTask> waiting;  // while it is leaving; a deque takes 600 bytes when empty
  };
  Resident& resident(model::ContactId contact, const WorkspacePtr& workspace);
  void retired(msg::Retired& answer);
  /// One without a contact.
  caf::actor take_actor();
  /// Second chance: each step looks at a few residents; one that was not used since the last look
  /// is asked to leave.
  void sweep();

  const Services& services_;
  Residency& residency_;
  caf::actor views_, outbox_;
  Directory directory_;
  ContactRun run_{system()};  // of the message that is being handled
  boost::unordered_flat_map<model::ContactId, Resident, std::hash<model::ContactId>> residents_;
  std::vector<caf::actor> spare_;  // actors without a contact
  /// Contacts without an actor. Who has one keeps its place here, empty; who has none and is not
  /// here either is in the store.
  boost::unordered_flat_map<model::ContactId, RestingContact, std::hash<model::ContactId>> resting_;
  std::deque<model::ContactId>
      clock_;  // every resident that is not leaving once, in the order of the sweep
};

}  // namespace inboxd::actors
