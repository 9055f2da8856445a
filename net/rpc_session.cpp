#include "net/rpc_session.hpp"

#include "model/error_json.hpp"
#include "model/json.hpp"
#include "model/limits.hpp"
#include "model/overload.hpp"
#include "model/workspace_json.hpp"
#include "net/version.hpp"

namespace inboxd::net {
namespace {

using model::Error;
using model::Reason;
namespace request = actors::request;

constexpr std::string_view empty_result = R"("result":{})";
constexpr std::string_view ended = "subscription.ended";
constexpr std::string_view view_reset = "view.reset";
constexpr std::string_view counters_reset = "counters.reset";
constexpr std::string_view workload_reset = "workload.reset";

Error unauthenticated() {
  return {.reason = Reason::unauthenticated, .message = "Open a session first."};
}

Error stopping() {
  return {.reason = Reason::unavailable,
          .message = "The server is stopping.",
          .retry_after = model::seconds(1)};
}

Error no_method(std::string_view name) {
  constexpr std::size_t shown_max = 64;
  std::string message = "There is no method ";
  for (const char c : name.substr(0, shown_max)) {
    message += c >= ' ' && c < '\x7f' && c != '\\' ? c : '?';
  }
  return {.reason = Reason::method_not_found, .message = message + "."};
}

bool same_principal(const model::Principal& a, const model::Principal& b) {
  return a.kind == b.kind && a.id == b.id && a.channel == b.channel;
}

/// How much a request may be answered with, in answers of the usual size (some kilobytes): whoever
/// asks without reading has as much waiting in memory as was asked for before reading stopped.
std::size_t weight_of(const actors::Request& request) {
  constexpr std::size_t entries = 8, rows = 32, directory = 8;
  return std::visit(model::overload{
                        [](const request::PageTimeline& r) { return 1 + r.limit / entries; },
                        [](const request::Search& r) { return 1 + r.limit / entries; },
                        [](const request::SubscribeContact& r) {
                          return 1 + (r.resume ? model::limits::page_rows_max : r.limit) / entries;
                        },
                        [](const request::SubscribeView& r) { return 1 + r.limit / rows; },
                        [](const request::MoveWindow& r) {
                          return 1 + r.limit.value_or(model::limits::page_rows_max) / rows;
                        },
                        [](const request::ListAgents&) { return directory; },
                        [](const request::ListViews&) { return directory; },
                        [](const request::SubscribeAgents&) { return directory; },
                        [](const request::SubscribeWorkload&) { return directory; },
                        [](const auto&) { return std::size_t{1}; },
                    },
                    request);
}

/// Viewing and typing last as long as the session.
bool tells_presence(const actors::Request& request) {
  return std::holds_alternative<request::SetViewing>(request) ||
         std::holds_alternative<request::SetTyping>(request) ||
         std::holds_alternative<request::InboundTyping>(request);
}

/// Which reason an `"error":{…}` body names; for the metrics.
Reason reason_in(std::string_view body) {
  constexpr std::string_view key = R"("reason":")";
  const auto start = body.find(key);
  if (start == std::string_view::npos) return Reason::internal_error;
  const auto rest = body.substr(start + key.size());
  const auto name = rest.substr(0, rest.find('"'));
  for (std::size_t r = 0; r < Metrics::reasons; ++r) {
    if (name_of(static_cast<Reason>(r)) == name) return static_cast<Reason>(r);
  }
  return Reason::internal_error;
}

}  // namespace

RpcSession::RpcSession(Services& services, FramePort& port, Transport transport)
    : services_(services),
      port_(port),
      transport_(transport),
      started_at_(services.clock()),
      rate_(services.options.commands_per_s) {}

RpcSession::~RpcSession() {
  services_.metrics.in_flight -= in_flight_;
  if (!client_) return;
  client_->session = nullptr;
  if (transport_ == Transport::http) {
    if (told_presence_) services_.linger(client_);
    return;
  }
  --services_.metrics.sessions;
  services_.engine->close(client_);
}

