#include "model/entry_json.hpp"

#include "model/json.hpp"
#include "model/overload.hpp"

namespace inboxd::model {
namespace {

using json::Object;
using json::write;
using json::write_each;

void write_author(std::string& out, const Author& author) {
  Object object(out);
  object("kind", name_of(author.kind));
  if (author.kind == AuthorKind::system) {
    object("id", nullptr);
  } else {
    object("id", author.id);
  }
}

void write_attachment(std::string& out, const Attachment& attachment) {
  Object{out}("url", attachment.url)
      .maybe("mime_type", attachment.mime_type)
      .maybe("name", attachment.name)
      .maybe("bytes", attachment.bytes);
}

void write_location(std::string& out, const Location& location) {
  Object{out}("latitude", location.latitude)("longitude", location.longitude)
      .maybe("name", location.name)
      .maybe("address", location.address);
}

void write_template(std::string& out, const Template& t) {
  Object object(out);
  object("name", t.name).maybe("language", t.language);
  write_each(object.key("parameters"), t.parameters, [&](const std::string& p) { write(out, p); });
}

void write_report(std::string& out, const StatusReport& report) {
  Object object(out);
  object("status", name_of(report.status))("at", report.at);
  if (report.error) {
    Object{object.key("error")}("code", report.error->code)("message", report.error->message);
  }
}

void write_message(Object& object, std::string& out, const Message& message) {
  object("direction", name_of(message.direction))("channel", message.channel);
  write_content(object, message.content);
  if (message.direction == Direction::out) {
    object("status", name_of(message.status()));
    write_each(object.key("statuses"), message.statuses,
               [&](const StatusReport& r) { write_report(out, r); });
  }
  object.maybe("tag", message.tag)
      .maybe("external_id", message.external_id)
      .maybe("client_id", message.client_id)
      .maybe("provider_id", message.provider_id)
      .maybe("platform_at", message.platform_at);
}

void write_comment(Object& object, std::string& out, const Comment& comment) {
  object("text", comment.text);
  write_each(object.key("mentions"), comment.mentions, [&](const AgentId& a) { write(out, a); });
  object.maybe("client_id", comment.client_id);
}

void write_from_to(Object& data, const Assignment& from, const Assignment& to) {
  write_assignment(data.key("from"), from);
  write_assignment(data.key("to"), to);
}

/// One side of an `updated`: every changed key, null where the detail was or is absent; custom
/// fields together under `fields`, as in `contact.update`.
void write_changes(std::string& out, const std::vector<DetailChange>& changes,
                   DetailValue DetailChange::*side) {
  constexpr std::string_view custom = "fields.";
  const auto write_value = [&](const DetailValue& value) {
    if (value) {
      write_field_value(out, *value);
    } else {
      out += "null";
    }
  };
  Object object(out);
  bool any_custom = false;
  for (const auto& change : changes) {
    if (change.key.starts_with(custom)) {
      any_custom = true;
    } else {
      object.key(change.key);
      write_value(change.*side);
    }
  }
  if (!any_custom) return;
  Object fields(object.key("fields"));
  for (const auto& change : changes) {
    if (!change.key.starts_with(custom)) continue;
    fields.key(std::string_view(change.key).substr(custom.size()));
    write_value(change.*side);
  }
}

void write_tags(std::string& out, const std::vector<Tag>& tags) {
  write_each(out, tags, [&](const Tag& t) { write(out, t); });
}

/// S42.
void write_event_data(std::string& out, const EventData& data) {
  Object object(out);
  std::visit(overload{
                 [&](const Opened&) { object("from", nullptr)("to", "open"); },
                 [&](const Reopened&) { object("from", "done")("to", "open"); },
                 [&](const Done& done) {
                   object("from", "open")("to", "done");
                   if (done.note) {
                     Object{object.key("note")}("category", done.note->category)(
                         "summary", done.note->summary);
                   }
                 },
                 [&](const Assigned& a) { write_from_to(object, a.from, a.to); },
                 [&](const Unassigned& u) { write_from_to(object, u.from, u.to); },
                 [&](const Snoozed& s) {
                   object("from", s.from)("to", s.to)("wake_on_inbound", s.wake_on_inbound);
                 },
                 [&](const Woke& w) { object("from", w.from)("to", nullptr); },
                 [&](const Updated& u) {
                   write_changes(object.key("from"), u.changes, &DetailChange::from);
                   write_changes(object.key("to"), u.changes, &DetailChange::to);
                 },
                 [&](const Tagged& t) {
                   write_tags(object.key("added"), t.added);
                   write_tags(object.key("removed"), t.removed);
                 },
                 [&](const Blocked&) { object("from", false)("to", true); },
                 [&](const Unblocked&) { object("from", true)("to", false); },
                 [&](const Merged& m) { object("from", m.from)("first", m.first)("last", m.last); },
                 [&](const ChannelAdded& c) {
                   object("channel", c.channel)("external_id", c.external_id);
                 },
             },
             data);
}

void write_event(Object& object, std::string& out, const TimelineEvent& event) {
  object("event", name_of(event.data))("cause", name_of(event.cause));
  object.key("data");
  write_event_data(out, event.data);
}

}  // namespace

void write_assignment(std::string& out, const Assignment& assignment) {
  Object{out}("assignee", assignment.assignee)("team", assignment.team);
}

void write_field_value(std::string& out, const FieldValue& value) {
  std::visit(overload{
                 [&](double number) {
                   const auto start = out.size();
                   write(out, number);
                   const auto text = std::string_view(out).substr(start);
                   if (text.find_first_of(".en") == std::string_view::npos) out += ".0";
                 },
                 [&](const std::vector<std::string>& list) {
                   write_each(out, list, [&](const std::string& item) { write(out, item); });
                 },
                 [&](const auto& plain) { write(out, plain); },
             },
             value);
}

void write_content(Object& object, const Content& content) {
  object("type", name_of(content.type)).maybe("text", content.text);
  if (!content.attachments.empty()) {
    auto& out = object.key("attachments");
    write_each(out, content.attachments, [&](const Attachment& a) { write_attachment(out, a); });
  }
  if (content.location) write_location(object.key("location"), *content.location);
  if (content.template_) write_template(object.key("template"), *content.template_);
}

void write_entry_open(std::string& out, ContactId contact, const Entry& entry) {
  {
    Object object(out);
    object("contact", contact)("seq", entry.seq)("at", entry.at);
    const auto open = [&](std::string_view kind) {
      object("kind", kind);
      write_author(object.key("author"), entry.author);
    };
    std::visit(overload{
                   [&](const Message& m) { open("message"), write_message(object, out, m); },
                   [&](const Comment& c) { open("comment"), write_comment(object, out, c); },
                   [&](const TimelineEvent& e) { open("event"), write_event(object, out, e); },
               },
               entry.body);
  }
  out.pop_back();  // the brace, which `close_entry` writes
}

void close_entry(std::string& out, Offset offset) {
  out += ",\"offset\":";
  write(out, offset);
  out += '}';
}

void write_entry(std::string& out, ContactId contact, const Entry& entry) {
  write_entry_open(out, contact, entry);
  close_entry(out, entry.offset);
}

}  // namespace inboxd::model
