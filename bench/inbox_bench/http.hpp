// The engine's plain HTTP pages, for what the protocol does not say: is it ready, what does it
// count.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "apps/client/connection.hpp"

namespace inboxd::bench {

struct Page {
  int status = 0;
  std::string body;
};

/// GET over a connection of its own; nothing when nobody answers there. Blocks.
std::optional<Page> get_page(const client::Url& url, const std::string& path);

/// What `/metrics` says: name, with labels if any, to value. Empty when it is not served.
using Metrics = std::map<std::string, double>;
Metrics metrics_of(const client::Url& url);
/// 0 when there is none of the name.
double value_of(const Metrics& metrics, const std::string& name);
/// What the engine has in use beside the state store's caches, which fill as far as they may.
double kept_bytes(const Metrics& metrics);

}  // namespace inboxd::bench
