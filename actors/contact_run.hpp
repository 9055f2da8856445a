// Contacts that were given work by one message to their directory, scheduled together. Each is an
// actor with a mailbox and an order of its own; what they share is one place in the scheduler's
// queue instead of one each (docs/decisions/0080).
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <caf/actor.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

namespace inboxd::actors {

/// Where messages that one handler sends leave the actors that they woke. Between two handlers it
/// must be empty: an actor that has returned from its turn may already run on another thread.
class ContactRun final : public caf::execution_unit {
 public:
  explicit ContactRun(caf::actor_system& system) : caf::execution_unit(&system) {}
  /// Who was woken and not handed over would never run, and be waited for at the end.
  ~ContactRun() override { schedule(); }
  ContactRun(const ContactRun&) = delete;
  ContactRun& operator=(const ContactRun&) = delete;

  template <class Message>
  void send(const caf::actor& to, Message message);

  /// Hands those that became ready since the last call to the scheduler: to be called at the end of
  /// the handler.
  void schedule();

 private:
  /// Few enough that the workers share a burst.
  static constexpr std::size_t contacts_max = 16;

  /// Called by an actor that a message woke, which holds a reference for us.
  void exec_later(caf::resumable* ready) override {
    ready_.push_back(ready);
    if (ready_.size() == contacts_max) schedule();
  }

  std::vector<caf::resumable*> ready_;
};

}  // namespace inboxd::actors

#include <caf/actor_cast.hpp>
#include <caf/mailbox_element.hpp>

template <class Message>
void inboxd::actors::ContactRun::send(const caf::actor& to, Message message) {
  caf::actor_cast<caf::abstract_actor*>(to)->enqueue(
      caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(message)), this);
}
