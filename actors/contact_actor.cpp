#include "actors/contact_actor.hpp"

#include <utility>

#include <caf/all.hpp>

namespace inboxd::actors {

ContactActor::ContactActor(caf::actor_config& config, const Services& services,
                           caf::actor directory)
    : caf::event_based_actor(config), services_(services), directory_(std::move(directory)) {}

caf::behavior ContactActor::make_behavior() {
  return {
      [this](ContactTask& task) { cell_->handle(std::move(task)); },
      [this](const msg::Come& contact) { come(contact); },
      [this](const msg::Retire&) { retire(); },
      [this](const msg::Stop&) { quit(); },
  };
}

/// Here and not in the directory, which routes others' messages meanwhile.
void ContactActor::come(const msg::Come& contact) {
  ContactHost& host = *this;
  if (contact.resting) {
    cell_.emplace(contact.resting, services_, host);
  } else {
    cell_.emplace(contact.contact, services_, host, *contact.workspace);
  }
}

void ContactActor::retire() {
  msg::Retired answer{.contact = cell_->contact().id,
                      .gone = cell_->idle(services_.store.applied_offset())};
  if (answer.gone) {
    answer.resting = cell_->rest();
    cell_.reset();
  }
  caf::anon_send(directory_, std::move(answer));
}

void ContactActor::on_exit() {
  directory_ = nullptr;
}

void ContactActor::bounce(task::Perform perform) {
  caf::anon_send(directory_, msg::Bounced{std::move(perform)});
}

void ContactActor::not_linked(model::ContactId contact,
                              std::vector<model::ExternalIdentity> pairs) {
  caf::anon_send(directory_, msg::NotLinked{.contact = contact, .pairs = std::move(pairs)});
}

void ContactActor::handed_over(model::ContactId contact, std::shared_ptr<const HandedOver> all) {
  caf::anon_send(directory_, msg::HandedOverAll{.contact = contact, .all = std::move(all)});
}

void ContactActor::go_on(model::ContactId primary, task::Merge merge) {
  caf::anon_send(directory_, msg::MergeOn{.primary = primary, .merge = std::move(merge)});
}

void ContactActor::merged(model::ContactId primary, model::ContactId secondary,
                          std::optional<model::Seq> base) {
  caf::anon_send(directory_, msg::Merged{.primary = primary, .secondary = secondary, .base = base});
}

}  // namespace inboxd::actors
