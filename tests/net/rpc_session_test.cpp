#include "net/rpc_session.hpp"

#include "tests/net/fake.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd;
using namespace inboxd::net;
using net::test::Fixture;
using nlohmann::json;
namespace request = actors::request;
using Loss = actors::Push::Loss;

namespace {

const auto contact = R"({"contact":")" + model::ContactId{7}.str() + "\"}";

std::string reason(const json& response) {
  return response.at("error").at("data").at("reason");
}

/// A view, subscribed: s1.
void subscribe(Fixture& f) {
  f.call("1", "view.subscribe", R"({"view":"all"})");
  f.answer(R"("result":{"sub":"s1"})");
  f.port.next();
}

}  // namespace

TEST_CASE("session.open tells who, where and under which limits") {
  Fixture f;
  const auto result = f.open().at("result");
  CHECK(result.at("workspace") == "default");
  CHECK(result.at("principal") == json({{"kind", "agent"}, {"id", "ana"}, {"role", "agent"}}));
  CHECK(result.at("epoch") == "e1");
  CHECK(result.at("offset") == 41);
  CHECK(result.at("server").at("name") == "inboxd");
  for (const auto* limit : {"frame_bytes", "text_bytes", "tags", "fields", "in_flight",
                            "subscriptions", "commands_per_s"}) {
    CHECK(result.at("limits").at(limit) > 0);
  }
  CHECK(f.engine.opened.size() == 1);
}

TEST_CASE("before session.open everything is unauthenticated, what does not exist too (S6)") {
  Fixture f;
  f.call("1", "contact.get", contact);
  CHECK(reason(f.port.next()) == "unauthenticated");
  f.call("2", "no.such");
  CHECK(reason(f.port.next()) == "unauthenticated");
  CHECK(f.port.closed_with == 0);
  f.call("3", "rpc.discover");
  CHECK(reason(f.port.next()) == "unauthenticated");
  f.open();
  f.call("4", "rpc.discover");
  CHECK(f.port.next().at("result").at("openrpc") == "1.2.6");
}

TEST_CASE("S37 a bad token is answered, then the session closes with 4401") {
  Fixture f;
  f.call("1", "session.open", R"({"token":"nonsense"})");
  CHECK(reason(f.port.next()) == "unauthenticated");
  CHECK(f.port.closed_with == 4401);
}

TEST_CASE("S24 a token for an unknown workspace is unauthenticated") {
  Fixture f;
  const auto token = f.token(model::PrincipalKind::agent, model::Role::admin, "elsewhere");
  f.call("1", "session.open", R"({"token":")" + token + "\"}");
  CHECK(reason(f.port.next()) == "unauthenticated");
  CHECK(f.engine.opened.empty());
}

TEST_CASE("S37 a second session.open is an invalid request") {
  Fixture f;
  f.open();
  f.call("1", "session.open", R"({"token":")" + f.token(model::PrincipalKind::agent) + "\"}");
  CHECK(reason(f.port.next()) == "invalid_request");
}

TEST_CASE("session.refresh extends, and its role counts from then on") {
  Fixture f;
  f.open();
  f.call("1", "team.put", R"({"id":"t","name":"T"})");
  CHECK(reason(f.port.next()) == "forbidden");
  f.now = f.now + model::seconds(30);
  f.call("2", "session.refresh",
         R"({"token":")" + f.token(model::PrincipalKind::agent, model::Role::admin) + "\"}");
  CHECK(f.port.next().at("result").at("principal").at("role") == "admin");
  f.call("3", "team.put", R"({"id":"t","name":"T"})");
  REQUIRE(f.engine.submitted.size() == 1);
  CHECK(f.engine.submitted[0].role == model::Role::admin);
  f.now = f.now + model::seconds(45);
  f.session->tick(f.now);
  CHECK(f.port.closed_with == 0);
}

