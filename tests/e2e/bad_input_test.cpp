// Whatever comes in, one clear error goes out and nobody else notices (PRODUCT.md §6).
#include "tests/e2e/desk.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http.hpp"

using namespace inboxd::tests;

namespace {

int code_of(const Json& message) {
  return message.at("error").at("code").get<int>();
}

}  // namespace

TEST_CASE("What is not JSON-RPC gets the error that says so, and the session goes on") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  ana.send_text("{\"jsonrpc\":\"2.0\",");
  CHECK(code_of(ana.wait_stray()) == -32700);
  ana.send_text("17");
  CHECK(code_of(ana.wait_stray()) == -32600);
  ana.send_text("[]");  // S8
  CHECK(code_of(ana.wait_stray()) == -32600);
  ana.send_text(R"({"jsonrpc":"1.0","id":5000,"method":"view.list"})");
  CHECK(code_of(ana.wait_stray()) == -32600);
  CHECK(ana.call("no.such.method").code() == -32601);
  CHECK(ana.call("view.list").ok());
}

TEST_CASE("S6 params are checked, and the field is named") {
  Desk desk;
  RpcClient connector = desk.server.connector("wa");
  RpcClient ana = desk.server.agent("ana");
  const std::string contact = new_contact(connector, "1");

  RpcReply reply = ana.call("message.send", {{"contact", contact}, {"text", 7}});
  CHECK(reply.code() == -32602);
  CHECK(reply.reason() == "invalid_params");
  CHECK(reply.field() == "text");
  reply = ana.call("message.send", {{"contact", contact}, {"text", "a"}, {"colour", "red"}});
  CHECK(reply.code() == -32602);
  CHECK(reply.field() == "colour");
  reply = ana.call("message.send", {{"text", "a"}});
  CHECK(reply.code() == -32602);
  CHECK(reply.field() == "contact");
  reply = ana.call("timeline.page", {{"contact", contact}, {"limit", 201}});  // S38
  CHECK(reply.code() == -32602);
  CHECK(reply.field() == "limit");
  CHECK(timeline_of(ana, contact).size() == 2);
}

TEST_CASE("S39 what does not exist is not_found, with its field") {
  Desk desk;
  RpcClient connector = desk.server.connector("wa");
  RpcClient ana = desk.server.agent("ana");
  const std::string contact = new_contact(connector, "1");
  std::string unknown = contact;
  unknown.back() = unknown.back() == 'k' ? 'm' : 'k';
  for (const char* id : {unknown.c_str(), "nobody"}) {
    const RpcReply reply = ana.call("message.send", {{"contact", id}, {"text", "a"}});
    CHECK(reply.code() == -32003);
    CHECK(reply.reason() == "not_found");
    CHECK(reply.field() == "contact");
  }
  RpcReply reply = ana.call("contact.assign", {{"contact", contact}, {"assignee", "zoe"}});
  CHECK(reply.reason() == "not_found");
  CHECK(reply.field() == "assignee");
  reply = ana.call("view.subscribe", {{"view", "nothing"}});
  CHECK(reply.reason() == "not_found");
  CHECK(reply.field() == "view");
  reply = ana.call("unsubscribe", {{"sub", "s999"}});  // S31
  CHECK(reply.reason() == "not_found");
}

TEST_CASE("Without a session every method is unauthenticated, and a bad token closes with 4401") {
  Desk desk;
  RpcClient client = desk.server.connect();
  CHECK(client.call("view.list").code() == -32001);
  const RpcReply reply = client.call("session.open", {{"token", "not.a.token"}});  // S37
  CHECK(reply.code() == -32001);
  CHECK(client.wait_close() == 4401);

  const auto key = read_signing_key(desk.server.data());
  for (const std::string& token :
       {sign_token(R"({"alg":"none"})", R"({"sub":"ana","ws":"default","kind":"agent"})", key),
        make_token({.sub = "ana", .ttl = std::chrono::seconds(-60)}, key),
        make_token({.sub = "ana"}, std::string(32, 'x')),
        make_token({.sub = "ana", .workspace = "elsewhere"}, key)}) {  // S24
    RpcClient other = desk.server.connect();
    CHECK(other.call("session.open", {{"token", token}}).reason() == "unauthenticated");
    CHECK(other.wait_close() == 4401);
  }
  CHECK(desk.server.agent("ana").call("view.list").ok());
}

TEST_CASE("S37 a second session.open is an invalid request") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  CHECK(ana.call("session.open", {{"token", desk.server.token({.sub = "ana"})}}).code() == -32600);
}

TEST_CASE("Roles and kinds: agents are no admins, connectors no agents") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  CHECK(ana.call("agent.put", {{"id", "eva"}, {"name", "Eva"}, {"role", "admin"}}).code() ==
        -32002);
  CHECK(ana.call("policy.set", {{"unassign_on_done", false}}).reason() == "forbidden");
  CHECK(ana.call("inbound.receive",
                 {{"external_id", "1"}, {"provider_id", "1"}, {"type", "text"}, {"text", "a"}})
            .reason() == "forbidden");
  CHECK(connector.call("view.subscribe", {{"view", "all"}}).reason() == "forbidden");
}

TEST_CASE("A binary frame and one that is too large close that session alone") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient binary = desk.server.agent("luis");
  binary.send_binary("{}");
  CHECK(binary.wait_close() == 4400);
  RpcClient large = desk.server.agent("luis");
  try {
    large.send_text(std::string(std::size_t{2} << 20, ' '));
  } catch (const std::runtime_error&) {
    // The server closes at the frame's header, which may cut the sending short.
  }
  const unsigned code = large.wait_close();
  CHECK((code == 4400 || code == 1009 || code == 1006));
  CHECK(ana.call("view.list").ok());
}

TEST_CASE("S8 a batch is answered in order, each request on its own") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  ana.send_text(R"([{"jsonrpc":"2.0","id":9001,"method":"view.list"},)"
                R"({"jsonrpc":"2.0","id":9002,"method":"no.such"},)"
                R"({"jsonrpc":"2.0","method":"presence.set","params":{"status":"busy"}},)"
                R"({"jsonrpc":"2.0","id":9003,"method":"policy.get"}])");
  const Json replies = ana.wait_stray();
  REQUIRE(replies.size() == 3);
  CHECK(replies[0].at("id") == 9001);
  CHECK(replies[0].contains("result"));
  CHECK(code_of(replies[1]) == -32601);
  CHECK(replies[2].at("result").contains("policy"));
}

TEST_CASE("POST /rpc answers the same methods, but no subscriptions") {
  Desk desk;
  const auto token = desk.server.token({.sub = "ana"});
  const auto port = desk.server.port();
  const auto call = [&](const std::string& body) {
    return Json::parse(http_rpc(port, token, body).body);
  };
  CHECK(call(R"({"jsonrpc":"2.0","id":1,"method":"view.list"})").contains("result"));
  CHECK(code_of(call(
            R"({"jsonrpc":"2.0","id":1,"method":"view.subscribe","params":{"view":"all"}})")) ==
        -32601);  // S37
  CHECK(http_rpc(port, "wrong", R"({"jsonrpc":"2.0","id":1,"method":"view.list"})").status == 401);
  CHECK(http_get(port, "/healthz").status == 200);
  CHECK(http_get(port, "/readyz").status == 200);
  CHECK(http_get(port, "/metrics").status == 200);
  CHECK(Json::parse(http_get(port, "/openrpc.json").body).contains("methods"));
}
