// The small contact centre of `inboxd --demo`: seeds a workspace through the socket, then plays its
// customers, who write, wait, and answer the agents. Runs on a thread of its own; started again on
// the same data it finds everybody as they were.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apps/client/token.hpp"

namespace inboxd::demo {

struct DemoOptions {
  std::string url;                                              // of the server: ws://…/ws
  std::function<std::string(const client::TokenClaims&)> mint;  // signs tokens; any thread
  std::string workspace = "default";
  std::uint32_t contacts = 320;
  double pace = 1;  // how much the customers write; 1: something every few seconds, 0: nothing
  std::function<void()> seeded =
      {};  // called once on the demo's thread when all histories are told
};

class Demo {
 public:
  explicit Demo(DemoOptions options);
  /// Stops.
  ~Demo();
  Demo(const Demo&) = delete;
  Demo& operator=(const Demo&) = delete;

  /// Returns at once; problems are logged, and connections made again.
  void start();
  /// Returns when its thread has ended.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

struct Link {
  std::string name, role, url;
};

/// A link for each of the demo's agents: `http://HOST:PORT/#token=…`, good for a week; and one to
/// the webchat's page.
std::vector<Link> links(const DemoOptions& options, std::string_view base_url);

}  // namespace inboxd::demo
