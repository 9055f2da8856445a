#include "apps/demo/desk.hpp"

#include <spdlog/spdlog.h>

#include "model/json.hpp"

namespace inboxd::demo {
namespace {

using model::json::Object;

constexpr std::chrono::seconds retry_delay{2};

struct Call {
  std::string_view method;
  std::string params;
};

std::vector<Call> record_calls() {
  std::vector<Call> calls;
  for (const auto& channel : channels()) {
    auto& call = calls.emplace_back(Call{"channel.put", ""});
    Object{call.params}("id", channel.id)("kind", channel.kind)("name", channel.name);
  }
  // The website's chat, which the engine serves by itself.
  calls.push_back(
      {"channel.put", R"({"id":"chat","kind":"webchat","name":"Café Aurora","origins":[]})"});
  for (const auto& team : teams()) {
    auto& call = calls.emplace_back(Call{"team.put", ""});
    Object{call.params}("id", team.id)("name", team.name);
  }
  for (const auto& agent : agents()) {
    auto& call = calls.emplace_back(Call{"agent.put", ""});
    Object object(call.params);
    object("id", agent.id)("name", agent.name)("role", agent.role)("visibility", agent.visibility);
    if (!agent.email.empty()) object("email", agent.email);
    if (!agent.team.empty()) object.key("teams") += "[\"" + std::string(agent.team) + "\"]";
  }
  calls.push_back({"field.put", R"({"id":"city","name":"Ciudad / City","type":"text"})"});
  calls.push_back({"field.put", R"({"id":"order","name":"Pedido / Order","type":"text"})"});
  calls.push_back({"field.put", R"({"id":"newsletter","name":"Newsletter","type":"bool"})"});
  calls.push_back(
      {"view.create",
       R"({"view":"vip","name":"VIP","visibility":"workspace","sort":"longest_waiting",)"
       R"("filter":{"all":[{"field":"tags","op":"has_any","value":["vip","mayoreo","wholesale"]},)"
       R"({"field":"status","op":"eq","value":"open"}]}})"});
  calls.push_back(
      {"view.create",
       R"({"view":"waiting","name":"Sin respuesta > 10 min","visibility":"workspace",)"
       R"("sort":"longest_waiting","filter":{"all":[{"field":"status","op":"eq","value":"open"},)"
       R"({"field":"unread","op":"gt","value":0},)"
       R"({"field":"last_inbound_at","op":"older_than","value":600000}]}})"});
  return calls;
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string update_params(const Person& person, const std::string& contact) {
  std::string out;
  Object object(out);
  object("contact", contact);
  {
    Object set(object.key("set"));
    set("country", person.country)("language", person.language == Language::spanish ? "es" : "en")(
        "lifecycle", "customer");
    if (!person.script->priority.empty()) set("priority", person.script->priority);
    Object{set.key("fields")}("city", person.city)("order", person.order)("newsletter",
                                                                          person.number % 3 == 0);
  }
  model::json::write_each(object.key("tags_add"), person.script->tags,
                          [&](std::string_view tag) { model::json::write(out, tag); });
  return out + "}";
}

Call call_of(const Step& step, const Person& person, const std::string& contact,
             const std::string& client_id) {
  using What = Step::What;
  std::string params;
  switch (step.what) {
    case What::reply:
      Object{params}("contact", contact)("text", step.text)("client_id", client_id);
      return {"message.send", params};
    case What::comment: {
      Object object(params);
      object("contact", contact)("text", step.text)("client_id", client_id);
      if (step.text.find('@') != std::string::npos) object.key("mentions") += R"(["carmen"])";
    }
      return {"comment.add", params};
    case What::tag: {
      auto text = update_params(person, contact);
      return {"contact.update", std::move(text)};
    }
    case What::read: Object{params}("contact", contact); return {"contact.read", params};
    case What::assign:
      Object{params}("contact", contact)("assignee", step.text);
      return {"contact.assign", params};
    case What::assign_team:
      Object{params}("contact", contact)("assignee", nullptr)(
          "team", person.language == Language::spanish ? teams()[0].id : teams()[1].id);
      return {"contact.assign", params};
    case What::snooze:
      Object{params}("contact", contact)("until", now_ms() + std::int64_t{60'000} * step.minutes);
      return {"contact.snooze", params};
    case What::done: {
      Object object(params);
      object("contact", contact);
      Object{object.key("note")}("category", person.script->category)(
          "summary", person.say(person.script->summary));
    }
      return {"contact.done", params};
    case What::block: Object{params}("contact", contact); return {"contact.block", params};
    case What::write: break;
  }
  return {};
}

}  // namespace

Desk::Desk(client::Loop& loop, const DemoOptions& options)
    : options_(options), loop_(loop), url_(client::Url::parse(options.url)) {}

void Desk::open(std::function<void()> ready) {
  ready_ = std::move(ready);
  auto connect = [this] {
    admin_->open(
        url_,
        options_.mint(
            {.sub = "demo", .workspace = options_.workspace, .kind = "service", .role = "admin"}));
  };
  admin_ = std::make_unique<client::Rpc>(
      loop_, client::Rpc::Events{[this] { put_records(); },
                                 {},
                                 [this, connect](const client::CloseReason& why) {
                                   if (!agents_.empty()) return;  // its work is done
                                   spdlog::warn("demo: set-up: {} {}", why.code, why.reason);
                                   loop_.after(retry_delay, connect);
                                 }});
  connect();
}

void Desk::put_records() {
  const auto calls = record_calls();
  waiting_ = calls.size();
  for (const auto& call : calls) {
    admin_->call(call.method, call.params,
                 [this, method = call.method](const client::Reply& reply) {
                   // A view that exists already is one from an earlier start.
                   if (!reply.ok && reply.reason() != "conflict")
                     spdlog::warn("demo: {}: {}", method, reply.error_text());
                   if (--waiting_ == 0) open_agents();
                 });
  }
}

void Desk::open_agents() {
  waiting_ = agents().size();
  for (const auto& agent : agents()) {
    auto& rpc = agents_.emplace_back(std::make_unique<client::Rpc>(
        loop_, client::Rpc::Events{[this] {
                                     if (--waiting_ == 0) ready_();
                                   },
                                   {},
                                   [id = agent.id](const client::CloseReason& why) {
                                     spdlog::warn("demo: agent {}: {} {}", id, why.code,
                                                  why.reason);
                                   }}));
    rpc->open(url_, options_.mint({.sub = std::string(agent.id),
                                   .workspace = options_.workspace,
                                   .kind = "agent",
                                   .role = std::string(agent.role)}));
  }
}

void Desk::close_agents() {
  for (auto& agent : agents_) agent->connection().drop();
  admin_->connection().drop();
}

void Desk::act(const Step& step, const Person& person, const std::string& contact,
               const std::string& client_id, client::Rpc::OnReply done) {
  const Call call = call_of(step, person, contact, client_id);
  agents_[*step.agent]->call(call.method, call.params, std::move(done));
}

}  // namespace inboxd::demo
