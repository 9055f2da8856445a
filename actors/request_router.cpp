#include "actors/request_router.hpp"

#include <set>
#include <utility>

#include "model/overload.hpp"

namespace inboxd::actors {

bool changes_state(const Request& request) {
  return std::visit(model::overload{
                        [](const request::OnContact&) { return true; },
                        [](const request::CreateContact&) { return true; },
                        [](const request::MergeContact&) { return true; },
                        [](const request::ReceiveInbound&) { return true; },
                        [](const request::ReportStatus&) { return true; },
                        [](const request::ReportSent&) { return true; },
                        [](const request::ReportFailed& r) { return !r.retry; },
                        [](const request::PauseChannel&) { return true; },
                        [](const request::OnWorkspace&) { return true; },
                        [](const request::UpdateView&) { return true; },
                        [](const auto&) { return false; },
                    },
                    request);
}

std::optional<SubId> subscription_of(const Request& request) {
  return std::visit(
      model::overload{
          [](const request::SubscribeView& r) { return std::optional(r.sub); },
          [](const request::SubscribeCounters& r) { return std::optional(r.sub); },
          [](const request::SubscribeWorkload& r) { return std::optional(r.sub); },
          [](const request::SubscribeNotifications& r) { return std::optional(r.sub); },
          [](const request::SubscribeAgents& r) { return std::optional(r.sub); },
          [](const request::SubscribeOutbox& r) { return std::optional(r.sub); },
          [](const auto&) { return std::optional<SubId>{}; },
      },
      request);
}

void SubscriptionRoutes::open(const ClientPtr& client) {
  const std::lock_guard lock(mutex_);
  clients_[client];
}

std::vector<caf::actor> SubscriptionRoutes::close(const ClientPtr& client) {
  const std::lock_guard lock(mutex_);
  const auto known = clients_.find(client);
  if (known == clients_.end()) return {};
  std::set<caf::actor> servers;
  for (auto& [sub, server] : known->second) servers.insert(server);
  clients_.erase(known);
  return {servers.begin(), servers.end()};
}

void SubscriptionRoutes::begin(const ClientPtr& client, SubId sub, caf::actor server) {
  const std::lock_guard lock(mutex_);
  const auto known = clients_.find(client);
  if (known != clients_.end()) known->second.insert_or_assign(sub, std::move(server));
}

caf::actor SubscriptionRoutes::find(const ClientPtr& client, SubId sub) const {
  const std::lock_guard lock(mutex_);
  const auto known = clients_.find(client);
  if (known == clients_.end()) return {};
  const auto server = known->second.find(sub);
  return server != known->second.end() ? server->second : caf::actor{};
}

caf::actor SubscriptionRoutes::end(const ClientPtr& client, SubId sub) {
  const std::lock_guard lock(mutex_);
  const auto known = clients_.find(client);
  if (known == clients_.end()) return {};
  auto node = known->second.extract(sub);
  return node ? std::move(node.mapped()) : caf::actor{};
}

void SubscriptionRoutes::clear() {
  const std::lock_guard lock(mutex_);
  clients_.clear();
}

}  // namespace inboxd::actors