std::optional<Error> RpcSession::authenticate(std::string_view token) {
  auto claims = services_.keys.verify(token, services_.clock());
  if (!claims) return claims.error();
  if (!services_.engine->has_workspace(claims->workspace)) {
    return Error{.reason = Reason::unauthenticated,
                 .message = "The token's workspace does not exist."};
  }
  client_ = std::make_shared<SessionClient>(claims->workspace, claims->principal,
                                            transport_ == Transport::http);
  client_->session = this;
  role_ = claims->principal.role;
  expires_at_ = claims->expires_at;
  principal_rate_ = services_.rate_of(claims->workspace, claims->principal);
  return std::nullopt;
}

void RpcSession::on_frame(std::string_view text) {
  if (closed_) return;
  ++services_.metrics.frames_in;
  services_.metrics.bytes_in += text.size();
  if (client_ && transport_ == Transport::websocket && services_.clock() >= expires_at_) {
    return expire();
  }
  parse_frame(text, services_.options.in_flight_max, frame_);
  if (frame_.error) {
    if (auto error = check_rate()) frame_.error = std::move(error);
    services_.metrics.refused(frame_.error->reason);
    respond({.id = "null", .batch = {}}, model::error_member(*frame_.error));
    return;
  }
  if (!frame_.batch) {
    const auto& envelope = frame_.requests.front();
    return handle(envelope, {.id = std::string(envelope.id), .batch = {}});
  }
  auto batch = std::make_shared<Batch>();
  batch->responses.resize(frame_.requests.size());
  batch->waiting = 1;  // this loop
  for (std::size_t i = 0; i < frame_.requests.size(); ++i) {
    const auto& envelope = frame_.requests[i];
    handle(envelope, {.id = std::string(envelope.id), .batch = batch, .index = i});
    if (closed_) return;
  }
  if (--batch->waiting == 0) finish(*batch);
}

/// The rate, which counts whatever comes, then S6 in its order: session, method, kind and role,
/// params.
std::optional<Error> RpcSession::check(const Envelope& envelope, const Method* method) {
  const bool free = method != nullptr && method->effect == Effect::session;
  if (client_ && services_.stopping) return stopping();
  if (auto error = check_rate()) return error;
  if (!client_ && !free) return unauthenticated();
  if (method == nullptr) return no_method(envelope.method);
  if (transport_ == Transport::http &&
      (method->effect == Effect::session || method->effect == Effect::subscribe ||
       method->effect == Effect::on_sub)) {
    return no_method(envelope.method);
  }
  if (!client_) return std::nullopt;
  return check_access(*method, client_->principal(), role_);
}

std::optional<Error> RpcSession::check_rate() {
  const auto now = services_.clock();
  model::Duration wait;
  if (!rate_.take(now)) {
    wait = rate_.wait();
  } else if (principal_rate_ && !principal_rate_->take(now)) {
    wait = principal_rate_->wait();
  } else {
    refused_in_a_row_ = 0;
    return std::nullopt;
  }
  ++services_.metrics.rate_limited;
  if (++refused_in_a_row_ > services_.options.commands_per_s) {
    closed_ = true;
    port_.close(CloseCode::too_many_requests, "too many requests");
  }
  return Error{.reason = Reason::rate_limited,
               .message = "Too many requests a second.",
               .retry_after = wait,
               .limit = services_.options.commands_per_s};
}

void RpcSession::handle(const Envelope& envelope, Place place) {
  auto error = envelope.error;
  const Method* method = nullptr;
  if (error) {
    if (place.id.empty()) place.id = "null";
    if (auto over = check_rate()) error = std::move(over);
  } else {
    method = find_method(envelope.method);
    error = check(envelope, method);
  }
  if (!error) {
    static const model::Principal nobody;
    const auto sub_before = last_sub_;
    In in(client_ ? client_->principal() : nobody, last_sub_);
    auto call = method->decode(*method, in, envelope.params);
    if (call) {
      error = dispatch(*method, std::move(*call), place, sub_before);
    } else {
      error = call.error();
    }
    if (error) last_sub_ = sub_before;
  }
  if (!error) return;
  if (method != nullptr) {
    services_.metrics.refused(index_of(*method), error->reason);
  } else {
    services_.metrics.refused(error->reason);
  }
  respond(place, model::error_member(*error));
}

