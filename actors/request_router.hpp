// Which actor serves which subscription, and what kind of request is which.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include <caf/actor.hpp>

#include "actors/outlet.hpp"
#include "actors/request.hpp"

namespace inboxd::actors {

/// True for requests that end in a record.
bool changes_state(const Request& request);
/// The subscription that a request begins.
std::optional<SubId> subscription_of(const Request& request);

/// Thread-safe. Subscriptions to contacts are the directory's to know and are not in here.
class SubscriptionRoutes {
 public:
  void open(const ClientPtr& client);
  /// Takes a client out; the actors that serve it, each once.
  std::vector<caf::actor> close(const ClientPtr& client);
  void begin(const ClientPtr& client, SubId sub, caf::actor server);
  caf::actor find(const ClientPtr& client, SubId sub) const;
  caf::actor end(const ClientPtr& client, SubId sub);
  void clear();

 private:
  mutable std::mutex mutex_;
  std::map<ClientPtr, std::map<SubId, caf::actor>> clients_;
};

}  // namespace inboxd::actors
