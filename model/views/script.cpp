#include "model/views/script.hpp"

#include <algorithm>

#include <boost/unordered/unordered_flat_map.hpp>

namespace inboxd::model {
namespace {

bool same(const ListedRow& a, const ListedRow& b) {
  return a.id == b.id && a.row == b.row && a.row != nullptr;
}

/// Marks a longest strictly increasing subsequence of the numbers that are not `none`.
constexpr std::size_t none = static_cast<std::size_t>(-1);
std::vector<bool> longest_rising(const std::vector<std::size_t>& numbers) {
  std::vector<std::size_t> ends;  // index of the smallest number that ends a run of each length
  std::vector<std::size_t> previous(numbers.size(), none);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] == none) continue;
    const auto place =
        std::lower_bound(ends.begin(), ends.end(), numbers[i],
                         [&](std::size_t end, std::size_t n) { return numbers[end] < n; });
    if (place != ends.begin()) previous[i] = *(place - 1);
    if (place == ends.end()) {
      ends.push_back(i);
    } else {
      *place = i;
    }
  }
  std::vector<bool> in_run(numbers.size(), false);
  for (auto i = ends.empty() ? none : ends.back(); i != none; i = previous[i]) in_run[i] = true;
  return in_run;
}

}  // namespace

std::vector<Op> script(const RowList& from, const RowList& to) {
  // What is the same at both ends stays; an isolated change leaves little between.
  std::size_t head = 0;
  const auto shorter = std::min(from.size(), to.size());
  while (head < shorter && same(from[head], to[head])) ++head;
  std::size_t tail = 0;
  while (tail < shorter - head && same(from[from.size() - 1 - tail], to[to.size() - 1 - tail])) {
    ++tail;
  }
  const auto from_end = from.size() - tail;
  const auto to_end = to.size() - tail;

  boost::unordered_flat_map<ContactId, std::size_t, std::hash<ContactId>> was;
  for (auto i = head; i < from_end; ++i) was.emplace(from[i].id, i);

  // Where each row that did not change was; the others are put anyhow.
  std::vector<std::size_t> origins(to_end - head, none);
  for (auto i = head; i < to_end; ++i) {
    const auto found = was.find(to[i].id);
    if (found == was.end()) continue;
    if (same(from[found->second], to[i])) origins[i - head] = found->second;
    was.erase(found);
  }

  std::vector<Op> ops;
  for (auto i = head; i < from_end; ++i) {
    if (was.contains(from[i].id)) {
      ops.push_back({.kind = Op::Kind::del, .id = from[i].id, .row = nullptr, .before = {}});
    }
  }
  // From the end: whatever follows a row is in its place before the row is put.
  const auto stays = longest_rising(origins);
  for (auto i = to_end; i > head; --i) {
    if (stays[i - 1 - head]) continue;
    Op op{.kind = Op::Kind::put, .id = to[i - 1].id, .row = to[i - 1].row, .before = {}};
    if (i < to.size()) op.before = to[i].id;
    ops.push_back(std::move(op));
  }
  return ops;
}

}  // namespace inboxd::model
