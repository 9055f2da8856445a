// Requests about views in, frames out, over a view engine with enough contacts to build in slices.
#include "actors/view_desk.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

using namespace inboxd;
using actors::Outgoing;
using nlohmann::json;

namespace {

/// What was delivered, in order; answers have the method "answer".
class Sent final : public actors::Outlet {
 public:
  void deliver(std::vector<Outgoing> batch) override {
    for (const auto& outgoing : batch) {
      if (const auto* answer = std::get_if<actors::Answer>(&outgoing)) {
        const auto body = json::parse("{" + answer->body + "}");
        const bool ok = body.contains("result");
        sent.emplace_back(ok ? "answer" : "refusal", body.at(ok ? "result" : "error"));
      } else if (const auto* push = std::get_if<actors::Push>(&outgoing)) {
        auto params = json::parse("{" + *push->tail + "}");
        params["sub"] = "s" + std::to_string(push->sub.value);
        sent.emplace_back(push->method, std::move(params));
        loss = push->loss;
      }
    }
  }
  double pressure() const override { return load; }

  std::vector<std::pair<std::string, json>> sent;
  double load = 1;
  actors::Push::Loss loss = actors::Push::Loss::close;  // of the last push
};

model::RowPtr row(std::uint64_t id) {
  model::Row row;
  row.id = {id};
  row.version = {1};
  row.tags = {model::Tag("vip")};
  return std::make_shared<const model::Row>(std::move(row));
}

constexpr model::Timestamp start{1000};

/// 5,000 contacts; slices are of 2,000 rows, and nothing is built at once.
class Desk {
 public:
  explicit Desk(model::ViewOptions options = unpaced())
      : desk_(options, workspace(), "e1", outlet) {
    std::vector<model::RowPtr> rows;
    for (std::uint64_t id = 1; id <= 5000; ++id) rows.push_back(row(id));
    desk_.load({1}, start, rows);
  }

  void ask(actors::Request request) {
    desk_.serve({client, ++tag_, model::Role::admin, std::move(request)});
  }
  std::optional<model::Timestamp> next_work(model::Timestamp now) { return desk_.work(now); }
  /// Works until nothing is left to do at `now`.
  void work(model::Timestamp now = start) {
    for (auto next = desk_.work(now); next && *next <= now; next = desk_.work(now)) {
    }
  }
  void change(std::uint64_t id) {
    actors::Commit commit;
    commit.offset = desk_.offset() + 1;
    commit.at = start;
    auto after = *row(id);
    after.unread = static_cast<std::uint32_t>(commit.offset.value);
    commit.rows.push_back({.contact = {id}, .after = std::make_shared<const model::Row>(after)});
    desk_.follow(commit);
  }
  void change(model::RowPtr before, model::RowPtr after, model::Timestamp at, bool merge = false) {
    actors::Commit commit;
    commit.offset = desk_.offset() + 1;
    commit.at = at;
    commit.rows.push_back(
        {.contact = after->id, .before = std::move(before), .after = std::move(after)});
    if (merge) commit.moved.emplace();
    desk_.follow(commit);
  }
  void delete_view() {
    actors::Commit commit;
    commit.offset = desk_.offset() + 1;
    commit.at = start;
    commit.workspace_events = {model::DeleteView{model::ViewId("vips")}};
    auto after = *workspace();
    after.views.clear();
    commit.workspace_after = std::make_shared<const model::Workspace>(std::move(after));
    desk_.follow(commit);
  }
  void reset(std::uint32_t sub) { desk_.reset(client, {sub}); }

  Sent outlet;
  actors::ClientPtr client = std::make_shared<Asker>();

 private:
  struct Asker final : actors::Client {
    Asker()
        : Client(model::WorkspaceId("default"), {.kind = model::PrincipalKind::agent,
                                                 .id = "ana",
                                                 .role = model::Role::admin,
                                                 .channel = {}}) {}
  };
  static model::ViewOptions unpaced() {
    model::ViewOptions options;
    options.build_inline_rows = 0;
    options.progress_interval = {0};
    options.conflation_min = options.conflation_max = {0};
    return options;
  }
  static actors::WorkspacePtr workspace() {
    model::Workspace workspace;
    workspace.id = model::WorkspaceId("default");
    model::ViewDefinition view;
    view.id = model::ViewId("vips");
    view.name = "VIPs";
    view.filter.kind = model::Filter::Kind::leaf;
    view.filter.field = model::FilterField::tags;
    view.filter.op = model::Operator::has_any;
    view.filter.value = std::vector<std::string>{"vip"};
    view.owner = {.kind = model::PrincipalKind::agent, .id = "ana", .role = {}, .channel = {}};
    workspace.views[view.id] = view;
    return std::make_shared<const model::Workspace>(std::move(workspace));
  }

