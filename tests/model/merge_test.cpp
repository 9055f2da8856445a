// R14 and S23: one contact takes over another.
#include "model/limits.hpp"
#include "tests/model/scene.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;
using Story = std::vector<std::string>;

namespace {

/// Two contacts of one customer: `scene.person` on WhatsApp, `other` on Telegram.
struct Two {
  Scene scene;
  Person other;

  Two() {
    scene.receive("from whatsapp");
    meet();
  }
  void meet(std::string_view text = "from telegram") {
    must(scene.inbound(text, "telegram", "tg-7"), Scene::connector("telegram"));
  }
  void must(const Command& command, const Principal& by) {
    const auto decision = scene.run(other, command, by);
    if (!decision) FAIL("refused: " << decision.error().message);
  }
  void merge() {
    const auto decision = scene.merge(scene.person, other, Scene::agent("ana"));
    if (!decision) FAIL("refused: " << decision.error().message);
  }
  const Contact& contact() const { return scene.person.contact; }
};

}  // namespace

TEST_CASE(
    "R14 the secondary's entries follow the primary's own, and the merged event follows them") {
  Two two;
  two.merge();
  const auto& person = two.scene.person;
  CHECK(person.story() ==
        Story{"opened/inbound", "message", "opened/inbound", "message", "merged/merge"});
  for (std::uint64_t seq = 1; seq <= 5; ++seq) CHECK(person.entry(seq).seq == Seq{seq});
  CHECK(std::get<Merged>(person.last().event()->data) ==
        Merged{two.other.contact.id, Seq{3}, Seq{4}});
  CHECK(person.contact.last_seq == Seq{5});
  CHECK(person.contact.last_message->seq == Seq{4});
  CHECK(person.contact.last_message->preview == "from telegram");
}

TEST_CASE("R14 channels and tags move under the primary") {
  Two two;
  UpdateContact tags;
  tags.tags_add = {"a", "c"};
  two.scene.must(tags, Scene::agent("ana"));
  tags.tags_add = {"b", "c"};
  two.must(tags, Scene::agent("ana"));
  two.merge();
  CHECK(two.contact().tags == std::vector<Tag>{Tag("a"), Tag("b"), Tag("c")});
  CHECK(two.contact().identities.size() == 2);
  CHECK(two.contact().identity(ChannelId("telegram"))->external_id == "tg-7");
  CHECK(two.other.contact.identities.empty());
}

TEST_CASE("R14 the secondary leads to the primary from then on") {
  Two two;
  two.merge();
  CHECK(two.other.contact.merged_into == two.contact().id);
  CHECK(two.other.contact.merged_base == Seq{2});
  CHECK_FALSE(two.scene.run(two.other, MarkDone{}, Scene::agent("ana")).has_value());
}

TEST_CASE("S23 the primary's state stays, empty details are filled") {
  Two two;
  two.scene.assign("ana", "sales");
  UpdateContact mine;
  mine.set.first_name.emplace("Eva");
  mine.set.fields.emplace(FieldId("text"), FieldValue(std::string("mine")));
  two.scene.must(mine, Scene::agent("ana"));
  UpdateContact theirs;
  theirs.set.first_name.emplace("E.");
  theirs.set.last_name.emplace("Diaz");
  theirs.set.priority.emplace(Priority::urgent);
  theirs.set.fields.emplace(FieldId("text"), FieldValue(std::string("theirs")));
  theirs.set.fields.emplace(FieldId("number"), FieldValue(7.0));
  two.must(theirs, Scene::agent("ana"));
  two.must(AssignContact{{AgentId("ben"), {}}}, Scene::agent("ana"));
  two.must(BlockContact{}, Scene::agent("ana"));
  two.must(MarkDone{}, Scene::agent("ana"));
  two.merge();
  const auto& contact = two.contact();
  CHECK(contact.status == ContactStatus::open);
  CHECK(contact.assignment == Assignment{AgentId("ana"), TeamId("sales")});
  CHECK_FALSE(contact.blocked);
  CHECK(contact.priority == Priority::none);
  CHECK(contact.conversation.number == 1);
  CHECK(contact.details->first_name == "Eva");
  CHECK(contact.details->last_name == "Diaz");
  CHECK(contact.details->fields.at(FieldId("text")) == FieldValue(std::string("mine")));
  CHECK(contact.details->fields.at(FieldId("number")) == FieldValue(7.0));
}

