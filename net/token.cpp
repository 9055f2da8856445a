// HS256 and RS256 go through libjwt; EdDSA, which libjwt 1 has not, through OpenSSL
// (docs/decisions/0031).
#include "net/token.hpp"

#include <cstdlib>
#include <stdexcept>

#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <simdjson.h>

#include "net/visitor.hpp"

namespace inboxd::net {
namespace {

using model::Error;
using model::Reason;
using model::Result;

Error refuse(std::string message) {
  return {.reason = Reason::unauthenticated, .message = std::move(message)};
}

/// Strict: the alphabet of RFC 4648 §5 without padding, and no stray bits in the last digit.
std::optional<std::string> from_base64url(std::string_view text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const auto digit = digits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xFFU);
    }
  }
  if (count >= 6 || (bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return bytes;
}

struct Parts {
  std::string_view signed_text, header, payload, signature;
};

std::optional<Parts> split(std::string_view token) {
  const auto first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return Parts{token.substr(0, second), token.substr(0, first),
               token.substr(first + 1, second - first - 1), token.substr(second + 1)};
}

using simdjson::dom::element;

std::optional<std::string_view> text_member(const element& object, const char* key) {
  std::string_view text;
  if (object[key].get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

/// A NumericDate in seconds, maybe with a fraction (RFC 7519 §2).
std::optional<model::Timestamp> time_member(const element& object, const char* key) {
  double seconds = 0;
  if (object[key].get(seconds) != simdjson::SUCCESS) return std::nullopt;
  constexpr double latest = 1e11;  // far beyond any year that makes sense, exact in milliseconds
  if (!(seconds >= 0 && seconds <= latest)) return std::nullopt;
  return model::Timestamp{static_cast<std::int64_t>(seconds * 1000)};
}

struct FreeJwt {
  void operator()(jwt_t* jwt) const { jwt_free(jwt); }
};

/// Does libjwt accept the signature, with just this algorithm and key?
bool jwt_accepts(std::string_view token, jwt_alg_t alg, const std::string& key) {
  jwt_t* raw = nullptr;
  const std::string text(token);
  const int failed =
      jwt_decode(&raw, text.c_str(), reinterpret_cast<const unsigned char*>(key.data()),
                 static_cast<int>(key.size()));
  const std::unique_ptr<jwt_t, FreeJwt> jwt(raw);
  return failed == 0 && jwt_get_alg(jwt.get()) == alg;
}

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;

bool ed25519_accepts(EVP_PKEY* key, std::string_view text, std::string_view signature) {
  struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

KeyPtr read_public_key(const std::string& pem) {
  struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
  };
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return KeyPtr(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr) : nullptr);
}

std::optional<model::PrincipalKind> kind_of(std::string_view name) {
  const auto kind = model::principal_kind_of(name);
  return kind == model::PrincipalKind::system ? std::nullopt : kind;
}

}  // namespace

struct TokenKeys::PublicKey {
  KeyPtr key;
  std::string pem;
  bool ed25519 = false;

  bool accepts(std::string_view alg, const Parts& parts, std::string_view token) const {
    if (!ed25519) return alg == "RS256" && jwt_accepts(token, JWT_ALG_RS256, pem);
    const auto signature = from_base64url(parts.signature);
    return alg == "EdDSA" && signature && ed25519_accepts(key.get(), parts.signed_text, *signature);
  }
};

TokenKeys::TokenKeys(std::string secret) : secret_(std::move(secret)) {}
TokenKeys::~TokenKeys() = default;
TokenKeys::TokenKeys(TokenKeys&&) noexcept = default;
TokenKeys& TokenKeys::operator=(TokenKeys&&) noexcept = default;

void TokenKeys::add(const std::string& kid, const std::string& pem) {
  constexpr int rsa_bits_min = 2048;
  auto fresh = std::make_unique<PublicKey>();
  fresh->key = read_public_key(pem);
  fresh->pem = pem;
  if (!fresh->key) {
    throw std::runtime_error("The key \"" + kid + "\" is not a public key in PEM.");
  }
  const int type = EVP_PKEY_get_base_id(fresh->key.get());
  fresh->ed25519 = type == EVP_PKEY_ED25519;
  if (!fresh->ed25519 &&
      (type != EVP_PKEY_RSA || EVP_PKEY_get_bits(fresh->key.get()) < rsa_bits_min)) {
    throw std::runtime_error("The key \"" + kid +
                             "\" is neither Ed25519 nor RSA of at least 2048 bits.");
  }
  public_keys_[kid] = std::move(fresh);
}

std::string TokenKeys::derive(std::string_view purpose) const {
  return hmac_sha256(secret_, purpose);
}

Result<Claims> TokenKeys::verify(std::string_view token, model::Timestamp now) const {
  const auto parts = split(token);
  if (!parts) return refuse("The token is not a JWT.");
  const auto header_text = from_base64url(parts->header);
  const auto payload_text = from_base64url(parts->payload);
  if (!header_text || !payload_text) return refuse("The token is not a JWT.");

  simdjson::dom::parser parser;
  element header;
  if (parser.parse(*header_text).get(header) != simdjson::SUCCESS) {
    return refuse("The token is not a JWT.");
  }
  const auto alg = text_member(header, "alg");
  const auto kid = text_member(header, "kid");
  if (!alg || header["crit"].error() == simdjson::SUCCESS) {
    return refuse("The token's header is not one that is accepted here.");
  }
  bool good = false;
  if (!kid) {
    good = *alg == "HS256" && jwt_accepts(token, JWT_ALG_HS256, secret_);
  } else if (const auto found = public_keys_.find(*kid); found != public_keys_.end()) {
    good = found->second->accepts(*alg, *parts, token);
  }
  if (!good) return refuse("The token's signature is not by a key that is accepted here.");
  return claims_of(*payload_text, now);
}

Result<Claims> TokenKeys::claims_of(std::string_view payload, model::Timestamp now) const {
  constexpr std::size_t sub_bytes_max = 128;
  simdjson::dom::parser parser;
  element object;
  if (parser.parse(payload.data(), payload.size()).get(object) != simdjson::SUCCESS) {
    return refuse("The token's claims are not JSON.");
  }
  Claims claims;
  const auto expires = time_member(object, "exp");
  if (!expires) return refuse("The token has no `exp`.");
  if (*expires <= now) return refuse("The token has expired.");
  if (object["nbf"].error() == simdjson::SUCCESS) {
    const auto not_before = time_member(object, "nbf");
    if (!not_before || *not_before > now) return refuse("The token is not valid yet.");
  }
  claims.expires_at = *expires;

  const auto sub = text_member(object, "sub");
  const auto ws = text_member(object, "ws");
  const auto kind_name = text_member(object, "kind");
  const auto kind = kind_of(kind_name.value_or(""));
  if (!sub || sub->empty() || sub->size() > sub_bytes_max) return refuse("The token has no `sub`.");
  if (!ws || !model::is_chosen_id(*ws)) return refuse("The token has no `ws`.");
  if (!kind) return refuse("The token's `kind` is not agent, connector or service.");
  if (*kind == model::PrincipalKind::agent && !model::is_chosen_id(*sub)) {
    return refuse("The token's `sub` cannot be an agent's id.");
  }
  claims.workspace = model::WorkspaceId(*ws);
  claims.principal.kind = *kind;
  claims.principal.id = std::string(*sub);

  if (object["role"].error() == simdjson::SUCCESS) {
    const auto role_name = text_member(object, "role");
    const auto role = model::role_of(role_name.value_or(""));
    if (!role) return refuse("The token's `role` is not agent, manager or admin.");
    claims.principal.role = *role;
  }
  if (*kind == model::PrincipalKind::connector) {
    const auto channel = text_member(object, "channel");
    if (!channel || !model::is_chosen_id(*channel)) return refuse("The token has no `channel`.");
    claims.principal.channel = model::ChannelId(*channel);
  }
  return claims;
}

std::string sign_token(const std::string& secret, const model::WorkspaceId& workspace,
                       const model::Principal& principal, model::Timestamp expires_at) {
  jwt_t* raw = nullptr;
  if (jwt_new(&raw) != 0) throw std::bad_alloc();
  const std::unique_ptr<jwt_t, FreeJwt> jwt(raw);
  jwt_set_alg(raw, JWT_ALG_HS256, reinterpret_cast<const unsigned char*>(secret.data()),
              static_cast<int>(secret.size()));
  jwt_add_grant(raw, "sub", principal.id.c_str());
  jwt_add_grant(raw, "ws", workspace.str().c_str());
  jwt_add_grant(raw, "kind", std::string(name_of(principal.kind)).c_str());
  if (principal.kind != model::PrincipalKind::connector) {
    jwt_add_grant(raw, "role", std::string(name_of(principal.role)).c_str());
  }
  if (principal.channel) jwt_add_grant(raw, "channel", principal.channel->str().c_str());
  jwt_add_grant_int(raw, "exp", expires_at.ms / 1000);
  struct Free {
    void operator()(char* text) const { std::free(text); }
  };
  const std::unique_ptr<char, Free> text(jwt_encode_str(raw));
  if (!text) throw std::runtime_error("A token could not be signed.");
  return text.get();
}

}  // namespace inboxd::net
