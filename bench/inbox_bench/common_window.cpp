#include "bench/inbox_bench/common_window.hpp"

#include <algorithm>

namespace inboxd::bench {
namespace {

constexpr std::size_t told_max = 1024;
constexpr std::size_t copies_max = 8;
// Looking at a list of 50 rows takes some ten microseconds: at one delta of so many, so many lists.
constexpr std::uint64_t deltas_between_looks = 8;
constexpr unsigned looks_at_once = 8;

std::string missing(std::uint64_t offset, std::uint64_t from, std::uint64_t to) {
  return "the delta at " + std::to_string(offset) +
         ", which others of the window had, is missing between " + std::to_string(from) + " and " +
         std::to_string(to);
}

}  // namespace

std::string CommonWindow::hear(unsigned watcher, std::uint64_t previous, const ListContent& content,
                               Look look) {
  if (previous > 0) {
    auto error = note(previous, content.offset);
    if (!error.empty()) return error;
  }
  if (look == Look::by_turns && !turn_of(watcher, content.offset)) return "";
  const auto disorder = content.disorder();
  return disorder.empty() ? compare(content, look) : disorder;
}

/// No delta that somebody had may lie between two that another had one after the other.
std::string CommonWindow::note(std::uint64_t previous, std::uint64_t offset) {
  auto at = told_.end();
  for (; at != told_.begin() && std::prev(at)->offset > previous; --at) {
    const auto& told = *std::prev(at);
    if (told.offset == offset) {
      if (told.previous == previous) return "";
      if (told.previous > previous) return missing(told.previous, previous, offset);
      return missing(previous, told.previous, offset);
    }
    if (told.offset < offset) return missing(told.offset, previous, offset);
    if (told.previous < offset) return missing(offset, told.previous, told.offset);
  }
  const auto behind =
      std::find_if(at, told_.end(), [&](const Told& told) { return told.offset > offset; });
  told_.insert(behind, {.offset = offset, .previous = previous, .nth = nth_++});
  if (told_.size() > told_max) told_.pop_front();
  return "";
}

bool CommonWindow::turn_of(unsigned watcher, std::uint64_t offset) const {
  for (auto told = told_.rbegin(); told != told_.rend() && told->offset >= offset; ++told) {
    if (told->offset != offset) continue;
    const auto groups = std::max(1U, watchers_ / looks_at_once);
    return told->nth % deltas_between_looks == 0 &&
           told->nth / deltas_between_looks % groups == watcher % groups;
  }
  return false;
}

std::string CommonWindow::compare(const ListContent& content, Look look) {
  const auto copy = std::find_if(copies_.begin(), copies_.end(), [&](const Copy& known) {
    return known.content.offset == content.offset;
  });
  if (copy == copies_.end()) {
    copies_.push_back({content, look == Look::fresh, look == Look::followed});
    if (copies_.size() > copies_max) copies_.pop_front();
    return "";
  }
  ++compared_;
  const bool was_pair = copy->fresh && copy->followed;
  copy->fresh = copy->fresh || look == Look::fresh;
  copy->followed = copy->followed || look == Look::followed;
  if (!was_pair && copy->fresh && copy->followed) ++compared_fresh_;
  const auto difference = content.difference(copy->content);
  if (difference.empty()) return "";
  return "at offset " + std::to_string(content.offset) +
         " it is not the list that others of the window have: " + difference;
}

std::uint64_t CommonWindows::compared() const {
  std::uint64_t sum = 0;
  for (const auto& [key, window] : windows_) sum += window->compared();
  return sum;
}

std::uint64_t CommonWindows::compared_fresh() const {
  std::uint64_t sum = 0;
  for (const auto& [key, window] : windows_) sum += window->compared_fresh();
  return sum;
}

}  // namespace inboxd::bench
