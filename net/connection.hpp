// What the server holds of each connection, and what connections ask of the server. I/O thread
// only.
#pragma once

#include <cstddef>
#include <memory>
#include <unordered_set>
#include <utility>
#include <vector>

#include "model/time.hpp"
#include "net/chat_desk.hpp"
#include "net/services.hpp"

namespace inboxd::net {

class Connection {
 public:
  virtual ~Connection() = default;
  /// About once a second: timeouts, pings, expiry.
  virtual void tick(model::Timestamp now) = 0;
  /// Sends what the engine's last batch brought.
  virtual void flush() = 0;
  /// Finishes what is in flight, then closes with 1001.
  virtual void stop() = 0;
  /// Closes the socket, whatever waits.
  virtual void kill() = 0;
  virtual std::size_t queued_bytes() const = 0;
};

/// The open connections; each enters and leaves by itself.
class Connections {
 public:
  void enter(Connection& c) { all_.insert(&c); }
  void leave(Connection& c) { all_.erase(&c); }
  std::size_t size() const { return all_.size(); }
  /// A copy: calls may end connections.
  std::vector<Connection*> list() const { return {all_.begin(), all_.end()}; }
  bool has(Connection* c) const { return all_.contains(c); }

 private:
  std::unordered_set<Connection*> all_;
};

/// What every connection works with.
struct Shared {
  Shared(Options options, TokenKeys keys) : services(std::move(options), std::move(keys)) {}

  Services services;
  Connections connections;
  /// Connections that the current batch of the engine wrote to.
  std::vector<std::weak_ptr<Connection>> touched;
  /// The webchats that we serve ourselves.
  ChatDesks chats;
};

}  // namespace inboxd::net
