// Why a WebSocket is closed, and what the client should do (PROTOCOL.md "Session").
#pragma once

#include <cstdint>

namespace inboxd::net {

enum class CloseCode : std::uint16_t {
  going_away = 1001,         // come back, with jitter
  protocol_error = 4400,     // do not come back: the client is at fault
  unauthenticated = 4401,    // come back with another token
  forbidden = 4403,          // do not come back
  no_session_open = 4408,    // come back, and open the session in time
  too_many_requests = 4429,  // come back later
  too_slow = 4430,           // come back and resume
};

}  // namespace inboxd::net
