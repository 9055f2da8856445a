// Who is where: the one place of a workspace that knows which contact an id, a channel account or a
// platform's message belongs to, and that orders changes of the workspace itself. Without an actor:
// directory_actor.hpp drives it.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "actors/contact_task.hpp"
#include "actors/outbox.hpp"
#include "actors/services.hpp"

namespace inboxd::actors {

/// Gives contact ids, one after the other, for the whole engine (S38: never reused).
class ContactIds {
 public:
  explicit ContactIds(model::ContactId next) : next_(next.value) {}
  model::ContactId take() { return {next_.fetch_add(1, std::memory_order_relaxed)}; }

 private:
  std::atomic<std::uint64_t> next_;
};

/// What the directory knows of a contact at start.
struct KnownContact {
  model::ContactId id;
  std::optional<model::ContactId> merged_into = std::nullopt;
  model::Seq merged_base = {};
  std::vector<model::ExternalIdentity> identities = {};  // none of a merged one's
};

/// What the directory asks of its surroundings.
class DirectoryHost {
 public:
  virtual ~DirectoryHost() = default;
  /// Hands a task to the contact, which is brought into memory if it is not there. Tasks of one
  /// contact keep their order.
  virtual void give(model::ContactId contact, ContactTask task) = 0;
  /// Asks for the contacts assigned to an agent, as of all that was released; `assigned` is called
  /// with them later.
  virtual void find_assigned(const model::AgentId& agent) = 0;
  /// Asks the outbox to try a delivery again later; it answers `origin`. `named` is what the
  /// connector called it, `place` what that is after merges.
  virtual void postpone(const Origin& origin, Outbox::Place place, Outbox::Place named,
                        Outbox::Failure failure) = 0;
};

class Directory {
 public:
  Directory(WorkspacePtr workspace, const Services& services, ContactIds& ids, DirectoryHost& host)
      : workspace_(std::move(workspace)), services_(services), ids_(ids), host_(host) {}

  /// At start: every contact of the store.
  void learn(const std::vector<KnownContact>& contacts);

  void open(const ClientPtr& client);
  void close(const ClientPtr& client);
  void submit(Submission submission);

  // What contacts report back (contact_cell.hpp, ContactHost).
  void bounced(task::Perform perform);
  void not_linked(model::ContactId contact, const std::vector<model::ExternalIdentity>& pairs);
  void handed_over(model::ContactId contact, std::shared_ptr<const HandedOver> all);
  void merge_on(model::ContactId primary, task::Merge merge);
  void merged(model::ContactId primary, model::ContactId secondary, std::optional<model::Seq> base);

  /// The contacts that `DirectoryHost::find_assigned` found.
  void assigned(const model::AgentId& agent, const std::vector<model::ContactId>& contacts);

  /// The outbox does not try it any more: it is reported as failed.
  void give_up(const Outbox::GivenUp& message);

  /// A snooze's end has come.
  void wake(model::ContactId contact);

  /// It lives on in another contact (S23).
  bool merged_away(model::ContactId contact) const { return merged_into_.contains(contact); }

  const WorkspacePtr& workspace() const { return workspace_; }

 private:
  // directory.cpp: routing
  void on_contact(const Origin& origin, request::OnContact request);
  void create(const Origin& origin, model::CreateContact command);
  void receive(const Origin& origin, model::ReceiveInbound command);
  void report(const Origin& origin, const request::ReportStatus& request);
  void report_sent(const Origin& origin, const request::ReportSent& request);
  void report_failed(const Origin& origin, const request::ReportFailed& request);
  void subscribe_customer(const Origin& origin, const request::SubscribeCustomer& request);
  void customer_typing(const Origin& origin, const request::InboundTyping& request);
  void route_inbound(task::Perform perform);
  /// The contact that stands for `id` after merges.
  model::ContactId primary_of(model::ContactId id) const;
  /// The same for an id that a client gave; nothing, and a refusal naming `field`, when there is
  /// none.
  std::optional<model::ContactId> resolve(const Origin& origin, model::ContactId id,
                                          std::string_view field);
  void give(model::ContactId contact, ContactTaskBody body);
  static std::string identity_key(const model::ChannelId& channel, std::string_view external_id);
  /// S23: where a secondary's seq is now.
  void map_merged(model::ContactId named, model::ContactId primary,
                  std::optional<model::Seq>& seq) const;
  void attach(const ClientPtr& client, model::ContactId contact, std::optional<SubId> sub);
  std::optional<model::ContactId> set_aside(model::ContactId contact,
                                            const std::vector<model::ExternalIdentity>& pairs);

  // directory_merge.cpp
  void merge(const Origin& origin, const request::MergeContact& request);

  // directory_workspace.cpp: changes and lists of the workspace
  void on_workspace(const Origin& origin, request::OnWorkspace request);
  void pause_channel(const Origin& origin, const request::PauseChannel& request);
  void update_view(const Origin& origin, const request::UpdateView& request);
  void commit(const std::vector<model::WorkspaceEvent>& events, const Origin& origin,
              std::string answer);
  void after_change(const model::WorkspaceEvent& event);
  void answer(const Origin& origin, std::string result);
  void refuse(const Origin& origin, const model::Error& error);
  void hang_up(const model::AgentId& agent, Commit& commit) const;
  model::ViewId pick_view_id() const;
  std::string list(const Request& request) const;

  struct Attachment {
    std::map<SubId, model::ContactId> subs;
    std::set<model::ContactId> contacts;
  };
  struct Merging {
    Origin origin;
    model::ContactId primary;
    std::optional<model::Version> expect_version;
    std::shared_ptr<const HandedOver> kept;
    std::deque<ContactTaskBody> held;  // tasks of the secondary, until it is known where they go
  };

  WorkspacePtr workspace_;
  model::Offset workspace_changed_at_;
  const Services& services_;
  ContactIds& ids_;
  DirectoryHost& host_;

  boost::unordered_flat_set<model::ContactId, std::hash<model::ContactId>> contacts_;
  boost::unordered_flat_map<std::string, model::ContactId> by_identity_;  // channel, 0, external id
  struct MergedTo {
    model::ContactId primary;
    model::Seq base;  // the secondary's seq n is base + n in the primary
  };
  boost::unordered_flat_map<model::ContactId, MergedTo, std::hash<model::ContactId>> merged_into_;

  /// Platform message ids that the store may not have yet, in two generations: when the store has
  /// all of the older one, it is dropped and the younger one takes its place.
  struct Generations {
    boost::unordered_flat_map<std::string, model::ContactId> young, old;
    model::Offset old_until;
  };
  Generations by_provider_id_;
  std::optional<model::ContactId> find_provider(const model::ChannelId& channel,
                                                model::Direction direction,
                                                const std::string& provider_id);
  void note_provider(const model::ChannelId& channel, model::Direction direction,
                     const std::string& provider_id, model::ContactId contact);

  std::map<model::ContactId, Merging> merging_;  // by secondary
  std::map<ClientPtr, Attachment> clients_;
};

}  // namespace inboxd::actors
