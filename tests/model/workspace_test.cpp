// A workspace's records: S4, S15, S24, S25, S28 (kinds), S36, S38, S39.
#include "model/limits.hpp"
#include "tests/model/scene.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;

namespace {

struct Office {
  Workspace workspace = Scene().workspace;

  Result<std::vector<WorkspaceEvent>> run(const WorkspaceCommand& command,
                                          const Principal& by = Scene::agent("root", Role::admin)) {
    auto events = decide(workspace, command, by);
    if (events) {
      for (const auto& event : *events) apply(workspace, event);
    }
    return events;
  }
  std::size_t changes(const WorkspaceCommand& command,
                      const Principal& by = Scene::agent("root", Role::admin)) {
    const auto events = run(command, by);
    if (!events) FAIL("refused: " << events.error().message);
    return events->size();
  }
  Error refused(const WorkspaceCommand& command,
                const Principal& by = Scene::agent("root", Role::admin)) {
    const auto events = run(command, by);
    REQUIRE_FALSE(events.has_value());
    return events.error();
  }
};

Agent some_agent(std::string_view id) {
  Agent agent;
  agent.id = AgentId(id);
  agent.name = "Some One";
  return agent;
}

ViewDefinition some_view(std::string_view id, Sharing visibility = Sharing::private_) {
  ViewDefinition view;
  view.id = ViewId(id);
  view.name = "Some view";
  view.visibility = visibility;
  return view;
}

Channel some_channel(std::string_view id, ChannelKind kind) {
  return {.id = ChannelId(id), .kind = kind, .name = "Some channel", .window = {}, .statuses = {}};
}

CustomField some_field(std::string_view id, FieldType type) {
  return {.id = FieldId(id), .name = "Some field", .type = type, .options = {}};
}

}  // namespace

TEST_CASE("S4 putting the same record again changes nothing") {
  Office office;
  auto agent = some_agent("dan");
  agent.teams = {TeamId("support"), TeamId("sales"), TeamId("support")};
  CHECK(office.changes(PutAgent{agent}) == 1);
  CHECK(office.changes(PutAgent{agent}) == 0);
  CHECK(office.workspace.agents.at(agent.id).teams ==
        std::vector<TeamId>{TeamId("sales"), TeamId("support")});
  CHECK(office.changes(PutTeam{{TeamId("vips"), "VIPs"}}) == 1);
  CHECK(office.changes(PutTeam{{TeamId("vips"), "VIPs"}}) == 0);
  CHECK(office.changes(PutChannel{some_channel("c", ChannelKind::sms)}) == 1);
  CHECK(office.changes(PutChannel{some_channel("c", ChannelKind::sms)}) == 0);
  CHECK(office.changes(PutField{some_field("f", FieldType::number)}) == 1);
  CHECK(office.changes(PutField{some_field("f", FieldType::number)}) == 0);
  CHECK(office.changes(SetPolicy{}) == 0);
}

TEST_CASE("S15 a put replaces the whole record, policy.set changes only the keys given") {
  Office office;
  auto agent = some_agent("dan");
  agent.visibility = Visibility::team;
  agent.teams = {TeamId("sales")};
  office.changes(PutAgent{agent});
  office.changes(PutAgent{some_agent("dan")});
  CHECK(office.workspace.agents.at(AgentId("dan")) == some_agent("dan"));

  SetPolicy set;
  set.assign_on_reply = false;
  CHECK(office.changes(set) == 1);
  CHECK(office.workspace.policy == Policy{true, false, true, true});
}

TEST_CASE("S24 removing an agent drops its private views, and no others") {
  Office office;
  const auto ana = Scene::agent("ana");
  office.changes(PutView{some_view("hers"), true}, ana);
  office.changes(PutView{some_view("shared", Sharing::workspace), true}, ana);
  office.changes(PutView{some_view("bens"), true}, Scene::agent("ben"));
  CHECK(office.changes(RemoveAgent{AgentId("ana")}) == 2);
  CHECK(office.workspace.agent(AgentId("ana")) == nullptr);
  CHECK(office.workspace.view(ViewId("hers")) == nullptr);
  CHECK(office.workspace.views.size() == 2);
  const auto error = office.refused(RemoveAgent{AgentId("ana")});
  CHECK(error.reason == Reason::not_found);
  CHECK(error.field == "id");
}

