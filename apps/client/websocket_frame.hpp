// WebSocket frames (RFC 6455 §5) from the client's side: masked on the way out, plain on the way
// in. Pure functions over bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace inboxd::client {

enum class Opcode : std::uint8_t { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Appends one whole frame (FIN set) to `out`, masked with `mask`.
void append_frame(std::string& out, Opcode opcode, std::string_view payload, std::uint32_t mask);

/// One frame as found at the start of a buffer. `payload` points into it.
struct Frame {
  Opcode opcode = Opcode::text;
  bool last = true;
  std::string_view payload;
  std::size_t wire_bytes = 0;
};

struct FrameFound {
  enum class What : std::uint8_t { frame, incomplete, broken } what = What::incomplete;
  Frame frame;
};

/// Reads the frame at the start of `bytes`. `broken`: reserved bits, a masked frame, or an unknown
/// opcode.
FrameFound find_frame(std::string_view bytes);

/// The value that a server must answer in Sec-WebSocket-Accept to this Sec-WebSocket-Key.
std::string accept_of(std::string_view key);

std::string base64(std::string_view bytes);

}  // namespace inboxd::client
