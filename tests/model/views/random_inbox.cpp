#include "tests/model/views/random_inbox.hpp"

#include <algorithm>

#include "model/filter_check.hpp"

namespace inboxd::model {
namespace {

const std::vector<std::string> priorities{"none", "low", "medium", "high", "urgent"};
const std::vector<std::string> plans{"free", "Pro", "pro max"};
const std::vector<std::string> spoken{"es", "EN", "pt"};
const std::vector<std::string> names{"Ana", "Bo", "Cy", "ana b"};

}  // namespace

Workspace RandomInbox::workspace() {
  Workspace workspace;
  for (const auto& team : teams_) workspace.teams[TeamId(team)] = {TeamId(team), team};
  for (const auto& name : agents_) workspace.agents[AgentId(name)] = agent(AgentId(name));
  const std::vector<ChannelKind> kinds{ChannelKind::whatsapp, ChannelKind::webchat,
                                       ChannelKind::email};
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    const ChannelId id(channels_[i]);
    workspace.channels[id].id = id;
    workspace.channels[id].kind = kinds[i];
  }
  const auto field = [&](const char* id, FieldType type) {
    workspace.fields[FieldId(id)] = {FieldId(id), id, type, {}};
  };
  field("plan", FieldType::text);
  field("score", FieldType::number);
  field("trial", FieldType::boolean);
  field("due", FieldType::date);
  field("likes", FieldType::list);
  return workspace;
}

Agent RandomInbox::agent(const AgentId& id) {
  Agent agent;
  agent.id = id;
  agent.visibility = static_cast<Visibility>(below(3));
  for (const auto& team : teams_) {
    if (once_in(3)) agent.teams.emplace_back(team);
  }
  std::sort(agent.teams.begin(), agent.teams.end());
  return agent;
}

Viewer RandomInbox::viewer() {
  Principal principal;
  principal.kind = once_in(10) ? PrincipalKind::service : PrincipalKind::agent;
  principal.id = principal.kind == PrincipalKind::service ? "bot" : one_of(agents_);
  return viewer_of(principal, once_in(4) ? Role::manager : Role::agent);
}

ViewDefinition RandomInbox::view(const ViewId& id, const Workspace& workspace) {
  ViewDefinition view;
  view.id = id;
  view.name = id.str();
  view.filter = filter(workspace);
  view.sort = sort();
  view.visibility = static_cast<Sharing>(below(3));
  view.owner.kind = PrincipalKind::agent;
  view.owner.id = one_of(agents_);
  return view;
}

Filter RandomInbox::filter(const Workspace& workspace, std::size_t depth) {
  if (depth == 0 || once_in(3)) return leaf(workspace);
  Filter node;
  node.kind = static_cast<Filter::Kind>(below(3));
  const auto children = node.kind == Filter::Kind::negation ? 1 : below(4);
  for (std::size_t i = 0; i < children; ++i) node.children.push_back(filter(workspace, depth - 1));
  return node;
}

Filter RandomInbox::leaf(const Workspace& workspace) {
  Filter leaf;
  leaf.kind = Filter::Kind::leaf;
  leaf.field = static_cast<FilterField>(below(22));
  auto type = ValueType::text;
  if (leaf.field == FilterField::custom) {
    auto field = workspace.fields.begin();
    std::advance(field, below(workspace.fields.size()));
    leaf.custom = field->first;
    type = value_type_of(field->second.type);
  } else {
    type = value_type_of(leaf.field);
  }
  do {
    leaf.op = static_cast<Operator>(below(16));
  } while (!allows(type, leaf.op));
  leaf.value = value(leaf, workspace);
  return leaf;
}

FilterValue RandomInbox::value(const Filter& leaf, const Workspace& workspace) {
  const auto type = leaf.field == FilterField::custom
                        ? value_type_of(workspace.field(leaf.custom)->type)
                        : value_type_of(leaf.field);
  const bool time = type == ValueType::time;
  switch (leaf.op) {
    case Operator::exists:
    case Operator::not_exists: return {};
    case Operator::in:
    case Operator::not_in:
      if (type == ValueType::number) {
        return std::vector<double>{number_for(leaf, time), number_for(leaf, time)};
      }
      return texts_for(leaf.field);
    case Operator::has_any:
    case Operator::has_all:
    case Operator::has_none: return texts_for(FilterField::tags);
    case Operator::between: {
      if (type == ValueType::priority) {
        return std::vector<std::string>{priorities[below(3)], priorities[2 + below(3)]};
      }
      auto low = number_for(leaf, time);
      auto high = number_for(leaf, time);
      if (low > high) std::swap(low, high);
      return std::vector<double>{low, high};
    }
    case Operator::older_than:
    case Operator::newer_than: return static_cast<double>(below(40) * 250);
    case Operator::contains:
    case Operator::starts_with: return one_of(std::vector<std::string>{"a", "P", "n", "o", "es"});
    default: break;
  }
  if (type == ValueType::boolean) return once_in(2);
  if (type == ValueType::number || time) return number_for(leaf, time);
  return text_for(leaf.field);
}