std::optional<Error> RpcSession::dispatch(const Method& method, Call&& call, Place& place,
                                          std::uint32_t sub_before) {
  return std::visit(
      model::overload{
          [&](OpenSession& o) { return open(method, o.token, place); },
          [&](RefreshSession& r) { return refresh(method, r.token, place); },
          [&](Discover&) -> std::optional<Error> {
            services_.metrics.answered_at_once(index_of(method));
            respond(place, R"("result":)" + services_.openrpc);
            return std::nullopt;
          },
          [&](actors::Request& r) { return forward(method, std::move(r), place, sub_before); },
      },
      call);
}

std::optional<Error> RpcSession::open(const Method& method, std::string_view token,
                                      const Place& place) {
  if (client_) {
    return Error{.reason = Reason::invalid_request, .message = "The session is open already."};
  }
  if (services_.stopping) return stopping();
  if (auto error = authenticate(token)) {
    turn_away(method, *error, place);
    return std::nullopt;
  }
  id_ = services_.session_id();
  ++services_.metrics.sessions;
  services_.engine->open(client_);
  services_.metrics.answered_at_once(index_of(method));
  respond(place, session_body());
  return std::nullopt;
}

std::optional<Error> RpcSession::refresh(const Method& method, std::string_view token,
                                         const Place& place) {
  if (!client_) return unauthenticated();
  auto claims = services_.keys.verify(token, services_.clock());
  if (!claims) {
    turn_away(method, claims.error(), place);
    return std::nullopt;
  }
  if (claims->workspace != client_->workspace() ||
      !same_principal(claims->principal, client_->principal())) {
    return model::forbidden("The token is somebody else's: open another session with it.");
  }
  role_ = claims->principal.role;
  expires_at_ = claims->expires_at;
  services_.metrics.answered_at_once(index_of(method));
  respond(place, session_body());
  return std::nullopt;
}

/// S37: the error, then close 4401.
void RpcSession::turn_away(const Method& method, const Error& error, const Place& place) {
  services_.metrics.refused(index_of(method), error.reason);
  respond(place, model::error_member(error));
  closed_ = true;
  port_.close(CloseCode::unauthenticated, "not authenticated");
}

std::string RpcSession::session_body() const {
  const auto& options = services_.options;
  auto principal = client_->principal();
  principal.role = role_;
  std::string out = R"("result":)";
  {
    model::json::Object result(out);
    result("session", id_)("workspace", client_->workspace());
    write_principal(result.key("principal"), principal);
    result("epoch", services_.engine->epoch())("offset", services_.engine->released());
    model::json::Object{result.key("server")}("name", server_name)("version", server_version)(
        "time", services_.clock());
    model::json::Object{result.key("limits")}("frame_bytes", options.frame_bytes_max)(
        "text_bytes", model::limits::text_bytes_max)("tags", model::limits::tags_max)(
        "fields", model::limits::fields_max)("in_flight", options.in_flight_max)(
        "subscriptions", options.subscriptions_max)("commands_per_s", options.commands_per_s);
    result("expires_at", expires_at_);
  }
  return out;
}

