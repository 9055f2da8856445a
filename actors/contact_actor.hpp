// A contact as an actor: one mailbox, one contact_cell.hpp. When the contact is let go of, the
// actor stays, without one, to be another's: to make and end actors costs more than all that a
// message makes a contact do.
#pragma once

#include <optional>

#include <caf/event_based_actor.hpp>

#include "actors/contact_cell.hpp"
#include "actors/messages.hpp"

namespace inboxd::actors {

class ContactActor final : public caf::event_based_actor, private ContactHost {
 public:
  ContactActor(caf::actor_config& config, const Services& services, caf::actor directory);

 private:
  caf::behavior make_behavior() override;
  void on_exit() override;

  void bounce(task::Perform perform) override;
  void not_linked(model::ContactId contact, std::vector<model::ExternalIdentity> pairs) override;
  void handed_over(model::ContactId contact, std::shared_ptr<const HandedOver> all) override;
  void go_on(model::ContactId primary, task::Merge merge) override;
  void merged(model::ContactId primary, model::ContactId secondary,
              std::optional<model::Seq> base) override;

  void come(const msg::Come& contact);
  void retire();

  const Services& services_;
  caf::actor directory_;
  std::optional<ContactCell> cell_;  // from Come to Retired
};

}  // namespace inboxd::actors
