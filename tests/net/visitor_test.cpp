#include "net/visitor.hpp"

#include "net/token.hpp"
#include "tests/support/catch.hpp"

namespace inboxd::net {
namespace {

const std::string secret(32, 'k');
const model::WorkspaceId workspace("default");
constexpr model::Timestamp now{1'700'000'000'000};

VisitorTokens tokens_for(std::string_view channel) {
  return {TokenKeys(secret).derive("webchat visitor"), workspace, model::ChannelId(channel)};
}

}  // namespace

TEST_CASE("a visitor is known again by its token, until it expires") {
  const auto tokens = tokens_for("chat");
  const auto token = tokens.sign("v-1", now + model::days(1));
  CHECK(tokens.verify(token, now) == "v-1");
  CHECK_FALSE(tokens.verify(token, now + model::days(1)));
}

TEST_CASE("a visitor's token of another channel, key or content is none") {
  const auto tokens = tokens_for("chat");
  const auto token = tokens.sign("v-1", now + model::days(1));
  CHECK_FALSE(tokens_for("other").verify(token, now));
  const VisitorTokens elsewhere(TokenKeys(std::string(32, 'x')).derive("webchat visitor"),
                                workspace, model::ChannelId("chat"));
  CHECK_FALSE(elsewhere.verify(token, now));
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto forged = token;
    forged[i] = forged[i] == '1' ? '2' : '1';
    if (forged != token) CHECK_FALSE(tokens.verify(forged, now));
  }
  for (const auto* nonsense : {"", ".", "..", "v-1", "v-1.99999999999", "v-1.x.y"})
    CHECK_FALSE(tokens.verify(nonsense, now));
}

TEST_CASE("an agent's token is no visitor's, and a visitor's no agent's") {
  const model::Principal agent{
      .kind = model::PrincipalKind::agent, .id = "ana", .role = model::Role::admin, .channel = {}};
  const auto agents = sign_token(secret, workspace, agent, now + model::days(1));
  CHECK_FALSE(tokens_for("chat").verify(agents, now));
  const auto visitors = tokens_for("chat").sign("v-1", now + model::days(1));
  CHECK_FALSE(TokenKeys(secret).verify(visitors, now).has_value());
}

}  // namespace inboxd::net
