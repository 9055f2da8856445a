// A messaging platform of the demo, and its connector: brings in what customers write, takes what
// agents send, reports how far it got, and lets the customer answer.
#pragma once

#include <functional>
#include <random>
#include <set>
#include <string>

#include "apps/client/rpc.hpp"
#include "apps/demo/demo.hpp"
#include "apps/demo/story.hpp"

namespace inboxd::demo {

class Platform {
 public:
  /// `heard`: an agent's message reached the customer with this external id.
  using Heard = std::function<void(const std::string& external_id)>;

  Platform(client::Loop& loop, const DemoOptions& options, const ChannelRecord& channel,
           Heard heard);

  /// Connects, and again whenever the connection ends. `ready` after each.
  void open(std::function<void()> ready);
  void close();

  /// A customer writes. `provider_id` is the platform's for the message.
  void write(const Person& person, const std::string& provider_id, const std::string& text,
             client::Rpc::OnReply done = {});
  void type(const Person& person, bool on);
  /// While histories are told everything happens at once; afterwards at people's pace.
  void hurry(bool on) { hurry_ = on; }

 private:
  struct Delivery {
    std::string contact;
    std::uint64_t seq = 0;
    std::string external_id;
  };
  void subscribe();
  void take(simdjson::dom::element deliveries);
  void carry(const Delivery& delivery);
  void report(const Delivery& delivery, std::string_view status);
  void fail(const Delivery& delivery);
  void later(double seconds, std::function<void()> action);
  bool chance(unsigned percent) { return random_() % 100 < percent; }

  client::Loop& loop_;
  const DemoOptions& options_;
  const ChannelRecord& channel_;
  Heard heard_;
  std::function<void()> ready_;
  client::Rpc rpc_;
  std::set<std::pair<std::string, std::uint64_t>> seen_;  // deliveries come at least once
  std::mt19937 random_;
  bool hurry_ = true;
  bool closed_ = true;
};

}  // namespace inboxd::demo