TEST_CASE("session.refresh is not for somebody else's token") {
  Fixture f;
  f.open();
  f.call("1", "session.refresh",
         R"({"token":")" + f.token(model::PrincipalKind::agent, {}, "default", "bea") + "\"}");
  CHECK(reason(f.port.next()) == "forbidden");
}

TEST_CASE("an expired token closes the session with 4401") {
  Fixture f;
  f.open();
  f.now = f.now + model::seconds(59);
  f.session->tick(f.now);
  CHECK(f.port.closed_with == 0);
  f.now = f.now + model::seconds(1);
  f.session->tick(f.now);
  CHECK(f.port.closed_with == 4401);
}

TEST_CASE("after exp nothing more is carried out, also before the next look at the time") {
  Fixture f;
  f.open();
  f.now = f.now + model::seconds(60);
  f.call("1", "contact.get", contact);
  CHECK(f.port.closed_with == 4401);
  CHECK(f.engine.submitted.empty());
}

TEST_CASE("a session that is not opened in time is closed with 4408") {
  Fixture f;
  f.now = f.now + model::seconds(10);
  f.session->tick(f.now);
  CHECK(f.port.closed_with == 4408);
}

TEST_CASE("an answer has the id that the request had, character by character") {
  Fixture f;
  f.open();
  f.call("\"a/1\"", "contact.get", contact);
  f.answer(R"("result":{"x":1})");
  CHECK(f.port.next() == json::parse(R"({"jsonrpc":"2.0","id":"a/1","result":{"x":1}})"));
}

TEST_CASE("one id for two requests at once is the client's business: both are answered") {
  Fixture f;
  f.open();
  f.call("5", "contact.get", contact);
  f.call("5", "view.list");
  f.answer();
  f.answer();
  CHECK(f.port.next().at("id") == 5);
  CHECK(f.port.next().at("id") == 5);
}

TEST_CASE("a notification is carried out and not answered") {
  Fixture f;
  f.open();
  f.frame(R"({"jsonrpc":"2.0","method":"contact.done","params":)" + contact + "}");
  REQUIRE(f.engine.submitted.size() == 1);
  f.answer();
  CHECK(f.port.frames.empty());
  f.frame(R"({"jsonrpc":"2.0","method":"no.such"})");
  CHECK(f.port.frames.empty());
}

TEST_CASE("S8 a batch is answered in one array, in its order, when all are done") {
  Fixture f;
  f.open();
  f.frame(R"([{"jsonrpc":"2.0","id":1,"method":"contact.get","params":)" + contact +
          R"(},{"jsonrpc":"2.0","id":2,"method":"no.such"},7,)"
          R"({"jsonrpc":"2.0","method":"contact.done","params":)" +
          contact + R"(},{"jsonrpc":"2.0","id":3,"method":"view.list"}])");
  REQUIRE(f.engine.submitted.size() == 3);
  CHECK(f.engine.batches == 1);
  const auto last = f.engine.submitted[2].tag;
  f.session->on_answer(last, R"("result":"c")");
  f.engine.submitted.pop_back();
  f.answer(R"("result":"a")");
  CHECK(f.port.frames.empty());
  f.answer();
  const auto all = f.port.next();
  REQUIRE(all.size() == 4);
  CHECK(all[0].at("id") == 1);
  CHECK(all[0].at("result") == "a");
  CHECK(all[1].at("id") == 2);
  CHECK(reason(all[1]) == "method_not_found");
  CHECK(all[2].at("id") == nullptr);
  CHECK(all[3].at("result") == "c");
}

TEST_CASE("what a subscription made in a batch is told comes after the batch's answer") {
  Fixture f;
  f.open();
  f.frame(R"([{"jsonrpc":"2.0","id":1,"method":"view.subscribe","params":{"view":"all"}},)"
          R"({"jsonrpc":"2.0","id":2,"method":"contact.get","params":)" +
          contact + "}]");
  f.answer(R"("result":{"sub":"s1"})");
  f.push(1, "view.delta", R"("offset":1)", Loss::reset);
  f.push(1, "view.delta", R"("offset":2)", Loss::reset);
  CHECK(f.port.frames.empty());
  f.answer();
  CHECK(f.port.next().at(0).at("result").at("sub") == "s1");
  CHECK(f.port.next().at("params").at("offset") == 1);
  CHECK(f.port.next().at("params").at("offset") == 2);
  f.push(1, "view.delta", R"("offset":3)", Loss::reset);
  CHECK(f.port.next().at("params").at("offset") == 3);
}

