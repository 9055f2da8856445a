#include "actors/agent_actor.hpp"

#include <utility>

#include <caf/all.hpp>

#include "model/json.hpp"
#include "model/overload.hpp"

namespace inboxd::actors {
namespace {

std::string_view name_of(Notice::Kind kind) {
  switch (kind) {
    case Notice::Kind::assigned: return "assigned";
    case Notice::Kind::mention: return "mention";
    case Notice::Kind::inbound: break;
  }
  return "inbound";
}

}  // namespace

AgentActor::AgentActor(caf::actor_config& config, model::AgentId id, const Services& services,
                       model::ViewOptions options, caf::actor first_aggregator)
    : caf::event_based_actor(config),
      id_(id),
      services_(services),
      options_(options),
      aggregator_(std::move(first_aggregator)) {}

caf::behavior AgentActor::make_behavior() {
  caf::anon_send(aggregator_,
                 msg::FindRows{.agent = id_, .reply_to = caf::actor_cast<caf::actor>(this)});
  return {
      [this](msg::OwnRows& m) { start(m); },
      [this](msg::FollowOwn& m) {
        const TimedUpdate timed(*services_.stats);
        services_.stats->agents.take();
        if (!desk_) {
          waiting_.emplace_back(std::move(m));
          return;
        }
        follow(m.commits);
        work();
      },
      [this](msg::Ask& m) {
        if (!desk_) {
          waiting_.emplace_back(std::move(m));
          return;
        }
        ask(m);
        work();
      },
      [this](msg::Leave& m) {
        if (!desk_) {
          waiting_.emplace_back(std::move(m));
          return;
        }
        leave(m);
      },
      [this](msg::ResetView& m) {
        if (desk_) desk_->reset(m.client, m.sub);
        work();
      },
      [this](msg::Alarm& m) {
        if (wake_up_.rings(m)) work();
      },
      [this](msg::Stop&) { quit(); },
  };
}

void AgentActor::start(msg::OwnRows& rows) {
  desk_.emplace(options_, rows.workspace, services_.store.epoch(), services_.outlet,
                services_.stats);
  desk_->load(rows.offset, rows.at, rows.rows);
  for (auto& kept : waiting_) {
    std::visit(model::overload{
                   [&](msg::FollowOwn& m) { follow(m.commits); },
                   [&](msg::Ask& m) { ask(m); },
                   [&](msg::Leave& m) { leave(m); },
               },
               kept);
  }
  waiting_.clear();
  work();
}

void AgentActor::follow(const std::vector<CommitPtr>& commits) {
  for (const auto& commit : commits) follow(*commit);
}

void AgentActor::follow(const Commit& commit) {
  // The rows that this actor started from may already be of a later offset.
  if (commit.offset > desk_->offset()) desk_->follow(commit);
  std::vector<Outgoing> out;
  for (const auto& notice : commit.notices) {
    if (notice.agent != id_) continue;
    auto tail = std::make_shared<std::string>("\"kind\":\"");
    *tail += name_of(notice.kind);
    *tail += "\",\"contact\":";
    model::json::write(*tail, notice.contact);
    *tail += ",\"seq\":";
    model::json::write(*tail, notice.seq);
    *tail += ",\"at\":";
    model::json::write(*tail, notice.at);
    for (const auto& listener : listeners_) {
      out.emplace_back(Push{
          .client = listener.client, .sub = listener.sub, .method = "notification", .tail = tail});
    }
  }
  if (!out.empty()) services_.outlet.deliver(std::move(out));
}

void AgentActor::ask(const msg::Ask& ask) {
  const auto& submission = ask.submission;
  if (const auto* listen = std::get_if<request::SubscribeNotifications>(&submission.request)) {
    listeners_.push_back(
        {.client = submission.client, .sub = listen->sub, .by = submission.client->principal()});
    services_.outlet.deliver(
        {Answer{.client = submission.client,
                .tag = submission.tag,
                .body = "\"result\":{\"sub\":\"s" + std::to_string(listen->sub.value) + "\"}"}});
    return;
  }
  desk_->reach(ask.released);
  desk_->serve(submission);
}

void AgentActor::leave(const msg::Leave& leave) {
  desk_->leave(leave.client, leave.sub);
  std::erase_if(listeners_, [&](const Subscriber& l) {
    return l.client == leave.client && (!leave.sub || l.sub == *leave.sub);
  });
}

void AgentActor::work() {
  if (!desk_) return;
  const auto now = services_.now();
  wake_up_.arm(desk_->work(now), now);
}

}  // namespace inboxd::actors
