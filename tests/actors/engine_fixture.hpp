// A whole engine on a temporary directory, with clients that are objects instead of sockets:
// requests in, answers and notifications out, each awaited with a deadline.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "actors/engine.hpp"
#include "tests/support/temp_dir.hpp"

namespace inboxd::tests {

using nlohmann::json;

/// Everything that the engine delivered, in order.
class Inbox final : public actors::Outlet {
 public:
  struct Told {
    actors::ClientPtr client;
    std::string method;
    json params;
  };

  void deliver(std::vector<actors::Outgoing> batch) override;

  /// The answer to the request: `{"result":…}` or `{"error":…}`. Throws after the deadline.
  json answer(actors::RequestTag tag);
  /// Takes the first notification for the client that `wanted` accepts. Throws after the deadline.
  Told told(const actors::ClientPtr& client, const std::function<bool(const Told&)>& wanted);

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::map<actors::RequestTag, json> answers_;
  std::deque<Told> told_;
};

class EngineFixture {
 public:
  /// Search is off unless it is what is tested: its index costs each start and stop a disk's syncs.
  explicit EngineFixture(actors::SearchOptions search = {.on = false}) : search_(search) {
    start();
  }

  void start();
  /// As after a clean stop, or (`clean` false) as if the process had died: nothing but what is on
  /// disk is left.
  void restart(bool clean = true);

  actors::ClientPtr agent(const std::string& id, model::Role role = model::Role::agent);
  actors::ClientPtr admin() { return service("setup", model::Role::admin); }
  actors::ClientPtr service(const std::string& id, model::Role role);
  actors::ClientPtr connector(const std::string& channel);

  /// Sends, waits, and gives the result; an error throws with its text.
  json call(const actors::ClientPtr& client, actors::Request request);
  json error(const actors::ClientPtr& client, actors::Request request);
  actors::RequestTag send(const actors::ClientPtr& client, actors::Request request);
  json answer(actors::RequestTag tag) { return inbox_.answer(tag); }
  /// The params of the next notification of this subscription and method.
  json next(const actors::ClientPtr& client, actors::SubId sub, const std::string& method);

  actors::SubId fresh_sub() { return {++last_sub_}; }
  /// A channel of a kind, for tests that need one.
  void put_channel(const std::string& id, model::ChannelKind kind);
  json receive(const actors::ClientPtr& connector, const std::string& from,
               const std::string& provider_id, const std::string& text);

  std::atomic<std::int64_t> clock_ms{1'700'000'000'000};
  actors::Engine& engine() { return *engine_; }
  const std::filesystem::path& data() const { return data_.path(); }

 private:
  actors::ClientPtr open(model::Principal principal);

  actors::SearchOptions search_;
  TempDir data_;
  Inbox inbox_;
  std::unique_ptr<actors::Engine> engine_;
  actors::RequestTag last_tag_ = 0;
  std::uint32_t last_sub_ = 0;
};

}  // namespace inboxd::tests
