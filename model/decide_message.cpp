// What agents and services write: messages (R2, R7, R10, windows) and comments.
#include <algorithm>

#include "model/decide_parts.hpp"
#include "model/limits.hpp"

namespace inboxd::model {
namespace {

constexpr std::string_view human_agent = "human_agent";

Checked check_params(const SendMessage& command) {
  if (auto error = check_content(command.content, Direction::out)) return error;
  if (!command.tag.empty() && command.tag != human_agent) {
    return invalid("tag", "'tag' may only be human_agent.");
  }
  return check_line("client_id", command.client_id, limits::client_id_bytes_max);
}

/// Where a message goes: the channel's record, and the customer's account there.
struct Route {
  const Channel* channel = nullptr;
  const Identity* identity = nullptr;
};

/// S12: the channel named, or the one that the contact last wrote on.
Result<Route> route_of(const Contact& contact, const SendMessage& command,
                       const Workspace& workspace) {
  if (command.channel && workspace.channel(*command.channel) == nullptr) {
    return not_found("channel", "There is no channel '" + command.channel->str() + "'.");
  }
  const auto id = command.channel ? command.channel : contact.current_channel();
  if (!id) return invalid("channel", "The contact has no channel to send on.");
  const Route route{.channel = workspace.channel(*id), .identity = contact.identity(*id)};
  if (route.channel == nullptr || route.identity == nullptr) {
    return invalid("channel", "The contact has no account on the channel '" + id->str() + "'.");
  }
  if (command.content.type == MessageType::template_ && !rules_of(route.channel->kind).templates) {
    return invalid("type", "Channels of kind " + std::string(name_of(route.channel->kind)) +
                               " have no templates.");
  }
  return route;
}

/// R2, R7: what an agent's message does to the contact before it stands there. A service's does
/// nothing (S20).
void take_over_by_reply(Draft& draft, const Contact& contact, const Context& context) {
  if (context.by.kind != PrincipalKind::agent) return;
  if (contact.status == ContactStatus::done) draft.event(Cause::reply, Reopened{});
  if (contact.assignment.assignee || !context.workspace.policy.assign_on_reply) return;
  auto to = contact.assignment;
  to.assignee = AgentId(context.by.id);
  draft.event(Cause::reply, Assigned{.from = contact.assignment, .to = to});
}

Message message_of(const SendMessage& command, const Route& route, Timestamp now) {
  return {.direction = Direction::out,
          .channel = route.channel->id,
          .content = command.content,
          .statuses = {{.status = Status::pending, .at = now, .error = {}}},
          .tag = command.tag,
          .external_id = route.identity->external_id,
          .client_id = command.client_id,
          .provider_id = {},
          .platform_at = {}};
}

Checked check_params(const AddComment& command) {
  if (auto error = check_text("text", command.text, limits::text_bytes_max)) return error;
  if (command.text.empty()) return invalid("text", "A comment needs 'text'.");
  if (command.mentions.size() > limits::mentions_max) {
    return too_many("mentions", command.mentions.size(), limits::mentions_max);
  }
  return check_line("client_id", command.client_id, limits::client_id_bytes_max);
}

Checked check_mentions(const std::vector<AgentId>& mentions, const Workspace& workspace) {
  for (std::size_t i = 0; i < mentions.size(); ++i) {
    if (workspace.agent(mentions[i]) != nullptr) continue;
    return not_found(item_path("mentions", i), "There is no agent '" + mentions[i].str() + "'.");
  }
  return std::nullopt;
}

std::vector<AgentId> each_once(const std::vector<AgentId>& mentions) {
  std::vector<AgentId> kept;
  for (const auto& agent : mentions) {
    if (std::find(kept.begin(), kept.end(), agent) == kept.end()) kept.push_back(agent);
  }
  return kept;
}

}  // namespace

Result<Decision> decide_on(const Contact& contact, const SendMessage& command,
                           const Context& context) {
  if (auto error = check_params(command)) return *std::move(error);
  if (auto error = check_seen(contact, context)) return *std::move(error);
  const auto route = route_of(contact, command, context.workspace);
  if (!route) return route.error();
  if (context.repeated != nullptr) return duplicate_of(*context.repeated);
  if (auto error = check_expected(contact, context, command.expect_seq)) return *std::move(error);
  if (contact.blocked) {
    return Error{.reason = Reason::blocked, .message = "The contact is blocked."};
  }
  if (auto error = check_window(*route->identity, *route->channel, command, context.now)) {
    return *std::move(error);
  }
  Draft draft(contact, context);
  take_over_by_reply(draft, contact, context);
  const auto seq = draft.append(author_of(context.by), message_of(command, *route, context.now));
  return std::move(draft).finish(seq);
}

Result<Decision> decide_on(const Contact& contact, const AddComment& command,
                           const Context& context) {
  if (auto error = check_params(command)) return *std::move(error);
  if (auto error = check_seen(contact, context)) return *std::move(error);
  if (auto error = check_mentions(command.mentions, context.workspace)) return *std::move(error);
  if (context.repeated != nullptr) return duplicate_of(*context.repeated);
  if (auto error = check_expected(contact, context)) return *std::move(error);
  Draft draft(contact, context);
  const auto seq =
      draft.append(author_of(context.by), Comment{.text = command.text,
                                                  .mentions = each_once(command.mentions),
                                                  .client_id = command.client_id});
  return std::move(draft).finish(seq);
}

}  // namespace inboxd::model