TEST_CASE("S24 a removed agent's contacts are unassigned, by policy, by the system") {
  Scene scene;
  scene.receive();
  scene.assign("ana", "sales");
  scene.must(UnassignRemoved{AgentId("ben")}, Principal());
  CHECK(scene.person.contact.assignment.assignee == AgentId("ana"));
  scene.must(UnassignRemoved{AgentId("ana")}, Principal());
  CHECK(scene.person.contact.assignment == Assignment{std::nullopt, TeamId("sales")});
  CHECK(scene.person.story(4) == std::vector<std::string>{"unassigned/policy"});
  CHECK(scene.person.last().author == Author{AuthorKind::system, ""});
}

TEST_CASE("S25 visibility team: mine, my teams', my team's, unassigned") {
  Office office;
  auto& workspace = office.workspace;
  workspace.agents.at(AgentId("ana")).visibility = Visibility::team;
  const auto ana = Scene::agent("ana");
  CHECK(can_see(ana, workspace, {AgentId("ana"), {}}));
  CHECK(can_see(ana, workspace, {AgentId("ben"), {}}));
  CHECK(can_see(ana, workspace, {}));
  CHECK(can_see(ana, workspace, {{}, TeamId("support")}));
  CHECK(can_see(ana, workspace, {AgentId("cleo"), TeamId("sales")}));
  CHECK_FALSE(can_see(ana, workspace, {AgentId("cleo"), {}}));
  CHECK_FALSE(can_see(ana, workspace, {AgentId("cleo"), TeamId("support")}));
  CHECK_FALSE(can_see(ana, workspace, {AgentId("gone"), {}}));
}

TEST_CASE("S25 visibility assigned: mine only") {
  Office office;
  office.workspace.agents.at(AgentId("ana")).visibility = Visibility::assigned;
  const auto ana = Scene::agent("ana");
  CHECK(can_see(ana, office.workspace, {AgentId("ana"), {}}));
  CHECK_FALSE(can_see(ana, office.workspace, {}));
  CHECK_FALSE(can_see(ana, office.workspace, {{}, TeamId("sales")}));
  CHECK_FALSE(can_see(ana, office.workspace, {AgentId("ben"), {}}));
}

TEST_CASE("S25 visibility binds the token's role agent only") {
  Office office;
  for (auto& [id, agent] : office.workspace.agents) agent.visibility = Visibility::assigned;
  const Assignment bens{AgentId("ben"), {}};
  CHECK_FALSE(can_see(Scene::agent("ana"), office.workspace, bens));
  CHECK(can_see(Scene::agent("ana", Role::manager), office.workspace, bens));
  CHECK(can_see(Scene::agent("ana", Role::admin), office.workspace, bens));
  CHECK(can_see(Scene::service(Role::agent), office.workspace, bens));
  CHECK(can_see(Scene::agent("without a record"), office.workspace, bens));
}

TEST_CASE("S28 a channel's kind never changes") {
  Office office;
  office.changes(PutChannel{some_channel("c", ChannelKind::sms)});
  const auto error = office.refused(PutChannel{some_channel("c", ChannelKind::line)});
  CHECK(error.reason == Reason::conflict);
  CHECK(error.field == "kind");
}

TEST_CASE("S28 a channel record may override window and statuses, within reason") {
  Office office;
  auto channel = some_channel("c", ChannelKind::custom);
  channel.window = Duration{0};
  channel.statuses = StatusSet{}.with(Status::sent);
  CHECK(office.changes(PutChannel{channel}) == 1);
  channel.window = Duration{-1};
  CHECK(office.refused(PutChannel{channel}).field == "window_ms");
  channel.window = {};
  channel.statuses = StatusSet{}.with(Status::pending);
  CHECK(office.refused(PutChannel{channel}).field == "statuses");
}

