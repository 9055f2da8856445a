// Tokens: JSON Web Tokens, HS256 with the data directory's key, EdDSA or RS256 with configured
// public keys. The algorithm is the key's, never the token's to choose.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/error.hpp"
#include "model/time.hpp"
#include "model/workspace.hpp"

namespace inboxd::net {

/// What a good token says.
struct Claims {
  model::WorkspaceId workspace;
  model::Principal principal;
  model::Timestamp expires_at;
};

/// Immutable once the keys are in; any thread.
class TokenKeys {
 public:
  /// `secret` signs HS256 tokens that have no `kid`.
  explicit TokenKeys(std::string secret);
  ~TokenKeys();
  TokenKeys(TokenKeys&&) noexcept;
  TokenKeys& operator=(TokenKeys&&) noexcept;

  /// A public key in PEM, for tokens with this `kid`: Ed25519 means EdDSA, RSA of 2048 bits or more
  /// means RS256. Throws std::runtime_error with a full sentence for anything else.
  void add(const std::string& kid, const std::string& pem);

  /// A key for another purpose, made of ours: what is signed with it is never taken for a token,
  /// nor the other way round.
  std::string derive(std::string_view purpose) const;

  /// The claims, or `unauthenticated` with what is wrong in words that give nothing away.
  model::Result<Claims> verify(std::string_view token, model::Timestamp now) const;

 private:
  struct PublicKey;
  model::Result<Claims> claims_of(std::string_view payload, model::Timestamp now) const;

  std::string secret_;
  std::map<std::string, std::unique_ptr<PublicKey>, std::less<>> public_keys_;
};

/// The data directory's key, `signing.key`: 32 random bytes as they are, mode 0600. Made if it is
/// missing. Throws std::runtime_error with a full sentence when it cannot be read, or others may
/// read it.
std::string load_or_make_signing_key(const std::filesystem::path& data_directory);

/// An HS256 token, as `inboxctl token` makes it.
std::string sign_token(const std::string& secret, const model::WorkspaceId& workspace,
                       const model::Principal& principal, model::Timestamp expires_at);

}  // namespace inboxd::net