TEST_CASE("what may be answered with much counts for more of what may be in flight") {
  Options options;
  options.in_flight_max = 40;
  Fixture f(options);
  f.open();
  const auto page = contact.substr(0, contact.size() - 1) + R"(,"limit":200})";
  f.call("1", "timeline.page", page);
  CHECK(f.session->may_read());
  f.call("2", "timeline.page", page);
  CHECK_FALSE(f.session->may_read());
  f.answer();
  CHECK(f.session->may_read());
  f.answer();
  std::string batch = "[";
  for (int i = 0; i < 20; ++i) {
    batch += (i > 0 ? "," : "") + (R"({"jsonrpc":"2.0","id":)" + std::to_string(i)) +
             R"(,"method":"timeline.page","params":)" + page + "}";
  }
  f.frame(batch + "]");
  CHECK(f.engine.submitted.size() == 6);
  while (!f.engine.submitted.empty()) f.answer();
  const auto answers = f.port.frames.back();
  CHECK(answers.at(5).contains("result"));
  CHECK(reason(answers.at(6)) == "limit_exceeded");
}

TEST_CASE("what is held back for a batch's answer counts as queued") {
  Fixture f;
  f.open();
  f.frame(R"([{"jsonrpc":"2.0","id":1,"method":"contact.subscribe","params":)" + contact +
          R"(},{"jsonrpc":"2.0","id":2,"method":"contact.get","params":)" + contact + "}]");
  f.answer(R"("result":{"sub":"s1"})");
  const auto big = R"("x":")" + std::string(f.services.options.queue_bytes_max, 'x') + '"';
  f.push(1, "contact.delta", big, Loss::close);
  CHECK(f.port.closed_with == 0);
  f.push(1, "contact.delta", big, Loss::close);
  CHECK(f.port.closed_with == 4430);
}

TEST_CASE("S8 a batch of notifications is not answered at all") {
  Fixture f;
  f.open();
  f.frame(R"([{"jsonrpc":"2.0","method":"contact.done","params":)" + contact + "}]");
  f.answer();
  CHECK(f.port.frames.empty());
}

TEST_CASE("a frame that is no JSON is answered with id null, and the session goes on") {
  Fixture f;
  f.open();
  f.frame("{nonsense");
  const auto response = f.port.next();
  CHECK(response.at("id") == nullptr);
  CHECK(response.at("error").at("code") == -32700);
  CHECK(f.port.closed_with == 0);
}

TEST_CASE("S31 notifications come with their sub, and none after unsubscribe is answered") {
  Fixture f;
  f.open();
  subscribe(f);
  f.push(1, "view.delta", R"("offset":9,"ops":[])");
  CHECK(
      f.port.next() ==
      json::parse(
          R"({"jsonrpc":"2.0","method":"view.delta","params":{"sub":"s1","offset":9,"ops":[]}})"));
  f.call("2", "unsubscribe", R"({"sub":"s1"})");
  CHECK(f.port.next().at("result") == json::object());
  CHECK(std::holds_alternative<request::Unsubscribe>(f.engine.submitted.back().request));
  f.push(1, "view.delta", R"("offset":10,"ops":[])");
  CHECK(f.port.frames.empty());
  f.call("3", "unsubscribe", R"({"sub":"s1"})");
  CHECK(reason(f.port.next()) == "not_found");
}

