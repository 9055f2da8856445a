// The authorisation matrix: every method × every kind and role, against the page's own words.
#include <set>
#include <string>

#include "tests/net/fake.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd;
using namespace inboxd::net;
using model::PrincipalKind;
using model::Role;
using net::test::Fixture;

namespace {

// PROTOCOL.md, by hand: what the tables of net/ must say.
const std::set<std::string, std::less<>> for_connectors{"inbound.receive", "inbound.status",
                                                        "inbound.typing",  "outbox.subscribe",
                                                        "outbox.sent",     "outbox.failed"};
const std::set<std::string, std::less<>> for_admins{
    "agent.put",     "agent.remove",   "team.put",  "channel.put",
    "channel.pause", "channel.resume", "field.put", "policy.set"};
const std::set<std::string, std::less<>> for_everybody{"session.open", "session.refresh",
                                                       "rpc.discover", "unsubscribe"};

bool may(std::string_view method, PrincipalKind kind, Role role) {
  if (for_everybody.contains(method)) return true;
  if (kind == PrincipalKind::connector) return for_connectors.contains(method);
  if (for_connectors.contains(method)) return false;
  return !for_admins.contains(method) || role == Role::admin;
}

}  // namespace

TEST_CASE("S6 every method is open to just the kinds and roles that the page names") {
  std::size_t cases = 0;
  for (const auto& method : all_methods()) {
    for (const auto kind :
         {PrincipalKind::agent, PrincipalKind::service, PrincipalKind::connector}) {
      for (const auto role : {Role::agent, Role::manager, Role::admin}) {
        INFO(method.name << " by " << name_of(kind) << " " << name_of(role));
        const auto error = check_access(method, {kind, "x", role, {}}, role);
        CHECK(error.has_value() != may(method.name, kind, role));
        if (error) CHECK(error->reason == model::Reason::forbidden);
        ++cases;
      }
    }
  }
  CHECK(cases == 9 * all_methods().size());
}

TEST_CASE("S6 forbidden comes before invalid params, and reaches no engine") {
  std::size_t forbidden = 0;
  for (const auto kind : {PrincipalKind::agent, PrincipalKind::connector}) {
    Fixture f;
    f.open(kind);
    for (const auto& method : all_methods()) {
      if (may(method.name, kind, Role::agent)) continue;
      INFO(method.name << " by " << name_of(kind));
      f.call("1", std::string(method.name), R"({"no_such_param":1})");
      CHECK(f.port.next().at("error").at("data").at("reason") == "forbidden");
      ++forbidden;
    }
    CHECK(f.engine.submitted.empty());
  }
  CHECK(forbidden > for_admins.size());
}

TEST_CASE("nobody is a system principal") {
  for (const auto& method : all_methods()) {
    CHECK(check_access(method, {PrincipalKind::system, "", Role::admin, {}}, Role::admin)
              .has_value());
  }
}
