// An engine that keeps what it is given, and a port that keeps what goes out.
#pragma once

#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <simdjson.h>

#include "net/rpc_session.hpp"

namespace inboxd::net::test {

class FakeEngine final : public actors::EngineFace {
 public:
  void open(const actors::ClientPtr& client) override { opened.push_back(client); }
  void close(const actors::ClientPtr& client) override { closed.push_back(client); }
  void submit(std::vector<actors::Submission> batch) override {
    ++batches;
    for (auto& s : batch) submitted.push_back(std::move(s));
  }
  void reset_view(const actors::ClientPtr&, actors::SubId sub) override { resets.push_back(sub); }
  const std::string& epoch() const override { return epoch_; }
  model::Offset released() const override { return {41}; }
  bool has_workspace(const model::WorkspaceId& id) const override {
    return id == model::WorkspaceId("default");
  }
  std::string metrics() const override { return ""; }
  void stop() override {}

  std::vector<actors::ClientPtr> opened, closed;
  std::deque<actors::Submission> submitted;
  std::vector<actors::SubId> resets;
  std::size_t batches = 0;

 private:
  std::string epoch_ = "e1";
};

class FakePort final : public FramePort {
 public:
  void send(std::initializer_list<std::string_view> parts) override {
    std::string text;
    for (const auto part : parts) text += part;
    frames.push_back(nlohmann::json::parse(text));
  }
  void close(CloseCode code, std::string_view) override { closed_with = static_cast<int>(code); }
  std::size_t queued_bytes() const override { return queued; }

  /// The oldest frame not looked at yet.
  nlohmann::json next() {
    if (frames.empty()) throw std::logic_error("nothing was sent");
    auto frame = frames.front();
    frames.pop_front();
    return frame;
  }

  std::deque<nlohmann::json> frames;
  int closed_with = 0;
  std::size_t queued = 0;
};

/// A session with all that it needs.
struct Fixture {
  explicit Fixture(RpcSession::Transport transport = RpcSession::Transport::websocket)
      : Fixture(Options{}, transport) {}
  explicit Fixture(Options options,
                   RpcSession::Transport transport = RpcSession::Transport::websocket)
      : services(std::move(options), TokenKeys(secret())) {
    services.engine = &engine;
    services.clock = [this] { return now; };
    services.steady_us = [this] { return now.ms * 1000; };
    session = std::make_unique<RpcSession>(services, port, transport);
  }

  static std::string secret() { return std::string(32, 'k'); }
  std::string token(model::PrincipalKind kind, model::Role role = model::Role::agent,
                    const std::string& workspace = "default", const std::string& id = "ana") const {
    model::Principal principal{kind, id, role, {}};
    if (kind == model::PrincipalKind::connector) principal.channel = model::ChannelId("wa");
    return sign_token(secret(), model::WorkspaceId(workspace), principal, now + model::minutes(1));
  }
  void frame(const std::string& text) {
    const simdjson::padded_string padded(text);
    session->on_frame({padded.data(), padded.size()});
    session->submit();
  }
  void call(const std::string& id, const std::string& method, const std::string& params = "{}") {
    frame(R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":)" + params +
          "}");
  }
  nlohmann::json open(model::PrincipalKind kind = model::PrincipalKind::agent,
                      model::Role role = model::Role::agent) {
    call("0", "session.open", R"({"token":")" + token(kind, role) + "\"}");
    return port.next();
  }
  /// Answers the oldest request that the engine has.
  void answer(const std::string& body = R"("result":{})") {
    const auto submission = std::move(engine.submitted.front());
    engine.submitted.pop_front();
    session->on_answer(submission.tag, body);
  }
  void push(std::uint32_t sub, std::string_view method, const std::string& tail,
            actors::Push::Loss loss = actors::Push::Loss::close) {
    session->on_push({nullptr, {sub}, method, std::make_shared<const std::string>(tail), loss});
  }

  model::Timestamp now{1'700'000'000'000};
  FakeEngine engine;
  Services services;
  FakePort port;
  std::unique_ptr<RpcSession> session;
};

}  // namespace inboxd::net::test