TEST_CASE("S31 nothing with a sub follows subscription.ended, and numbers are not used again") {
  Fixture f;
  f.open();
  subscribe(f);
  f.push(1, "subscription.ended", R"("reason":"deleted")");
  CHECK(f.port.next().at("method") == "subscription.ended");
  f.push(1, "view.delta", R"("offset":10,"ops":[])");
  CHECK(f.port.frames.empty());
  f.call("2", "agents.subscribe");
  CHECK(std::get<request::SubscribeAgents>(f.engine.submitted.back().request).sub.value == 2);
}

TEST_CASE("a subscription that was refused is none") {
  const model::ViewId known("nope");  // in another workspace: here the engine refuses it
  Fixture f;
  f.open();
  f.call("1", "view.subscribe", R"({"view":"nope"})");
  f.answer(R"("error":{"code":-32003,"message":"m","data":{"reason":"not_found"}})");
  CHECK(reason(f.port.next()) == "not_found");
  f.push(1, "view.delta", "");
  CHECK(f.port.frames.empty());
  f.call("2", "unsubscribe", R"({"sub":"s1"})");
  CHECK(reason(f.port.next()) == "not_found");
}

TEST_CASE("view.window is for subscriptions of views") {
  Fixture f;
  f.open();
  f.call("1", "counters.subscribe");
  f.answer(R"("result":{"sub":"s1"})");
  f.port.next();
  f.call("2", "view.window", R"({"sub":"s1"})");
  CHECK(reason(f.port.next()) == "not_found");
}

TEST_CASE("subscriptions are bounded") {
  Options options;
  options.subscriptions_max = 2;
  Fixture f(options);
  f.open();
  for (int i = 0; i < 3; ++i) f.call("1", "agents.subscribe");
  const auto error = f.port.next();
  CHECK(reason(error) == "limit_exceeded");
  CHECK(error.at("error").at("data").at("limit") == 2);
  CHECK(f.engine.submitted.size() == 2);
}

TEST_CASE("reading stops at the bound of requests in flight and goes on below it") {
  Options options;
  options.in_flight_max = 2;
  Fixture f(options);
  f.open();
  f.call("1", "contact.get", contact);
  CHECK(f.session->may_read());
  f.call("2", "contact.get", contact);
  CHECK_FALSE(f.session->may_read());
  f.answer();
  CHECK(f.session->may_read());
}

TEST_CASE("requests over the rate are told when to come again, and hammering closes with 4429") {
  Options options;
  options.commands_per_s = 4;
  Fixture f(options);
  f.open();  // one of them
  for (int i = 0; i < 4; ++i) f.call("1", "contact.get", contact);
  const auto error = f.port.next();
  CHECK(reason(error) == "rate_limited");
  CHECK(error.at("error").at("data").at("retry_after_ms") > 0);
  CHECK(f.engine.submitted.size() == 3);
  CHECK(f.port.closed_with == 0);
  for (int i = 0; i < 4; ++i) f.call("1", "contact.get", contact);
  CHECK(f.port.closed_with == 4429);
}

TEST_CASE("what is no request counts for the rate, too, with a session and without") {
  Options options;
  options.commands_per_s = 3;
  for (const bool opened : {true, false}) {
    Fixture f(options);
    if (opened) f.open();
    for (const char* frame : {"{", "17", R"({"jsonrpc":"2.0","id":1,"method":"nope"})", "[]"}) {
      f.frame(frame);
    }
    std::vector<std::string> reasons;
    while (!f.port.frames.empty()) reasons.push_back(reason(f.port.next()));
    CHECK(reasons.back() == "rate_limited");
    CHECK(reasons.front() == "parse_error");
  }
}

TEST_CASE("over the bound of all sessions only those who have little in flight are read from") {
  Options options;
  options.in_flight_total_max = 10;
  options.in_flight_floor = 2;
  Fixture f(options);
  f.open();
  for (int i = 0; i < 9; ++i) f.call("1", "contact.get", contact);
  CHECK(f.session->may_read());
  f.call("1", "contact.get", contact);
  CHECK_FALSE(f.session->may_read());

  test::FakePort other_port;
  RpcSession other(f.services, other_port, RpcSession::Transport::websocket);
  CHECK_FALSE(other.authenticate(f.token(model::PrincipalKind::agent)).has_value());
  CHECK(other.may_read());
  f.services.metrics.in_flight -= 1;  // somebody else's answer
  CHECK(f.session->may_read());
  f.services.metrics.in_flight += 1;
}

