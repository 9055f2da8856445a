#include "tests/support/token.hpp"

#include <array>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace inboxd::tests {
namespace {

std::string base64url(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  while (!text.empty() && text.back() == '=') text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

}  // namespace

std::string read_signing_key(const std::filesystem::path& data_directory) {
  std::ifstream file(data_directory / "signing.key", std::ios::binary);
  if (!file) throw std::runtime_error("no signing.key in " + data_directory.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string sign_token(const std::string& header_json, const std::string& payload_json,
                       const std::string& key) {
  const std::string text = base64url(header_json) + "." + base64url(payload_json);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
  return text + "." + base64url({reinterpret_cast<const char*>(mac.data()), size});
}

std::string make_token(const TokenClaims& claims, const std::string& key) {
  const auto expires = std::chrono::system_clock::now() + claims.ttl;
  nlohmann::json payload{
      {"sub", claims.sub},
      {"ws", claims.workspace},
      {"kind", claims.kind},
      {"exp",
       std::chrono::duration_cast<std::chrono::seconds>(expires.time_since_epoch()).count()}};
  if (!claims.role.empty()) payload["role"] = claims.role;
  if (!claims.channel.empty()) payload["channel"] = claims.channel;
  return sign_token(R"({"alg":"HS256","typ":"JWT"})", payload.dump(), key);
}

}  // namespace inboxd::tests
