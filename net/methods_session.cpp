// The session itself, and the document that describes all this.
#include "model/limits.hpp"
#include "net/kinds.hpp"
#include "net/methods.hpp"

namespace inboxd::net {
namespace {

// A JWT is far shorter.
using Token = kinds::Text<8 * 1024, 1>;

struct OpenParams {
  std::string token;
};
struct NoParams {};

}  // namespace

std::vector<Method> session_methods() {
  using P = OpenParams;
  std::vector<Method> m;
  m.push_back(
      Define<P>("session.open", access::everybody,
                "Says who is there. The first request of a connection, within 10 s. A token that "
                "is not accepted is answered with `unauthenticated`, then close 4401.")
          .required<&P::token, Token>("token", "A JWT.")
          .effect(Effect::session)
          .result(INBOXD_SCHEMA("Session"), "The session, and the limits that it works under.")
          .make([](P&& p, In&) -> model::Result<Call> { return OpenSession{std::move(p.token)}; }));
  m.push_back(Define<P>("session.refresh", access::everybody,
                        "Extends the session with a newer token of the same principal. Its role "
                        "counts from here on.")
                  .required<&P::token, Token>("token", "A JWT.")
                  .effect(Effect::session)
                  .result(INBOXD_SCHEMA("Session"), "As for `session.open`.")
                  .make([](P&& p, In&) -> model::Result<Call> {
                    return RefreshSession{std::move(p.token)};
                  }));
  m.push_back(
      Define<NoParams>("rpc.discover", access::everybody, "This document.")
          .effect(Effect::local)
          .result(R"({"type":"object","description":"An OpenRPC document."})", "The document.")
          .make([](NoParams&&, In&) -> model::Result<Call> { return Discover{}; }));
  return m;
}

}  // namespace inboxd::net
