#include "net/chat_desk.hpp"

#include <algorithm>

#include <boost/beast/core/string.hpp>

#include "net/chat_session.hpp"
#include "net/services.hpp"

namespace inboxd::net {
namespace {

namespace request = actors::request;

// A person at a keyboard, with room for an impatient one.
constexpr model::Throughput visitor_rate{.count = 30, .per = model::seconds(60), .burst = 10};
// Pages opened from one address; an office behind one is many people.
constexpr model::Throughput peer_rate{.count = 120, .per = model::seconds(60), .burst = 60};
constexpr std::size_t visitors_max = 5'000;  // of one channel, at once
constexpr std::uint32_t deliveries_held_max = 1'000;

std::string_view query_value(std::string_view target, std::string_view name) {
  auto query = target.substr(std::min(target.find('?'), target.size()));
  while (!query.empty()) {
    query.remove_prefix(1);
    const auto one = query.substr(0, query.find('&'));
    const auto equals = one.find('=');
    if (one.substr(0, equals) == name && equals != std::string_view::npos) {
      return one.substr(equals + 1);
    }
    query.remove_prefix(one.size());
  }
  return {};
}

bool is_served(const model::Channel& channel) {
  return channel.kind == model::ChannelKind::webchat && channel.origins.has_value();
}

/// Browsers always say where a page comes from; who does not is no page.
bool may_enter(const model::Channel& channel, std::string_view origin, std::string_view host) {
  if (origin.empty()) return false;
  const auto scheme_end = origin.find("://");
  const auto own = scheme_end == std::string_view::npos ? origin : origin.substr(scheme_end + 3);
  if (!host.empty() &&
      boost::beast::iequals({own.data(), own.size()}, {host.data(), host.size()})) {
    return true;
  }
  return std::any_of(channel.origins->begin(), channel.origins->end(),
                     [&](const auto& allowed) { return allowed == "*" || allowed == origin; });
}

std::string_view text_of(simdjson::dom::element object, const char* key) {
  std::string_view text;
  if (object[key].get(text) != simdjson::SUCCESS) return {};
  return text;
}

std::uint64_t number_of(simdjson::dom::element object, const char* key) {
  std::uint64_t number = 0;
  if (object[key].get(number) != simdjson::SUCCESS) return 0;
  return number;
}

}  // namespace

ChatDesk::ChatDesk(Services& services, WorkspacePtr workspace, const model::ChannelId& channel)
    : services_(services),
      workspace_(std::move(workspace)),
      channel_(channel),
      tokens_(services.keys.derive("webchat visitor"), workspace_->id, channel),
      client_(std::make_shared<SessionClient>(
          workspace_->id, model::Principal{.kind = model::PrincipalKind::connector,
                                           .id = "webchat",
                                           .role = model::Role::agent,
                                           .channel = channel})) {
  client_->session = this;
  services_.engine->open(client_);
  submit(0,
         request::SubscribeOutbox{
             .sub = {++last_sub_}, .after = std::nullopt, .held_max = deliveries_held_max},
         [this](bool ok, simdjson::dom::element body) {
           if (ok) deliver(body);
         });
}

ChatDesk::~ChatDesk() {
  client_->session = nullptr;
  services_.engine->close(client_);
}

void ChatDesk::submit(std::uint64_t session, actors::Request request, Then then) {
  pending_.emplace(++last_tag_, Pending{.session = session, .then = std::move(then)});
  std::vector<actors::Submission> batch;
  batch.push_back({client_, last_tag_, model::Role::agent, std::move(request)});
  services_.engine->submit(std::move(batch));
}

void ChatDesk::ask(ChatSession& session, actors::Request request, Then then) {
  submit(session.number(), std::move(request), std::move(then));
}

void ChatDesk::watch(ChatSession& session, Then then) {
  constexpr std::size_t history = 100;
  const actors::SubId sub{++last_sub_};
  watching_[sub.value] = session.number();
  ask(session,
      request::SubscribeCustomer{.sub = sub, .external_id = session.visitor(), .limit = history},
      std::move(then));
}

void ChatDesk::enter(ChatSession& session) {
  session.be_number(++last_session_);
  sessions_[session.number()] = &session;
}

void ChatDesk::know(ChatSession& session) {
  visitors_[session.visitor()].sessions.push_back(&session);
}

void ChatDesk::leave(ChatSession& session) {
  sessions_.erase(session.number());
  for (auto watch = watching_.begin(); watch != watching_.end();) {
    if (watch->second != session.number()) {
      ++watch;
      continue;
    }
    std::vector<actors::Submission> batch;
    batch.push_back({client_, 0, model::Role::agent, request::Unsubscribe{{watch->first}}});
    services_.engine->submit(std::move(batch));
    watch = watching_.erase(watch);
  }
  if (const auto known = visitors_.find(session.visitor()); known != visitors_.end()) {
    std::erase(known->second.sessions, &session);
  }
}

void ChatDesk::close(CloseCode code, std::string_view reason) {
  const auto all = sessions_;
  for (const auto& [number, session] : all) session->close(code, reason);
}

void ChatDesk::tick(model::Timestamp now) {
  std::erase_if(visitors_, [&](const auto& item) {
    return item.second.sessions.empty() && item.second.written.full_at() <= now;
  });
}

bool ChatDesk::may_write(const std::string& visitor, model::Timestamp now) {
  auto& written = visitors_[visitor].written;
  if (written.ready_at(visitor_rate) > now) return false;
  written.take(visitor_rate, now);
  return true;
}

void ChatDesk::on_answer(actors::RequestTag tag, std::string_view body) {
  const auto known = pending_.find(tag);
  if (known == pending_.end()) return;
  const auto pending = std::move(known->second);
  pending_.erase(known);
  if (pending.session != 0 && !sessions_.contains(pending.session)) return;
  const auto json = "{" + std::string(body) + "}";
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(json).get(document) != simdjson::SUCCESS) return;
  simdjson::dom::element inner;
  const bool ok = document["result"].get(inner) == simdjson::SUCCESS;
  if (!ok && document["error"].get(inner) != simdjson::SUCCESS) return;
  if (pending.then) pending.then(ok, inner);
}

