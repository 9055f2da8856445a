// Everything that a client can ask of the engine, decoded and typed: one struct a method, one
// sealed variant. Requests come from net/, which has checked session, method, kind and role, and
// the shape of params (S6).
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "actors/outlet.hpp"
#include "model/command.hpp"
#include "model/filter.hpp"
#include "model/limits.hpp"
#include "model/workspace.hpp"

namespace inboxd::actors {

/// Where a client was: the data directory's life and an offset in it.
struct StreamPosition {
  std::string epoch;
  model::Offset offset;
};

namespace request {

/// `contact.update`, `assign`, `done`, `reopen`, `snooze`, `wake`, `read`, `unread`, `block`,
/// `unblock`, `message.send`, `comment.add`. The answer's shape follows from the command: update →
/// contact, send and comment → entry.
struct OnContact {
  model::ContactId contact;
  model::Command command;
  std::optional<model::Version> expect_version;
};
struct CreateContact {
  model::CreateContact command;  // its id is given by the engine
};
struct MergeContact {
  model::ContactId contact, from;
  std::optional<model::Version> expect_version;
};
struct GetContact {
  model::ContactId contact;
};
struct PageTimeline {
  model::ContactId contact;
  std::optional<model::Seq> before_seq;
  std::size_t limit = 50;
};

// Connectors; the channel is the principal's.
struct ReceiveInbound {
  model::ReceiveInbound command;  // id given by the engine, channel from the principal
};
struct ReportStatus {
  std::optional<std::string> provider_id;  // this, or contact and seq
  std::optional<model::ContactId> contact;
  std::optional<model::Seq> seq;
  model::Status status = model::Status::sent;
  std::optional<model::Timestamp> at;
  std::optional<model::PlatformError> error;
};
struct ReportSent {  // `outbox.sent`
  model::ContactId contact;
  model::Seq seq;
  std::string provider_id;
};
struct InboundTyping {
  std::string external_id;
  bool on = false;
};
struct ReportFailed {  // `outbox.failed`
  model::ContactId contact;
  model::Seq seq;
  bool retry = false;
  std::optional<model::PlatformError> error;
  std::optional<model::Duration> retry_after;  // with `retry`
};
/// The built-in webchat's: as SubscribeContact, for the customer with this account on the
/// connector's channel.
struct SubscribeCustomer {
  SubId sub;
  std::string external_id;
  std::size_t limit = 50;
};
struct SubscribeOutbox {
  SubId sub;
  std::optional<model::Offset> after;
  std::size_t held_max = model::limits::deliveries_held_default;
};

// The workspace.
struct OnWorkspace {
  model::WorkspaceCommand command;
  std::string new_view;  // of `view.create`: the id that was chosen, empty: the engine picks one
};
struct UpdateView {  // `view.update`: absent members stay as they are
  model::ViewId view;
  std::optional<std::string> name;
  std::optional<model::Filter> filter;
  std::optional<model::Sort> sort;
  std::optional<model::Sharing> visibility;
};
struct PauseChannel {  // `channel.pause`, `channel.resume`
  model::ChannelId channel;
  bool paused = true;
};
struct ListViews {};
struct ListAgents {};
struct ListTeams {};
struct ListChannels {};
struct ListFields {};
struct GetPolicy {};

struct Search {
  enum class Scope : std::uint8_t { contacts, messages, comments };
  std::string query;
  std::vector<Scope> scopes;  // empty: all
  std::optional<model::ViewId> view;
  std::size_t limit = 20;
  std::optional<std::string> cursor;
};

// Subscriptions. `view` is the wire's text: `all`, `mine`, `team:<id>`, a custom view's id.
struct SubscribeView {
  SubId sub;
  model::ViewId view;
  std::optional<model::Sort> sort;
  std::optional<std::string> after;  // cursor
  std::size_t limit = 50;
  std::optional<StreamPosition> resume;
};
struct MoveWindow {
  SubId sub;
  std::optional<std::string> after;
  std::optional<std::size_t> limit;
};
struct SubscribeCounters {
  SubId sub;
  std::optional<std::vector<model::ViewId>> views;
};
struct SubscribeWorkload {
  SubId sub;
};
struct SubscribeContact {
  SubId sub;
  model::ContactId contact;
  std::size_t limit = 50;
  std::optional<StreamPosition> resume;
};
struct SubscribeNotifications {
  SubId sub;
};
struct SubscribeAgents {
  SubId sub;
};
/// net/ answers the client by itself, at once, and drops what still comes; this frees the engine's
/// side.
struct Unsubscribe {
  SubId sub;
};

// Ephemeral.
enum class Presence : std::uint8_t { online, busy, offline };
struct SetPresence {
  Presence status = Presence::online;
};
struct SetTyping {
  model::ContactId contact;
  bool on = false;
};
struct SetViewing {
  model::ContactId contact;
  bool on = false;
};

}  // namespace request

using Request = std::variant<
    request::OnContact, request::CreateContact, request::MergeContact, request::GetContact,
    request::PageTimeline, request::ReceiveInbound, request::ReportStatus, request::ReportSent,
    request::ReportFailed, request::InboundTyping, request::SubscribeCustomer,
    request::PauseChannel, request::SubscribeOutbox, request::OnWorkspace, request::UpdateView,
    request::ListViews, request::ListAgents, request::ListTeams, request::ListChannels,
    request::ListFields, request::GetPolicy, request::Search, request::SubscribeView,
    request::MoveWindow, request::SubscribeCounters, request::SubscribeWorkload,
    request::SubscribeContact, request::SubscribeNotifications, request::SubscribeAgents,
    request::Unsubscribe, request::SetPresence, request::SetTyping, request::SetViewing>;

/// One request on its way in. The role that counts is the session's at the time (S25).
struct Submission {
  ClientPtr client;
  RequestTag tag = 0;
  model::Role role = model::Role::agent;
  Request request;
};

}  // namespace inboxd::actors
