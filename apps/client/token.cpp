#include "apps/client/token.hpp"

#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "apps/client/websocket_frame.hpp"
#include "model/json.hpp"

namespace inboxd::client {
namespace {

constexpr std::size_t key_bytes_min = 32;  // RFC 7518 §3.2: as long as the hash

std::string base64url(std::string_view bytes) {
  std::string text = base64(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

std::int64_t seconds(std::chrono::system_clock::time_point t) {
  return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
}

}  // namespace

std::string read_signing_key(const std::filesystem::path& data_directory) {
  const auto path = data_directory / "signing.key";
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw std::runtime_error("cannot read " + path.string() +
                             ": is this the data directory of an inboxd that has run?");
  std::string key{std::istreambuf_iterator<char>(file), {}};
  if (key.size() < key_bytes_min)
    throw std::runtime_error(path.string() + " is too short for a signing key");
  return key;
}

std::string make_token(const TokenClaims& claims, const std::string& key,
                       std::chrono::system_clock::time_point now) {
  std::string payload;
  model::json::Object{payload}("sub", claims.sub)("ws", claims.workspace)("kind", claims.kind)
      .maybe("role", claims.role)
      .maybe("channel", claims.channel)("iat", seconds(now))("exp", seconds(now + claims.ttl));
  const std::string text = base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + base64url(payload);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
  return text + "." + base64url({reinterpret_cast<const char*>(mac.data()), size});
}

}  // namespace inboxd::client
