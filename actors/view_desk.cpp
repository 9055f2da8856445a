#include "actors/view_desk.hpp"

#include <utility>

#include "actors/answer.hpp"
#include "model/json.hpp"

namespace inboxd::actors {
namespace {

constexpr std::size_t build_rows_per_step =
    2'000;  // about a millisecond: others are served in between

model::Viewer viewer_of(const Submission& submission) {
  return model::viewer_of(submission.client->principal(), submission.role);
}

}  // namespace

void ViewDesk::follow(const Commit& commit) {
  if (commit.workspace_after) {
    engine_.apply(commit.offset, commit.at, commit.workspace_events, commit.workspace_after);
    return;
  }
  const auto message_came = [&](const RowChange& row) {
    if (commit.moved || !row.after || !row.after->last_message) return false;
    const auto* before = row.before ? &row.before->last_message : nullptr;
    return before == nullptr || !*before || (*before)->seq != row.after->last_message->seq;
  };
  std::vector<model::RowChange> changes;
  changes.reserve(commit.rows.size());
  changes_ += commit.rows.size();
  for (const auto& row : commit.rows)
    changes.push_back(
        {.contact = row.contact, .after = row.after, .message_came = message_came(row)});
  engine_.apply(commit.offset, commit.at, changes);
}

void ViewDesk::reach(model::Offset offset) {
  // No commit, so no time passes either (S2): the engine keeps the latest that it has seen.
  if (offset > engine_.offset()) engine_.tick(offset, {});
}

bool ViewDesk::serve(const Submission& submission) {
  if (const auto* view = std::get_if<request::SubscribeView>(&submission.request)) {
    subscribe(submission, *view);
  } else if (const auto* counters = std::get_if<request::SubscribeCounters>(&submission.request)) {
    subscribe(submission, *counters);
  } else if (const auto* workload = std::get_if<request::SubscribeWorkload>(&submission.request)) {
    subscribe(submission, *workload);
  } else if (const auto* window = std::get_if<request::MoveWindow>(&submission.request)) {
    return move(submission, *window);
  } else if (std::holds_alternative<request::ListViews>(submission.request)) {
    list(submission);
  } else {
    return false;
  }
  return true;
}

model::ViewToken ViewDesk::take(const ClientPtr& client, SubId sub, std::string_view reset_method) {
  const model::ViewToken token{++last_token_};
  subs_.emplace(token.value, Sub{.client = client, .id = sub, .reset_method = reset_method});
  tokens_.emplace(std::pair(client.get(), sub), token);
  return token;
}

void ViewDesk::subscribe(const Submission& submission, const request::SubscribeView& request) {
  model::ViewRequest asked{
      .view = request.view, .sort = request.sort, .after = request.after, .limit = request.limit};
  // S35: another epoch, or an offset that is not yet, is no error: the client gets rows instead of
  // what it missed.
  if (request.resume && request.resume->epoch == epoch_ &&
      request.resume->offset <= engine_.offset()) {
    asked.resume = request.resume->offset;
  }
  const auto token = take(submission.client, request.sub, "view.reset");
  settle(token, {.client = submission.client, .tag = submission.tag, .sub = request.sub},
         engine_.subscribe(token, viewer_of(submission), asked));
}

void ViewDesk::subscribe(const Submission& submission, const request::SubscribeCounters& request) {
  const auto token = take(submission.client, request.sub, "counters.reset");
  settle(token, {.client = submission.client, .tag = submission.tag, .sub = request.sub},
         engine_.subscribe_counters(token, viewer_of(submission), request.views));
}

void ViewDesk::subscribe(const Submission& submission, const request::SubscribeWorkload& request) {
  const auto token = take(submission.client, request.sub, "workload.reset");
  settle(token, {.client = submission.client, .tag = submission.tag, .sub = request.sub},
         engine_.subscribe_workload(token, viewer_of(submission)));
}

bool ViewDesk::move(const Submission& submission, const request::MoveWindow& request) {
  const auto known = tokens_.find({submission.client.get(), request.sub});
  if (known == tokens_.end()) return false;
  const auto answer = engine_.move(known->second, request.after, request.limit);
  const Asked asked{.client = submission.client, .tag = submission.tag, .sub = std::nullopt};
  if (answer) {
    settle(known->second, asked, answer);
  } else {
    // A refused move leaves the subscription as it was.
    outlet_.deliver(
        {Answer{.client = asked.client, .tag = asked.tag, .body = error_answer(answer.error())}});
  }
  return true;
}

void ViewDesk::list(const Submission& submission) {
  const model::ViewToken token{++last_token_};
  settle(token, {.client = submission.client, .tag = submission.tag, .sub = std::nullopt},
         engine_.list_views(token, viewer_of(submission)));
}

void ViewDesk::settle(model::ViewToken token, const Asked& asked,
                      const model::Result<model::ViewAnswer>& answer) {
  if (!answer) {
    forget(token);
    outlet_.deliver(
        {Answer{.client = asked.client, .tag = asked.tag, .body = error_answer(answer.error())}});
  } else if (!*answer) {
    waiting_[token.value].push_back(asked);
  } else {
    outlet_.deliver({Answer{
        .client = asked.client, .tag = asked.tag, .body = body_of(token, asked, **answer)}});
  }
}

std::string ViewDesk::body_of(model::ViewToken token, const Asked& asked,
                              const std::string& members) {
  std::string body = "\"result\":{";
  if (asked.sub) {
    body += "\"sub\":\"s" + std::to_string(asked.sub->value) + "\",\"epoch\":";
    model::json::write(body, epoch_);
    body += ',';
  }
  if (const auto known = subs_.find(token.value); !asked.sub && known != subs_.end()) {
    // A window was moved: its client can see whether it had every delta of the list before.
    body += "\"deltas\":" + std::to_string(std::exchange(known->second.deltas, 0)) + ",";
  }
  body += members;
  body += '}';
  return body;
}

std::optional<model::Timestamp> ViewDesk::work(model::Timestamp now) {
  if (engine_.building()) engine_.build_step(build_rows_per_step);
  std::vector<Outgoing> out;
  std::uint64_t deltas = 0, resets = 0;
  engine_.set_pressure(outlet_.pressure());
  for (const auto& delivery : engine_.flush(now)) {
    using Kind = model::Delivery::Kind;
    deltas += delivery.kind == Kind::delta || delivery.kind == Kind::counters ? 1 : 0;
    resets += delivery.kind == Kind::reset ? delivery.tokens.size() : 0;
    send(delivery, out);
  }
  stats_->count_views(std::exchange(changes_, 0), deltas, resets);
  if (!out.empty()) outlet_.deliver(std::move(out));
  return engine_.building() ? now : engine_.next_flush();
}

void ViewDesk::send(const model::Delivery& delivery, std::vector<Outgoing>& out) {
  using Kind = model::Delivery::Kind;
  for (const auto token : delivery.tokens) {
    if (delivery.kind == Kind::answer) {
      const auto waiting = waiting_.find(token.value);
      if (waiting == waiting_.end()) continue;  // the client left meanwhile
      const auto asked = std::move(waiting->second.front());
      waiting->second.erase(waiting->second.begin());
      if (waiting->second.empty()) waiting_.erase(waiting);
      out.emplace_back(Answer{
          .client = asked.client, .tag = asked.tag, .body = body_of(token, asked, *delivery.tail)});
      continue;
    }
    if (delivery.kind == Kind::ended && refuse_waiting(token, out)) continue;
    const auto known = subs_.find(token.value);
    if (known == subs_.end()) continue;
    auto& sub = known->second;
    Push push{.client = sub.client, .sub = sub.id, .method = "view.delta", .tail = delivery.tail};
    switch (delivery.kind) {
      case Kind::reset:
        push.method = sub.reset_method;
        sub.deltas = 0;
        break;
      case Kind::counters:
        push.method = "counters.delta";
        push.loss = Push::Loss::reset;
        break;
      case Kind::progress:
        push.method = "view.progress";
        push.loss = Push::Loss::drop;
        break;
      case Kind::workload:
        push.method = "workload.delta";
        push.loss = Push::Loss::reset;
        break;
      case Kind::ended: push.method = "subscription.ended"; break;
      default:
        push.loss = Push::Loss::reset;
        ++sub.deltas;
        break;
    }
    out.emplace_back(std::move(push));
    if (delivery.kind == Kind::ended) forget(token);
  }
}

/// What waits for a list of a view that is gone gets an error. True if the subscription itself did:
/// then nobody has heard of it, and there is nothing to end.
bool ViewDesk::refuse_waiting(model::ViewToken token, std::vector<Outgoing>& out) {
  const auto waiting = waiting_.find(token.value);
  if (waiting == waiting_.end()) return false;
  bool subscribing = false;
  for (const auto& asked : waiting->second) {
    const bool subscribes = asked.sub.has_value();
    subscribing = subscribing || subscribes;
    const auto error = subscribes ? model::not_found("view", "There is no such view any more.")
                                  : model::not_found("sub", "The subscription has ended.");
    out.emplace_back(Answer{.client = asked.client, .tag = asked.tag, .body = error_answer(error)});
  }
  if (subscribing) {
    forget(token);
  } else {
    waiting_.erase(waiting);
  }
  return subscribing;
}

void ViewDesk::reset(const ClientPtr& client, SubId sub) {
  const auto known = tokens_.find({client.get(), sub});
  if (known == tokens_.end()) return;
  if (const auto tail = engine_.reset(known->second)) {
    stats_->count_views(0, 0, 1);
    subs_.at(known->second.value).deltas = 0;
    outlet_.deliver({Push{.client = client,
                          .sub = sub,
                          .method = subs_.at(known->second.value).reset_method,
                          .tail = tail}});
  }
}

void ViewDesk::leave(const ClientPtr& client, std::optional<SubId> sub) {
  const SubId first = sub.value_or(SubId{});
  auto known = tokens_.lower_bound({client.get(), first});
  while (known != tokens_.end() && known->first.first == client.get() &&
         (!sub || known->first.second == *sub)) {
    const auto token = known->second;
    ++known;
    engine_.unsubscribe(token);
    forget(token);
  }
}

void ViewDesk::forget(model::ViewToken token) {
  waiting_.erase(token.value);
  const auto known = subs_.find(token.value);
  if (known == subs_.end()) return;
  tokens_.erase({known->second.client.get(), known->second.id});
  subs_.erase(known);
}

}  // namespace inboxd::actors
