// What agents and services do with contacts.
#include <algorithm>

#include "net/kinds.hpp"
#include "net/methods.hpp"

namespace inboxd::net {
namespace {

using namespace kinds;
using actors::Request;
using model::Result;
namespace request = actors::request;

constexpr std::string_view contact_doc = "The contact.";
constexpr std::string_view expect_doc =
    "Refuse with `conflict` unless this is the contact's version.";

/// What all commands on a contact take.
struct OnContactParams {
  model::ContactId contact;
  std::optional<model::Version> expect_version;
};

template <class P>
Define<P> on_contact(std::string_view name, std::string_view doc) {
  return Define<P>(name, access::people, doc)
      .template required<&P::contact, ContactRef>("contact", contact_doc)
      .template optional<&P::expect_version, VersionNumber>("expect_version", expect_doc);
}

template <class P>
Call command(const P& p, model::Command command) {
  return Request(request::OnContact{p.contact, std::move(command), p.expect_version});
}

/// A command that is nothing but its name.
template <class Command>
Method plain(std::string_view name, std::string_view doc) {
  struct P : OnContactParams {};
  return Define<P>(name, access::people, doc)
      .template required<&OnContactParams::contact, ContactRef>("contact", contact_doc)
      .template optional<&OnContactParams::expect_version, VersionNumber>("expect_version",
                                                                          expect_doc)
      .result(INBOXD_SCHEMA("Changed"), "Where the contact is now.")
      .make([](P&& p, In&) -> Result<Call> { return command(p, Command{}); });
}

struct CreateParams {
  std::optional<std::string> first_name, last_name, phone, email, language, country, avatar,
      lifecycle;
  std::optional<model::Priority> priority;
  std::map<model::FieldId, std::optional<model::FieldValue>> fields;
  std::vector<std::string> tags;
  std::vector<model::ExternalIdentity> channels;
};

Result<Call> make_create(CreateParams&& p, In&) {
  request::CreateContact create;
  auto& set = create.command.set;
  const auto patch = [](auto& place, auto& value) {
    if (value) place = std::move(value);
  };
  patch(set.first_name, p.first_name);
  patch(set.last_name, p.last_name);
  patch(set.phone, p.phone);
  patch(set.email, p.email);
  patch(set.language, p.language);
  patch(set.country, p.country);
  patch(set.avatar, p.avatar);
  patch(set.lifecycle, p.lifecycle);
  patch(set.priority, p.priority);
  set.fields = std::move(p.fields);
  create.command.tags = std::move(p.tags);
  create.command.channels = std::move(p.channels);
  return Request(std::move(create));
}

Method create() {
  using P = CreateParams;
  return Define<P>("contact.create", access::people, "Makes a contact: open, unassigned (S16).")
      .optional<&P::first_name, Detail>("first_name", "Given name.")
      .optional<&P::last_name, Detail>("last_name", "Family name.")
      .optional<&P::phone, Detail>("phone", "E.164.")
      .optional<&P::email, Detail>("email", "Address.")
      .optional<&P::language, Detail>("language", "BCP 47, such as `es` or `pt-BR`.")
      .optional<&P::country, Detail>("country", "ISO 3166-1 alpha-2.")
      .optional<&P::avatar, Text<limits::url_bytes_max>>("avatar", "A URL.")
      .optional<&P::lifecycle, Detail>("lifecycle", "Where the customer stands, such as `lead`.")
      .optional<&P::priority, PriorityName>("priority", "`none` if absent.")
      .optional<&P::fields, FieldsSet>("fields", "Custom fields by id.")
      .optional<&P::tags, Tags>("tags", "Tags to begin with.")
      .optional<&P::channels, Identities>(
          "channels", "The customer's accounts; a taken pair is a `conflict` with its `contact`.")
      .result(INBOXD_SCHEMA("ContactChanged"), "The new contact.")
      .make(make_create);
}

struct GetParams {
  model::ContactId contact;
};

Method get() {
  using P = GetParams;
  return Define<P>("contact.get", access::people, "A contact as it is.")
      .required<&P::contact, ContactRef>("contact", contact_doc)
      .result(INBOXD_SCHEMA("ContactAt"), "The contact, exact at `offset`.")
      .make([](P&& p, In&) -> Result<Call> { return Request(request::GetContact{p.contact}); });
}

struct UpdateParams {
  model::ContactId contact;
  std::optional<model::Version> expect_version;
  model::DetailsPatch set;
  std::vector<std::string> tags_add, tags_remove;
  std::vector<model::ExternalIdentity> channels_add;
};

Result<Call> make_update(UpdateParams&& p, In&) {
  for (std::size_t i = 0; i < p.tags_remove.size(); ++i) {
    if (std::find(p.tags_add.begin(), p.tags_add.end(), p.tags_remove[i]) != p.tags_add.end()) {
      return model::invalid("tags_remove[" + std::to_string(i) + "]",
                            "The tag is in `tags_add` too.");
    }
  }
  return command(p, model::UpdateContact{std::move(p.set), std::move(p.tags_add),
                                         std::move(p.tags_remove), std::move(p.channels_add)});
}

Method update() {
  using P = UpdateParams;
  return on_contact<P>("contact.update", "Changes details, tags and channel accounts (S15).")
      .optional<&P::set, DetailsSet>("set", "Details to change: null clears, absent leaves alone.")
      .optional<&P::tags_add, Tags>("tags_add", "Tags to add.")
      .optional<&P::tags_remove, Tags>("tags_remove", "Tags to take away.")
      .optional<&P::channels_add, Identities>("channels_add", "Accounts to add.")
      .result(INBOXD_SCHEMA("ContactChanged"), "The contact after.")
      .make(make_update);
}

struct AssignParams {
  model::ContactId contact;
  std::optional<model::Version> expect_version;
  std::optional<model::AgentId> assignee;
  std::optional<model::TeamId> team;
};

Method assign() {
  using P = AssignParams;
  return on_contact<P>("contact.assign",
                       "Sets assignee and team, both: absent or null is none (S15, S18).")
      .optional<&P::assignee, Ref<model::AgentId>>("assignee", "An agent, or null.")
      .optional<&P::team, Ref<model::TeamId>>("team", "A team, or null.")
      .result(INBOXD_SCHEMA("Changed"), "Where the contact is now.")
      .make([](P&& p, In&) -> Result<Call> {
        return command(p, model::AssignContact{{p.assignee, p.team}});
      });
}

struct DoneParams {
  model::ContactId contact;
  std::optional<model::Version> expect_version;
  std::optional<model::ClosingNote> note;
};

Method done() {
  using P = DoneParams;
  return on_contact<P>("contact.done", "Marks the contact done (R3).")
      .optional<&P::note, NoteObject>("note", "A closing note.")
      .result(INBOXD_SCHEMA("Changed"), "Where the contact is now.")
      .make([](P&& p, In&) -> Result<Call> {
        return command(p, model::MarkDone{std::move(p.note)});
      });
}

struct SnoozeParams {
  model::ContactId contact;
  std::optional<model::Version> expect_version;
  model::Timestamp until;
  bool wake_on_inbound = true;
};

Method snooze() {
  using P = SnoozeParams;
  return on_contact<P>("contact.snooze", "Puts the contact away until a time (R4).")
      .required<&P::until, Time>("until", "When it comes back; after now.")
      .optional<&P::wake_on_inbound, Flag>("wake_on_inbound",
                                           "Whether a message wakes it before; true if absent.")
      .result(INBOXD_SCHEMA("Changed"), "Where the contact is now.")
      .make([](P&& p, In&) -> Result<Call> {
        return command(p, model::SnoozeContact{p.until, p.wake_on_inbound});
      });
}

struct ReadParams {
  model::ContactId contact;
  std::optional<model::Version> expect_version;
  std::optional<model::Seq> up_to_seq;
};

Method read() {
  using P = ReadParams;
  return on_contact<P>("contact.read", "Moves the read position (R11, S13).")
      .optional<&P::up_to_seq, SeqOrZero>("up_to_seq", "The last entry read; absent: the last.")
      .result(INBOXD_SCHEMA("Changed"), "Where the contact is now.")
      .make([](P&& p, In&) -> Result<Call> { return command(p, model::MarkRead{p.up_to_seq}); });
}

struct MergeParams {
  model::ContactId contact, from;
  std::optional<model::Version> expect_version;
};

Method merge() {
  using P = MergeParams;
  return on_contact<P>("contact.merge", "Moves all of another contact under this one (R14, S23).")
      .required<&P::from, ContactRef>("from", "The contact that goes.")
      .result(INBOXD_SCHEMA("Changed"), "Where the contact is now.")
      .make([](P&& p, In&) -> Result<Call> {
        return Request(request::MergeContact{p.contact, p.from, p.expect_version});
      });
}

}  // namespace

std::vector<Method> contact_methods() {
  std::vector<Method> m;
  m.push_back(create());
  m.push_back(get());
  m.push_back(update());
  m.push_back(assign());
  m.push_back(done());
  m.push_back(plain<model::ReopenContact>("contact.reopen", "Opens a done contact again."));
  m.push_back(snooze());
  m.push_back(plain<model::WakeContact>("contact.wake", "Ends a snooze now."));
  m.push_back(read());
  m.push_back(plain<model::MarkUnread>("contact.unread",
                                       "Makes the last inbound message unread again (S13)."));
  m.push_back(plain<model::BlockContact>("contact.block",
                                         "Keeps the contact out of every list "
                                         "but `blocked` (R12, S21)."));
  m.push_back(plain<model::UnblockContact>("contact.unblock", "Takes the block away."));
  m.push_back(merge());
  return m;
}

}  // namespace inboxd::net
