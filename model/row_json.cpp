#include "model/row_json.hpp"

#include "model/json.hpp"

namespace inboxd::model {
namespace {

void write_last_message(std::string& out, const LastMessage& message) {
  json::Object object(out);
  object("seq", message.seq)("at", message.at)("direction", name_of(message.direction))(
      "type", name_of(message.type))("preview", message.preview);
  auto& status = object.key("status");
  if (message.status) {
    json::write(status, name_of(*message.status));
  } else {
    json::write(status, nullptr);
  }
}

}  // namespace

void write_row(std::string& out, const Row& row) {
  json::Object object(out);
  object("id", row.id)("version", row.version)("name", row.name)("channel", row.channel);
  auto& kind = object.key("channel_kind");
  if (row.channel) {
    json::write(kind, name_of(row.channel_kind));
  } else {
    json::write(kind, nullptr);
  }
  object("status", name_of(row.status))("assignee", row.assignment.assignee)(
      "team", row.assignment.team)("snoozed_until", row.snoozed_until)("unread", row.unread)(
      "priority", name_of(row.priority));
  auto& tags = object.key("tags");
  json::write_each(tags, row.tags, [&tags](const Tag& tag) { json::write(tags, tag); });
  object("blocked", row.blocked)("waiting_since", row.waiting_since)("sort_at", row.sort_at);
  auto& last = object.key("last_message");
  if (row.last_message) {
    write_last_message(last, *row.last_message);
  } else {
    json::write(last, nullptr);
  }
}

}  // namespace inboxd::model
