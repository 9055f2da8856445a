#include "actors/contact_actor.hpp"

#include <utility>

#include <caf/all.hpp>

namespace inboxd::actors {

ContactActor::ContactActor(caf::actor_config& config, model::ContactId id, const Services& services,
                           caf::actor directory, WorkspacePtr workspace, RestingContact resting)
    : caf::event_based_actor(config),
      id_(id),
      services_(services),
      directory_(std::move(directory)),
      workspace_(std::move(workspace)),
      resting_(std::move(resting)) {}

/// Runs before the first message, on a worker: the directory is not kept from routing meanwhile.
caf::behavior ContactActor::make_behavior() {
  come();
  return {
      [this](ContactTask& task) { cell_->handle(std::move(task)); },
      [this](const msg::Retire&) {
        msg::Retired answer{.contact = id_, .gone = cell_->idle(services_.store.applied().offset)};
        if (answer.gone) {
          answer.resting = cell_->rest();
          quit();
        }
        caf::anon_send(directory_, std::move(answer));
      },
      [this](const msg::Stop&) { quit(); },
  };
}

void ContactActor::come() {
  ContactHost& host = *this;
  if (resting_) {
    cell_.emplace(resting_, services_, host);
  } else {
    cell_.emplace(id_, services_, host, *workspace_);
  }
  resting_ = {};
  workspace_ = nullptr;
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
