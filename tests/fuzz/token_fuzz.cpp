// Tokens: no input but one signed with the key is ever accepted.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "net/token.hpp"

using namespace inboxd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const net::TokenKeys keys(std::string(32, 'k'));
  const std::string_view token(reinterpret_cast<const char*>(data), size);
  const auto claims = keys.verify(token, model::Timestamp{1'700'000'000'000});
  // The corpus is signed with another key: an acceptance is a forgery.
  if (claims) std::abort();

  // The same bytes as a payload, well signed: the claims' reader meets them.
  static const model::Principal agent{model::PrincipalKind::agent, "ana", model::Role::agent, {}};
  auto principal = agent;
  principal.id.assign(token.substr(0, token.find('\0')));
  const auto signed_token = net::sign_token(std::string(32, 'k'), model::WorkspaceId("default"),
                                            principal, model::Timestamp{1'700'000'060'000});
  const auto good = keys.verify(signed_token, model::Timestamp{1'700'000'000'000});
  if (good && good->principal.id != principal.id) std::abort();
  return 0;
}
