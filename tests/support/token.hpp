// Tokens for tests, signed with the engine's own key as `inboxctl token` does.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace inboxd::tests {

struct TokenClaims {
  std::string sub;
  std::string kind = "agent";  // agent, connector, service
  std::string role = "agent";  // agent, manager, admin; empty: no such claim
  std::string channel;         // for connectors; empty: no such claim
  std::string workspace = "default";
  std::chrono::seconds ttl = std::chrono::hours(8);  // negative: expired already
};

/// The 32 bytes that sign tokens. Throws std::runtime_error if the directory has none yet.
std::string read_signing_key(const std::filesystem::path& data_directory);

/// Any header and payload, signed with HS256: for tokens that must be refused.
std::string sign_token(const std::string& header_json, const std::string& payload_json,
                       const std::string& key);

std::string make_token(const TokenClaims& claims, const std::string& key);

}  // namespace inboxd::tests
