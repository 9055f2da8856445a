#include "actors/desk_actors.hpp"

#include <utility>

#include <caf/all.hpp>

namespace inboxd::actors {
namespace {

void deliver(Outlet& outlet, std::vector<Outgoing> out) {
  if (!out.empty()) outlet.deliver(std::move(out));
}

Origin origin_of(const Submission& submission) {
  return {.client = submission.client, .tag = submission.tag, .by = submission.client->principal()};
}

}  // namespace

OutboxActor::OutboxActor(caf::actor_config& config, model::WorkspaceId workspace,
                         const Services& services, Outbox outbox)
    : caf::event_based_actor(config),
      workspace_(workspace),
      services_(services),
      outbox_(std::move(outbox)) {}

caf::behavior OutboxActor::make_behavior() {
  return {
      [this](msg::Follow& m) {
        services_.stats->followers.take();
        std::vector<Outgoing> out;
        for (const auto& commit : *m.batch) {
          if (commit->workspace == workspace_) outbox_.follow(*commit, out);
        }
        deliver(services_.outlet, std::move(out));
      },
      [this](msg::Ask& m) {
        const auto* subscribe = std::get_if<request::SubscribeOutbox>(&m.submission.request);
        if (subscribe == nullptr) return;
        deliver(services_.outlet,
                {Answer{.client = m.submission.client,
                        .tag = m.submission.tag,
                        .body = outbox_.subscribe(origin_of(m.submission), subscribe->sub,
                                                  subscribe->after, services_.store.epoch(),
                                                  m.released)}});
      },
      [this](msg::Leave& m) {
        std::vector<Outgoing> out;
        outbox_.leave(m.client, m.sub, out);
        deliver(services_.outlet, std::move(out));
      },
      [this](msg::Stop&) { quit(); },
  };
}

PresenceActor::PresenceActor(caf::actor_config& config, WorkspacePtr workspace,
                             const Services& services)
    : caf::event_based_actor(config),
      workspace_(workspace->id),
      services_(services),
      board_(std::move(workspace)) {}

caf::behavior PresenceActor::make_behavior() {
  return {
      [this](msg::Follow& m) {
        services_.stats->followers.take();
        std::vector<Outgoing> out;
        for (const auto& commit : *m.batch) {
          if (commit->workspace == workspace_) board_.follow(*commit, out);
        }
        deliver(services_.outlet, std::move(out));
      },
      [this](msg::Open& m) {
        std::vector<Outgoing> out;
        board_.open(m.client, out);
        deliver(services_.outlet, std::move(out));
      },
      [this](msg::Close& m) {
        std::vector<Outgoing> out;
        board_.close(m.client, out);
        deliver(services_.outlet, std::move(out));
      },
      [this](msg::Ask& m) {
        std::vector<Outgoing> out;
        serve(m, out);
        deliver(services_.outlet, std::move(out));
      },
      [this](msg::Leave& m) {
        if (m.sub) board_.unsubscribe(m.client, *m.sub);
      },
      [this](msg::Stop&) { quit(); },
  };
}

void PresenceActor::serve(const msg::Ask& ask, std::vector<Outgoing>& out) {
  const auto& submission = ask.submission;
  const auto origin = origin_of(submission);
  if (const auto* set = std::get_if<request::SetPresence>(&submission.request)) {
    board_.set(origin, set->status, out);
  } else if (const auto* subscribe = std::get_if<request::SubscribeAgents>(&submission.request)) {
    out.emplace_back(Answer{.client = submission.client,
                            .tag = submission.tag,
                            .body = board_.subscribe(origin, subscribe->sub, ask.released)});
  }
}

}  // namespace inboxd::actors
