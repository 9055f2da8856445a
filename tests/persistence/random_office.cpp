#include "tests/persistence/random_office.hpp"

#include <algorithm>

#include "model/decide.hpp"
#include "model/event.hpp"
#include "model/renumber.hpp"

namespace inboxd::tests {

using namespace model;

namespace {

const Principal ana{PrincipalKind::agent, "ana", Role::manager, std::nullopt};
const Principal connector{PrincipalKind::connector, "whatsapp-1", Role::agent,
                          ChannelId("whatsapp-1")};

}  // namespace

std::string RandomOffice::text() {
  static const std::vector<std::string> words{
      "hola", "pedido", "¿dónde?", "gracias", "\"q\"",         "\n", "日本語", "😀",
      "a\\b", "\t",     "offset",  "{}",      ",\"offset\":7}"};
  std::string text = "m";
  for (auto n = below(12); n-- > 0;) text += ' ' + words[below(words.size())];
  return text;
}

Record RandomOffice::commit() {
  now = now + Duration{static_cast<std::int64_t>(below(5000))};
  if (last.value < 6) return setup();
  for (;;) {
    std::optional<Record> made;
    switch (below(40)) {
      case 0: made = try_merge(); break;
      case 1: made = change_workspace(); break;
      case 2: made = record(Tick{}); break;
      default: made = try_command();
    }
    if (made) return *std::move(made);
  }
}

Record RandomOffice::setup() {
  const auto put = [&](WorkspaceEvent event) {
    model::apply(workspace, event);
    return record(WorkspaceChanged{{std::move(event)}});
  };
  switch (last.value) {
    case 0: return record(WorkspaceCreated{});
    case 1: return put(PutAgent{{AgentId("ana"), "Ana", "ana@x.org", Role::manager, {}, {}}});
    case 2: return put(PutAgent{{AgentId("ben"), "Ben", "", Role::agent, Visibility::team, {}}});
    case 3: return put(PutTeam{{TeamId("sales"), "Sales"}});
    case 4:
      return put(PutChannel{{ChannelId("whatsapp-1"), ChannelKind::whatsapp, "WhatsApp",
                             std::nullopt, std::nullopt}});
    default: return put(PutField{{FieldId("city"), "City", FieldType::text, {}}});
  }
}

Record RandomOffice::record(decltype(Record::body) body) {
  ++last;
  return {last, now, id, std::move(body)};
}

std::optional<Record> RandomOffice::change_workspace() {
  WorkspaceEvent event;
  const ViewId view("view-" + std::to_string(below(3)));
  switch (below(4)) {
    case 0: event = PutTeam{{TeamId("team-" + std::to_string(below(3))), text()}}; break;
    case 1: event = PolicyChanged{{.unassign_on_done = below(2) == 0}}; break;
    case 2: {
      Filter leaf;
      leaf.kind = Filter::Kind::leaf;
      leaf.field = FilterField::unread;
      leaf.op = Operator::gt;
      leaf.value = static_cast<double>(below(9));
      Filter all;
      all.children = {leaf};
      event = PutView{{view, text(), all, Sort::oldest, Sharing::workspace, ana}, below(2) == 0};
      break;
    }
    default:
      if (!workspace.view(view)) return std::nullopt;
      event = DeleteView{view};
  }
  model::apply(workspace, event);
  return record(WorkspaceChanged{{std::move(event)}});
}

Contact* RandomOffice::any_contact() {
  if (contacts.empty()) return nullptr;
  auto at = contacts.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(below(contacts.size())));
  return at->second.merged_into ? nullptr : &at->second;
}

Command RandomOffice::inbound() {
  ReceiveInbound in{.id = {last_contact_ + 1},
                    .channel = ChannelId("whatsapp-1"),
                    .external_id = "+34" + std::to_string(below(30)),
                    .provider_id = "wamid." + std::to_string(++last_id_),
                    .at = std::nullopt,
                    .content = {},
                    .profile = std::nullopt};
  in.content.text = text();
  if (below(3) == 0) in.profile = Details{.first_name = "Eva", .fields = {}};
  return in;
}

