// Visitors of a webchat: who they are, and the token by which they are known again. Not a token of
// net/token.hpp: another form and another key, so that neither is ever taken for the other.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/ids.hpp"
#include "model/time.hpp"

namespace inboxd::net {

/// Raw bytes.
std::string hmac_sha256(std::string_view key, std::string_view text);

/// `<visitor>.<expires, seconds>.<hex signature>`, over the workspace and the channel too.
class VisitorTokens {
 public:
  /// `key`: TokenKeys::derive("visitor").
  VisitorTokens(std::string key, const model::WorkspaceId& workspace,
                const model::ChannelId& channel);

  std::string sign(std::string_view visitor, model::Timestamp expires_at) const;
  /// The visitor; nothing when it was not signed here, for this channel, or has expired.
  std::optional<std::string> verify(std::string_view token, model::Timestamp now) const;

 private:
  std::string signature(std::string_view signed_text) const;
  std::string key_, scope_;
};

}  // namespace inboxd::net
