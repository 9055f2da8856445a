// A contact as an actor: one mailbox, one contact_cell.hpp.
#pragma once

#include <optional>

#include <caf/event_based_actor.hpp>

#include "actors/contact_cell.hpp"
#include "actors/messages.hpp"

namespace inboxd::actors {

class ContactActor final : public caf::event_based_actor, private ContactHost {
 public:
  /// `resting`: as it was let go of; empty: it is read from the store, when it first runs.
  /// `workspace` as it is now.
  ContactActor(caf::actor_config& config, model::ContactId id, const Services& services,
               caf::actor directory, WorkspacePtr workspace, RestingContact resting);

 private:
  caf::behavior make_behavior() override;
  void on_exit() override;

  void bounce(task::Perform perform) override;
  void not_linked(model::ContactId contact, std::vector<model::ExternalIdentity> pairs) override;
  void handed_over(model::ContactId contact, std::shared_ptr<const HandedOver> all) override;
  void go_on(model::ContactId primary, task::Merge merge) override;
  void merged(model::ContactId primary, model::ContactId secondary,
              std::optional<model::Seq> base) override;

  void come();

  const model::ContactId id_;
  const Services& services_;
  caf::actor directory_;
  WorkspacePtr workspace_;  // until it has come
  RestingContact resting_;  // the same
  std::optional<ContactCell> cell_;
};

}  // namespace inboxd::actors
