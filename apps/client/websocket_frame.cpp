#include "apps/client/websocket_frame.hpp"

#include <array>
#include <cstring>

#include <openssl/evp.h>

namespace inboxd::client {
namespace {

constexpr std::size_t short_length_max = 125;
constexpr std::size_t two_byte_length = 126;
constexpr std::size_t eight_byte_length = 127;

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift & 0xFF);
}

std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

// Eight bytes at a time; `mask` holds the four key bytes in memory order.
void apply_mask(char* data, std::size_t size, std::uint32_t mask) {
  const std::uint64_t wide = static_cast<std::uint64_t>(mask) << 32 | mask;
  std::size_t i = 0;
  for (; i + sizeof wide <= size; i += sizeof wide) {
    std::uint64_t piece = 0;
    std::memcpy(&piece, data + i, sizeof piece);
    piece ^= wide;
    std::memcpy(data + i, &piece, sizeof piece);
  }
  std::array<char, sizeof mask> key{};
  std::memcpy(key.data(), &mask, sizeof mask);
  for (; i < size; ++i) data[i] = static_cast<char>(data[i] ^ key[i % key.size()]);
}

bool known(unsigned opcode) {
  return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

}  // namespace

void append_frame(std::string& out, Opcode opcode, std::string_view payload, std::uint32_t mask) {
  constexpr unsigned fin = 0x80;
  constexpr unsigned masked = 0x80;
  out += static_cast<char>(fin | static_cast<unsigned>(opcode));
  if (payload.size() <= short_length_max) {
    out += static_cast<char>(masked | payload.size());
  } else if (payload.size() <= 0xFFFF) {
    out += static_cast<char>(masked | two_byte_length);
    append_big_endian(out, payload.size(), 2);
  } else {
    out += static_cast<char>(masked | eight_byte_length);
    append_big_endian(out, payload.size(), 8);
  }
  std::array<char, sizeof mask> key{};
  std::memcpy(key.data(), &mask, sizeof mask);
  out.append(key.data(), key.size());
  const auto start = out.size();
  out += payload;
  apply_mask(out.data() + start, payload.size(), mask);
}

FrameFound find_frame(std::string_view bytes) {
  using What = FrameFound::What;
  if (bytes.size() < 2) return {};
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  if ((first & 0x70) != 0 || (second & 0x80) != 0 || !known(first & 0x0F))
    return {What::broken, {}};

  std::size_t header = 2;
  std::uint64_t length = second & 0x7F;
  if (length >= two_byte_length) {
    const std::size_t digits = length == two_byte_length ? 2 : 8;
    if (bytes.size() < header + digits) return {};
    length = read_big_endian(bytes.substr(header, digits));
    header += digits;
  }
  if (bytes.size() - header < length) return {};
  Frame frame{static_cast<Opcode>(first & 0x0F), (first & 0x80) != 0, bytes.substr(header, length),
              header + static_cast<std::size_t>(length)};
  return {What::frame, frame};
}

std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string accept_of(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 §1.3
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return base64({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace inboxd::client