TEST_CASE("a channel's limits, retries and origins are checked") {
  Office office;
  auto channel = some_channel("c", ChannelKind::webchat);
  const auto field = [&] { return office.refused(PutChannel{channel}).field; };
  channel.rate = Throughput{.count = 0};
  CHECK(field() == "rate");
  channel.rate = Throughput{.count = 80, .per = seconds(1), .burst = 80};
  channel.customer_rate = Throughput{.count = 1, .per = Duration{0}};
  CHECK(field() == "customer_rate");
  channel.customer_rate = Throughput{.count = 1, .per = seconds(6), .burst = 45};
  channel.retry = Redelivery{.delay = seconds(9), .delay_max = seconds(8)};
  CHECK(field() == "retry");
  channel.retry.reset();
  channel.origins = {"https://shop.example", "https://shop.example/path"};
  CHECK(field() == "origins[1]");
  channel.origins = {"https://shop.example", "*"};
  CHECK(office.changes(PutChannel{channel}) == 1);
  CHECK(office.changes(PutChannel{channel}) == 0);
  auto other = some_channel("d", ChannelKind::sms);
  other.origins.emplace();
  CHECK(office.refused(PutChannel{other}).field == "origins");
}

TEST_CASE("a field's type never changes, its options are for texts and lists") {
  Office office;
  office.changes(PutField{some_field("f", FieldType::number)});
  CHECK(office.refused(PutField{some_field("f", FieldType::text)}).reason == Reason::conflict);
  auto field = some_field("g", FieldType::list);
  field.options = {"a", "b"};
  CHECK(office.changes(PutField{field}) == 1);
  field.options = {"a", "a"};
  CHECK(office.refused(PutField{field}).field == "options[1]");
  auto number = some_field("f", FieldType::number);
  number.options = {"1"};
  CHECK(office.refused(PutField{number}).field == "options");
}

TEST_CASE("a workspace has as many custom fields as the limit says") {
  Office office;
  office.workspace.fields.clear();
  for (std::size_t i = 0; i < limits::fields_max; ++i) {
    office.changes(PutField{some_field("f" + std::to_string(i), FieldType::text)});
  }
  const auto error = office.refused(PutField{some_field("more", FieldType::text)});
  CHECK(error.reason == Reason::limit_exceeded);
  CHECK(error.limit == limits::fields_max);
}

TEST_CASE("a record's lists have their bounds, and a workspace its number of views") {
  Office office;
  const auto is_over = [](const Error& error, std::string_view field, std::size_t limit) {
    CHECK(error.reason == Reason::limit_exceeded);
    CHECK(error.field == field);
    CHECK(error.limit == limit);
  };
  auto agent = some_agent("dan");
  agent.teams.assign(limits::teams_of_agent_max + 1, TeamId("sales"));
  is_over(office.refused(PutAgent{agent}), "teams", limits::teams_of_agent_max);
  agent = some_agent("dan");
  agent.email = "a\nb";
  CHECK(office.refused(PutAgent{agent}).field == "email");
  auto channel = some_channel("c", ChannelKind::webchat);
  channel.name = " ";
  CHECK(office.refused(PutChannel{channel}).field == "name");
  channel.name = "Web";
  channel.origins.emplace(limits::origins_max + 1, "https://shop.example");
  is_over(office.refused(PutChannel{channel}), "origins", limits::origins_max);
  auto field = some_field("f", FieldType::list);
  field.options.assign(limits::field_options_max + 1, "x");
  is_over(office.refused(PutField{field}), "options", limits::field_options_max);
  for (std::size_t i = 0; i < limits::views_max; ++i) {
    auto view = some_view("v" + std::to_string(i));
    office.workspace.views.emplace(view.id, view);
  }
  is_over(office.refused(PutView{some_view("more"), true}), "view", limits::views_max);
}

TEST_CASE("S36 a new view is its maker's; a taken id is a conflict, a built-in name is invalid") {
  Office office;
  const auto ana = Scene::agent("ana");
  office.changes(PutView{some_view("v"), true}, ana);
  CHECK(office.workspace.view(ViewId("v"))->owner == ana);
  CHECK(office.refused(PutView{some_view("v"), true}, ana).reason == Reason::conflict);
  for (const auto* id :
       {"all", "mine", "unassigned", "snoozed", "done", "blocked", "team:sales", "a:b"}) {
    CAPTURE(id);
    const auto error = office.refused(PutView{some_view(id), true}, ana);
    CHECK(error.reason == Reason::invalid_params);
    CHECK(error.field == "view");
  }
  // Without an id it is asked whether one could be made.
  CHECK(decide(office.workspace, PutView{some_view(""), true}, ana).has_value());
  auto nameless = some_view("");
  nameless.name = "";
  CHECK(office.refused(PutView{nameless, true}, ana).field == "name");
  CHECK(office.refused(PutView{some_view("")}, ana).field == "view");
}

