#include "actors/presence.hpp"

#include "tests/support/catch.hpp"

namespace inboxd::actors {
namespace {

class Session final : public Client {
 public:
  explicit Session(std::string agent, bool passing = false)
      : Client(model::WorkspaceId("default"),
               {.kind = model::PrincipalKind::agent, .id = std::move(agent)}, passing) {}
};

Origin from(const ClientPtr& client) {
  return {.client = client, .tag = 1, .by = client->principal()};
}

struct Board {
  PresenceBoard board{std::make_shared<const model::Workspace>()};
  ClientPtr watcher = std::make_shared<Session>("watcher");
  std::vector<Outgoing> out;

  Board() {
    board.open(watcher, out);
    board.subscribe(from(watcher), {1}, {});
    out.clear();
  }
  std::string told() {
    std::string all;
    for (const auto& outgoing : out) {
      if (const auto* push = std::get_if<Push>(&outgoing)) all += *push->tail;
    }
    out.clear();
    return all;
  }
};

}  // namespace

TEST_CASE(
    "S41 an agent is online from its first session to its last, and only transitions are told") {
  Board b;
  const ClientPtr desk = std::make_shared<Session>("ana");
  const ClientPtr phone = std::make_shared<Session>("ana");
  b.board.open(desk, b.out);
  CHECK(b.told() == R"("agents":[{"id":"ana","status":"online"}])");
  b.board.open(phone, b.out);
  b.board.close(desk, b.out);
  CHECK(b.told().empty());
  b.board.close(phone, b.out);
  CHECK(b.told() == R"("agents":[{"id":"ana","status":"offline"}])");
}

TEST_CASE("S41 a request over HTTP is no session, neither when it comes nor when it goes") {
  Board b;
  const ClientPtr desk = std::make_shared<Session>("ana");
  b.board.open(desk, b.out);
  CHECK_FALSE(b.told().empty());
  const ClientPtr post = std::make_shared<Session>("ana", true);
  b.board.close(post, b.out);
  CHECK(b.told().empty());
}

TEST_CASE("S41 the next session brings back what was last set") {
  Board b;
  const ClientPtr first = std::make_shared<Session>("ana");
  b.board.open(first, b.out);
  b.board.set(from(first), request::Presence::busy, b.out);
  b.board.close(first, b.out);
  b.told();
  const ClientPtr second = std::make_shared<Session>("ana");
  b.board.open(second, b.out);
  CHECK(b.told() == R"("agents":[{"id":"ana","status":"busy"}])");
}

TEST_CASE("S41 setting the same presence again tells nobody") {
  Board b;
  const ClientPtr ana = std::make_shared<Session>("ana");
  b.board.open(ana, b.out);
  b.told();
  b.board.set(from(ana), request::Presence::online, b.out);
  CHECK(b.told().empty());
}

TEST_CASE(
    "who watches the board is told of the records that a commit changed, whole, in one push") {
  Board b;
  Commit commit;
  commit.offset = {8};
  commit.workspace_after = std::make_shared<const model::Workspace>();
  commit.workspace_events = {
      model::PutTeam{{.id = model::TeamId("sales"), .name = "Sales"}},
      model::PutTeam{{.id = model::TeamId("care"), .name = "Care"}},
      model::RemoveAgent{model::AgentId("ana")},
      model::PolicyChanged{},
  };
  b.board.follow(commit, b.out);
  REQUIRE(b.out.size() == 1);
  CHECK(std::get<Push>(b.out.front()).method == "directory.delta");
  CHECK(b.told() == R"("offset":8,"agents_removed":["ana"],"teams":[{"id":"sales","name":"Sales"},)"
                    R"({"id":"care","name":"Care"}])");
}

TEST_CASE("a commit without records that others list tells the board's watchers nothing") {
  Board b;
  Commit commit;
  commit.workspace_after = std::make_shared<const model::Workspace>();
  commit.workspace_events = {model::PolicyChanged{}};
  b.board.follow(commit, b.out);
  CHECK(b.told().empty());
}

}  // namespace inboxd::actors
