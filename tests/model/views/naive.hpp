// What views should hold, written as plainly as can be and apart from the engine: every filter
// evaluated on every row, lists sorted from scratch. Slow, and easy to believe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/row.hpp"
#include "model/view_scope.hpp"
#include "model/workspace.hpp"

namespace inboxd::model::naive {

/// S29, straight from its text. `me` stands for `$me`; empty: nobody.
bool holds(const Filter& filter, const Row& row, Timestamp now, const std::string& me);

/// Does the view hold the row for this viewer (PRODUCT.md §3, S17–S25)? The view exists.
bool shows(const Workspace& workspace, const Viewer& viewer, const ViewId& view, const Row& row,
           Timestamp now);

/// May the viewer use the view (S36)?
bool usable(const Workspace& workspace, const Viewer& viewer, const ViewId& view);

/// What a row is sorted by, so that a position can be remembered.
struct Place {
  std::int64_t sort_at = 0;
  std::optional<std::int64_t> waiting_since;
  bool unread = false;
  int priority = 0;
  std::string id;
};
Place place_of(const Row& row);
/// S30: does `a` come before `b`?
bool before(Sort sort, const Place& a, const Place& b);

struct Counts {
  std::uint64_t contacts = 0, unread_contacts = 0, unread_messages = 0;
  friend bool operator==(const Counts&, const Counts&) = default;
};

struct List {
  std::vector<RowPtr> rows;  // the window
  bool more = false;
  Counts counts;  // of all of it
};

using Rows = std::map<ContactId, RowPtr>;
List list(const Rows& rows, const Workspace& workspace, const Viewer& viewer, const ViewId& view,
          Sort sort, const std::optional<Place>& after, std::size_t limit, Timestamp now);

/// How what the viewer's `all` holds is spread: loads by "total", "unassigned", "agents/<id>",
/// "teams/<id>" and "channels/<id>"; groups without contacts are left out but the first two.
struct Load {
  Counts counts;
  std::uint64_t snoozed = 0, waiting = 0;
  std::optional<std::int64_t> waiting_since;
};
std::map<std::string, Load> workload(const Rows& rows, const Workspace& workspace,
                                     const Viewer& viewer, Timestamp now);

}  // namespace inboxd::model::naive