TEST_CASE("S36 owner, managers and admins may change a view, and it stays its owner's") {
  Office office;
  const auto ana = Scene::agent("ana");
  office.changes(PutView{some_view("v", Sharing::team), true}, ana);
  auto renamed = some_view("v", Sharing::team);
  for (const auto& by : {ana, Scene::agent("mia", Role::manager), Scene::service(Role::admin)}) {
    renamed.name += "!";
    CHECK(office.changes(PutView{renamed}, by) == 1);
    CHECK(office.workspace.view(ViewId("v"))->owner == ana);
  }
  CHECK(office.changes(PutView{renamed}, ana) == 0);
}

TEST_CASE("S36 who sees a view but may not change it is forbidden; who does not, finds nothing") {
  Office office;
  const auto ana = Scene::agent("ana");
  office.changes(PutView{some_view("hers"), true}, ana);
  office.changes(PutView{some_view("teams", Sharing::team), true}, ana);
  office.changes(PutView{some_view("everyones", Sharing::workspace), true}, ana);
  const auto reason = [&](std::string_view view, std::string_view agent) {
    return office.refused(DeleteView{ViewId(view)}, Scene::agent(agent)).reason;
  };
  CHECK(reason("hers", "ben") == Reason::not_found);
  CHECK(reason("teams", "ben") == Reason::forbidden);
  CHECK(reason("teams", "cleo") == Reason::not_found);
  CHECK(reason("everyones", "cleo") == Reason::forbidden);
  CHECK(office.changes(DeleteView{ViewId("hers")}, ana) == 1);
  CHECK(office.refused(DeleteView{ViewId("hers")}, ana).reason == Reason::not_found);
}

TEST_CASE("S38 ids that people choose are 1 to 64 of their characters") {
  Office office;
  for (const auto& id : {std::string(), std::string("a b"), std::string("a:b"),
                         std::string("\xC3\xA9"), std::string(65, 'a')}) {
    CHECK(office.refused(PutAgent{some_agent(id)}).field == "id");
    CHECK(office.refused(PutTeam{{TeamId(id), "x"}}).field == "id");
    CHECK(office.refused(PutChannel{some_channel(id, ChannelKind::sms)}).field == "id");
    CHECK(office.refused(PutField{some_field(id, FieldType::text)}).field == "id");
  }
  CHECK(office.changes(PutAgent{some_agent(std::string(63, 'a') + "-")}) == 1);
}

TEST_CASE("S38 a contact's id is fixed-width text in numeric order, and reads back") {
  const std::vector<std::uint64_t> values{1, 31, 32, 1023, 1'000'000, (1ULL << 55) - 1};
  std::string before;
  for (const auto value : values) {
    const auto text = ContactId{value}.str();
    CHECK(text.size() == ContactId::text_size);
    CHECK(text > before);
    CHECK(ContactId::parse(text) == ContactId{value});
    before = text;
  }
  for (const auto* text :
       {"", "c", "c00000000000", "x00000000001", "c0000000000i", "C00000000001", "c000000000011"}) {
    CHECK_FALSE(ContactId::parse(text));
  }
}

TEST_CASE("S39 an agent's teams must exist") {
  Office office;
  auto agent = some_agent("dan");
  agent.teams = {TeamId("sales"), TeamId("nobody")};
  const auto error = office.refused(PutAgent{agent});
  CHECK(error.reason == Reason::not_found);
  CHECK(error.field == "teams[1]");
}

TEST_CASE("records want a name, and an agent's e-mail to be one") {
  Office office;
  auto agent = some_agent("dan");
  agent.name = " ";
  CHECK(office.refused(PutAgent{agent}).field == "name");
  agent.name = "Dan";
  agent.email = "dan";
  CHECK(office.refused(PutAgent{agent}).field == "email");
}
