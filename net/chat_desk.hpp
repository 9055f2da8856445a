// The webchat that inboxd serves itself: for each such channel one connector inside the process,
// which speaks to the engine through the same face and under the same rules as any other, and to
// visitors' sockets. I/O thread only.
//
// A message is `sent` once it is here to be read, `delivered` when a visitor's page has it, `read`
// when it was seen.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <simdjson.h>

#include "actors/request.hpp"
#include "model/bucket.hpp"
#include "model/workspace.hpp"
#include "net/frame_session.hpp"
#include "net/visitor.hpp"

namespace inboxd::net {

class ChatSession;
struct Services;

class ChatDesk final : public Receiver {
 public:
  /// The engine's answer: its result, or its error with `ok` false. Lives as long as the call.
  using Then = std::function<void(bool ok, simdjson::dom::element body)>;
  using WorkspacePtr = std::shared_ptr<const model::Workspace>;

  /// Opens its session with the engine and takes the channel's outbox.
  ChatDesk(Services& services, WorkspacePtr workspace, const model::ChannelId& channel);
  ~ChatDesk() override;

  /// The workspace's records changed.
  void update(WorkspacePtr workspace) { workspace_ = std::move(workspace); }
  /// Closes the visitors' sockets.
  void close(CloseCode code, std::string_view reason);
  void tick(model::Timestamp now);

  void enter(ChatSession& session);
  void leave(ChatSession& session);
  /// The session knows who its visitor is.
  void know(ChatSession& session);

  void ask(ChatSession& session, actors::Request request, Then then);
  /// Follows the visitor's conversation; `then` gets its snapshot.
  void watch(ChatSession& session, Then then);

  /// So many messages from one visitor, whatever pages they have open.
  bool may_write(const std::string& visitor, model::Timestamp now);

  const model::Channel& channel() const { return *workspace_->channel(channel_); }
  const model::Workspace& workspace() const { return *workspace_; }
  const VisitorTokens& tokens() const { return tokens_; }
  std::size_t visitors() const { return sessions_.size(); }

  // From the engine.
  void on_answer(actors::RequestTag tag, std::string_view body) override;
  void on_push(const actors::Push& push) override;
  void on_hangup(std::uint16_t, std::string_view) override {}

 private:
  struct Pending {
    std::uint64_t session = 0;  // 0: the desk's own
    Then then;
  };
  struct Visitor {
    model::Bucket written;
    std::vector<ChatSession*> sessions;
  };
  void submit(std::uint64_t session, actors::Request request, Then then);
  void deliver(simdjson::dom::element params);

  Services& services_;
  WorkspacePtr workspace_;
  const model::ChannelId channel_;
  VisitorTokens tokens_;
  std::shared_ptr<SessionClient> client_;
  std::uint32_t last_sub_ = 0;
  std::unordered_map<actors::RequestTag, Pending> pending_;
  actors::RequestTag last_tag_ = 0;
  std::uint64_t last_session_ = 0;
  std::unordered_map<std::uint64_t, ChatSession*> sessions_;
  std::unordered_map<std::uint32_t, std::uint64_t> watching_;  // session by subscription
  std::unordered_map<std::string, Visitor> visitors_;
  simdjson::dom::parser parser_;
};

/// Where a visitor may go; without a desk: what is said instead.
struct ChatEntrance {
  ChatDesk* desk = nullptr;
  unsigned status = 404;
  std::string refusal;
};

class ChatDesks {
 public:
  ChatDesks();
  ~ChatDesks();
  ChatDesks(ChatDesks&&) noexcept;

  /// `target`: `/chat/ws?channel=ID[&workspace=ID]`.
  ChatEntrance enter(Services& services, std::string_view target, std::string_view origin,
                     std::string_view host, const std::string& peer);
  /// About once a second: desks come and go with the channels' records.
  void tick(Services& services, model::Timestamp now);
  /// Nobody enters any more.
  void stop() { stopped_ = true; }
  /// When no visitor is left, before the engine goes.
  void clear() { desks_.clear(); }

 private:
  using Key = std::pair<model::WorkspaceId, model::ChannelId>;
  void follow(Services& services);

  std::map<Key, std::unique_ptr<ChatDesk>> desks_;
  std::unordered_map<std::string, model::Bucket> peers_;  // connections, by address
  bool stopped_ = false;
};

}  // namespace inboxd::net
