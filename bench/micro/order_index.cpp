// The ordered index of a list against Boost's ranked tree, which would do the same work with a node
// a key: time of a move (erase and insert), of a rank and of a page, and memory.
#include "model/views/order_index.hpp"

#include <malloc.h>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>
#include <boost/multi_index/identity.hpp>
#include <boost/multi_index/ranked_index.hpp>
#include <boost/multi_index_container.hpp>

namespace {

using inboxd::model::OrderIndex;
using inboxd::model::SortKey;

/// The same face on both.
struct Ranked {
  using Tree = boost::multi_index_container<
      SortKey, boost::multi_index::indexed_by<
                   boost::multi_index::ranked_unique<boost::multi_index::identity<SortKey>>>>;
  Tree tree;

  void insert(const SortKey& key) { tree.insert(key); }
  void erase(const SortKey& key) { tree.erase(key); }
  std::size_t rank(const SortKey& key) const { return tree.lower_bound_rank(key); }
  template <class Each>
  void for_each_after(const SortKey* after, Each&& each) const {
    for (auto it = tree.upper_bound(*after); it != tree.end() && each(*it); ++it) {
    }
  }
};

std::vector<SortKey> random_keys(std::size_t n) {
  std::mt19937_64 random(1);
  std::vector<SortKey> keys;
  keys.reserve(n);
  for (std::size_t i = 0; i < n; ++i) keys.push_back({random() >> 8, {i + 1}});
  return keys;
}

template <class Index>
void fill(Index& index, const std::vector<SortKey>& keys) {
  for (const auto& key : keys) index.insert(key);
}

/// A contact that gets a message: out of its place, in at another.
template <class Index>
void order_index_move(benchmark::State& state) {
  auto keys = random_keys(static_cast<std::size_t>(state.range(0)));
  const auto before = mallinfo2().uordblks;
  Index index;
  fill(index, keys);
  state.counters["bytes_per_key"] =
      static_cast<double>(mallinfo2().uordblks - before) / static_cast<double>(keys.size());
  std::mt19937_64 random(2);
  for (auto _ : state) {
    auto& key = keys[random() % keys.size()];
    index.erase(key);
    key.rank = random() >> 8;
    index.insert(key);
  }
}

template <class Index>
void order_index_rank(benchmark::State& state) {
  const auto keys = random_keys(static_cast<std::size_t>(state.range(0)));
  Index index;
  fill(index, keys);
  std::mt19937_64 random(2);
  for (auto _ : state) benchmark::DoNotOptimize(index.rank(keys[random() % keys.size()]));
}

template <class Index>
void order_index_page_of_50(benchmark::State& state) {
  const auto keys = random_keys(static_cast<std::size_t>(state.range(0)));
  Index index;
  fill(index, keys);
  std::mt19937_64 random(2);
  for (auto _ : state) {
    int n = 0;
    std::uint64_t sum = 0;
    index.for_each_after(&keys[random() % keys.size()], [&](const SortKey& key) {
      sum += key.id.value;
      return ++n < 50;
    });
    benchmark::DoNotOptimize(sum);
  }
}

#define SIZES Arg(10'000)->Arg(100'000)->Arg(1'000'000)
BENCHMARK_TEMPLATE(order_index_move, OrderIndex)->SIZES;
BENCHMARK_TEMPLATE(order_index_move, Ranked)->SIZES;
BENCHMARK_TEMPLATE(order_index_rank, OrderIndex)->SIZES;
BENCHMARK_TEMPLATE(order_index_rank, Ranked)->SIZES;
BENCHMARK_TEMPLATE(order_index_page_of_50, OrderIndex)->SIZES;
BENCHMARK_TEMPLATE(order_index_page_of_50, Ranked)->SIZES;

}  // namespace
