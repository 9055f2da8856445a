#include "actors/desk_actors.hpp"

#include <chrono>
#include <utility>

#include <caf/all.hpp>

namespace inboxd::actors {
namespace {

void deliver(Outlet& outlet, std::vector<Outgoing> out) {
  if (!out.empty()) outlet.deliver(std::move(out));
}

constexpr model::Duration look_at_store_every{5'000};

Origin origin_of(const Submission& submission) {
  return {.client = submission.client, .tag = submission.tag, .by = submission.client->principal()};
}

}  // namespace

OutboxActor::OutboxActor(caf::actor_config& config, model::WorkspaceId workspace,
                         const Services& services, Outbox outbox, caf::actor directory)
    : caf::event_based_actor(config),
      workspace_(workspace),
      services_(services),
      outbox_(std::move(outbox)),
      directory_(std::move(directory)) {
  count();
}

caf::behavior OutboxActor::make_behavior() {
  return {
      [this](msg::Follow& m) {
        services_.stats->followers.take();
        const auto now = this->now();
        for (const auto& commit : *m.batch) {
          if (commit->workspace == workspace_) outbox_.follow(*commit, now);
        }
        std::vector<Outgoing> out;
        outbox_.give(now, out);
        finish(std::move(out));
      },
      [this](msg::Ask& m) {
        std::vector<Outgoing> out;
        subscribe(m, out);
        finish(std::move(out));
      },
      [this](msg::Postpone& m) {
        std::vector<Outgoing> out;
        postpone(m, out);
        finish(std::move(out));
      },
      [this](msg::Leave& m) {
        std::vector<Outgoing> out;
        outbox_.leave(m.client, m.sub, now(), out);
        finish(std::move(out));
      },
      [this](msg::Alarm& m) {
        if (!wake_up_.rings(m)) return;
        std::vector<Outgoing> out;
        outbox_.on_time(now(), out);
        finish(std::move(out));
      },
      [this](msg::Stop&) { quit(); },
  };
}

model::Timestamp OutboxActor::now() const {
  using std::chrono::duration_cast;
  return {duration_cast<std::chrono::milliseconds>(clock().now().time_since_epoch()).count()};
}

void OutboxActor::subscribe(const msg::Ask& ask, std::vector<Outgoing>& out) {
  const auto* subscribe = std::get_if<request::SubscribeOutbox>(&ask.submission.request);
  if (subscribe == nullptr) return;
  outbox_.subscribe(
      origin_of(ask.submission),
      {.sub = subscribe->sub, .after = subscribe->after, .held_max = subscribe->held_max},
      services_.store.epoch(), ask.released, now(), out);
}

void OutboxActor::postpone(const msg::Postpone& asked, std::vector<Outgoing>& out) {
  const auto place = outbox_.knows(asked.place) ? asked.place : asked.named;
  outbox_.fail(asked.origin, place, asked.failure, services_.log.released(), now(), services_.now(),
               out);
}

void OutboxActor::finish(std::vector<Outgoing> out) {
  outbox_.forget_saved(services_.store.applied_offset());
  deliver(services_.outlet, std::move(out));
  if (auto messages = outbox_.take_given_up(); !messages.empty())
    caf::anon_send(directory_, msg::GiveUp{std::move(messages)});
  wake_up_.arm(outbox_.next_due(), now());
  // Also when nothing happens any more: the store has everything soon.
  if (outbox_.texts_in_memory() > 0) wake_up_.arm(now() + look_at_store_every, now());
  count();
}

// Several workspaces add to the same counts, so what is added is the difference to the last time:
// it may be less than nothing, and unsigned numbers take that as they should.
void OutboxActor::count() {
  const auto& counts = outbox_.counts();
  for (std::size_t kind = 0; kind < counts.size(); ++kind) {
    auto& to = services_.stats->outbox.at(kind);
    const auto add = [](std::atomic<std::uint64_t>& stat, std::uint64_t is, std::uint64_t was) {
      if (is != was) stat.fetch_add(is - was, std::memory_order_relaxed);
    };
    add(to.pending, counts[kind].pending, counted_[kind].pending);
    add(to.connectors, counts[kind].connectors, counted_[kind].connectors);
    add(to.sent, counts[kind].sent, counted_[kind].sent);
    add(to.failed, counts[kind].failed, counted_[kind].failed);
    add(to.retries, counts[kind].retries, counted_[kind].retries);
  }
  counted_ = counts;
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
