// The way out of the engine: what it hands to net/ for each client. No CAF, no socket.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/ids.hpp"
#include "model/workspace.hpp"

namespace inboxd::actors {

/// One open session (or one `POST /rpc` request) as the engine sees it. net/ derives from it to
/// reach the socket. The identity never changes after construction; `session.refresh` with another
/// role is a new permission in net/ only for the edge's checks, and reaches the engine with each
/// request (S25: role stays the token's until refresh).
class Client {
 public:
  /// `passing`: a single request over HTTP, which belongs to no session.
  Client(model::WorkspaceId workspace, model::Principal principal, bool passing = false)
      : workspace_(workspace), principal_(std::move(principal)), passing_(passing) {}
  virtual ~Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  const model::WorkspaceId& workspace() const { return workspace_; }
  const model::Principal& principal() const { return principal_; }
  bool passing() const { return passing_; }

 private:
  const model::WorkspaceId workspace_;
  const model::Principal principal_;
  const bool passing_;
};
using ClientPtr = std::shared_ptr<Client>;

/// A subscription of one client: a number given by net/, never used twice in a session (S31). On
/// the wire: "s<number>".
struct SubId {
  std::uint32_t value = 0;
  friend auto operator<=>(const SubId&, const SubId&) = default;
};

/// net/'s own mark on a request; comes back with its answer.
using RequestTag = std::uint64_t;

/// Bytes made once and sent to many.
using SharedText = std::shared_ptr<const std::string>;

/// The answer to one request: `body` is the member of the JSON-RPC response that follows the id,
/// `"result":{…}` or `"error":{…}`.
struct Answer {
  ClientPtr client;
  RequestTag tag = 0;
  std::string body;
};

/// A notification of a subscription:
/// `{"jsonrpc":"2.0","method":METHOD,"params":{"sub":"s7",TAIL}}`. `tail` holds the other members
/// of params, without braces (`"offset":9,"ops":[…]`), shared by all who get the same.
struct Push {
  /// What net/ may do with it when the client reads too slowly.
  enum class Loss : std::uint8_t {
    reset,  // drop, then ask for `Engine::reset_view` when there is room again
    close,  // cannot be dropped: close 4430, the client resumes
    drop,   // ephemeral, just drop
  };
  ClientPtr client;
  SubId sub;
  std::string_view method;  // static text
  SharedText tail;
  Loss loss = Loss::close;
};

/// The engine ends a session (an agent was removed: 4403).
struct Hangup {
  ClientPtr client;
  std::uint16_t code = 0;
  std::string reason;
};

using Outgoing = std::variant<Answer, Push, Hangup>;

/// Implemented by net/. `deliver` may be called from any thread, never blocks, and keeps the order
/// of what it is given, within a batch and between batches of one caller. A batch is flushed to the
/// sockets together.
class Outlet {
 public:
  virtual ~Outlet() = default;
  virtual void deliver(std::vector<Outgoing> batch) = 0;
  /// 0: there is time to spare, so what changes may be sent often; 1: there is none. Any thread.
  virtual double pressure() const { return 1; }
  /// The share of the machine's processors at work, without what runs at a lower priority: 0 … 1.
  /// Any thread.
  virtual double busy() const { return 1; }
};

}  // namespace inboxd::actors