std::string RandomInbox::text_for(FilterField field) {
  switch (field) {
    case FilterField::status: return once_in(2) ? "open" : "done";
    case FilterField::assignee: return once_in(3) ? "$me" : one_of(agents_);
    case FilterField::team: return one_of(teams_);
    case FilterField::channel: return one_of(channels_);
    case FilterField::channel_kind: return once_in(2) ? "whatsapp" : "webchat";
    case FilterField::tags: return one_of(tags_);
    case FilterField::priority: return one_of(priorities);
    case FilterField::language:
    case FilterField::country: return one_of(spoken);
    case FilterField::custom:
    case FilterField::lifecycle: return one_of(plans);
    default: return one_of(names);
  }
}

std::vector<std::string> RandomInbox::texts_for(FilterField field) {
  std::vector<std::string> texts;
  for (auto n = below(3); n > 0; --n) texts.push_back(text_for(field));
  return texts;
}

double RandomInbox::number_for(const Filter& leaf, bool time) {
  if (time) return static_cast<double>(1'000'000 + below(200) * 1000);
  return static_cast<double>(below(leaf.field == FilterField::unread ? 4 : 10));
}

Row RandomInbox::row(ContactId id, Timestamp now) {
  Row row;
  row.id = id;
  row.version = {1};
  row.sort_at = now;
  row.details = std::make_shared<const Details>();
  for (auto n = below(6); n > 0; --n) change(row, now);
  return row;
}

void RandomInbox::change(Row& row, Timestamp now) {
  ++row.version;
  switch (below(13)) {
    case 0: row.status = once_in(2) ? ContactStatus::open : ContactStatus::done; break;
    case 1:
      row.assignment.assignee = once_in(3) ? std::nullopt : std::optional(AgentId(one_of(agents_)));
      break;
    case 2:
      row.assignment.team = once_in(2) ? std::nullopt : std::optional(TeamId(one_of(teams_)));
      break;
    case 3:  // an inbound message
      ++row.unread;
      row.sort_at = now;
      if (!row.waiting_since) row.waiting_since = now;
      row.last_inbound_at = now;
      row.last_message = LastMessage{.seq = {row.version.value},
                                     .at = now,
                                     .direction = Direction::in,
                                     .type = MessageType::text,
                                     .preview = "hola \"¿qué tal?\"",
                                     .status = std::nullopt};
      row.channel = ChannelId(channels_[below(2)]);
      row.channel_kind = row.channel->str() == "wa" ? ChannelKind::whatsapp : ChannelKind::webchat;
      break;
    case 4:  // an answer
      row.sort_at = now;
      row.waiting_since.reset();
      row.last_outbound_at = now;
      row.last_message = LastMessage{.seq = {row.version.value},
                                     .at = now,
                                     .direction = Direction::out,
                                     .type = MessageType::text,
                                     .preview = "sí",
                                     .status = Status::sent};
      break;
    case 5: row.unread = 0; break;
    case 6:
      row.snoozed_until = row.snoozed_until ? std::nullopt : std::optional(now + Duration{5000});
      break;
    case 7: row.blocked = once_in(3) && !row.blocked; break;
    case 8: row.priority = static_cast<Priority>(below(5)); break;
    case 9: {
      row.tags.clear();
      for (const auto& tag : tags_) {
        if (once_in(3)) row.tags.emplace_back(tag);
      }
      std::sort(row.tags.begin(), row.tags.end());
      break;
    }
    default: set_details(row, now);
  }
}

void RandomInbox::set_details(Row& row, Timestamp now) {
  auto details = *row.details;
  const auto text = [&](const std::vector<std::string>& some) {
    return once_in(3) ? std::string() : one_of(some);
  };
  details.language = text(spoken);
  details.country = text(spoken);
  details.lifecycle = text(plans);
  details.first_name = text(names);
  details.last_name = text(names);
  row.name = details.first_name;
  details.phone = text(names);
  details.email = text(names);
  details.fields.clear();
  if (once_in(2)) details.fields[FieldId("plan")] = one_of(plans);
  if (once_in(2)) details.fields[FieldId("score")] = static_cast<double>(below(10));
  if (once_in(2)) details.fields[FieldId("trial")] = once_in(2);
  if (once_in(2)) details.fields[FieldId("due")] = now - Duration{static_cast<int>(below(9)) * 500};
  if (once_in(2)) details.fields[FieldId("likes")] = std::vector<std::string>{one_of(tags_)};
  row.details = std::make_shared<const Details>(std::move(details));
}

}  // namespace inboxd::model
