// One contact, with a journal that syncs when the test says so.
#include "actors/contact_cell.hpp"

#include <deque>
#include <nlohmann/json.hpp>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

using namespace inboxd;
using nlohmann::json;

namespace {

namespace task = actors::task;

class Answers final : public actors::Outlet {
 public:
  void deliver(std::vector<actors::Outgoing> batch) override {
    for (const auto& outgoing : batch) {
      if (const auto* answer = std::get_if<actors::Answer>(&outgoing))
        all.push_back(json::parse("{" + answer->body + "}"));
    }
  }
  std::vector<json> all;
};

/// Commits wait here, in order, until `sync`.
class SlowLog final : public actors::CommitLog {
 public:
  explicit SlowLog(actors::Outlet& outlet) : outlet_(outlet) {}

  model::Offset submit(std::string, std::unique_ptr<actors::Commit> commit) override {
    commit->placed(++last_);
    waiting_.push_back(std::move(commit));
    return last_;
  }
  void pass(std::unique_ptr<actors::Commit> commit) override {
    commit->offset = last_;
    waiting_.push_back(std::move(commit));
  }
  model::Offset released() const override { return released_; }

  void sync() {
    for (; !waiting_.empty(); waiting_.pop_front()) {
      auto& commit = *unsaved_.emplace_back(std::move(waiting_.front()));
      actors::place_offsets(commit);
      released_ = commit.offset;
      outlet_.deliver(std::move(commit.out));
    }
  }

 private:
  actors::Outlet& outlet_;
  std::deque<std::unique_ptr<actors::Commit>> waiting_;
  std::vector<std::unique_ptr<actors::Commit>> unsaved_;  // as the checkpointer keeps them
  model::Offset last_, released_;
};

class NoDirectory final : public actors::ContactHost {
 public:
  void bounce(task::Perform) override {}
  void not_linked(model::ContactId, std::vector<model::ExternalIdentity>) override {}
  void handed_over(model::ContactId, std::shared_ptr<const actors::HandedOver>) override {}
  void go_on(model::ContactId, task::Merge) override {}
  void merged(model::ContactId, model::ContactId, std::optional<model::Seq>) override {}
};

class Contact {
 public:
  Contact() { ask(task::Perform{.origin = origin(), .command = model::CreateContact{{1}}}); }

  void ask(actors::ContactTaskBody body) { cell_.handle({workspace_, std::move(body)}); }
  void assign() {
    ask(task::Perform{.origin = origin(),
                      .command = model::AssignContact{{.assignee = model::AgentId("ana")}}});
  }
  actors::Origin origin() { return {.client = client_, .tag = ++tag_, .by = ana}; }

  Answers answers;
  SlowLog log{answers};

 private:
  static model::Workspace office() {
    model::Workspace workspace;
    workspace.id = model::WorkspaceId("default");
    model::Agent agent;
    agent.id = model::AgentId("ana");
    workspace.agents.emplace(agent.id, agent);
    return workspace;
  }

  const model::Principal ana{
      .kind = model::PrincipalKind::agent, .id = "ana", .role = model::Role::admin, .channel = {}};
  tests::TempDir home_;
  persistence::StateStore store_{{.path = home_.path() / "store"}};
  actors::Services services_{log, store_, answers,
                             [] { return model::Timestamp{1'700'000'000'000}; }};
  NoDirectory directory_;
  const actors::WorkspacePtr workspace_ = std::make_shared<const model::Workspace>(office());
  const actors::ClientPtr client_ = std::make_shared<actors::Client>(workspace_->id, ana);
  actors::RequestTag tag_ = 0;
  actors::ContactCell cell_{{1}, services_, directory_, *workspace_};
};

}  // namespace

TEST_CASE("an answer does not overtake the commit that it saw") {
  Contact contact;
  contact.log.sync();
  contact.assign();
  REQUIRE(contact.answers.all.size() == 1);  // that of the creation

  const std::string read = GENERATE("get", "page", "subscribe");
  if (read == "get") contact.ask(task::Get{contact.origin()});
  if (read == "page") contact.ask(task::Page{.origin = contact.origin(), .limit = 10});
  if (read == "subscribe")
    contact.ask(task::Subscribe{.origin = contact.origin(), .sub = {1}, .limit = 10});
  CHECK(contact.answers.all.size() == 1);

  contact.log.sync();
  REQUIRE(contact.answers.all.size() == 3);
  const auto& result = contact.answers.all.back()["result"];
  CHECK(result["offset"] == 2);
  if (read != "page") CHECK(result["contact"]["version"] == 2);
  if (read != "get") CHECK(result["entries"].back()["offset"] == 2);
}

TEST_CASE("a refusal does not overtake the commit that it saw") {
  Contact contact;
  contact.log.sync();
  contact.assign();
  contact.ask(task::Perform{.origin = contact.origin(),
                            .command = model::MarkDone{},
                            .expect_version = model::Version{1}});
  CHECK(contact.answers.all.size() == 1);
  contact.log.sync();
  REQUIRE(contact.answers.all.size() == 3);
  CHECK(contact.answers.all.back()["error"]["data"]["reason"] == "conflict");
}

TEST_CASE("whoever comes back is given every entry after its offset, and none before") {
  Contact contact;  // offset 1: created
  contact.assign();
  contact.ask(task::Perform{.origin = contact.origin(), .command = model::BlockContact{}});
  contact.log.sync();

  const std::uint64_t last_seen = GENERATE(1, 2, 3);
  contact.ask(task::Subscribe{.origin = contact.origin(),
                              .sub = {1},
                              .limit = 1,
                              .resume = actors::StreamPosition{.epoch = "", .offset = {last_seen}},
                              .resumable = true});
  const auto& result = contact.answers.all.back()["result"];
  CHECK(result["recovered"] == true);
  std::vector<std::uint64_t> missed;
  for (const auto& entry : result["entries"]) missed.push_back(entry["offset"]);
  std::vector<std::uint64_t> expected;
  for (auto offset = last_seen + 1; offset <= 3; ++offset) expected.push_back(offset);
  CHECK(missed == expected);
}

TEST_CASE("what is on disk is answered at once") {
  Contact contact;
  contact.log.sync();
  contact.ask(task::Get{contact.origin()});
  REQUIRE(contact.answers.all.size() == 2);
  CHECK(contact.answers.all.back()["result"]["offset"] == 1);
}
