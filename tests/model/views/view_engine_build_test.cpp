// How lists over many contacts come to be: in slices, with everybody else served between them.
#include <nlohmann/json.hpp>

#include "model/view_engine.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;
using nlohmann::json;

namespace {

constexpr std::size_t contacts = 20'000, anas = 6'000;
constexpr std::size_t slice = 2'000;
constexpr Timestamp start{1'000};

RowPtr row(std::uint64_t id, std::uint32_t unread = 0) {
  Row row;
  row.id = {id};
  row.version = {1};
  row.sort_at = {static_cast<std::int64_t>(id)};
  row.unread = unread;
  if (id <= anas) row.assignment.assignee = AgentId("ana");
  if (id > contacts - 10) row.assignment.assignee = AgentId("luis");
  return std::make_shared<const Row>(std::move(row));
}

Viewer only_assigned(const char* name) {
  return {.kind = PrincipalKind::agent, .id = AgentId(name), .role = Role::agent, .name = name};
}

Viewer sees_everything(const char* name) {
  return {.kind = PrincipalKind::agent, .id = AgentId(name), .role = Role::admin, .name = name};
}

/// 20,000 contacts, of which 6,000 are ana's and 10 luis's; both see only theirs.
class Inbox {
  std::shared_ptr<const Workspace> workspace_ = workspace();

 public:
  Inbox() : engine({.conflation_min = {0}, .conflation_max = {0}}, workspace_) {
    std::vector<RowPtr> rows;
    for (std::uint64_t id = 1; id <= contacts; ++id) rows.push_back(row(id));
    engine.load({1}, start, rows);
    while (engine.building()) engine.build_step(contacts);  // the system's own lists
    engine.flush(start);
    asked = engine.stats().evaluations;
  }

  /// How many filters were asked since the last call.
  std::size_t evaluations() {
    const auto now = engine.stats().evaluations;
    return static_cast<std::size_t>(now - std::exchange(asked, now));
  }

  /// A commit of the workspace's own.
  void follow(Offset offset, const WorkspaceEvent& event) {
    auto after = *workspace_;
    inboxd::model::apply(after, event);
    workspace_ = std::make_shared<const Workspace>(std::move(after));
    engine.apply(offset, start, std::span(&event, 1), workspace_);
  }

  ViewEngine engine;

 private:
  static std::shared_ptr<const Workspace> workspace() {
    auto made = std::make_shared<Workspace>();
    made->id = WorkspaceId("default");
    for (const char* name : {"ana", "luis"}) {
      Agent agent;
      agent.id = AgentId(name);
      agent.visibility = Visibility::assigned;
      made->agents[agent.id] = agent;
    }
    return made;
  }

  std::uint64_t asked = 0;
};

const ViewRequest everything{.view = ViewId("all"), .limit = 2};

}  // namespace

TEST_CASE("what holds few contacts is there at once, and asks nobody else") {
  Inbox inbox;
  const auto answer = inbox.engine.subscribe({1}, only_assigned("luis"), everything);
  REQUIRE(answer.has_value());
  CHECK(*answer != nullptr);
  CHECK_FALSE(inbox.engine.building());
  CHECK(inbox.evaluations() == 10);
}

TEST_CASE("what may hold more than 5,000 contacts is built in slices, others served in between") {
  Inbox inbox;
  auto& engine = inbox.engine;
  const Viewer root{.kind = PrincipalKind::service, .id = {}, .role = Role::admin, .name = "root"};
  REQUIRE(engine.subscribe({1}, root, everything).has_value());
  inbox.evaluations();

  const auto answer = engine.subscribe({2}, only_assigned("ana"), everything);
  REQUIRE(answer.has_value());
  CHECK(*answer == nullptr);
  CHECK(inbox.evaluations() == 0);  // nothing was looked at yet
  std::size_t steps = 0;
  Offset offset{1};
  for (bool done = false; !done; ++steps) {
    REQUIRE(steps < 2 * contacts / slice);
    engine.build_step(slice);
    CHECK(inbox.evaluations() <= slice);
    // Somebody else's change goes out at once, whether the scan has passed its contact or not; it
    // asks the two filters that it may concern, and moves the build no further.
    const auto scanned = engine.progress().rows_done;
    const auto changed = steps % 2 == 0 ? contacts - 1 : contacts / 2 + 1;
    const Timestamp now{start.ms + static_cast<std::int64_t>(steps) + 1};
    const RowChange change{.contact = {changed},
                           .after = row(changed, static_cast<std::uint32_t>(steps) + 1)};
    engine.apply(++offset, now, std::span(&change, 1));
    CHECK(engine.progress().rows_done == scanned);
    inbox.evaluations();
    bool told = false;
    for (const auto& delivery : engine.flush(now)) {
      told = told || (delivery.kind == Delivery::Kind::delta &&
                      delivery.tokens == std::vector<ViewToken>{{1}});
      if (delivery.kind != Delivery::Kind::answer) continue;
      done = true;
      const auto list = json::parse("{" + *delivery.tail + "}");
      CHECK(list.at("counters").at("contacts") == anas);
      CHECK(list.at("rows").at(0).at("id") == ContactId{anas}.str());
    }
    CHECK(told);
  }
  CHECK(steps == contacts / slice);
}

TEST_CASE(
    "S34 counters that are being built are reset once all is counted, at an offset of theirs") {
  const Viewer root{.kind = PrincipalKind::service, .id = {}, .role = Role::admin, .name = "root"};
  const auto put = [](std::string_view assignee) {
    Filter filter;
    filter.kind = Filter::Kind::leaf;
    filter.field = FilterField::assignee;
    filter.op = Operator::eq;
    filter.value = std::string(assignee);
    ViewDefinition view;
    view.id = ViewId("v");
    view.name = "V";
    view.filter = filter;
    view.visibility = Sharing::workspace;
    return PutView{view, false};
  };
  Inbox inbox;
  auto& engine = inbox.engine;
  inbox.follow({2}, put("luis"));
  REQUIRE(engine.subscribe_counters({1}, root, {{ViewId("all"), ViewId("v")}}).has_value());
  // The view comes to hold others: to count them takes a scan.
  inbox.follow({3}, put("ana"));
  REQUIRE(engine.building());
  CHECK(engine.reset({1}) == nullptr);
  CHECK(engine.reset({1}) == nullptr);  // it is on its way
  const RowChange change{.contact = {1}, .after = row(1, 7)};
  engine.apply({4}, start, std::span(&change, 1));
  CHECK(engine.flush(start).empty());
  while (engine.building()) engine.build_step(slice);
  const auto deliveries = engine.flush(start);
  REQUIRE(deliveries.size() == 1);
  CHECK(deliveries[0].kind == Delivery::Kind::reset);
  const auto told = json::parse("{" + *deliveries[0].tail + "}");
  CHECK(told.at("offset") == 4);
  CHECK(told.at("counters").at("v").at("contacts") == anas);
  CHECK(told.at("counters").at("all").at("unread_messages") == 7);
}

// Found by inboxd-sim --seed 7082: the counters went with one commit and came with the next.
TEST_CASE("S34 counters that come to be shared are told with the commit that makes them so") {
  auto workspace = std::make_shared<Workspace>();
  Agent ana;
  ana.id = AgentId("ana");
  ana.visibility = Visibility::team;  // and in no team: what she counts is hers alone
  workspace->agents[ana.id] = ana;
  workspace->teams[TeamId("care")] = {.id = TeamId("care"), .name = "Care"};
  ViewEngine engine({}, workspace);
  const std::vector<RowPtr> rows{row(1), row(2)};
  engine.load({1}, start, rows);
  const auto answer = engine.subscribe_counters({1}, only_assigned("ana"), std::nullopt);
  REQUIRE(answer.has_value());
  REQUIRE(*answer != nullptr);
  auto counters = json::parse("{" + **answer + "}").at("counters");
  REQUIRE(counters.at("all").at("contacts") == 2);
  engine.flush(start);

  ana.teams = {TeamId("care")};
  auto after = std::make_shared<Workspace>(*workspace);
  after->agents[ana.id] = ana;
  const WorkspaceEvent joins = PutAgent{ana};
  engine.apply({2}, start, std::span(&joins, 1), after);
  const RowChange change{.contact = {1}, .after = row(1, 7)};
  engine.apply({3}, start, std::span(&change, 1));
  const auto deliveries = engine.flush(start + Duration{1'000});
  REQUIRE_FALSE(deliveries.empty());
  for (const auto& delivery : deliveries) {
    const auto told = json::parse("{" + *delivery.tail + "}");
    INFO(told.dump());
    for (const auto& [view, counts] : told.at("counters").items()) {
      CHECK_FALSE(counts.is_null());
      counters[view] = counts;
    }
    CHECK(counters.at("all").at("contacts") == 2);
    CHECK(counters.at("all").at("unread_messages") == (told.at("offset") == 2 ? 0 : 7));
  }
  CHECK(counters.at("all").at("unread_messages") == 7);
}

// A view that is shared, or shared no more, and filters otherwise by the same act: its counter goes
// to another group, where it is not counted yet. Until then its owner keeps the one that it had.
TEST_CASE("S34 counters that are counted anew for others do not go and come back") {
  Inbox inbox;
  ViewDefinition view;
  view.id = ViewId("v");
  view.name = "V";
  view.owner = {.kind = PrincipalKind::agent, .id = "boss", .role = {}, .channel = {}};
  view.visibility = GENERATE(Sharing::private_, Sharing::workspace);
  const bool shares = view.visibility == Sharing::private_;
  inbox.follow({2}, PutView{view, true});

  // The owner, and somebody who sees the view only while it is shared.
  std::map<ViewToken, json> known;
  std::map<ViewToken, int> nulls;
  const auto hear = [&] {
    for (const auto& delivery : inbox.engine.flush(start)) {
      const auto told = json::parse("{" + *delivery.tail + "}");
      for (const auto& [id, counts] : told.at("counters").items()) {
        for (const auto token : delivery.tokens) {
          nulls[token] += counts.is_null() ? 1 : 0;
          if (counts.is_null()) {
            known[token].erase(id);
          } else {
            known[token][id] = counts;
          }
        }
      }
    }
  };
  const ViewToken owner{1}, other{2};
  for (const auto& [token, name] : {std::pair(owner, "boss"), std::pair(other, "eva")}) {
    const auto answer = inbox.engine.subscribe_counters(token, sees_everything(name), std::nullopt);
    REQUIRE(answer.has_value());
    if (*answer) known[token] = json::parse("{" + **answer + "}").at("counters");
    while (inbox.engine.building()) inbox.engine.build_step(slice);
    hear();
  }
  REQUIRE(known[owner].at("v").at("contacts") == contacts);
  REQUIRE(known[other].contains("v") == !shares);

  view.visibility = shares ? Sharing::workspace : Sharing::private_;
  view.filter.kind = Filter::Kind::leaf;
  view.filter.field = FilterField::status;
  view.filter.value = std::string("open");  // as all contacts are
  inbox.follow({3}, PutView{view, false});
  hear();
  CHECK(inbox.engine.building());
  CHECK(known[owner].at("v").at("contacts") == contacts);

  SECTION("until they are counted") {
    inbox.engine.build_step(slice);
    const RowChange change{.contact = {contacts}, .after = row(contacts, 7)};
    inbox.engine.apply({4}, start, std::span(&change, 1));
    while (inbox.engine.building()) {
      inbox.engine.build_step(slice);
      hear();
    }
    hear();
    CHECK(nulls[owner] == 0);
    CHECK(known[owner].at("v").at("unread_messages") == 7);
    CHECK(known[other].contains("v") == shares);
    CHECK(nulls[other] == (shares ? 0 : 1));
    if (shares) CHECK(known[other].at("v").at("contacts") == contacts);
  }
  SECTION("and go when the view goes before that") {
    inbox.follow({4}, DeleteView{view.id});
    while (inbox.engine.building()) inbox.engine.build_step(slice);
    hear();
    CHECK(nulls[owner] == 1);
    CHECK_FALSE(known[owner].contains("v"));
    CHECK_FALSE(known[other].contains("v"));
  }
}