void ChatDesk::on_push(const actors::Push& push) {
  const auto json = "{" + *push.tail + "}";
  simdjson::dom::element params;
  if (parser_.parse(json).get(params) != simdjson::SUCCESS) return;
  if (push.method == "outbox.deliver") return deliver(params);
  const auto watch = watching_.find(push.sub.value);
  if (watch == watching_.end()) return;
  const auto session = sessions_.find(watch->second);
  if (session == sessions_.end()) return;
  if (push.method == "contact.delta") return session->second->on_delta(params);
  if (push.method == "contact.presence") return session->second->on_presence(params);
  if (push.method == "subscription.ended") {
    watching_.erase(watch);
    session->second->on_ended();
  }
}

void ChatDesk::deliver(simdjson::dom::element params) {
  simdjson::dom::array deliveries;
  if (params["deliveries"].get(deliveries) != simdjson::SUCCESS) return;
  for (const auto delivery : deliveries) {
    const auto contact = model::ContactId::parse(text_of(delivery, "contact"));
    simdjson::dom::element entry;
    if (!contact || delivery["entry"].get(entry) != simdjson::SUCCESS) continue;
    const model::Seq seq{number_of(delivery, "seq")};
    submit(0,
           request::ReportSent{.contact = *contact,
                               .seq = seq,
                               .provider_id = contact->str() + "-" + std::to_string(seq.value)},
           {});
    const auto visitor = visitors_.find(std::string(text_of(delivery, "external_id")));
    if (visitor == visitors_.end()) continue;
    for (auto* session : visitor->second.sessions) session->on_message(*contact, entry);
  }
}

ChatDesks::ChatDesks() = default;
ChatDesks::~ChatDesks() = default;
ChatDesks::ChatDesks(ChatDesks&&) noexcept = default;

ChatEntrance ChatDesks::enter(Services& services, std::string_view target, std::string_view origin,
                              std::string_view host, const std::string& peer) {
  follow(services);
  auto workspace = query_value(target, "workspace");
  if (workspace.empty()) workspace = "default";
  const auto wanted = query_value(target, "channel");
  // Looked up without becoming symbols, which stay for ever.
  const auto desk = std::find_if(desks_.begin(), desks_.end(), [&](const auto& item) {
    return item.first.first.str() == workspace && item.first.second.str() == wanted;
  });
  if (desk == desks_.end() || stopped_) {
    return {.status = 404, .refusal = "There is no webchat on this channel.\n"};
  }
  if (!may_enter(desk->second->channel(), origin, host)) {
    return {.status = 403, .refusal = "Pages of this origin may not show this webchat.\n"};
  }
  const auto now = services.clock();
  auto& opened = peers_[peer];
  if (opened.ready_at(peer_rate) > now || desk->second->visitors() >= visitors_max) {
    return {.status = 429, .refusal = "Too many visitors: come back in a minute.\n"};
  }
  opened.take(peer_rate, now);
  return {.desk = desk->second.get(), .status = 101, .refusal = {}};
}

void ChatDesks::follow(Services& services) {
  if (stopped_) return;
  std::map<Key, std::shared_ptr<const model::Workspace>> served;
  for (const auto& workspace : services.engine->workspaces()) {
    for (const auto& [id, channel] : workspace->channels) {
      if (is_served(channel)) served.emplace(Key{workspace->id, id}, workspace);
    }
  }
  for (auto& [key, desk] : desks_) {
    if (!served.contains(key)) desk->close(CloseCode::forbidden, "this webchat has closed");
  }
  // Gone when its last visitor is.
  std::erase_if(desks_, [&](const auto& item) {
    return !served.contains(item.first) && item.second->visitors() == 0;
  });
  for (const auto& [key, workspace] : served) {
    if (auto& desk = desks_[key]) {
      desk->update(workspace);
    } else {
      desk = std::make_unique<ChatDesk>(services, workspace, key.second);
    }
  }
}

void ChatDesks::tick(Services& services, model::Timestamp now) {
  follow(services);
  for (auto& [key, desk] : desks_) desk->tick(now);
  std::erase_if(peers_, [&](const auto& item) { return item.second.full_at() <= now; });
}

}  // namespace inboxd::net
