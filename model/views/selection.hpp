// What is live: selections (view × scope) with their counters, the sorted lists of each, and the
// windows that subscribers share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "model/filter_eval.hpp"
#include "model/view_engine.hpp"
#include "model/views/counters.hpp"
#include "model/views/history.hpp"
#include "model/views/order_index.hpp"
#include "model/views/row_table.hpp"
#include "model/views/script.hpp"
#include "model/views/sort_key.hpp"
#include "model/views/workload.hpp"

namespace inboxd::model {

struct Selection;
struct SortedList;
struct Subscriber;
struct CounterGroup;

inline constexpr Timestamp long_ago{std::numeric_limits<std::int64_t>::min() / 2};
/// `built_to` of what is complete: every place is below it.
inline constexpr RowTable::Place complete = std::numeric_limits<RowTable::Place>::max();

/// What a subscriber has on its screen, by what it was sent.
struct Shown {
  RowList rows;
  std::optional<SortKey> last;  // the last row's key: the cursor
  Counters counters;
  bool more = false;
  Sort sort = Sort::newest;
};

/// When something may be sent next (DESIGN 8).
struct Pace {
  std::uint64_t serial = 0;  // order among those due at the same time
  Timestamp sent_at = long_ago;
  std::size_t sent_bytes = 0;  // to all subscribers together
  Timestamp due;
  bool pending = false;
};

/// Some who have the same on their screens.
struct Audience {
  Shown sent = {};
  std::vector<ViewToken> tokens = {};
  // Made once somebody wanted it, of `sent`: a snapshot, and the way to it from an offset (S35).
  SharedText body = {};
  std::optional<Offset> way_from = {};
  SharedText way = {};
  Offset at = {};  // when they came, if the others of the window had more to hear then

  void show(Shown content) {
    sent = std::move(content);
    body = nullptr;
    way_from = std::nullopt;
    way = nullptr;
  }
};

/// "The first `limit` rows after `after`" of a list, for all who watch just that. Who comes while
/// the others wait for their next delta gets what is there now, and is one of them after it: else
/// a thousand who come back at once would each make all the others' deltas.
struct Window : Audience {
  SortedList& list;
  std::optional<SortKey> after;
  std::size_t limit = 0;
  bool stale = true;  // a row in it changed since
  Pace pace = {};
  std::vector<std::unique_ptr<Audience>> newcomers = {};

  bool shows(const SortKey& key) const {
    if (after && key <= *after) return false;
    return sent.rows.size() < limit || key <= *sent.last;
  }
};

struct SortedList {
  Selection& selection;
  Sort sort = Sort::newest;
  OrderIndex index = {};
  History history = {};
  RowTable::Place built_to = 0;  // contacts in places below are in the index
  bool in_batch = false;
  bool pinned = false;
  bool resized = false;  // since the last settling
  Timestamp idle_since = long_ago;
  std::vector<std::unique_ptr<Window>> windows = {};
  std::vector<Subscriber*> waiting = {};  // for it to be built

  bool live() const { return built_to == complete; }
  bool idle() const { return windows.empty() && waiting.empty() && !pinned; }
};

/// Counts of a view in a subscription to counters.
struct CounterItem {
  Selection* selection = nullptr;
  std::optional<Counters> sent = {};
  bool dirty = false;
  bool uneven = false;  // who came since the last delta was told another value than `sent`
  bool known = false;   // somebody has a value: also one that came over from another group with it
};

/// New counts by view; nothing: it is not counted any more.
using CounterChanges = std::map<ViewId, std::optional<Counters>>;

/// What some subscribers are told of their counters.
struct Told {
  Offset offset;
  std::vector<ViewToken> tokens;
  CounterChanges changed;
};

/// Who is to hear of a selection's counters.
struct Watcher {
  CounterGroup* group;
  ViewId view;
  CounterItem* item;
};

/// Subscribers to the same counters.
struct CounterGroup {
  enum class Kind : std::uint8_t { shared, personal, chosen };
  std::string key;
  Kind kind = Kind::shared;
  Viewer viewer;               // one of them, to resolve views with
  std::vector<ViewId> chosen;  // Kind::chosen
  std::map<ViewId, CounterItem> items = {};
  std::vector<ViewId> dirty = {};
  std::vector<ViewId> gone = {};
  std::vector<ViewToken> tokens = {};
  std::uint64_t stirs = 0;  // grows with all that there will be to tell
  std::vector<std::pair<ViewToken, std::uint64_t>> newcomers =
      {};                  // since the last delta, at which of the `stirs`
  std::size_t asking = 0;  // `view.list` and first answers that wait for it; they get no deltas
  Pace pace = {};
  Timestamp idle_since = long_ago;
};

/// Who hears how a selection's contacts are spread over agents, teams and channels.
struct WorkloadBoard {
  Selection& selection;
  Workload workload = {};
  RowTable::Place built_to = 0;  // contacts in places below are in it
  bool in_batch = false;
  std::vector<ViewToken> tokens = {};
  std::vector<ViewToken> waiting = {};  // for it to be built
  Pace pace = {};
  Timestamp idle_since = long_ago;

