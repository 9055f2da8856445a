// Every message that passes between actors, in one place: who takes what. Payloads are local to the
// process and never serialised; an actor takes them by mutable reference and moves out of them (a
// message has one receiver).
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include "actors/commit.hpp"
#include "actors/contact_task.hpp"
#include "actors/outbox.hpp"
#include "actors/request.hpp"
#include "actors/resting_contact.hpp"
#include "model/ids.hpp"

namespace inboxd::actors::msg {

// To the directory.
struct Submit {
  std::vector<Submission> batch;
};
struct Open {
  ClientPtr client;
};
struct Close {
  ClientPtr client;
};
struct Bounced {
  task::Perform perform;
};
struct NotLinked {
  model::ContactId contact;
  std::vector<model::ExternalIdentity> pairs;
};
struct HandedOverAll {
  model::ContactId contact;
  std::shared_ptr<const HandedOver> all;
};
struct MergeOn {
  model::ContactId primary;
  task::Merge merge;
};
struct Merged {
  model::ContactId primary, secondary;
  std::optional<model::Seq> base;
};
struct Assigned {
  model::AgentId agent;
  std::vector<model::ContactId> contacts;
};
/// Snoozes that have come to their end, in order (S19).
struct Wake {
  std::vector<model::ContactId> contacts;
};
/// From the outbox: messages that are not tried any more.
struct GiveUp {
  std::vector<Outbox::GivenUp> messages;
};
struct Retired {
  model::ContactId contact;
  bool gone = false;
  RestingContact resting;  // of one that is gone
};

// To a contact's actor: ContactTask (contact_task.hpp) between
/// This contact is yours, as it was let go of; without that: as the store has it.
struct Come {
  model::ContactId contact;
  WorkspacePtr workspace;
  RestingContact resting;
};
/// and this, answered with Retired; when it says `gone`, the actor has no contact.
struct Retire {};

// To everybody who follows the commits (views, agents, outbox, timer, presence board).
struct Follow {
  CommitBatch batch;
};
/// To an agent: the commits of a batch that concern it.
struct FollowOwn {
  std::vector<CommitPtr> commits;
};

/// To the outbox: `outbox.failed` with `retry`, its contact and seq as they are after merges.
struct Postpone {
  Origin origin;
  Outbox::Place place;
  Outbox::Place named;  // as the connector knows it: a merge may be on its way to the outbox
  Outbox::Failure failure;
};
struct SetOutbox {
  caf::actor outbox;
};

// To a view aggregator, an agent, the outbox or the presence board: requests that are theirs.
struct Ask {
  Submission submission;
  model::Offset released;  // when it was asked: the answer is at least here (S7)
};
struct ResetView {
  ClientPtr client;
  SubId sub;
};
/// A client went away, or ended one subscription.
struct Leave {
  ClientPtr client;
  std::optional<SubId> sub;
};
/// To the first aggregator; answered with Assigned to `reply_to`.
struct FindAssigned {
  model::AgentId agent;
  caf::actor reply_to;
};
/// To the first aggregator; answered with OwnRows.
struct FindRows {
  model::AgentId agent;
  caf::actor reply_to;
};
struct OwnRows {
  std::vector<model::RowPtr> rows;
  WorkspacePtr workspace;
  model::Offset offset;
  model::Timestamp at;
};

/// An actor's note to itself: work that it put off until now.
struct Alarm {
  std::uint64_t generation = 0;
};

// To the timer.
struct FlipAt {
  std::size_t aggregator = 0;
  std::optional<model::Timestamp> at;
};

/// To all at the end, in the order of CAF.md "Lifetime".
struct Stop {};

}  // namespace inboxd::actors::msg

// CAF wants to know that these are never sent over a network.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::ContactTask)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::Submit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::Open)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::Close)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::Bounced)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::NotLinked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::HandedOverAll)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::MergeOn)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::Merged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::Assigned)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::Wake)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::Come)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::Retired)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::Retire)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::Follow)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::FollowOwn)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::Ask)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::ResetView)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::Leave)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::FindAssigned)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::FindRows)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::OwnRows)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::Alarm)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::FlipAt)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::GiveUp)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::Postpone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::SetOutbox)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inboxd::actors::msg::Stop)