  actors::ViewDesk desk_;
  actors::RequestTag tag_ = 0;
};

/// After the first change, of which one subscriber hears at once, the time until it may hear of the
/// second, at this load.
std::int64_t wait_of_second(Desk& desk, double load, model::Timestamp now) {
  desk.outlet.load = load;
  desk.outlet.sent.clear();
  desk.change(1);
  CHECK_FALSE(desk.next_work(now));
  CHECK(desk.outlet.sent.size() == 1);
  desk.change(1);
  const auto next = desk.next_work(now);
  REQUIRE(next);
  CHECK(desk.outlet.sent.size() == 1);
  desk.work(*next);
  CHECK(desk.outlet.sent.size() == 2);
  return next->ms - now.ms;
}

model::ViewOptions paced_by_subscribers(std::int64_t per_subscriber_us) {
  model::ViewOptions paced;
  paced.conflation_min = {8};
  paced.conflation_max = {250};
  paced.conflation_per_subscriber_us = per_subscriber_us;
  paced.conflation_bytes_per_ms = 0;
  return paced;
}

}  // namespace

TEST_CASE("who waits for a list that is built in slices hears how far it is") {
  Desk desk;
  desk.ask(actors::request::SubscribeView{.sub = {7}, .view = model::ViewId("vips"), .limit = 2});
  CHECK(desk.outlet.sent.empty());
  desk.work();
  auto& sent = desk.outlet.sent;
  REQUIRE(sent.size() == 3);
  CHECK(sent[0].first == "view.progress");
  CHECK(sent[0].second == json({{"sub", "s7"}, {"view", "vips"}, {"done", 2000}, {"total", 5000}}));
  CHECK(sent[1].second.at("done") == 4000);
  CHECK(sent[2].first == "answer");
  CHECK(sent[2].second.at("sub") == "s7");
  CHECK(sent[2].second.at("counters").at("contacts") == 5000);
}

TEST_CASE(
    "S31 a view that is deleted while its list is built answers who waits, and ends nothing") {
  Desk desk;
  desk.ask(actors::request::SubscribeView{.sub = {7}, .view = model::ViewId("vips"), .limit = 2});
  desk.delete_view();
  desk.work();
  auto& sent = desk.outlet.sent;
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].first == "refusal");
  CHECK(sent[0].second.at("data").at("reason") == "not_found");
  CHECK(sent[0].second.at("data").at("field") == "view");
}

TEST_CASE("a reset gives lists and counters as they are, and later deltas build on it") {
  Desk desk;
  desk.ask(actors::request::SubscribeView{.sub = {1}, .view = model::ViewId("vips"), .limit = 1});
  desk.ask(actors::request::SubscribeCounters{.sub = {2}, .views = {{model::ViewId("vips")}}});
  desk.work();
  desk.change(5);
  desk.work();
  CHECK(desk.outlet.loss == actors::Push::Loss::reset);
  desk.change(6);  // not told yet: the reset has it
  auto& sent = desk.outlet.sent;
  sent.clear();
  desk.reset(1);
  desk.reset(2);
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].first == "view.reset");
  CHECK(sent[0].second.at("counters").at("unread_contacts") == 2);
  CHECK(sent[1].first == "counters.reset");
  CHECK(sent[1].second.at("counters").at("vips").at("unread_contacts") == 2);
  CHECK(sent[1].second.at("offset") == 3);
  desk.work();
  CHECK(sent.size() == 2);
  desk.change(7);
  desk.work();
  CHECK(sent.size() == 4);
}

TEST_CASE("who moves a window hears how many deltas there were since the list was last whole") {
  Desk desk;
  auto& sent = desk.outlet.sent;
  desk.ask(actors::request::SubscribeView{.sub = {1}, .view = model::ViewId("all"), .limit = 2});
  desk.work();
  const auto deltas_told = [&] {
    sent.clear();
    desk.ask(actors::request::MoveWindow{.sub = {1}, .after = std::nullopt, .limit = 2});
    desk.work();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].second.at("rows").size() == 2);
    return sent[0].second.at("deltas").get<int>();
  };
  CHECK(deltas_told() == 0);
  for (const std::uint64_t contact : {5, 6, 7}) {
    desk.change(contact);
    desk.work();
  }
  CHECK(std::ranges::count(sent, "view.delta", [](const auto& one) { return one.first; }) == 3);
  CHECK(deltas_told() == 3);
  CHECK(deltas_told() == 0);
  desk.change(5);
  desk.work();
  desk.reset(1);  // a whole list
  desk.change(6);
  desk.work();
  CHECK(deltas_told() == 1);
}

