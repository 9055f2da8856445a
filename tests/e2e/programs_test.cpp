// The other programs and options: inboxctl token, inbox-bench, --demo.
#include "tests/support/programs.hpp"

#include <filesystem>

#include "tests/e2e/desk.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::tests;

TEST_CASE("inboxctl token makes tokens that the server takes") {
  Desk desk;
  const auto token = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"token", "--data", desk.server.data().string()});
    std::string text = run_program(inboxctl_program(), options);
    text.pop_back();  // the line's end
    return text;
  };
  RpcClient ana = desk.server.connect();
  const Json opened =
      ana.must("session.open", {{"token", token({"--sub", "ana", "--ttl", "30m"})}});
  CHECK(opened.at("principal").at("kind") == "agent");
  CHECK(opened.at("principal").at("role") == "agent");
  RpcClient connector = desk.server.connect();
  connector.must("session.open",
                 {{"token", token({"--sub", "c", "--kind", "connector", "--channel", "wa"})}});
  receive(connector, "1", "p1");
  CHECK_THROWS(token({"--sub", "c", "--kind", "connector"}));
}

TEST_CASE("inbox-bench ingest measures a small run, and its checks hold") {
  TempDir dir;
  const std::string text = run_program(
      inbox_bench_program(),
      {"ingest", "--connections", "8", "--depth", "4", "--contacts", "200", "--watchers", "6",
       "--warm-up", "0.2", "--duration", "0.5", "--json", (dir / "result.json").string()},
      std::chrono::minutes(2));
  CHECK(text.find("throughput") != std::string::npos);
  CHECK(text.find("FAILED") == std::string::npos);
  CHECK(std::filesystem::exists(dir / "result.json"));
}

TEST_CASE("inbox-bench outbox sends a small run through a connector, nothing lost, nothing twice") {
  const std::string text = run_program(
      inbox_bench_program(),
      {"outbox", "--contacts", "40", "--messages", "400", "--depth", "32", "--held", "50"},
      std::chrono::minutes(2));
  CHECK(text.find("each message was delivered once, each contact's in order") != std::string::npos);
  CHECK(text.find("each message is read, with its four statuses") != std::string::npos);
  CHECK(text.find("FAILED") == std::string::npos);
}

TEST_CASE("--demo fills a workspace through the socket") {
  Server server({"--demo"});
  const auto link = server.process().wait_line(
      [](const std::string& line) { return line.find("/#token=") != std::string::npos; });
  REQUIRE(link);
  RpcClient visitor = server.connect();
  visitor.must("session.open", {{"token", link->substr(link->find("token=") + 6)}});
  RpcClient admin = server.service("root");
  constexpr int contacts = 320;
  FoldedView all(admin, {{"view", "all"}, {"limit", 1}});
  FoldedView done(admin, {{"view", "done"}, {"limit", 1}});
  all.until(
      [](const FoldedView& v) { return v.counters.at("contacts").get<int>() >= contacts - 20; });
  done.until([](const FoldedView& v) { return v.counters.at("contacts").get<int>() >= 20; });
}
