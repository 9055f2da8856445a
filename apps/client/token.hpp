// Tokens as the engine checks them: JWT, HS256, signed with the data directory's key (PROTOCOL.md
// "Session").
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace inboxd::client {

struct TokenClaims {
  std::string sub;
  std::string workspace = "default";
  std::string kind = "agent";  // agent, connector, service
  std::string role;            // agent, manager, admin; empty: no such claim
  std::string channel;         // of a connector; empty: no such claim
  std::chrono::seconds ttl = std::chrono::hours(8);
};

/// The key of a data directory. Throws std::runtime_error with a full sentence if there is none.
std::string read_signing_key(const std::filesystem::path& data_directory);

std::string make_token(
    const TokenClaims& claims, const std::string& key,
    std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

}  // namespace inboxd::client
