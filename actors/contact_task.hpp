// What a contact's actor can be given to do: one sealed variant, so that its whole interface is
// read here.
#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "actors/commit.hpp"
#include "actors/outlet.hpp"
#include "actors/request.hpp"
#include "actors/timeline.hpp"
#include "model/command.hpp"
#include "model/contact.hpp"

namespace inboxd::actors {

/// Who asked, and where the answer goes. Without a client nobody waits for one (the engine's own
/// commands).
struct Origin {
  ClientPtr client;
  RequestTag tag = 0;
  model::Principal by;  // with the session's role of the moment
};

/// One client's subscription to a contact.
struct Subscriber {
  ClientPtr client;
  SubId sub;
  model::Principal by;
  std::shared_ptr<const std::string> presence;  // as it was last told; null: that nobody is there
};

/// A contact that stopped to be merged into another, with all that it leaves (S23).
struct HandedOver {
  model::Contact contact;
  std::shared_ptr<const Timeline> timeline;
  std::vector<Subscriber> subscribers;
  model::RowPtr row;
};

namespace task {

struct Perform {
  Origin origin;
  model::Command command;
  std::optional<model::Version> expect_version = std::nullopt;
  bool routed_by_provider_id = false;  // R9: another contact may turn out to be meant
  std::optional<model::ContactId> taken_by =
      std::nullopt;  // S16: who has a channel account that the command asks for
};
/// `inbound.status` and `outbox.sent`: `seq`, or the platform's id on the connector's channel.
struct Report {
  Origin origin;
  std::optional<model::Seq> seq;
  model::ReportStatus report = {};
  model::ChannelId channel;
};
struct Get {
  Origin origin;
};
struct Page {
  Origin origin;
  std::optional<model::Seq> before;
  std::size_t limit = 0;
};
struct Subscribe {
  Origin origin;
  SubId sub;
  std::size_t limit = 0;
  std::optional<StreamPosition> resume;  // its epoch was checked
  bool resumable = false;                // the epoch is ours and the offset is not ahead
};
struct Viewing {
  Origin origin;
  bool on = false;
};
struct Typing {
  Origin origin;
  bool on = false;
};
/// The customer types (`inbound.typing`).
struct CustomerTyping {
  Origin origin;
  bool on = false;
};
/// A client went away, or ended one subscription.
struct Leave {
  ClientPtr client;
  std::optional<SubId> sub;
};
struct WakeDue {};
/// Who may see what has changed: subscriptions that may not go on are ended.
struct Recheck {};
/// This contact is about to be merged into another: check that the caller may, stop, and hand
/// everything over.
struct HandOver {
  Origin origin;
};
/// The merge was refused: go on.
struct TakeBack {
  std::shared_ptr<const HandedOver> kept;
};
struct Merge {
  Origin origin;
  std::optional<model::Version> expect_version;
  std::shared_ptr<const HandedOver> secondary;
  /// The secondary's inbound messages that were read, as far as its timeline was looked through: a
  /// slice at a time (`ContactHost::go_on`).
  model::SeqSet read_inbound = {};
  model::Seq looked_up_to = {};
};

}  // namespace task

using ContactTaskBody =
    std::variant<task::Perform, task::Report, task::Get, task::Page, task::Subscribe, task::Viewing,
                 task::Typing, task::CustomerTyping, task::Leave, task::WakeDue, task::Recheck,
                 task::HandOver, task::TakeBack, task::Merge>;

/// A task and the workspace as it was when the directory sent it: so a contact never decides by an
/// older policy than the one that the commands before it in the directory's order have made.
struct ContactTask {
  WorkspacePtr workspace;
  ContactTaskBody body;
};

}  // namespace inboxd::actors