TEST_CASE("over the bytes of all sessions the floor is everybody's bound") {
  Options options;
  options.queue_bytes_max = 1000;
  options.queue_bytes_floor = 100;
  options.queue_bytes_total_max = 5000;
  Fixture f(options);
  f.open();
  f.port.queued = 500;
  CHECK(f.session->may_read());
  f.services.queued_bytes = 5000;
  CHECK_FALSE(f.session->may_read());
  f.port.queued = 100;
  CHECK(f.session->may_read());
}

TEST_CASE("the rate comes back with time") {
  Options options;
  options.commands_per_s = 1;
  Fixture f(options);
  f.open();
  f.call("1", "contact.get", contact);
  CHECK(reason(f.port.next()) == "rate_limited");
  f.now = f.now + model::seconds(1);
  f.call("2", "contact.get", contact);
  CHECK(f.engine.submitted.size() == 1);
}

TEST_CASE("a principal's sessions share a rate") {
  Options options;
  options.principal_commands_per_s = 2;
  Fixture f(options);
  test::FakePort other_port;
  RpcSession other(f.services, other_port, RpcSession::Transport::websocket);
  f.open();
  CHECK_FALSE(other.authenticate(f.token(model::PrincipalKind::agent)).has_value());
  f.call("1", "contact.get", contact);
  f.call("2", "contact.get", contact);
  const simdjson::padded_string text(
      std::string(R"({"jsonrpc":"2.0","id":1,"method":"view.list"})"));
  other.on_frame({text.data(), text.size()});
  CHECK(reason(other_port.next()) == "rate_limited");
}

TEST_CASE("DESIGN 8 a slow reader loses view deltas, and gets a reset when it has read") {
  Fixture f;
  f.open();
  subscribe(f);
  f.port.queued = 2 * f.services.options.queue_bytes_max;
  f.push(1, "view.delta", R"("offset":1)", Loss::reset);
  f.port.queued = 0;
  f.push(1, "view.delta", R"("offset":2)", Loss::reset);
  CHECK(f.port.frames.empty());
  f.session->on_drained();
  f.session->on_drained();
  REQUIRE(f.engine.resets.size() == 1);
  CHECK(f.engine.resets[0].value == 1);
  f.push(1, "view.delta", R"("offset":3)", Loss::reset);
  CHECK(f.port.frames.empty());
  f.push(1, "view.reset", R"("offset":4)", Loss::reset);
  f.push(1, "view.delta", R"("offset":5)", Loss::reset);
  CHECK(f.port.next().at("params").at("offset") == 4);
  CHECK(f.port.next().at("params").at("offset") == 5);
}

TEST_CASE("DESIGN 8 a slow reader of counters or of the workload gets all of them again") {
  const std::string what = GENERATE("counters", "workload");
  Fixture f;
  f.open();
  f.call("1", what + ".subscribe");
  f.answer(R"("result":{"sub":"s1"})");
  f.port.next();
  f.port.queued = 2 * f.services.options.queue_bytes_max;
  f.push(1, what + ".delta", R"("offset":1)", Loss::reset);
  CHECK(f.port.closed_with == 0);
  f.port.queued = 0;
  f.session->on_drained();
  REQUIRE(f.engine.resets.size() == 1);
  f.push(1, what + ".reset", R"("offset":2)", Loss::reset);
  f.push(1, what + ".delta", R"("offset":3)", Loss::reset);
  CHECK(f.port.next().at("params").at("offset") == 2);
  CHECK(f.port.next().at("params").at("offset") == 3);
}