std::optional<Error> RpcSession::forward(const Method& method, actors::Request&& request,
                                         Place& place, std::uint32_t sub_before) {
  if (const auto* unsub = std::get_if<request::Unsubscribe>(&request)) {
    return unsubscribe(method, unsub->sub, place);
  }
  if (const auto* move = std::get_if<request::MoveWindow>(&request)) {
    const auto* sub = active_sub(move->sub);
    if (sub == nullptr || sub->method->name != "view.subscribe") {
      return model::not_found("sub", "There is no such subscription of a view.");
    }
  }
  told_presence_ = told_presence_ || tells_presence(request);
  const bool subscribes = last_sub_ != sub_before;
  if (subscribes && subs_.size() >= services_.options.subscriptions_max) {
    return Error{.reason = Reason::limit_exceeded,
                 .message = "The session has as many subscriptions as it may have.",
                 .limit = services_.options.subscriptions_max};
  }
  const auto weight = weight_of(request);
  constexpr std::size_t full_sessions = 4;  // a batch answers at once what so many may ask for
  const auto weight_max = full_sessions * services_.options.in_flight_max;
  if (place.batch && (place.batch->weight += weight) > weight_max) {
    return Error{.reason = Reason::limit_exceeded,
                 .message = "The batch asks for too much at once.",
                 .limit = weight_max};
  }
  if (subscribes) subs_[last_sub_].method = &method;

  actors::RequestTag tag = pending_.size();
  if (free_tags_.empty()) {
    pending_.emplace_back();
  } else {
    tag = free_tags_.back();
    free_tags_.pop_back();
  }
  auto& pending = pending_[tag];
  if (place.batch) ++place.batch->waiting;
  pending.place = std::move(place);
  pending.method = &method;
  pending.sub = subscribes ? last_sub_ : 0;
  pending.since_us = services_.steady_us();
  pending.weight = weight;
  in_flight_weight_ += weight;
  ++in_flight_;
  ++services_.metrics.in_flight;
  outgoing_.push_back({client_, tag, role_, std::move(request)});
  return std::nullopt;
}

std::optional<Error> RpcSession::unsubscribe(const Method& method, actors::SubId sub,
                                             const Place& place) {
  if (active_sub(sub) == nullptr) return model::not_found("sub", "There is no such subscription.");
  subs_.erase(sub.value);
  outgoing_.push_back({client_, 0, role_, request::Unsubscribe{sub}});
  services_.metrics.answered_at_once(index_of(method));
  respond(place, empty_result);
  return std::nullopt;
}

RpcSession::Subscription* RpcSession::active_sub(actors::SubId sub) {
  const auto found = subs_.find(sub.value);
  return found != subs_.end() && found->second.active ? &found->second : nullptr;
}

void RpcSession::submit() {
  if (outgoing_.empty()) return;
  std::vector<actors::Submission> batch;
  batch.reserve(outgoing_.size());
  batch.swap(outgoing_);
  services_.engine->submit(std::move(batch));
}

void RpcSession::on_answer(actors::RequestTag tag, std::string_view body) {
  if (tag >= pending_.size() || pending_[tag].method == nullptr) return;
  auto pending = std::move(pending_[tag]);
  pending_[tag] = {};
  free_tags_.push_back(tag);
  in_flight_weight_ -= pending.weight;
  --in_flight_;
  --services_.metrics.in_flight;
  const bool ok = body.starts_with(R"("result")");
  if (ok) {
    services_.metrics.answered(index_of(*pending.method), services_.steady_us() - pending.since_us);
  } else {
    services_.metrics.refused(index_of(*pending.method), reason_in(body));
  }
  finish_subscribe(pending, ok);
  respond(pending.place, body);
  auto* batch = pending.place.batch.get();
  if (batch != nullptr && --batch->waiting == 0) finish(*batch);
  port_.settled();
}

void RpcSession::finish_subscribe(Pending& pending, bool ok) {
  if (pending.sub == 0) return;
  if (ok) {
    auto& sub = subs_[pending.sub];
    sub.active = true;
    sub.batch = pending.place.batch;
  } else {
    subs_.erase(pending.sub);
  }
}

/// Puts the response where it belongs: into a frame of its own, or its place in the batch.
void RpcSession::respond(const Place& place, std::string_view body) {
  if (place.batch) {
    auto& batch = *place.batch;
    if (!place.id.empty()) write_response(batch.responses[place.index], place.id, body);
    return;
  }
  if (place.id.empty()) return;
  port_.send({R"({"jsonrpc":"2.0","id":)", place.id, ",", body, "}"});
}

void RpcSession::finish(Batch& batch) {
  std::string out;
  for (const auto& response : batch.responses) {
    if (response.empty()) continue;
    out += out.empty() ? '[' : ',';
    out += response;
  }
  if (!out.empty()) port_.send({out, "]"});
  for (const auto& frame : batch.held) {
    held_bytes_ -= frame.size();
    port_.send({frame});
  }
  batch.held.clear();
}

