#include "model/contact_json.hpp"

#include "model/decide.hpp"
#include "model/entry_json.hpp"
#include "model/json.hpp"
#include "model/row.hpp"
#include "model/row_json.hpp"

namespace inboxd::model {
namespace {

using json::Object;
using json::write;

/// Nothing known is null.
void write_detail(std::string& out, std::string_view key, const std::string& text) {
  out += ",\"";
  out += key;
  out += "\":";
  if (text.empty()) {
    out += "null";
  } else {
    write(out, text);
  }
}

void write_details(std::string& out, const Details& details) {
  write_detail(out, "first_name", details.first_name);
  write_detail(out, "last_name", details.last_name);
  write_detail(out, "phone", details.phone);
  write_detail(out, "email", details.email);
  write_detail(out, "language", details.language);
  write_detail(out, "country", details.country);
  write_detail(out, "avatar", details.avatar);
  write_detail(out, "lifecycle", details.lifecycle);
  out += ",\"fields\":";
  Object fields(out);
  for (const auto& [id, value] : details.fields) write_field_value(fields.key(id.str()), value);
}

void write_identity(std::string& out, const Identity& identity, const Workspace& workspace,
                    Timestamp now) {
  const auto* channel = workspace.channel(identity.channel);
  Object object(out);
  object("channel", identity.channel);
  if (channel == nullptr) {
    object("kind", nullptr);
  } else {
    object("kind", name_of(channel->kind));
  }
  object("external_id", identity.external_id)("last_inbound_at", identity.last_inbound_at);
  const auto window = channel == nullptr ? WindowState{} : window_of(identity, *channel, now);
  Object{object.key("window")}("open", window.open)("closes_at", window.closes_at);
}

void write_conversation(std::string& out, const Conversation& conversation) {
  Object{out}("number", conversation.number)("opened_at", conversation.opened_at)(
      "first_response_at", conversation.first_response_at)("done_at", conversation.done_at);
}

template <class T>
void write_member(std::string& out, std::string_view key, T value) {
  out += ",\"";
  out += key;
  out += "\":";
  write(out, value);
}

}  // namespace

void write_contact(std::string& out, const Contact& contact, const Workspace& workspace,
                   Timestamp now) {
  write_row(out, make_row(contact, workspace.channels));
  out.pop_back();  // the row's brace: the object goes on
  write_details(out, *contact.details);
  out += ",\"channels\":";
  json::write_each(out, contact.identities, [&](const Identity& identity) {
    write_identity(out, identity, workspace, now);
  });
  out += ",\"conversation\":";
  write_conversation(out, contact.conversation);
  write_member(out, "last_seq", contact.last_seq);
  write_member(out, "read_seq", contact.read_seq);
  write_member(out, "created_at", contact.created_at);
  out += '}';
}

}  // namespace inboxd::model
