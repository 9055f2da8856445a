// What a change costs the view engine: by the custom views that exist and are counted but do not
// match it, by those that match, and by the contacts there are. All custom views are live (their
// counters are subscribed to); matching ones have a window watched as well.
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "model/view_engine.hpp"

namespace {

using namespace inboxd::model;

Filter with_tag(const std::string& tag) {
  Filter open;
  open.kind = Filter::Kind::leaf;
  open.field = FilterField::status;
  open.value = std::string("open");
  Filter tagged;
  tagged.kind = Filter::Kind::leaf;
  tagged.field = FilterField::tags;
  tagged.op = Operator::has_any;
  tagged.value = std::vector<std::string>{tag};
  Filter both;
  both.children = {open, tagged};
  return both;
}

class Inbox {
 public:
  Inbox(std::size_t contacts, std::size_t idle_views, std::size_t matching_views) {
    auto workspace = std::make_shared<Workspace>();
    const auto add = [&](const std::string& id, const std::string& tag) {
      auto& view = workspace->views[ViewId(id)];
      view.id = ViewId(id);
      view.filter = with_tag(tag);
      view.visibility = Sharing::workspace;
    };
    for (std::size_t i = 0; i < idle_views; ++i) {
      add("idle" + std::to_string(i), "tag" + std::to_string(i));
    }
    for (std::size_t i = 0; i < matching_views; ++i) add("match" + std::to_string(i), "vip");

    engine_ = std::make_unique<ViewEngine>(ViewOptions{}, workspace);
    details_ = std::make_shared<const Details>();
    for (std::size_t i = 0; i < contacts; ++i) {
      Row row;
      row.id = {i + 1};
      row.version = {1};
      row.name = "Contact " + std::to_string(i);
      row.sort_at = Timestamp{static_cast<std::int64_t>(random_() % 1'000'000)};
      row.tags = {Tag("vip")};
      row.details = details_;
      rows_.push_back(std::make_shared<const Row>(std::move(row)));
    }
    engine_->load({1}, now_, rows_);

    Principal admin;
    admin.kind = PrincipalKind::agent;
    admin.id = "admin";
    const auto viewer = viewer_of(admin, Role::admin);
    (void)engine_->subscribe({1}, viewer, {.view = ViewId("all")});
    (void)engine_->subscribe_counters({2}, viewer, std::nullopt);
    for (std::size_t i = 0; i < matching_views; ++i) {
      (void)engine_->subscribe({3 + i}, viewer, {.view = ViewId("match" + std::to_string(i))});
    }
    while (engine_->building()) engine_->build_step(100'000);
    (void)engine_->flush(now_);
  }

  /// A message reaches a contact; deltas go out when they are due.
  void change() {
    auto& slot = rows_[random_() % rows_.size()];
    auto row = *slot;
    ++row.version;
    ++row.unread;
    row.sort_at = now_ = now_ + Duration{1};
    slot = std::make_shared<const Row>(std::move(row));
    const RowChange change{slot->id, slot};
    ++offset_;
    engine_->apply(offset_, now_, std::span(&change, 1));
    benchmark::DoNotOptimize(engine_->flush(now_));
  }

  ViewStats stats() const { return engine_->stats(); }

 private:
  std::unique_ptr<ViewEngine> engine_;
  std::shared_ptr<const Details> details_;
  std::vector<RowPtr> rows_;
  std::mt19937_64 random_{1};
  Timestamp now_{1'000'000'000};
  Offset offset_{1};
};

void views_change(benchmark::State& state) {
  Inbox inbox(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)),
              static_cast<std::size_t>(state.range(2)));
  for (auto _ : state) inbox.change();
  const auto stats = inbox.stats();
  state.counters["list_bytes_per_row"] =
      static_cast<double>(stats.list_bytes) / static_cast<double>(stats.rows * stats.lists);
  state.counters["table_bytes_per_row"] =
      static_cast<double>(stats.table_bytes) / static_cast<double>(stats.rows);
}

// What does not match costs nothing …
BENCHMARK(views_change)
    ->ArgNames({"contacts", "idle", "matching"})
    ->ArgsProduct({{10'000, 1'000'000}, {10, 100, 1'000, 10'000}, {0}})
    ->Unit(benchmark::kMicrosecond);
// … and what matches costs by its number.
BENCHMARK(views_change)
    ->ArgNames({"contacts", "idle", "matching"})
    ->ArgsProduct({{10'000, 100'000}, {10}, {1, 10, 100}})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
