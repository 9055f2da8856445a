// Search against the real server: found at once after a change, by who may, also after kill -9 in
// the middle of indexing, and refused in words when it cannot be.
#include <chrono>
#include <filesystem>
#include <random>
#include <set>
#include <thread>

#include "tests/e2e/desk.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::tests;

namespace {

/// Asks again until `done`; throws at the deadline with the last answer.
Json search_until(RpcClient& client, const Json& params,
                  const std::function<bool(const Json&)>& done,
                  std::chrono::milliseconds deadline = patience) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  for (;;) {
    Json result = client.must("search", params);
    if (done(result)) return result;
    if (std::chrono::steady_clock::now() > until)
      throw std::runtime_error("not found in time: " + result.dump());
    std::this_thread::yield();
  }
}

bool is_whole(const Json& result) {
  return result.at("behind") == 0 && result.at("partial") == false;
}

}  // namespace

TEST_CASE("S43: a contact that was just renamed is found by its new name, and not by its old one") {
  Desk desk;
  RpcClient wa = desk.server.connector("wa");
  RpcClient ana = desk.server.agent("ana");
  const auto contact = new_contact(wa, "52551");
  for (int i = 0; i < 5; ++i) {
    const auto name = "Nombre" + std::to_string(i);
    ana.must("contact.update", {{"contact", contact}, {"set", {{"first_name", name}}}});
    // The deadline is the product's own; on an idle machine it takes a millisecond or two.
    const Json result = search_until(ana, {{"query", name}, {"scope", {"contacts"}}},
                                     [](const Json& r) { return !r.at("hits").empty(); });
    CHECK(result.at("hits").at(0).at("contact").at("id") == contact);
    CHECK(result.at("hits").at(0).at("contact").at("name") == name);
    if (i > 0) {
      CHECK(ana.must("search", {{"query", "nombre" + std::to_string(i - 1)}}).at("hits").empty());
    }
  }
  // Also as a plain request.
  const Json found = search_until(ana, {{"query", "52551"}}, is_whole);
  CHECK(found.at("cursor").is_null());
  CHECK(found.at("hits").at(0).at("highlight").at(0).at("field") == "external_id");
}

TEST_CASE("S43: what was acknowledged is found after kill -9 in the middle of indexing, once") {
  // The index is written all the time, so that a kill falls into the middle of it.
  Server server({"--search-memory=60", "--search-write-every-ms=20"});
  RpcClient setup = server.service("root");
  setup.must("channel.put", {{"id", "web"}, {"kind", "webchat"}, {"name", "web"}});
  std::size_t acknowledged = 0;
  constexpr int kills = 4;
  std::mt19937 random(5);
  for (int life = 0; life <= kills; ++life) {
    RpcClient web = server.connector("web");
    RpcClient agent = server.agent("ana", "manager");
    const auto count = 100 + random() % 150;
    std::vector<std::int64_t> asked;
    for (std::size_t i = 0; i < count; ++i, ++acknowledged) {
      const auto n = std::to_string(acknowledged);
      asked.push_back(
          web.send("inbound.receive", {{"external_id", "c" + std::to_string(acknowledged % 17)},
                                       {"provider_id", "p" + n},
                                       {"type", "text"},
                                       {"text", "numero" + n + " palabra"}}));
    }
    for (const auto id : asked) REQUIRE(web.wait_reply(id).ok());
    if (life < kills) {
      server.restart();
      continue;
    }
    std::set<std::string> texts;
    std::size_t hits = 0;
    Json params{{"query", "palabra"}, {"scope", {"messages"}}, {"limit", 200}};
    search_until(agent, params, is_whole);
    for (;;) {
      const Json page = agent.must("search", params);
      for (const Json& hit : page.at("hits")) texts.insert(hit.at("entry").at("text"));
      hits += page.at("hits").size();
      if (page.at("cursor").is_null()) break;
      params["cursor"] = page.at("cursor");
    }
    CHECK(hits == acknowledged);
    CHECK(texts.size() == acknowledged);
    for (const auto n : {std::size_t{0}, acknowledged / 2, acknowledged - 1}) {
      const Json one = agent.must(
          "search",
          {{"query", "numero" + std::to_string(n)}, {"scope", {"messages"}}, {"limit", 200}});
      CHECK(std::ranges::count_if(one.at("hits"), [&](const Json& hit) {
              return hit.at("entry").at("text") == "numero" + std::to_string(n) + " palabra";
            }) == 1);
    }
  }
  CHECK(server.terminate() == 0);
  // Deleted while it is stopped: made anew.
  std::filesystem::remove_all(server.data() / "search");
  server.start();
  RpcClient agent = server.agent("ana", "manager");
  const Json result =
      search_until(agent, {{"query", "numero1 palabra"}, {"scope", {"messages"}}}, is_whole);
  CHECK_FALSE(result.at("hits").empty());
}

TEST_CASE("bad searches are refused in words or find nothing, and search can be switched off") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  const auto refused = [&](const std::string& query) {
    const RpcReply reply = ana.call("search", {{"query", query}});
    return reply.ok() ? "" : reply.reason() + " " + reply.field();
  };
  CHECK(refused("tag:") == "invalid_params query");
  CHECK(refused("status:perhaps") == "invalid_params query");
  CHECK(refused(std::string(10'000, 'x')) == "too_large query");
  std::string many;
  for (int i = 0; i < 200; ++i) many += "de la ";
  CHECK(refused(many.substr(0, 1000)) == "invalid_params query");
  CHECK(refused("") == "invalid_params query");
  for (const char* query : {"de la que", "¿¡", "\x01\x7f", "tag:x", "\"", "-"}) {
    CAPTURE(query);
    CHECK(ana.must("search", {{"query", query}}).at("hits").empty());
  }
  const RpcReply number = ana.call("search", {{"query", 7}});
  CHECK(number.reason() == "invalid_params");
  CHECK(number.field() == "query");
  CHECK(ana.call("search", {{"query", "a"}, {"cursor", "1.2.3"}}).field() == "cursor");
  CHECK(ana.call("search", {{"query", "a"}, {"view", "nope"}}).field() == "view");
  CHECK(ana.call("search", {{"query", "a"}, {"limit", 201}}).field() == "limit");

  Server without({"--search=off"});
  RpcClient luis = without.agent("luis");
  CHECK(luis.call("search", {{"query", "a"}}).reason() == "unavailable");
  CHECK_FALSE(std::filesystem::exists(without.data() / "search"));
}
