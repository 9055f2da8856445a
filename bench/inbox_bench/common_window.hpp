// What those who look at one window are told. A delta is encoded once for all of them, so they hear
// the same deltas and have the same list at the same offset: who does not has lost one, and is
// noticed also when a later delta makes the list right again. No socket.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "bench/inbox_bench/live_list.hpp"

namespace inboxd::bench {

class CommonWindow {
 public:
  /// Why a list is looked at row by row: by turns, or because it is one of a pair, subscribed to
  /// just now and followed from the start, which must be alike at the next offset of both.
  enum class Look : std::uint8_t { by_turns, fresh, followed };

  /// Gives a watcher its number.
  unsigned enter() { return watchers_++; }
  /// The watcher has folded the delta that made `content`; its last one was at `previous`. 0: this
  /// is the first or second since its snapshot. The first leads from there, so others may have had
  /// none at its offset, or one where this watcher had none. Returns "" or what is wrong.
  std::string hear(unsigned watcher, std::uint64_t previous, const ListContent& content, Look look);

  /// Lists that were compared row by row with another's, and of those, with a fresh one's.
  std::uint64_t compared() const { return compared_; }
  std::uint64_t compared_fresh() const { return compared_fresh_; }

 private:
  struct Told {
    std::uint64_t offset = 0;
    std::uint64_t previous = 0;
    std::uint64_t nth = 0;
  };
  struct Copy {
    ListContent content;
    bool fresh = false, followed = false;
  };
  std::string note(std::uint64_t previous, std::uint64_t offset);
  bool turn_of(unsigned watcher, std::uint64_t offset) const;
  std::string compare(const ListContent& content, Look look);

  unsigned watchers_ = 0;
  std::deque<Told> told_;    // the last ones, offsets ascending
  std::deque<Copy> copies_;  // the last ones
  std::uint64_t nth_ = 0, compared_ = 0, compared_fresh_ = 0;
};

/// By what makes a window one: the view and, where it differs, whose it is.
class CommonWindows {
 public:
  std::shared_ptr<CommonWindow> of(const std::string& key) {
    auto& window = windows_[key];
    if (!window) window = std::make_shared<CommonWindow>();
    return window;
  }
  std::uint64_t compared() const;
  std::uint64_t compared_fresh() const;

 private:
  std::unordered_map<std::string, std::shared_ptr<CommonWindow>> windows_;
};

}  // namespace inboxd::bench
