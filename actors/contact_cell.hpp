// One contact at work: state, timeline, subscribers. All that a contact's actor does, without the
// actor, so that tests and simulations drive it as they like. One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/answer.hpp"
#include "actors/contact_task.hpp"
#include "actors/resting_contact.hpp"
#include "actors/services.hpp"
#include "actors/timeline.hpp"
#include "model/decide.hpp"

namespace inboxd::actors {

/// What a contact asks of its directory.
class ContactHost {
 public:
  virtual ~ContactHost() = default;
  /// An inbound message came here by its provider id, but nothing here has that id: route it by
  /// identity.
  virtual void bounce(task::Perform perform) = 0;
  /// A creation or new identity was refused: the pairs that were set aside for it are free again.
  virtual void not_linked(model::ContactId contact, std::vector<model::ExternalIdentity> pairs) = 0;
  /// The answer to `task::HandOver`; null: refused and answered.
  virtual void handed_over(model::ContactId contact, std::shared_ptr<const HandedOver> all) = 0;
  /// The merge needs another slice: give it to `primary` again, behind what waits there.
  virtual void go_on(model::ContactId primary, task::Merge merge) = 0;
  /// The answer to `task::Merge`: where the secondary's entries are now, or nothing if it was
  /// refused.
  virtual void merged(model::ContactId primary, model::ContactId secondary,
                      std::optional<model::Seq> base) = 0;
};

class ContactCell {
 public:
  /// Loads what the store has of the contact; nothing there: it does not exist yet.
  ContactCell(model::ContactId id, const Services& services, ContactHost& host,
              const model::Workspace& workspace);
  /// One that was let go of, as it was then.
  ContactCell(const RestingContact& resting, const Services& services, ContactHost& host);

  void handle(ContactTask task);

  /// True when nobody needs this cell in memory: no subscribers, and the store has everything. Then
  /// it can be let go.
  bool idle(model::Offset saved) const;
  /// To come back from when it is wanted again: of an idle one. Empty: it does not exist.
  RestingContact rest() const;

  const model::Contact& contact() const { return *contact_; }
  const model::RowPtr& row() const { return row_; }

 private:
  // contact_cell.cpp: commands
  void perform(task::Perform perform);
  void report(task::Report report);
  void wake_if_due();
  void merge(task::Merge merge);
  static void look_through(task::Merge& merge);
  void hand_over(const task::HandOver& request);
  void take_back(const task::TakeBack& task);
  std::shared_ptr<const model::Entry> repeated_by(const task::Perform& perform) const;
  void refuse(const task::Perform& perform, const model::Error& error);

  // contact_commit.cpp: from events to one commit

  void commit(std::vector<model::Event> events, const Origin& origin, const AnswerShape& shape,
              const HandedOver* taken = nullptr);
  /// The state, to be changed: a copy of it if a commit that is not in the store yet still needs
  /// it.
  model::Contact& own();
  void add_entries(std::vector<model::Event>& events, Commit& commit) const;
  void add_moved(const HandedOver& taken, model::Seq base, Commit& commit) const;
  std::string payload_of(const std::vector<model::Event>& events, const Commit& commit) const;
  void keep_entries(const Commit& commit, model::Offset offset);
  void add_notices(const model::Principal& by, Commit& commit) const;
  void add_deltas(Commit& commit);

  // contact_reads.cpp: what is asked and told
  void get(const task::Get& get);
  void page(const task::Page& page);
  void subscribe(const task::Subscribe& subscribe);
  bool may_see(const model::Principal& by) const;
  bool check_visible(const Origin& origin);
  void end_unseen(std::vector<Outgoing>& out);
  std::string entry_texts(std::size_t limit, bool& more) const;
  std::string contact_json() const;

  // contact_presence.cpp: who looks on, who types
  void viewing(const task::Viewing& viewing);
  void typing(const task::Typing& typing);
  void customer_typing(const task::CustomerTyping& typing);
  void leave(const task::Leave& leave);
  void tell_presence();
  struct Onlooker;
  void set_onlooker(const Origin& origin, bool Onlooker::*what, bool on);
  void drop_idle_onlookers();
  std::string presence_text(const model::Principal& to) const;
  void presence_for(Subscriber& subscriber, std::vector<Outgoing>& out) const;

  void answer(const Origin& origin, std::string body);
  void refuse(const Origin& origin, const model::Error& error);
  void deliver(std::vector<Outgoing> out, std::vector<std::shared_ptr<std::string>> unplaced = {});

  /// A session that looks at the contact or types to it.
  struct Onlooker {
    ClientPtr client;
    model::Principal by;
    bool viewing = false;
    bool typing = false;
  };

  const Services& services_;
  ContactHost& host_;
  WorkspacePtr workspace_;
  std::shared_ptr<model::Contact> contact_;  // shared with commits: `own` before a change
  model::RowPtr row_;                        // null: does not exist
  Timeline timeline_;
  std::vector<Subscriber> subscribers_;
  std::vector<Onlooker> onlookers_;
  std::vector<ClientPtr> customer_typists_;  // connectors that said that the customer types
};

}  // namespace inboxd::actors
