// What all sessions share. I/O thread only.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "actors/engine.hpp"
#include "net/metrics.hpp"
#include "net/options.hpp"
#include "net/rate.hpp"
#include "net/token.hpp"

namespace inboxd::net {

struct Services {
  Services(Options o, TokenKeys k);

  Options options;
  TokenKeys keys;
  actors::EngineFace* engine = nullptr;  // null: it is still starting, and nothing is answered but
                                         // `answer_start`
  std::string start = "starting";        // what it does meanwhile, for /readyz
  Metrics metrics;
  std::string openrpc;                      // the document
  std::function<model::Timestamp()> clock;  // UTC
  std::function<std::int64_t()> steady_us;  // never goes back
  std::function<std::string()> session_id;  // a fresh one, which nobody can guess
  bool stopping = false;
  std::size_t queued_bytes = 0;  // that WebSocket clients have not taken, in all

  /// What a session may have in flight, and waiting to be read, as things stand.
  std::size_t in_flight_bound() const;
  std::size_t queue_bytes_bound() const;

  /// The rate of a principal, shared by its sessions and posts.
  std::shared_ptr<Rate> rate_of(const model::WorkspaceId& workspace,
                                const model::Principal& principal);
  /// What a POST said of who views and types ends a little later, unless said again.
  void linger(actors::ClientPtr client);
  /// Ends what lingered long enough, and forgets the rates of those who are gone and could take
  /// all there is: one POST after the other is bounded, too. About once a second.
  void tidy();

 private:
  std::unordered_map<std::string, std::shared_ptr<Rate>> rates_;
  std::deque<std::pair<model::Timestamp, actors::ClientPtr>> lingering_;  // from when, ascending
};

}  // namespace inboxd::net