TEST_CASE("a slow reader that loses what cannot be lost is closed with 4430") {
  Fixture f;
  f.open();
  subscribe(f);
  f.port.queued = 2 * f.services.options.queue_bytes_max;
  f.push(1, "contact.presence", R"("typing":[])", Loss::drop);
  CHECK(f.port.closed_with == 0);
  f.push(1, "contact.delta", R"("offset":1)", Loss::close);
  CHECK(f.port.closed_with == 4430);
  CHECK(f.port.frames.empty());
}

TEST_CASE("a reader that stays too slow for a reset is closed with 4430") {
  Fixture f;
  f.open();
  subscribe(f);
  f.port.queued = 2 * f.services.options.queue_bytes_max;
  f.push(1, "view.delta", R"("offset":1)", Loss::reset);
  f.now = f.now + model::seconds(30);
  f.session->tick(f.now);
  CHECK(f.port.closed_with == 4430);
}

TEST_CASE("S24 the engine can end a session") {
  Fixture f;
  f.open();
  f.session->on_hangup(4403, "removed");
  CHECK(f.port.closed_with == 4403);
}

TEST_CASE("a session that goes is closed at the engine, and late answers find nobody") {
  Fixture f;
  f.open();
  f.call("1", "contact.get", contact);
  const auto client = std::static_pointer_cast<SessionClient>(f.engine.submitted[0].client);
  f.session.reset();
  CHECK(client->session == nullptr);
  REQUIRE(f.engine.closed.size() == 1);
  CHECK(f.engine.closed[0] == client);
  CHECK(f.services.metrics.in_flight == 0);
}

TEST_CASE("S37 over HTTP sessions and subscriptions are no methods") {
  Fixture f(RpcSession::Transport::http);
  CHECK_FALSE(f.session->authenticate(f.token(model::PrincipalKind::agent)).has_value());
  for (const auto& method : all_methods()) {
    if (method.effect == Effect::none || method.effect == Effect::local) continue;
    INFO(method.name);
    f.call("1", std::string(method.name), R"({"no_such_param":1})");
    CHECK(reason(f.port.next()) == "method_not_found");
  }
  f.call("2", "contact.get", contact);
  CHECK(f.engine.submitted.size() == 1);
  CHECK(f.engine.opened.empty());
}

TEST_CASE("posts one after the other share a rate, which is forgotten when it is whole again") {
  Options options;
  options.principal_commands_per_s = 1;
  Fixture f(options);
  const auto post = [&](const std::string& id) {
    f.session = std::make_unique<RpcSession>(f.services, f.port, RpcSession::Transport::http);
    CHECK_FALSE(f.session->authenticate(f.token(model::PrincipalKind::agent)).has_value());
    f.call(id, "view.list");
    f.session.reset();
    f.services.tidy();
  };
  post("1");
  CHECK(f.engine.submitted.size() == 1);
  post("2");
  CHECK(reason(f.port.next()) == "rate_limited");
  f.now = f.now + model::seconds(1);
  f.services.tidy();
  post("3");
  CHECK(f.engine.submitted.size() == 2);
}

TEST_CASE("S41 who views and types by a post is let go a little later, as no session goes") {
  Fixture f(RpcSession::Transport::http);
  CHECK_FALSE(f.session->authenticate(f.token(model::PrincipalKind::agent)).has_value());
  f.call("1", "viewing.set", contact.substr(0, contact.size() - 1) + R"(,"on":true})");
  REQUIRE(f.engine.submitted.size() == 1);
  const auto client = f.engine.submitted[0].client;
  CHECK(client->passing());
  f.session.reset();
  f.services.tidy();
  CHECK(f.engine.closed.empty());
  f.now = f.now + f.services.options.passing_presence;
  f.services.tidy();
  REQUIRE(f.engine.closed.size() == 1);
  CHECK(f.engine.closed[0] == client);
}

TEST_CASE("while the server stops new requests are unavailable") {
  Fixture f;
  f.open();
  f.services.stopping = true;
  f.call("1", "contact.get", contact);
  CHECK(reason(f.port.next()) == "unavailable");
}
