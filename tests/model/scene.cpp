#include "tests/model/scene.hpp"

#include <algorithm>

#include "model/overload.hpp"
#include "tests/support/catch.hpp"

namespace inboxd::model {
namespace {

void add_agent(Workspace& workspace, std::string_view id, Role role, std::vector<TeamId> teams) {
  Agent agent;
  agent.id = AgentId(id);
  agent.name = id;
  agent.role = role;
  agent.teams = std::move(teams);
  workspace.agents.emplace(agent.id, agent);
}

/// The entry that a command repeats (R9, R10, S22), as the actors look it up.
const Entry* repeated_by(const Person& who, const Command& command, const Principal& by) {
  const auto same_sender = [&](const Entry& entry) {
    return name_of(entry.author.kind) == name_of(by.kind) && entry.author.id == by.id;
  };
  const auto find = [&](auto matches) -> const Entry* {
    const auto found = std::find_if(who.timeline.begin(), who.timeline.end(), matches);
    return found == who.timeline.end() ? nullptr : &*found;
  };
  const auto by_client_id = [&](const std::string& client_id) -> const Entry* {
    if (client_id.empty()) return nullptr;
    return find([&](const Entry& entry) {
      const auto* message = entry.message();
      const auto* comment = entry.comment();
      const bool same = (message != nullptr && message->client_id == client_id) ||
                        (comment != nullptr && comment->client_id == client_id);
      return same && same_sender(entry);
    });
  };
  return std::visit(overload{
                        [&](const SendMessage& c) { return by_client_id(c.client_id); },
                        [&](const AddComment& c) { return by_client_id(c.client_id); },
                        [&](const ReceiveInbound& c) {
                          return find([&](const Entry& entry) {
                            const auto* message = entry.message();
                            return message != nullptr && message->direction == Direction::in &&
                                   message->channel == c.channel &&
                                   message->provider_id == c.provider_id;
                          });
                        },
                        [](const auto&) -> const Entry* { return nullptr; },
                    },
                    command);
}

const Entry* subject_of(const Person& who, const Command& command) {
  const auto* status = std::get_if<ReportStatus>(&command);
  if (status == nullptr || status->seq.value == 0 || status->seq.value > who.timeline.size()) {
    return nullptr;
  }
  return &who.entry(status->seq.value);
}

}  // namespace

std::vector<std::string> Person::story(std::uint64_t first) const {
  std::vector<std::string> names;
  for (auto seq = first; seq <= timeline.size(); ++seq) {
    const auto& one = entry(seq);
    if (const auto* event = one.event()) {
      names.push_back(std::string(name_of(event->data)) + '/' + std::string(name_of(event->cause)));
    } else {
      names.emplace_back(one.message() != nullptr ? "message" : "comment");
    }
  }
  return names;
}

Scene::Scene() {
  workspace.id = WorkspaceId("default");
  for (const auto* team : {"sales", "support"}) {
    workspace.teams.emplace(TeamId(team), Team{.id = TeamId(team), .name = team});
  }
  for (const auto* id : {"ana", "ben"}) add_agent(workspace, id, Role::agent, {TeamId("sales")});
  add_agent(workspace, "cleo", Role::agent, {});
  add_agent(workspace, "mia", Role::manager, {});
  add_agent(workspace, "root", Role::admin, {});
  for (std::size_t i = 0; i < channel_kinds; ++i) {
    const auto kind = static_cast<ChannelKind>(i);
    Channel channel{
        .id = ChannelId(name_of(kind)), .kind = kind, .name = {}, .window = {}, .statuses = {}};
    channel.name = name_of(kind);
    workspace.channels.emplace(channel.id, channel);
  }
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(FieldType::phone); ++i) {
    const auto type = static_cast<FieldType>(i);
    const FieldId id(name_of(type));
    workspace.fields.emplace(id,
                             CustomField{.id = id, .name = id.str(), .type = type, .options = {}});
  }
}

Principal Scene::agent(std::string_view id, Role role) {
  return {.kind = PrincipalKind::agent, .id = std::string(id), .role = role, .channel = {}};
}

Principal Scene::service(Role role) {
  return {.kind = PrincipalKind::service, .id = "bot", .role = role, .channel = {}};
}

Principal Scene::connector(std::string_view channel) {
  return {.kind = PrincipalKind::connector,
          .id = "plug",
          .role = Role::agent,
          .channel = ChannelId(channel)};
}

void Scene::commit(Person& who, const std::vector<Event>& events) {
  ++offset;
  auto placed = events;
  for (auto& event : placed) {
    if (auto* appended = std::get_if<EntryAppended>(&event)) {
      appended->entry.offset = offset;
      who.timeline.push_back(appended->entry);
      who.moved.push_back(false);
    }
    if (const auto* reported = std::get_if<StatusReported>(&event)) {
      auto& entry = who.timeline.at(reported->seq.value - 1);
      report(std::get<Message>(entry.body), reported->report, reported->provider_id);
      entry.offset = offset;
    }
  }
  apply(who.contact, placed, offset);
  who.commits.push_back({.events = std::move(placed), .offset = offset, .at = now});
}

