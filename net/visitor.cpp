#include "net/visitor.hpp"

#include <charconv>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace inboxd::net {

std::string hmac_sha256(std::string_view key, std::string_view text) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes, &size);
  return {reinterpret_cast<const char*>(bytes), size};
}

VisitorTokens::VisitorTokens(std::string key, const model::WorkspaceId& workspace,
                             const model::ChannelId& channel)
    : key_(std::move(key)), scope_(workspace.str() + '/' + channel.str() + '/') {}

std::string VisitorTokens::signature(std::string_view signed_text) const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const char c : hmac_sha256(key_, scope_ + std::string(signed_text))) {
    const auto byte = static_cast<unsigned char>(c);
    hex += digits[byte >> 4];
    hex += digits[byte & 0xFU];
  }
  return hex;
}

std::string VisitorTokens::sign(std::string_view visitor, model::Timestamp expires_at) const {
  const auto text = std::string(visitor) + '.' + std::to_string(expires_at.ms / 1000);
  return text + '.' + signature(text);
}

std::optional<std::string> VisitorTokens::verify(std::string_view token,
                                                 model::Timestamp now) const {
  const auto second = token.rfind('.');
  if (second == std::string_view::npos) return std::nullopt;
  const auto text = token.substr(0, second);
  const auto first = text.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto expected = signature(text);
  const auto given = token.substr(second + 1);
  const bool good = given.size() == expected.size() &&
                    CRYPTO_memcmp(given.data(), expected.data(), expected.size()) == 0;
  if (!good) return std::nullopt;
  std::int64_t expires_s = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + first + 1, end, expires_s);
  if (error != std::errc() || stop != end || expires_s * 1000 <= now.ms) return std::nullopt;
  return std::string(text.substr(0, first));
}

}  // namespace inboxd::net
