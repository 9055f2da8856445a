// The last changes of a list, so that a client that comes back gets what it missed as ops (S35):
// from them the list at a past offset is made again, exactly.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/ids.hpp"
#include "model/views/order_index.hpp"
#include "model/views/sort_key.hpp"

namespace inboxd::model {

class History {
 public:
  /// What one commit found of a contact in the list before it changed it: 32 bytes.
  struct Change {
    Offset offset;
    SortKey before;  // meaningful if it was in the list; the id always is
    bool was_in = false;
  };

  /// All changes after `offset` will be told.
  void begin(Offset offset) {
    changes_.clear();
    since_ = offset;
  }
  void push(const Change& change, std::size_t entries_max) {
    if (entries_max == 0) {
      since_ = change.offset;
      return;
    }
    if (changes_.size() == entries_max) {
      since_ = changes_.front().offset;
      changes_.pop_front();
    }
    changes_.push_back(change);
  }

  /// Whether the list at `offset` can be made again.
  bool reaches(Offset offset) const { return offset >= since_; }

  struct PastItem {
    ContactId id;
    bool changed;  // since then: in content, place, or gone
  };
  /// The first `limit` contacts after `after` of the list at `offset`, given the list now.
  std::vector<PastItem> list_at(Offset offset, const OrderIndex& now, const SortKey* after,
                                std::size_t limit) const {
    // The oldest word on each contact since `offset` is where it was then.
    boost::unordered_flat_map<ContactId, const Change*, std::hash<ContactId>> first;
    for (auto it = changes_.rbegin(); it != changes_.rend() && it->offset > offset; ++it) {
      first[it->before.id] = &*it;
    }
    std::vector<SortKey> moved;
    for (const auto& [id, change] : first) {
      if (change->was_in && (after == nullptr || change->before > *after)) {
        moved.push_back(change->before);
      }
    }
    std::sort(moved.begin(), moved.end());

    std::vector<PastItem> past;
    auto next = moved.begin();
    const auto take_moved_up_to = [&](const SortKey* key) {
      for (; next != moved.end() && past.size() < limit && (key == nullptr || *next < *key);
           ++next) {
        past.push_back({next->id, true});
      }
    };
    now.for_each_after(after, [&](const SortKey& key) {
      if (first.contains(key.id)) return true;
      take_moved_up_to(&key);
      if (past.size() == limit) return false;
      past.push_back({key.id, false});
      return past.size() < limit;
    });
    take_moved_up_to(nullptr);
    return past;
  }

 private:
  std::deque<Change> changes_;
  Offset since_;
};

}  // namespace inboxd::model
