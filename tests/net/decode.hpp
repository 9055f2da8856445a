// Decodes params as the session does, for tests.
#pragma once

#include <string>

#include <simdjson.h>

#include "net/method.hpp"

namespace inboxd::net::test {

inline const model::Principal agent{model::PrincipalKind::agent, "ana", model::Role::agent, {}};

inline model::Result<Call> decode(std::string_view method, const std::string& params,
                                  const model::Principal& by = agent) {
  const auto* m = find_method(method);
  if (m == nullptr) throw std::logic_error("no method " + std::string(method));
  const simdjson::padded_string text(params);
  std::uint32_t last_sub = 6;
  In in(by, last_sub);
  return m->decode(*m, in, std::string_view(text.data(), text.size()));
}

/// The error of params that must be refused.
inline model::Error refused(std::string_view method, const std::string& params,
                            const model::Principal& by = agent) {
  const auto call = decode(method, params, by);
  if (call) throw std::logic_error("accepted: " + std::string(method) + " " + params);
  return call.error();
}

/// The engine's request of params that must be accepted.
template <class R>
R accepted(std::string_view method, const std::string& params, const model::Principal& by = agent) {
  const auto call = decode(method, params, by);
  if (!call) {
    throw std::logic_error("refused: " + std::string(method) + " " + params + ": " +
                           call.error().field + ": " + call.error().message);
  }
  return std::get<R>(std::get<actors::Request>(*call));
}

}  // namespace inboxd::net::test
