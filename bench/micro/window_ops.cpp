// The ops of a delta: from the window that clients have to the one that they should have, by how
// many of its 50 rows changed meanwhile.
#include <memory>
#include <random>

#include <benchmark/benchmark.h>

#include "model/views/script.hpp"

namespace {

using namespace inboxd::model;

constexpr std::size_t window_rows = 50;

ListedRow listed(std::uint64_t id) {
  Row row;
  row.id = {id};
  return {.id = {id}, .row = std::make_shared<const Row>(std::move(row))};
}

/// So many contacts wrote: half of them were in the window, the others push out its last rows.
RowList after(const RowList& window, std::size_t writers, std::minstd_rand& random) {
  RowList next = window;
  for (std::size_t i = 0; i < writers; ++i) {
    const std::size_t known = random() % next.size();
    const auto id = i % 2 == 0 ? next[known].id.value : 1'000 + i;
    if (i % 2 == 0) {
      next.erase(next.begin() + static_cast<std::ptrdiff_t>(known));
    } else {
      next.pop_back();
    }
    next.insert(next.begin(), listed(id));
  }
  return next;
}

void window_ops(benchmark::State& state) {
  std::minstd_rand random(1);
  RowList window;
  for (std::uint64_t id = 1; id <= window_rows; ++id) window.push_back(listed(id));
  const auto next = after(window, static_cast<std::size_t>(state.range(0)), random);
  std::size_t ops = 0;
  for (auto _ : state) {
    const auto found = script(window, next);
    ops = found.size();
    benchmark::DoNotOptimize(found.data());
  }
  state.counters["ops"] = static_cast<double>(ops);
}
BENCHMARK(window_ops)->ArgName("writers")->Arg(1)->Arg(8)->Arg(50);

}  // namespace