void Scene::wake_if_due(Person& who) {
  if (!wake_is_due(who.contact, now)) return;
  const Principal engine;
  const auto decision =
      decide(who.contact, WakeDue{}, {.now = now, .by = engine, .workspace = workspace});
  REQUIRE(decision.has_value());
  commit(who, decision->events);
}

Result<Decision> Scene::run(Person& who, const Command& command, const Principal& by,
                            Expect expect) {
  wake_if_due(who);
  auto decision = decide(who.contact, command,
                         {.now = now,
                          .by = by,
                          .workspace = workspace,
                          .expect_version = expect.version,
                          .repeated = repeated_by(who, command, by),
                          .subject = subject_of(who, command)});
  if (decision && !decision->events.empty()) commit(who, decision->events);
  return decision;
}

Result<Decision> Scene::merge(Person& primary, Person& secondary, const Principal& by,
                              Expect expect) {
  wake_if_due(primary);
  wake_if_due(secondary);
  MergeContact command{.secondary = secondary.contact};
  for (const auto& entry : secondary.timeline) {
    const auto* message = entry.message();
    const bool inbound = message != nullptr && message->direction == Direction::in;
    if (inbound && entry.seq <= secondary.contact.read_seq) {
      command.read_inbound.insert(entry.seq);
    }
  }
  const auto base = primary.contact.last_seq;
  auto decision =
      decide(primary.contact, command,
             {.now = now, .by = by, .workspace = workspace, .expect_version = expect.version});
  if (!decision) return decision;
  for (auto entry : secondary.timeline) {
    entry.seq = base + entry.seq.value;
    entry.offset = offset + 1;
    primary.timeline.push_back(entry);
    primary.moved.push_back(true);
  }
  commit(primary, decision->events);
  const std::vector<Event> ended{MergedInto{.primary = primary.contact.id, .base = base}};
  apply(secondary.contact, ended, offset);
  secondary.commits.push_back({.events = ended, .offset = offset, .at = now});
  return decision;
}

ReceiveInbound Scene::inbound(std::string_view text, std::string_view channel,
                              std::string_view external_id) {
  ReceiveInbound command;
  command.id = ContactId{next_id_++};
  command.channel = ChannelId(channel);
  command.external_id = external_id;
  command.provider_id = "p" + std::to_string(next_provider_id_++);
  command.content.text = text;
  return command;
}

SendMessage Scene::message(std::string_view text) {
  SendMessage command;
  command.content.text = text;
  return command;
}

Decision Scene::must(const Command& command, const Principal& by) {
  const auto decision = run(command, by);
  if (!decision) FAIL("refused: " << decision.error().message);
  return *decision;
}

Error Scene::refused(const Command& command, const Principal& by, Expect expect) {
  const auto before = person.contact;
  const auto decision = run(command, by, expect);
  REQUIRE_FALSE(decision.has_value());
  CHECK(person.contact == before);
  return decision.error();
}

Decision Scene::receive(std::string_view text, std::string_view channel,
                        std::string_view external_id) {
  return must(inbound(text, channel, external_id), connector(channel));
}
Decision Scene::send(std::string_view by, std::string_view text) {
  return must(message(text), agent(by));
}
Decision Scene::comment(std::string_view by, std::string_view text) {
  return must(AddComment{.text = std::string(text), .mentions = {}, .client_id = {}}, agent(by));
}
Decision Scene::assign(std::optional<std::string_view> to, std::optional<std::string_view> team) {
  AssignContact command;
  if (to) command.to.assignee = AgentId(*to);
  if (team) command.to.team = TeamId(*team);
  return must(command, agent("mia", Role::manager));
}
Decision Scene::done(std::string_view by) {
  return must(MarkDone{}, agent(by));
}
Decision Scene::snooze(Duration length, bool wake_on_inbound) {
  return must(SnoozeContact{.until = now + length, .wake_on_inbound = wake_on_inbound},
              agent("mia", Role::manager));
}

std::string name_of(const Event& event) {
  return std::visit(overload{
                        [](const EntryAppended&) { return "entry"; },
                        [](const Created&) { return "created"; },
                        [](const IdentityLinked&) { return "linked"; },
                        [](const DetailsFilled&) { return "filled"; },
                        [](const Labelled&) { return "labelled"; },
                        [](const ReadMoved&) { return "read"; },
                        [](const StatusReported&) { return "status"; },
                        [](const TookOver&) { return "took over"; },
                        [](const MergedInto&) { return "merged into"; },
                    },
                    event);
}

}  // namespace inboxd::model
