// JSON-RPC on a Connection: requests with callbacks, notifications, `session.open`. Params are JSON
// text that the caller has written (model/json.hpp); answers are simdjson elements that last for
// the callback.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <simdjson.h>

#include "apps/client/connection.hpp"

namespace inboxd::client {

struct Reply {
  bool ok = false;
  simdjson::dom::element body;  // the result, or the error object
  /// For logs: "" when ok, else like `conflict (-32004): the contact has changed`.
  std::string error_text() const;
  /// The engine's reason (`conflict`), "" when ok or when there is none.
  std::string_view reason() const;
};

class Rpc {
 public:
  using OnReply = std::function<void(const Reply&)>;
  struct Events {
    std::function<void()> opened;  // the session is open
    std::function<void(std::string_view method, simdjson::dom::element params)> notification;
    /// The connection ended; requests without an answer were dropped. `refused`: the session was
    /// not opened, for the reason in `why`.
    std::function<void(const CloseReason& why)> closed;
  };

  Rpc(Loop& loop, Events events);

  /// Connects and opens a session with `token`.
  void open(const Url& url, std::string token);
  /// Nothing happens, and nothing is answered, on a session that is not open.
  void call(std::string_view method, std::string_view params, OnReply on_reply = {});
  /// From now on `tap` gets every frame's text instead; for those who have no time for callbacks.
  void take_over(std::function<void(std::string_view text)> tap) { tap_ = std::move(tap); }

  bool is_open() const { return open_; }
  std::size_t in_flight() const { return pending_.size(); }
  Connection& connection() { return connection_; }

 private:
  void on_connected();
  void on_text(std::string_view text);
  void on_closed(const CloseReason& why);

  Events events_;
  Connection connection_;
  std::string token_;
  std::function<void(std::string_view)> tap_;
  std::unordered_map<std::uint64_t, OnReply> pending_;
  std::uint64_t last_id_ = 0;
  bool open_ = false;
  std::string frame_;
};

}  // namespace inboxd::client
