#include "tests/actors/engine_fixture.hpp"

#include <stdexcept>
#include <utility>

#include "model/overload.hpp"

namespace inboxd::tests {
namespace {

constexpr std::chrono::seconds patience{
    20};  // of a loaded machine; nothing here takes more than milliseconds

class FakeClient final : public actors::Client {
 public:
  using Client::Client;
};

}  // namespace

void Inbox::deliver(std::vector<actors::Outgoing> batch) {
  const std::lock_guard lock(mutex_);
  for (auto& outgoing : batch) {
    std::visit(model::overload{
                   [&](actors::Answer& a) { answers_[a.tag] = json::parse("{" + a.body + "}"); },
                   [&](actors::Push& p) {
                     auto params = json::parse("{\"sub\":\"s" + std::to_string(p.sub.value) +
                                               "\"," + *p.tail + "}");
                     told_.push_back({p.client, std::string(p.method), std::move(params)});
                   },
                   [&](actors::Hangup& h) {
                     told_.push_back({h.client, "hangup", json{{"code", h.code}}});
                   },
               },
               outgoing);
  }
  came_.notify_all();
}

json Inbox::answer(actors::RequestTag tag) {
  std::unique_lock lock(mutex_);
  if (!came_.wait_for(lock, patience, [&] { return answers_.contains(tag); })) {
    throw std::runtime_error("no answer to request " + std::to_string(tag));
  }
  return answers_.at(tag);
}

Inbox::Told Inbox::told(const actors::ClientPtr& client,
                        const std::function<bool(const Told&)>& wanted) {
  std::unique_lock lock(mutex_);
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    for (auto told = told_.begin(); told != told_.end(); ++told) {
      if (told->client != client || !wanted(*told)) continue;
      auto found = std::move(*told);
      told_.erase(told);
      return found;
    }
    if (came_.wait_until(lock, until) == std::cv_status::timeout)
      throw std::runtime_error("no such notification came");
  }
}

void EngineFixture::start() {
  actors::EngineOptions options;
  options.data = data_.path();
  options.resident_contacts_max = 4;  // few, so that contacts come and go all the time
  options.conflation_min = {0};
  options.conflation_max = {0};
  options.search = search_;
  options.clock = [this] { return model::Timestamp{clock_ms.load()}; };
  engine_ = std::make_unique<actors::Engine>(std::move(options), inbox_);
}

void EngineFixture::restart(bool clean) {
  if (clean) engine_->stop();
  engine_.reset();
  start();
}

actors::ClientPtr EngineFixture::open(model::Principal principal) {
  auto client = std::make_shared<FakeClient>(model::WorkspaceId("default"), std::move(principal));
  engine_->open(client);
  return client;
}

actors::ClientPtr EngineFixture::agent(const std::string& id, model::Role role) {
  return open({.kind = model::PrincipalKind::agent, .id = id, .role = role});
}

actors::ClientPtr EngineFixture::service(const std::string& id, model::Role role) {
  return open({.kind = model::PrincipalKind::service, .id = id, .role = role});
}

actors::ClientPtr EngineFixture::connector(const std::string& channel) {
  return open({.kind = model::PrincipalKind::connector,
               .id = "c-" + channel,
               .channel = model::ChannelId(channel)});
}

actors::RequestTag EngineFixture::send(const actors::ClientPtr& client, actors::Request request) {
  const auto tag = ++last_tag_;
  std::vector<actors::Submission> batch;
  batch.push_back({.client = client,
                   .tag = tag,
                   .role = client->principal().role,
                   .request = std::move(request)});
  engine_->submit(std::move(batch));
  return tag;
}

json EngineFixture::call(const actors::ClientPtr& client, actors::Request request) {
  auto answer = inbox_.answer(send(client, std::move(request)));
  if (!answer.contains("result")) throw std::runtime_error("refused: " + answer.dump());
  return answer["result"];
}

json EngineFixture::error(const actors::ClientPtr& client, actors::Request request) {
  auto answer = inbox_.answer(send(client, std::move(request)));
  if (!answer.contains("error")) throw std::runtime_error("not refused: " + answer.dump());
  return answer["error"];
}

json EngineFixture::next(const actors::ClientPtr& client, actors::SubId sub,
                         const std::string& method) {
  const auto name = "s" + std::to_string(sub.value);
  return inbox_
      .told(client,
            [&](const Inbox::Told& told) {
              return told.method == method && told.params["sub"] == name;
            })
      .params;
}

void EngineFixture::put_channel(const std::string& id, model::ChannelKind kind) {
  model::Channel channel;
  channel.id = model::ChannelId(id);
  channel.kind = kind;
  channel.name = id;
  call(admin(), actors::request::OnWorkspace{.command = model::PutChannel{channel}});
}

json EngineFixture::receive(const actors::ClientPtr& connector, const std::string& from,
                            const std::string& provider_id, const std::string& text) {
  model::ReceiveInbound inbound;
  inbound.external_id = from;
  inbound.provider_id = provider_id;
  inbound.content.text = text;
  return call(connector, actors::request::ReceiveInbound{inbound});
}

}  // namespace inboxd::tests
