// Commands on a workspace: its agents, teams, channels, custom fields, policy (S4, S15, S24, S28,
// S38, S39). Views: decide_view.cpp.
#include <algorithm>

#include "model/decide_workspace_parts.hpp"
#include "model/formats.hpp"
#include "model/limits.hpp"
#include "model/overload.hpp"

namespace inboxd::model {
namespace {

/// S4: a record that is there already, the same, is not written again.
template <class Put, class Record>
std::vector<WorkspaceEvent> put_unless_same(const Record* known, Put put, const Record& record) {
  if (known != nullptr && *known == record) return {};
  return {std::move(put)};
}

Checked check_teams(const std::vector<TeamId>& teams, const Workspace& workspace) {
  for (std::size_t i = 0; i < teams.size(); ++i) {
    if (workspace.team(teams[i]) != nullptr) continue;
    return not_found(item_path("teams", i), "There is no team '" + teams[i].str() + "'.");
  }
  return std::nullopt;
}

Changed decide_on(const Workspace& workspace, PutAgent command, const Principal&) {
  auto& agent = command.agent;
  if (auto error = check_chosen_id("id", agent.id.str())) return *std::move(error);
  if (auto error = check_name("name", agent.name, limits::name_bytes_max)) return *std::move(error);
  if (auto error = check_line("email", agent.email, limits::name_bytes_max)) {
    return *std::move(error);
  }
  if (!agent.email.empty() && !is_email(agent.email)) {
    return invalid("email", "'email' must be an e-mail address.");
  }
  if (agent.teams.size() > limits::teams_of_agent_max) {
    return too_many("teams", agent.teams.size(), limits::teams_of_agent_max);
  }
  if (auto error = check_teams(agent.teams, workspace)) return *std::move(error);
  std::sort(agent.teams.begin(), agent.teams.end());
  agent.teams.erase(std::unique(agent.teams.begin(), agent.teams.end()), agent.teams.end());
  return put_unless_same(workspace.agent(agent.id), command, agent);
}

/// S24: its private views go with it.
Changed decide_on(const Workspace& workspace, const RemoveAgent& command, const Principal&) {
  if (workspace.agent(command.id) == nullptr) {
    return not_found("id", "There is no agent '" + command.id.str() + "'.");
  }
  std::vector<WorkspaceEvent> events{command};
  for (const auto& [id, view] : workspace.views) {
    const bool its_own = view.visibility == Sharing::private_ &&
                         view.owner.kind == PrincipalKind::agent &&
                         view.owner.id == command.id.str();
    if (its_own) events.emplace_back(DeleteView{id});
  }
  return events;
}

Changed decide_on(const Workspace& workspace, const PutTeam& command, const Principal&) {
  const auto& team = command.team;
  if (auto error = check_chosen_id("id", team.id.str())) return *std::move(error);
  if (auto error = check_name("name", team.name, limits::name_bytes_max)) return *std::move(error);
  return put_unless_same(workspace.team(team.id), command, team);
}

Checked check_rate(std::string_view field, const std::optional<Throughput>& rate) {
  if (!rate) return std::nullopt;
  const auto counts = [](std::uint32_t n) { return n >= 1 && n <= limits::throughput_count_max; };
  const bool good = counts(rate->count) && counts(rate->burst) && rate->per.ms >= 1 &&
                    rate->per.ms <= limits::throughput_per_ms_max;
  if (good) return std::nullopt;
  return invalid(std::string(field),
                 "'" + std::string(field) +
                     "' needs a count and a burst from 1 to 100,000, in 1 ms to a day.");
}

Checked check_retry(const std::optional<Redelivery>& retry) {
  if (!retry) return std::nullopt;
  const auto lasts = [](Duration d) { return d.ms >= 1 && d.ms <= limits::retry_delay_ms_max; };
  const bool good = retry->attempts >= 1 && retry->attempts <= limits::attempts_max &&
                    lasts(retry->delay) && lasts(retry->delay_max) && lasts(retry->ack_timeout) &&
                    retry->delay <= retry->delay_max;
  if (good) return std::nullopt;
  return invalid("retry",
                 "'retry' needs 1 to 100 attempts and times from 1 ms to a day, 'delay_max_ms' not "
                 "below 'delay_ms'.");
}

/// As browsers send it: `https://shop.example`, without a path; `*` is any.
Checked check_origins(const Channel& channel) {
  if (!channel.origins) return std::nullopt;
  if (channel.kind != ChannelKind::webchat) {
    return invalid("origins", "Only a channel of kind webchat has origins.");
  }
  if (channel.origins->size() > limits::origins_max) {
    return too_many("origins", channel.origins->size(), limits::origins_max);
  }
  for (std::size_t i = 0; i < channel.origins->size(); ++i) {
    const auto& origin = (*channel.origins)[i];
    const auto path = item_path("origins", i);
    if (auto error = check_line(path, origin, limits::name_bytes_max)) return error;
    const auto scheme = origin.find("://");
    const bool good =
        origin == "*" || (scheme != std::string::npos && scheme > 0 && origin.size() > scheme + 3 &&
                          origin.find('/', scheme + 3) == std::string::npos);
    if (!good) {
      return invalid(path, "Expected an origin such as https://shop.example, or *.");
    }
  }
  return std::nullopt;
}

Changed decide_on(const Workspace& workspace, const PutChannel& command, const Principal&) {
  const auto& channel = command.channel;
  if (auto error = check_chosen_id("id", channel.id.str())) return *std::move(error);
  if (auto error = check_name("name", channel.name, limits::name_bytes_max)) {
    return *std::move(error);
  }
  const auto window = channel.window.value_or(Duration{});
  if (window.ms < 0 || window.ms > limits::integer_max) {
    return invalid("window_ms", "'window_ms' must be from 0 to 2^53 - 1 milliseconds.");
  }
  if (channel.statuses && channel.statuses->has(Status::pending)) {
    return invalid("statuses", "'pending' is the engine's own; a channel does not report it.");
  }
  if (auto error = check_rate("rate", channel.rate)) return *std::move(error);
  if (auto error = check_rate("customer_rate", channel.customer_rate)) return *std::move(error);
  if (auto error = check_retry(channel.retry)) return *std::move(error);
  if (auto error = check_origins(channel)) return *std::move(error);
  const auto* known = workspace.channel(channel.id);
  if (known != nullptr && known->kind != channel.kind) {
    return Error{.reason = Reason::conflict,
                 .message = "A channel's kind never changes; this one is " +
                            std::string(name_of(known->kind)) + ".",
                 .field = "kind"};
  }
  return put_unless_same(known, command, channel);
}

Checked check_options(const CustomField& field) {
  const auto& options = field.options;
  if (!options.empty() && field.type != FieldType::text && field.type != FieldType::list) {
    return invalid("options", "Only fields of type text and list have options.");
  }
  if (options.size() > limits::field_options_max) {
    return too_many("options", options.size(), limits::field_options_max);
  }
  for (std::size_t i = 0; i < options.size(); ++i) {
    const auto path = item_path("options", i);
    if (auto error = check_name(path, options[i], limits::name_bytes_max)) return error;
    const auto end = options.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(options.begin(), end, options[i]) != end) {
      return invalid(path, "'" + path + "' is there twice.");
    }
  }
  return std::nullopt;
}

/// A type that changed would leave contacts with values, and views with operators, of the old one.
Changed decide_on(const Workspace& workspace, const PutField& command, const Principal&) {
  const auto& field = command.field;
  if (auto error = check_chosen_id("id", field.id.str())) return *std::move(error);
  if (auto error = check_name("name", field.name, limits::name_bytes_max)) return *std::move(error);
  if (auto error = check_options(field)) return *std::move(error);
  const auto* known = workspace.field(field.id);
  if (known != nullptr && known->type != field.type) {
    return Error{.reason = Reason::conflict,
                 .message = "A field's type never changes; this one is " +
                            std::string(name_of(known->type)) + ".",
                 .field = "type"};
  }
  if (known == nullptr && workspace.fields.size() >= limits::fields_max) {
    return too_many("id", workspace.fields.size() + 1, limits::fields_max);
  }
  return put_unless_same(known, command, field);
}

/// S15: only the keys given.
Changed decide_on(const Workspace& workspace, const SetPolicy& command, const Principal&) {
  auto policy = workspace.policy;
  policy.unassign_on_done = command.unassign_on_done.value_or(policy.unassign_on_done);
  policy.assign_on_reply = command.assign_on_reply.value_or(policy.assign_on_reply);
  policy.reopen_on_inbound = command.reopen_on_inbound.value_or(policy.reopen_on_inbound);
  policy.wake_on_inbound = command.wake_on_inbound.value_or(policy.wake_on_inbound);
  return put_unless_same(&workspace.policy, PolicyChanged{policy}, policy);
}

}  // namespace

Result<std::vector<WorkspaceEvent>> decide(const Workspace& workspace,
                                           const WorkspaceCommand& command, const Principal& by) {
  if (by.kind == PrincipalKind::connector) return forbidden("A connector changes no records.");
  return std::visit(overload{
                        [&](const PutView& put) { return decide_view(workspace, put, by); },
                        [&](const DeleteView& del) { return decide_view(workspace, del, by); },
                        [&](const auto& other) { return decide_on(workspace, other, by); },
                    },
                    command);
}

}  // namespace inboxd::model
