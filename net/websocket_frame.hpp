// The head of a server's frame (RFC 6455 §5.2): never masked, never fragmented.
#pragma once

#include <cstdint>
#include <string>

namespace inboxd::net {

enum class Opcode : std::uint8_t { text = 0x1, ping = 0x9 };

inline void write_frame_head(std::string& out, Opcode opcode, std::size_t payload_bytes) {
  constexpr unsigned fin = 0x80;
  constexpr std::size_t short_max = 125, medium_max = 0xFFFF;
  constexpr char medium = 126, large = 127;
  out += static_cast<char>(fin | static_cast<unsigned>(opcode));
  if (payload_bytes <= short_max) {
    out += static_cast<char>(payload_bytes);
    return;
  }
  const bool fits = payload_bytes <= medium_max;
  out += fits ? medium : large;
  for (int shift = fits ? 8 : 56; shift >= 0; shift -= 8) {
    out += static_cast<char>(payload_bytes >> shift & 0xFFU);
  }
}

}  // namespace inboxd::net