TEST_CASE("a reset while the first answer is being counted is that answer, whole and once") {
  Desk desk;
  const bool workload = GENERATE(false, true);
  if (workload) {
    desk.ask(actors::request::SubscribeWorkload{.sub = {2}});
  } else {
    desk.ask(actors::request::SubscribeCounters{.sub = {2}, .views = {{model::ViewId("vips")}}});
  }
  desk.next_work(start);  // 2,000 of 5,000
  desk.change(5);
  desk.reset(2);
  desk.change(4'900);
  desk.work();
  auto& sent = desk.outlet.sent;
  std::erase_if(sent, [](const auto& one) { return one.first == "view.progress"; });
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].first == "answer");
  CHECK(sent[0].second.at("sub") == "s2");
  CHECK(sent[0].second.at("offset") == 3);
  if (!workload) CHECK(sent[0].second.at("counters").at("vips").at("unread_contacts") == 2);
  if (workload) CHECK(sent[0].second.at("workload").dump().find("5000") != std::string::npos);

  desk.change(7);
  desk.work();
  REQUIRE(sent.size() == 2);
  CHECK(sent[1].first == (workload ? "workload.delta" : "counters.delta"));
  desk.reset(2);
  REQUIRE(sent.size() == 3);
  CHECK(sent[2].first == (workload ? "workload.reset" : "counters.reset"));
}

TEST_CASE(
    "while there is time to spare a window's deltas follow closely, under pressure they wait") {
  Desk desk(paced_by_subscribers(100'000));
  desk.ask(actors::request::SubscribeView{.sub = {7}, .view = model::ViewId("all"), .limit = 2});
  desk.work();
  CHECK(wait_of_second(desk, 0, start + model::Duration{10'000}) == 8);
  CHECK(wait_of_second(desk, 0.5, start + model::Duration{20'000}) == 58);
  CHECK(wait_of_second(desk, 1, start + model::Duration{30'000}) == 108);
}

TEST_CASE("a busy moment is no full machine, also for a window whose deltas cost very much") {
  Desk desk(paced_by_subscribers(10'000'000));
  desk.ask(actors::request::SubscribeView{.sub = {7}, .view = model::ViewId("all"), .limit = 2});
  desk.work();
  CHECK(wait_of_second(desk, 0.25, start + model::Duration{10'000}) == 68);
  CHECK(wait_of_second(desk, 1, start + model::Duration{20'000}) == 250);
}

TEST_CASE("counters go at once after rest, and then no faster than anybody reads them") {
  Desk desk(paced_by_subscribers(100'000));
  desk.ask(actors::request::SubscribeCounters{.sub = {7}});
  desk.work();
  CHECK(wait_of_second(desk, 0, start + model::Duration{10'000}) == 20);
}

TEST_CASE(
    "a message counts for the workload once, whatever the time of its commit, and not again with a "
    "merge") {
  Desk desk;
  desk.ask(actors::request::SubscribeWorkload{.sub = {7}});
  desk.work();
  const auto before = row(1);
  auto heard = *before;
  heard.last_message = model::LastMessage{
      .seq = {1}, .at = start, .direction = model::Direction::in, .preview = "hello"};
  const auto after = std::make_shared<const model::Row>(heard);
  desk.outlet.sent.clear();
  desk.change(before, after, start + model::Duration{1});
  desk.work(start + model::Duration{1000});
  REQUIRE(desk.outlet.sent.size() == 1);
  CHECK(desk.outlet.sent[0].first == "workload.delta");
  CHECK(desk.outlet.sent[0].second.at("workload").at("messages") == json({{"in", 1}, {"out", 0}}));

  heard.last_message->seq = {2};
  desk.outlet.sent.clear();
  desk.change(after, std::make_shared<const model::Row>(heard), start + model::Duration{2000},
              true);
  desk.work(start + model::Duration{3000});
  for (const auto& [method, params] : desk.outlet.sent)
    CHECK_FALSE(params.value("workload", json::object()).contains("messages"));
}