  bool live() const { return built_to == complete; }
  bool idle() const { return tokens.empty() && waiting.empty(); }
};

/// The contacts of one view as one scope sees it.
struct Selection {
  std::string key;
  Filter filter;
  Predicate predicate;
  std::uint64_t serial = 0;
  Counters counters = {};
  OrderIndex flips = {};  // (time, contact) at which time alone changes the answer
  std::optional<Timestamp> first_flip = {};  // as filed with the engine
  RowTable::Place built_to = 0;              // contacts in places below are counted
  bool in_batch = false;
  bool pinned = false;
  bool retired = false;  // its view or scope became another one
  bool touched = false;  // since the last settling
  std::uint64_t stamp = 0;
  // Of one whose filter requires no rare term: the places of its contacts, while they are few. Once
  // it is built, changes find it by those and by the fields that it reads (field_index.hpp).
  bool sparse = false;
  bool by_fields = false;
  boost::unordered_flat_set<RowTable::Place> members = {};
  Timestamp idle_since = long_ago;
  std::vector<std::unique_ptr<SortedList>> lists = {};
  std::vector<Watcher> watchers = {};
  std::unique_ptr<WorkloadBoard> board = {};  // once somebody wanted it

  bool live() const { return built_to == complete; }
  bool idle() const { return lists.empty() && watchers.empty() && !board && !pinned; }
  /// A scan is under way for it or one of its lists.
  bool building() const {
    return in_batch || (board && board->in_batch) ||
           std::any_of(lists.begin(), lists.end(), [](const auto& list) { return list->in_batch; });
  }
};

/// A request for a list's content that waits for the list.
struct Ask {
  enum class Kind : std::uint8_t { subscribe, move };
  Kind kind = Kind::subscribe;
  std::optional<SortKey> after;
  std::size_t limit = 0;
  std::optional<Offset> resume;
};

/// One `view.subscribe`.
struct Subscriber {
  ViewToken token;
  Viewer viewer;
  ViewId view;
  std::optional<Sort> sort = {};  // asked for
  std::optional<SortKey> after = {};
  std::size_t limit = 0;
  SortedList* list = nullptr;
  Window* window = nullptr;  // null while it waits for the list
  std::vector<Ask> asks = {};
  std::shared_ptr<const Shown> held = {};  // what it shows while it waits for another list
  bool wants_reset = false;
};

/// One `workload.subscribe`.
struct WorkloadSubscriber {
  ViewToken token;
  Viewer viewer;
  WorkloadBoard* board = nullptr;
  bool answered = false;
  bool wants_reset = false;       // instead of the way to the board that it waits for
  Workload::Told held = {};       // what it knows from the board that it had before
  Workload::Messages heard = {};  // of this board, before it came to it
  Workload::Messages start = {};  // of this board, had it been this one from its first answer
};

/// One `counters.subscribe`, or a `view.list` that waits.
struct CounterSubscriber {
  ViewToken token;
  Viewer viewer;
  std::optional<std::vector<ViewId>> views;
  bool listing = false;      // view.list
  bool wants_reset = false;  // instead of an answer
  bool answered = false;     // until then it is among `asking`
  std::vector<CounterGroup*> groups = {};
};

}  // namespace inboxd::model