TEST_CASE("S23 with unread messages the primary's read_seq stays, and all that came counts") {
  Two two;
  two.must(MarkRead{}, Scene::agent("ana"));
  two.meet("second");
  two.merge();
  CHECK(two.contact().read_seq == Seq{0});
  CHECK(two.contact().unread == SeqSet{Seq{2}, Seq{4}, Seq{5}});
}

TEST_CASE(
    "S23 without unread messages read_seq becomes the old last_seq + the secondary's read_seq") {
  Two two;
  two.scene.must(MarkRead{}, Scene::agent("ana"));
  two.must(MarkRead{}, Scene::agent("ana"));
  two.meet("second");
  two.merge();
  CHECK(two.contact().read_seq == Seq{4});
  CHECK(two.contact().unread == SeqSet{Seq{5}});
}

TEST_CASE("S23 waiting_since and last inbound are as if the entries had always stood there") {
  Two two;
  const auto first = two.scene.now;
  two.merge();
  CHECK(two.contact().waiting_since == first);
  CHECK(two.contact().last_inbound_channel == ChannelId("telegram"));
  CHECK(two.contact().last_inbound_seq == Seq{4});

  Two answered;
  answered.must(Scene::message("hi"), Scene::agent("ana"));
  answered.scene.pass(minutes(1));
  answered.meet("second");
  const auto second = answered.scene.now;
  answered.merge();
  CHECK(answered.contact().waiting_since == second);
  CHECK(answered.contact().sort_at == second);
}

TEST_CASE("S23 a done of the secondary counts as an answer to what the primary received") {
  Two two;
  two.must(MarkDone{}, Scene::agent("ana"));
  two.merge();
  CHECK_FALSE(two.contact().waiting_since);
}

TEST_CASE("S23 a merge is one commit, moves the version by 1 and obeys expect_version") {
  Two two;
  const auto version = two.contact().version;
  const auto stale = two.scene.merge(two.scene.person, two.other, Scene::agent("ana"),
                                     Expect{.version = Version{9}});
  REQUIRE_FALSE(stale.has_value());
  CHECK(stale.error().reason == Reason::conflict);
  two.merge();
  CHECK(two.contact().version == version + 1);
  CHECK(two.other.contact.changed_at == two.contact().changed_at);
}

TEST_CASE("S23 into itself is invalid, an unknown or unseen secondary is not found") {
  Two two;
  const auto self = two.scene.run(MergeContact{two.contact()}, Scene::agent("ana"));
  REQUIRE_FALSE(self.has_value());
  CHECK(self.error().reason == Reason::invalid_params);
  CHECK(self.error().field == "from");
  const auto unknown = two.scene.run(MergeContact{Contact{}}, Scene::agent("ana"));
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().reason == Reason::not_found);

  two.must(AssignContact{{AgentId("ana"), {}}}, Scene::agent("ana"));
  two.scene.workspace.agents.at(AgentId("cleo")).visibility = Visibility::team;
  const auto unseen = two.scene.merge(two.scene.person, two.other, Scene::agent("cleo"));
  REQUIRE_FALSE(unseen.has_value());
  CHECK(unseen.error().field == "from");
}

TEST_CASE("S23 a merge past the limit of tags is refused and changes nothing") {
  Two two;
  UpdateContact tags;
  for (std::size_t i = 0; i < limits::tags_max; ++i) {
    tags.tags_add.emplace_back("t" + std::to_string(i));
  }
  two.scene.must(tags, Scene::agent("ana"));
  tags.tags_add = {"one more"};
  two.must(tags, Scene::agent("ana"));
  const auto before = two.contact();
  const auto refused = two.scene.merge(two.scene.person, two.other, Scene::agent("ana"));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().reason == Reason::limit_exceeded);
  CHECK(two.contact() == before);
}

TEST_CASE("S28 after a merge each account on a channel keeps its own window") {
  Scene scene;
  scene.receive("old number", "whatsapp", "+1");
  scene.pass(hours(23));
  Person other;
  REQUIRE(
      scene.run(other, scene.inbound("new number", "whatsapp", "+2"), Scene::connector("whatsapp"))
          .has_value());
  REQUIRE(scene.merge(scene.person, other, Scene::agent("ana")).has_value());
  scene.pass(hours(2));
  scene.send("ana", "to the one that wrote last");
  CHECK(scene.person.last().message()->external_id == "+2");
  scene.receive("from the old one", "whatsapp", "+1");
  scene.send("ana");
  CHECK(scene.person.last().message()->external_id == "+1");
  CHECK(scene.person.contact.identities[0].sends_since_inbound == 1);
  CHECK(scene.person.contact.identities[1].sends_since_inbound == 1);
}