void RpcSession::on_push(const actors::Push& push) {
  if (closed_) return;
  const auto found = subs_.find(push.sub.value);
  if (found == subs_.end()) return;
  auto& sub = found->second;
  if (!make_room(push, sub)) return;
  ++services_.metrics.pushes;
  const auto number = std::to_string(push.sub.value);
  const std::initializer_list<std::string_view> head{R"({"jsonrpc":"2.0","method":")", push.method,
                                                     R"(","params":{"sub":"s)", number,
                                                     push.tail->empty() ? R"(")" : R"(",)"};
  constexpr std::string_view end = "}}";
  if (!hold(sub, head, *push.tail, end)) port_.send_shared(head, push.tail, end);
  if (push.method == ended) subs_.erase(found);
}

/// "Every later change arrives after it": also after an answer that waits for the rest of its
/// batch.
bool RpcSession::hold(Subscription& sub, std::initializer_list<std::string_view> head,
                      std::string_view tail, std::string_view end) {
  if (!sub.batch) return false;
  if (sub.batch->waiting == 0) {
    sub.batch.reset();
    return false;
  }
  auto& frame = sub.batch->held.emplace_back();
  for (const auto part : head) frame += part;
  frame.append(tail).append(end);
  held_bytes_ += frame.size();
  return true;
}

/// DESIGN 8: coalesce (the engine did), reset, close. False: the push is not to be sent.
bool RpcSession::make_room(const actors::Push& push, Subscription& sub) {
  using Loss = actors::Push::Loss;
  if (push.method == view_reset || push.method == counters_reset || push.method == workload_reset) {
    sub.dropped = sub.reset_asked = false;
    return true;
  }
  if (sub.dropped && push.loss == Loss::reset) return false;
  // The one that goes over the bound is sent: what is dropped has something before it that drains.
  if (port_.queued_bytes() + held_bytes_ <= services_.queue_bytes_bound()) return true;
  ++services_.metrics.dropped_pushes;
  if (push.loss == Loss::reset) {
    sub.dropped = true;
    sub.dropped_at = services_.clock();
  } else if (push.loss == Loss::close) {
    ++services_.metrics.closed_slow;
    closed_ = true;
    port_.close(CloseCode::too_slow, "too slow a reader");
  }
  return false;
}

void RpcSession::on_drained() {
  for (auto& [number, sub] : subs_) {
    if (!sub.dropped || sub.reset_asked) continue;
    sub.reset_asked = true;
    ++services_.metrics.resets;
    services_.engine->reset_view(client_, {number});
  }
}

void RpcSession::on_hangup(std::uint16_t code, std::string_view reason) {
  if (closed_) return;
  closed_ = true;
  port_.close(static_cast<CloseCode>(code), reason);
}

void RpcSession::expire() {
  closed_ = true;
  port_.close(CloseCode::unauthenticated, "the token has expired");
}

void RpcSession::tick(model::Timestamp now) {
  if (closed_ || transport_ == Transport::http) return;
  if (!client_) {
    if (now - services_.options.open_timeout < started_at_) return;
    closed_ = true;
    return port_.close(CloseCode::no_session_open, "no session.open in time");
  }
  if (now >= expires_at_) return expire();
  for (const auto& [number, sub] : subs_) {
    if (!sub.dropped || now - services_.options.reset_timeout < sub.dropped_at) continue;
    ++services_.metrics.closed_slow;
    closed_ = true;
    return port_.close(CloseCode::too_slow, "too slow a reader");
  }
}

bool RpcSession::may_read() const {
  return !closed_ && in_flight_weight_ < services_.in_flight_bound() &&
         port_.queued_bytes() <= services_.queue_bytes_bound();
}

std::size_t RpcSession::index_of(const Method& method) const {
  return static_cast<std::size_t>(&method - all_methods().data());
}

}  // namespace inboxd::net
