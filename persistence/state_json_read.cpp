// Reading what state_json.cpp and model/entry_json.cpp wrote.
#include "model/entry_json.hpp"
#include "model/shared_details.hpp"
#include "persistence/json_reader.hpp"
#include "persistence/state_json.hpp"

namespace inboxd::persistence {
namespace {

using namespace model;  // the whole file is about its types

Seq seq_of(JsonValue v) {
  return {v.natural()};
}
Offset offset_of(JsonValue v) {
  return {v.natural()};
}
Tag tag_of(JsonValue v) {
  return v.symbol<Tag>();
}
std::string str_of(JsonValue v) {
  return v.str();
}

// Entries.

FieldValue read_field_value(JsonValue v) {
  if (v.is_text()) return v.str();
  if (v.is_flag()) return v.flag();
  if (v.is_fraction()) return v.number();
  if (v.is_number()) return v.time();
  std::vector<std::string> items;
  v.each([&](JsonValue item) { items.push_back(item.str()); });
  return items;
}

Author read_author(JsonValue v) {
  return {v["kind"].name(author_kind_of), v.text_or_empty("id")};
}

PlatformError read_platform_error(JsonValue v) {
  return {v["code"].str(), v["message"].str()};
}

StatusReport read_report(JsonValue v) {
  return {v["status"].name(status_of), v["at"].time(), v.maybe("error", read_platform_error)};
}

Attachment read_attachment(JsonValue v) {
  return {v["url"].str(), v.text_or_empty("mime_type"), v.text_or_empty("name"),
          v.maybe("bytes", [](JsonValue b) { return b.integer(); })};
}

Location read_location(JsonValue v) {
  return {v["latitude"].number(), v["longitude"].number(), v.text_or_empty("name"),
          v.text_or_empty("address")};
}

Template read_template(JsonValue v) {
  return {v["name"].str(), v.text_or_empty("language"), v.list<std::string>("parameters", str_of)};
}

Message read_message(const JsonObject& v) {
  Message message;
  message.direction = v["direction"].name(direction_of);
  message.channel = v["channel"].symbol<ChannelId>();
  message.content.type = v["type"].name(message_type_of);
  message.content.text = v.text_or_empty("text");
  message.content.attachments = v.list<Attachment>("attachments", read_attachment);
  message.content.location = v.maybe("location", read_location);
  message.content.template_ = v.maybe("template", read_template);
  message.external_id = v.text_or_empty("external_id");
  message.statuses = v.list<StatusReport>("statuses", read_report);
  message.tag = v.text_or_empty("tag");
  message.client_id = v.text_or_empty("client_id");
  message.provider_id = v.text_or_empty("provider_id");
  message.platform_at = v.maybe_time("platform_at");
  return message;
}

Comment read_comment(const JsonObject& v) {
  return {v["text"].str(),
          v.list<AgentId>("mentions", [](JsonValue m) { return m.symbol<AgentId>(); }),
          v.text_or_empty("client_id")};
}

template <class Object>
Assignment read_assignment(const Object& v) {
  return {v.maybe("assignee", [](JsonValue a) { return a.symbol<AgentId>(); }),
          v.maybe("team", [](JsonValue t) { return t.symbol<TeamId>(); })};
}

/// `from` and `to` have the same members; custom fields stand together under `fields`.
void read_changes(JsonValue from, JsonValue to, const std::string& prefix,
                  std::vector<DetailChange>& changes) {
  from.each_member([&](std::string_view key, JsonValue value) {
    if (key == "fields" && value.is_object()) {
      read_changes(value, to[key], "fields.", changes);
      return;
    }
    DetailChange change{prefix + std::string(key), std::nullopt, to.maybe(key, read_field_value)};
    if (!value.is_null()) change.from = read_field_value(value);
    changes.push_back(std::move(change));
  });
}

EventData read_event_data(std::string_view event, JsonValue v) {
  if (event == "opened") return Opened{};
  if (event == "reopened") return Reopened{};
  if (event == "done") {
    return Done{v.maybe("note", [](JsonValue n) {
      return ClosingNote{n["category"].str(), n["summary"].str()};
    })};
  }
  if (event == "assigned") return Assigned{read_assignment(v["from"]), read_assignment(v["to"])};
  if (event == "unassigned") {
    return Unassigned{read_assignment(v["from"]), read_assignment(v["to"])};
  }
  if (event == "snoozed") {
    return Snoozed{v.maybe_time("from"), v["to"].time(), v["wake_on_inbound"].flag()};
  }
  if (event == "woke") return Woke{v["from"].time()};
  if (event == "updated") {
    Updated updated;
    read_changes(v["from"], v["to"], "", updated.changes);
    return updated;
  }
  if (event == "tagged")
    return Tagged{v.list<Tag>("added", tag_of), v.list<Tag>("removed", tag_of)};
  if (event == "blocked") return Blocked{};
  if (event == "unblocked") return Unblocked{};
  if (event == "merged") {
    return Merged{v["from"].contact(), seq_of(v["first"]), seq_of(v["last"])};
  }
  if (event == "channel_added") {
    return ChannelAdded{v["channel"].symbol<ChannelId>(), v["external_id"].str()};
  }
  throw FormatError("unknown event: " + std::string(event));
}

Entry read_entry(JsonValue value) {
  const JsonObject v(value);
  Entry entry;
  entry.seq = seq_of(v["seq"]);
  if (const auto offset = v.find("offset")) entry.offset = offset_of(*offset);
  entry.at = v["at"].time();
  entry.author = read_author(v["author"]);
  const auto kind = v["kind"].text();
  if (kind == "message") {
    entry.body = read_message(v);
  } else if (kind == "comment") {
    entry.body = read_comment(v);
  } else if (kind == "event") {
    entry.body =
        TimelineEvent{v["cause"].name(cause_of), read_event_data(v["event"].text(), v["data"])};
  } else {
    throw FormatError("unknown kind of entry: " + std::string(kind));
  }
  return entry;
}

// Contacts.

SeqSet read_seqs(const auto& v, std::string_view key) {
  SeqSet seqs;
  for (const auto seq : v.template list<Seq>(key, seq_of)) seqs.insert(seq);
  return seqs;
}

Details read_details(JsonValue value) {
  const JsonObject v(value);
  Details details{
      .first_name = v.text_or_empty("first_name"),
      .last_name = v.text_or_empty("last_name"),
      .phone = v.text_or_empty("phone"),
      .email = v.text_or_empty("email"),
      .language = v.text_or_empty("language"),
      .country = v.text_or_empty("country"),
      .avatar = v.text_or_empty("avatar"),
      .lifecycle = v.text_or_empty("lifecycle"),
      .fields = {},
  };
  if (const auto fields = v.find("fields")) {
    fields->each_member([&](std::string_view id, JsonValue value) {
      details.fields.emplace(FieldId(id), read_field_value(value));
    });
  }
  return details;
}

Identity read_identity(JsonValue v) {
  return {v["channel"].symbol<ChannelId>(), v["external_id"].str(), v.maybe_time("last_inbound_at"),
          static_cast<std::uint32_t>(
              v.maybe("sends", [](JsonValue n) { return n.natural(); }).value_or(0)),
          v.maybe_time("last_send_at")};
}

LastMessage read_last_message(JsonValue v) {
  return {seq_of(v["seq"]),
          v["at"].time(),
          v["direction"].name(direction_of),
          v["type"].name(message_type_of),
          v.text_or_empty("preview"),
          v.maybe("status", [](JsonValue s) { return s.name(status_of); })};
}

Contact read_contact(const JsonObject& v) {
  Contact c;
  c.id = v["id"].contact();
  c.version = {v["version"].natural()};
  c.changed_at = offset_of(v["changed_at"]);
  c.created_at = v["created_at"].time();
  c.details = share(read_details(v["details"]));
  c.tags = v.list<Tag>("tags", tag_of);
  c.priority =
      v.maybe("priority", [](JsonValue p) { return p.name(priority_of); }).value_or(Priority::none);
  c.identities = v.list<Identity>("identities", read_identity);

  c.status = v["status"].name(contact_status_of);
  c.assignment = read_assignment(v);
  c.snooze = v.maybe("snooze", [](JsonValue s) {
    return Snooze{s["until"].time(), s["wake_on_inbound"].flag()};
  });
  c.blocked = v.find("blocked").has_value();
  const auto conversation = v["conversation"];
  c.conversation = {conversation["number"].natural(), conversation["opened_at"].time(),
                    conversation.maybe_time("first_response_at"),
                    conversation.maybe_time("done_at")};
  c.merged_into = v.maybe("merged_into", [](JsonValue id) { return id.contact(); });
  c.merged_base = v.maybe("merged_base", seq_of).value_or(Seq{});

  c.last_seq = seq_of(v["last_seq"]);
  c.read_seq = seq_of(v["read_seq"]);
  c.unread = read_seqs(v, "unread");
  c.last_inbound_seq = v.maybe("last_inbound_seq", seq_of).value_or(Seq{});
  c.answered_seq = v.maybe("answered_seq", seq_of).value_or(Seq{});
  c.last_inbound_channel =
      v.maybe("last_inbound_channel", [](JsonValue ch) { return ch.symbol<ChannelId>(); });
  c.last_inbound_at = v.maybe_time("last_inbound_at");
  c.last_outbound_at = v.maybe_time("last_outbound_at");
  c.sort_at = v["sort_at"].time();
  c.waiting_since = v.maybe_time("waiting_since");
  c.last_message = v.maybe("last_message", read_last_message);
  return c;
}

// Workspaces.

Filter read_filter(JsonValue v);

FilterValue read_operand(JsonValue v) {
  if (v.is_text()) return v.str();
  if (v.is_flag()) return v.flag();
  if (v.is_number()) return v.number();
  std::vector<std::string> texts;
  std::vector<double> numbers;
  v.each([&](JsonValue item) {
    if (item.is_text()) {
      texts.push_back(item.str());
    } else {
      numbers.push_back(item.number());
    }
  });
  if (numbers.empty()) return texts;
  return numbers;
}

Filter read_leaf(JsonValue v) {
  constexpr std::string_view custom = "fields.";
  Filter leaf;
  leaf.kind = Filter::Kind::leaf;
  const auto field = v["field"].text();
  if (field.starts_with(custom)) {
    leaf.field = FilterField::custom;
    leaf.custom = FieldId(field.substr(custom.size()));
  } else {
    leaf.field = v["field"].name(filter_field_of);
  }
  leaf.op = v["op"].name(operator_of);
  if (const auto value = v.find("value")) leaf.value = read_operand(*value);
  return leaf;
}

Filter read_filter(JsonValue v) {
  Filter filter;
  if (v.find("all")) {
    filter.kind = Filter::Kind::all;
    filter.children = v.list<Filter>("all", read_filter);
  } else if (v.find("any")) {
    filter.kind = Filter::Kind::any;
    filter.children = v.list<Filter>("any", read_filter);
  } else if (const auto negated = v.find("not")) {
    filter.kind = Filter::Kind::negation;
    filter.children.push_back(read_filter(*negated));
  } else {
    return read_leaf(v);
  }
  return filter;
}

Agent read_agent(JsonValue v) {
  return {v["id"].symbol<AgentId>(),
          v["name"].str(),
          v.text_or_empty("email"),
          v["role"].name(role_of),
          v["visibility"].name(visibility_of),
          v.list<TeamId>("teams", [](JsonValue t) { return t.symbol<TeamId>(); })};
}

Throughput read_throughput(JsonValue v) {
  return {static_cast<std::uint32_t>(v["count"].natural()), Duration{v["per_ms"].integer()},
          static_cast<std::uint32_t>(v["burst"].natural())};
}

Redelivery read_redelivery(JsonValue v) {
  return {static_cast<std::uint32_t>(v["attempts"].natural()), Duration{v["delay_ms"].integer()},
          Duration{v["delay_max_ms"].integer()}, Duration{v["ack_timeout_ms"].integer()}};
}

Channel read_channel(JsonValue v) {
  Channel channel{v["id"].symbol<ChannelId>(), v["kind"].name(channel_kind_of), v["name"].str(),
                  v.maybe("window_ms", [](JsonValue w) { return Duration{w.integer()}; }),
                  std::nullopt};
  channel.rate = v.maybe("rate", read_throughput);
  channel.customer_rate = v.maybe("customer_rate", read_throughput);
  channel.retry = v.maybe("retry", read_redelivery);
  if (const auto paused = v.find("paused")) channel.paused = paused->flag();
  if (v.find("origins")) channel.origins = v.list<std::string>("origins", str_of);
  if (const auto statuses = v.find("statuses")) {
    StatusSet set;
    statuses->each([&](JsonValue s) { set = set.with(s.name(status_of)); });
    channel.statuses = set;
  }
  return channel;
}

CustomField read_field(JsonValue v) {
  return {v["id"].symbol<FieldId>(), v["name"].str(), v["type"].name(field_type_of),
          v.list<std::string>("options", str_of)};
}

Policy read_policy(JsonValue v) {
  return {v["unassign_on_done"].flag(), v["assign_on_reply"].flag(), v["reopen_on_inbound"].flag(),
          v["wake_on_inbound"].flag()};
}

Principal read_principal(JsonValue v) {
  return {v["kind"].name(principal_kind_of), v["id"].str(), v["role"].name(role_of),
          v.maybe("channel", [](JsonValue c) { return c.symbol<ChannelId>(); })};
}

WorkspaceEvent read_workspace_event(JsonValue v) {
  if (const auto agent = v.find("agent")) return PutAgent{read_agent(*agent)};
  if (const auto id = v.find("agent_removed")) return RemoveAgent{id->symbol<AgentId>()};
  if (const auto team = v.find("team")) {
    return PutTeam{{(*team)["id"].symbol<TeamId>(), (*team)["name"].str()}};
  }
  if (const auto channel = v.find("channel")) return PutChannel{read_channel(*channel)};
  if (const auto field = v.find("field")) return PutField{read_field(*field)};
  if (const auto policy = v.find("policy")) return PolicyChanged{read_policy(*policy)};
  if (const auto view = v.find("view")) {
    return PutView{{(*view)["view"].symbol<ViewId>(), (*view)["name"].str(),
                    read_filter((*view)["filter"]), (*view)["sort"].name(sort_of),
                    (*view)["visibility"].name(sharing_of), read_principal(v["owner"])},
                   v.find("create").has_value()};
  }
  if (const auto id = v.find("view_deleted")) return DeleteView{id->symbol<ViewId>()};
  throw FormatError("unknown change of a workspace");
}

// Records.

Event read_event(JsonValue v, Offset offset) {
  if (const auto e = v.find("entry")) {
    auto entry = read_entry(*e);
    entry.offset = offset;
    return EntryAppended{std::move(entry)};
  }
  if (const auto seq = v.find("read")) return ReadMoved{seq_of(*seq)};
  if (const auto s = v.find("status")) {
    return StatusReported{seq_of((*s)["seq"]), read_report(*s), s->text_or_empty("provider_id")};
  }
  if (const auto id = v.find("created")) return Created{id->contact()};
  if (const auto i = v.find("linked")) {
    return IdentityLinked{(*i)["channel"].symbol<ChannelId>(), (*i)["external_id"].str()};
  }
  if (const auto d = v.find("details")) return DetailsFilled{read_details(*d)};
  if (const auto l = v.find("labelled")) {
    return Labelled{l->list<Tag>("tags", tag_of), (*l)["priority"].name(priority_of)};
  }
  if (const auto t = v.find("took_over")) {
    return TookOver{seq_of((*t)["base"]), read_contact(JsonObject((*t)["secondary"])),
                    read_seqs(*t, "read_inbound")};
  }
  if (const auto m = v.find("merged_into")) {
    return MergedInto{(*m)["primary"].contact(), seq_of((*m)["base"])};
  }
  throw FormatError("unknown change of a contact");
}

RecordBody read_body(JsonValue v, Offset offset) {
  if (v.find("contacts")) {
    return ContactsChanged{v.list<ContactChange>("contacts", [&](JsonValue c) {
      return ContactChange{c["contact"].contact(), c.list<Event>("events", [&](JsonValue e) {
                             return read_event(e, offset);
                           })};
    })};
  }
  if (v.find("workspace")) {
    return WorkspaceChanged{
        v.list<WorkspaceEvent>("workspace", [](JsonValue e) { return read_workspace_event(e); })};
  }
  if (v.find("created")) return WorkspaceCreated{};
  if (v.find("tick")) return Tick{};
  throw FormatError("unknown record");
}

}  // namespace

Record read_record(std::string_view body, Offset offset, Timestamp at) {
  const auto v = parse_json(body);
  return {offset, at, v["ws"].symbol<WorkspaceId>(), read_body(v, offset)};
}

std::pair<WorkspaceId, Contact> read_contact_state(std::string_view json) {
  const JsonObject v(parse_json(json));
  return {v["ws"].symbol<WorkspaceId>(), read_contact(v)};
}

Entry read_entry(std::string_view json) {
  return read_entry(parse_json(json));
}

WorkspaceEvent read_workspace_event(std::string_view json) {
  return read_workspace_event(parse_json(json));
}

}  // namespace inboxd::persistence
