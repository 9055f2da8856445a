// What the network side can be told. Defaults are what inboxd runs with; limits that clients meet
// are in model/limits.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/limits.hpp"
#include "model/time.hpp"

namespace inboxd::net {

struct Options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 7700;                // 0: any free one
  std::string tls_cert_file, tls_key_file;  // PEM; both or none
  std::vector<std::string> origins;         // allowed besides the server's own; "*": any
  bool deflate = false;                     // offer permessage-deflate
  std::size_t connections_max = 20'000;

  model::Duration open_timeout = model::seconds(10);       // session.open
  model::Duration handshake_timeout = model::seconds(10);  // TLS, and a request's head and body
  model::Duration ping_after = model::seconds(30);         // of silence
  model::Duration idle_timeout = model::seconds(75);       // no byte at all, pongs included
  model::Duration stuck_timeout = model::seconds(10);      // the client takes no byte of what waits
  model::Duration reset_timeout = model::seconds(30);      // with deltas dropped
  model::Duration passing_presence = model::seconds(10);  // viewing, typing by a POST: kept so long
  model::Duration stop_timeout = model::seconds(5);       // of a graceful stop

  std::size_t in_flight_max = model::limits::in_flight_max;
  /// Of all sessions. Beyond it a session is read from only while it has fewer than the floor: who
  /// asks one thing after the other does not notice.
  std::size_t in_flight_total_max = std::size_t{64} * 1024;
  std::size_t in_flight_floor = 8;
  std::size_t subscriptions_max = model::limits::subscriptions_max;
  std::size_t commands_per_s = model::limits::commands_per_s_max;  // of a session
  std::size_t principal_commands_per_s = 4 * model::limits::commands_per_s_max;
  std::size_t frame_bytes_max = model::limits::frame_bytes_max;
  /// What may wait for a client to read it before view deltas are dropped, and the session closed
  /// if that is not enough.
  std::size_t queue_bytes_max = std::size_t{1024} * 1024;
  /// Of all sessions. Beyond it the floor is every session's bound: who keeps up does not notice.
  std::size_t queue_bytes_total_max = std::size_t{256} * 1024 * 1024;
  std::size_t queue_bytes_floor = std::size_t{64} * 1024;
};

}  // namespace inboxd::net
