// The demo's workspace and its staff: records, and what agents do in the histories.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "apps/client/rpc.hpp"
#include "apps/demo/demo.hpp"
#include "apps/demo/story.hpp"

namespace inboxd::demo {

class Desk {
 public:
  Desk(client::Loop& loop, const DemoOptions& options);

  /// Puts channels, teams, agents, fields and views, then opens the agents' sessions; `ready` once.
  void open(std::function<void()> ready);
  /// The agents go home: their sessions end.
  void close_agents();
  /// Carries out an agent's step on a contact.
  void act(const Step& step, const Person& person, const std::string& contact,
           const std::string& client_id, client::Rpc::OnReply done);

 private:
  void put_records();
  void open_agents();

  const DemoOptions& options_;
  client::Loop& loop_;
  client::Url url_;
  std::function<void()> ready_;
  std::unique_ptr<client::Rpc> admin_;
  std::vector<std::unique_ptr<client::Rpc>> agents_;
  std::size_t waiting_ = 0;
};

}  // namespace inboxd::demo