Command RandomOffice::command_for(const Contact& contact) {
  const Seq some{1 + below(contact.last_seq.value)};
  switch (below(16)) {
    case 0: return AssignContact{{AgentId(below(2) == 0 ? "ana" : "ben"), std::nullopt}};
    case 1: return AssignContact{{std::nullopt, TeamId("sales")}};
    case 2: return MarkDone{ClosingNote{"sold", text()}};
    case 3: return ReopenContact{};
    case 4: return SnoozeContact{now + minutes(10), below(2) == 0};
    case 5: return WakeContact{};
    case 6: return MarkRead{some};
    case 7: return MarkUnread{};
    case 8: return BlockContact{};
    case 9: return UnblockContact{};
    case 10: return AddComment{text(), {AgentId("ben")}, "c" + std::to_string(++last_id_)};
    case 11: {
      UpdateContact update;
      update.set.last_name = std::optional<std::string>(text());
      update.set.priority = std::optional<Priority>(Priority::high);
      update.set.fields[FieldId("city")] = FieldValue(text());
      update.tags_add = {"vip", "t" + std::to_string(below(4))};
      return update;
    }
    case 12:
    case 13: {
      ReportStatus report{.seq = some, .error = std::nullopt, .provider_id = {}};
      report.status = below(4) == 0 ? Status::failed : below(2) == 0 ? Status::sent : Status::read;
      if (report.status == Status::failed) report.error = PlatformError{"131047", text()};
      if (below(2) == 0) report.provider_id = "out." + std::to_string(++last_id_);
      return report;
    }
    default: {
      SendMessage send;
      send.content.text = text();
      send.client_id = "c" + std::to_string(++last_id_);
      return send;
    }
  }
}

std::optional<Record> RandomOffice::try_command() {
  if (below(3) == 0) {
    const auto command = inbound();
    const auto& in = std::get<ReceiveInbound>(command);
    for (auto& [contact_id, contact] : contacts) {
      for (const auto& identity : contact.identities) {
        if (identity.external_id == in.external_id) return decide(&contact, command);
      }
    }
    return decide(nullptr, command);
  }
  auto* contact = any_contact();
  if (contact == nullptr) return std::nullopt;
  return decide(contact, command_for(*contact));
}

std::optional<Record> RandomOffice::decide(Contact* contact, const Command& command) {
  const bool by_connector = std::holds_alternative<ReceiveInbound>(command) ||
                            std::holds_alternative<ReportStatus>(command);
  Context context{.now = now, .by = by_connector ? connector : ana, .workspace = workspace};
  if (const auto* report = std::get_if<ReportStatus>(&command)) {
    context.subject = &entries.at({contact->id, report->seq});
  }
  Contact fresh;
  auto& state = contact != nullptr ? *contact : fresh;
  const bool wakes = std::holds_alternative<WakeDue>(command);
  if (!wakes && wake_is_due(state, now)) return decide(contact, WakeDue{});
  const auto decision = model::decide(state, command, context);
  if (!decision || decision->events.empty()) return std::nullopt;
  auto made = record(ContactsChanged{});
  model::apply(state, decision->events, made.offset);
  if (contact == nullptr) {
    last_contact_ = fresh.id.value;
    contacts.emplace(fresh.id, fresh);
  }
  made.body = ContactsChanged{{{state.id, decision->events}}};
  keep_entries(state.id, decision->events);
  return made;
}

std::optional<Record> RandomOffice::try_merge() {
  auto* primary = any_contact();
  auto* secondary = any_contact();
  if (primary == nullptr || secondary == nullptr || primary == secondary) return std::nullopt;
  MergeContact merge{*secondary};
  for (Seq seq{1}; seq <= secondary->read_seq; ++seq) {
    const auto* message = entries.at({secondary->id, seq}).message();
    if (message != nullptr && message->direction == Direction::in) {
      merge.read_inbound.insert(seq);
    }
  }
  const Context context{.now = now, .by = ana, .workspace = workspace};
  const auto decision = model::decide(*primary, Command(merge), context);
  if (!decision) return std::nullopt;
  const auto base = primary->last_seq;
  const auto count = secondary->last_seq.value;
  const std::vector<Event> farewell{MergedInto{primary->id, base}};
  auto made = record(ContactsChanged{{{primary->id, decision->events}, {secondary->id, farewell}}});
  model::apply(*primary, decision->events, made.offset);
  model::apply(*secondary, farewell, made.offset);
  for (Seq seq{1}; seq.value <= count; ++seq) {
    auto moved = entries.extract({secondary->id, seq});
    moved.key() = {primary->id, base + seq.value};
    renumber(moved.mapped(), base);
    moved.mapped().offset = made.offset;
    entries.insert(std::move(moved));
  }
  keep_entries(primary->id, decision->events);
  return made;
}

void RandomOffice::keep_entries(ContactId contact, const std::vector<Event>& events) {
  for (const auto& event : events) {
    if (const auto* appended = std::get_if<EntryAppended>(&event)) {
      auto entry = appended->entry;
      entry.offset = last;
      entries[{contact, entry.seq}] = entry;
    } else if (const auto* reported = std::get_if<StatusReported>(&event)) {
      auto& entry = entries.at({contact, reported->seq});
      report(std::get<Message>(entry.body), reported->report, reported->provider_id);
      entry.offset = last;
    }
  }
}

}  // namespace inboxd::tests
