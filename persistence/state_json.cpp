#include "persistence/state_json.hpp"

#include "model/entry_json.hpp"
#include "model/json.hpp"
#include "model/overload.hpp"
#include "model/workspace_json.hpp"

namespace inboxd::persistence {
namespace {

using namespace model;  // the whole file is about its types
using json::Object;
using json::write;
using json::write_each;

void write_tags(std::string& out, const std::vector<Tag>& tags) {
  write_each(out, tags, [&](const Tag& t) { write(out, t); });
}

/// A list of numbers.
void write_seqs(std::string& out, const SeqSet& seqs) {
  out += '[';
  seqs.for_each([&](Seq seq) {
    if (out.back() != '[') out += ',';
    write(out, seq);
  });
  out += ']';
}

void write_details(std::string& out, const Details& details) {
  Object object(out);
  object.maybe("first_name", details.first_name)
      .maybe("last_name", details.last_name)
      .maybe("phone", details.phone)
      .maybe("email", details.email)
      .maybe("language", details.language)
      .maybe("country", details.country)
      .maybe("avatar", details.avatar)
      .maybe("lifecycle", details.lifecycle);
  if (details.fields.empty()) return;
  Object fields(object.key("fields"));
  for (const auto& [id, value] : details.fields) write_field_value(fields.key(id.str()), value);
}

void write_identity(std::string& out, const Identity& identity) {
  Object object(out);
  object("channel", identity.channel)("external_id", identity.external_id)
      .maybe("last_inbound_at", identity.last_inbound_at);
  if (identity.sends_since_inbound > 0) object("sends", identity.sends_since_inbound);
  object.maybe("last_send_at", identity.last_send_at);
}

void write_last_message(std::string& out, const LastMessage& last) {
  Object object(out);
  object("seq", last.seq)("at", last.at)("direction", name_of(last.direction))("type",
                                                                               name_of(last.type))
      .maybe("preview", last.preview);
  if (last.status) object("status", name_of(*last.status));
}

void write_conversation(std::string& out, const Conversation& conversation) {
  Object{out}("number", conversation.number)("opened_at", conversation.opened_at)
      .maybe("first_response_at", conversation.first_response_at)
      .maybe("done_at", conversation.done_at);
}

/// What the contact is, and how it stands.
void write_state(Object& object, const Contact& c) {
  object("status", name_of(c.status))
      .maybe("assignee", c.assignment.assignee)
      .maybe("team", c.assignment.team);
  if (c.snooze) {
    Object{object.key("snooze")}("until", c.snooze->until)("wake_on_inbound",
                                                           c.snooze->wake_on_inbound);
  }
  if (c.blocked) object("blocked", true);
  write_conversation(object.key("conversation"), c.conversation);
  if (c.merged_into) object("merged_into", *c.merged_into)("merged_base", c.merged_base);
}

/// What its timeline says.
void write_positions(Object& object, const Contact& c) {
  object("last_seq", c.last_seq)("read_seq", c.read_seq);
  if (!c.unread.empty()) {
    write_seqs(object.key("unread"), c.unread);
  }
  if (c.last_inbound_seq.value > 0) object("last_inbound_seq", c.last_inbound_seq);
  if (c.answered_seq.value > 0) object("answered_seq", c.answered_seq);
  object.maybe("last_inbound_channel", c.last_inbound_channel)
      .maybe("last_inbound_at", c.last_inbound_at)
      .maybe("last_outbound_at", c.last_outbound_at);
  object("sort_at", c.sort_at).maybe("waiting_since", c.waiting_since);
  if (c.last_message) write_last_message(object.key("last_message"), *c.last_message);
}

void write_contact_members(Object& object, std::string& out, const Contact& c) {
  object("id", c.id)("version", c.version)("changed_at", c.changed_at)("created_at", c.created_at);
  write_details(object.key("details"), *c.details);
  if (!c.tags.empty()) write_tags(object.key("tags"), c.tags);
  if (c.priority != Priority::none) object("priority", name_of(c.priority));
  write_each(object.key("identities"), c.identities,
             [&](const Identity& i) { write_identity(out, i); });
  write_state(object, c);
  write_positions(object, c);
}

void write_status_reported(std::string& out, const StatusReported& reported) {
  Object object(out);
  object("seq", reported.seq)("status", name_of(reported.report.status))("at", reported.report.at);
  if (reported.report.error) {
    Object{object.key("error")}("code", reported.report.error->code)(
        "message", reported.report.error->message);
  }
  object.maybe("provider_id", reported.provider_id);
}

void write_entry_body(std::string& out, ContactId contact, const Entry& entry) {
  write_entry_open(out, contact, entry);
  out += '}';
}

void write_event(std::string& out, ContactId contact, const Event& event) {
  Object object(out);
  std::visit(
      overload{
          [&](const EntryAppended& e) { write_entry_body(object.key("entry"), contact, e.entry); },
          [&](const Created& c) { object("created", c.id); },
          [&](const IdentityLinked& i) {
            Object{object.key("linked")}("channel", i.channel)("external_id", i.external_id);
          },
          [&](const DetailsFilled& d) { write_details(object.key("details"), d.details); },
          [&](const Labelled& l) {
            Object labels(object.key("labelled"));
            write_tags(labels.key("tags"), l.tags);
            labels("priority", name_of(l.priority));
          },
          [&](const ReadMoved& r) { object("read", r.read_seq); },
          [&](const StatusReported& s) { write_status_reported(object.key("status"), s); },
          [&](const TookOver& t) {
            Object took(object.key("took_over"));
            took("base", t.base);
            if (!t.read_inbound.empty()) {
              write_seqs(took.key("read_inbound"), t.read_inbound);
            }
            Object secondary(took.key("secondary"));
            write_contact_members(secondary, out, t.secondary);
          },
          [&](const MergedInto& m) {
            Object{object.key("merged_into")}("primary", m.primary)("base", m.base);
          },
      },
      event);
}

/// Bodies that are not about contacts.
void write_other_body(std::string& out, const WorkspaceId& workspace, const RecordBody& body) {
  Object object(out);
  object("ws", workspace);
  std::visit(overload{
                 [&](const WorkspaceChanged& w) {
                   write_each(object.key("workspace"), w.events, [&](const WorkspaceEvent& e) {
                     persistence::write_workspace_event(out, e);
                   });
                 },
                 [&](const WorkspaceCreated&) { object("created", true); },
                 [&](const Tick&) { object("tick", true); },
                 [&](const ContactsChanged&) {},
             },
             body);
}

}  // namespace

void write_contact_state(std::string& out, const WorkspaceId& workspace, const Contact& contact) {
  Object object(out);
  object("ws", workspace);
  write_contact_members(object, out, contact);
}

void write_workspace_event(std::string& out, const WorkspaceEvent& event) {
  Object object(out);
  std::visit(overload{
                 [&](const PutAgent& p) { write_agent(object.key("agent"), p.agent); },
                 [&](const RemoveAgent& r) { object("agent_removed", r.id); },
                 [&](const PutTeam& p) { write_team(object.key("team"), p.team); },
                 [&](const PutChannel& p) { write_channel(object.key("channel"), p.channel); },
                 [&](const PutField& p) { write_field(object.key("field"), p.field); },
                 [&](const PolicyChanged& p) { write_policy(object.key("policy"), p.policy); },
                 [&](const PutView& p) {
                   write_view_definition(object.key("view"), p.view);
                   // The wire's owner has no role.
                   write_principal(object.key("owner"), p.view.owner);
                   if (p.create) object("create", true);
                 },
                 [&](const DeleteView& d) { object("view_deleted", d.id); },
             },
             event);
}

std::string write_record_body(const WorkspaceId& workspace, const RecordBody& body) {
  if (const auto* changed = std::get_if<ContactsChanged>(&body)) {
    RecordWriter writer(workspace);
    for (const auto& change : changed->changes) {
      writer.contact(change.contact);
      for (const auto& event : change.events) writer.event(event);
    }
    return std::move(writer).finish();
  }
  std::string out;
  write_other_body(out, workspace, body);
  return out;
}

RecordWriter::RecordWriter(const WorkspaceId& workspace) {
  out_ = "{\"ws\":";
  write(out_, workspace);
  out_ += ",\"contacts\":[";
}

RecordWriter& RecordWriter::contact(ContactId id) {
  if (any_contact_) out_ += "]},";
  any_contact_ = true;
  any_event_ = false;
  contact_ = id;
  out_ += "{\"contact\":";
  write(out_, id);
  out_ += ",\"events\":[";
  return *this;
}

void RecordWriter::next_event() {
  if (any_event_) out_ += ',';
  any_event_ = true;
}

RecordWriter& RecordWriter::entry(std::string_view open) {
  next_event();
  out_ += "{\"entry\":";
  out_ += open;
  out_ += "}}";
  return *this;
}

RecordWriter& RecordWriter::event(const Event& event) {
  next_event();
  write_event(out_, contact_, event);
  return *this;
}

std::string RecordWriter::finish() && {
  out_ += any_contact_ ? "]}]}" : "]}";
  return std::move(out_);
}

}  // namespace inboxd::persistence
