// Every live list and counter of one workspace: who watches what, what changes reach them, and when
// they are told. Pure: no actors, no sockets, and time comes in as a parameter. What it promises
// (S29–S36): after each delivery a subscriber's folded list equals the first `limit` rows after its
// cursor of (the view ∩ what the viewer sees), in order, at the delivery's offset; counters equal a
// recount.
//
//   commits ─ apply/tick ─► selections (view × who sees) ─► sorted lists ─► windows ─ flush ─►
//   tails
//
// A caller's loop: feed every commit of the workspace in offset order, answer requests, then
// `flush(now)`; come back at `next_flush()`; while `building()`, call `build_step` between other
// work; commit a tick at `next_flip()` (S2).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/error.hpp"
#include "model/filter.hpp"
#include "model/ids.hpp"
#include "model/limits.hpp"
#include "model/row.hpp"
#include "model/time.hpp"
#include "model/view_scope.hpp"
#include "model/workspace.hpp"

namespace inboxd::model {

using SharedText = std::shared_ptr<const std::string>;

/// A subscription or an ask, named by the caller; never used twice in an engine's life.
struct ViewToken {
  std::uint64_t value = 0;
  friend auto operator<=>(const ViewToken&, const ViewToken&) = default;
};

/// What a commit made of one contact's row. `after` null: the contact is gone (it was merged away).
struct RowChange {
  ContactId contact;
  RowPtr after;
  bool message_came = false;  // its last message is of this commit (and not brought by a merge)
};

/// `view.subscribe`. The epoch was compared by the caller: a foreign one is no `resume`.
struct ViewRequest {
  ViewId view;
  std::optional<Sort> sort = std::nullopt;          // absent: the view's own, and follows it (S36)
  std::optional<std::string> after = std::nullopt;  // a cursor (S33)
  std::size_t limit = limits::page_rows_default;
  std::optional<Offset> resume = std::nullopt;
};

/// The members of a result, without braces (`"offset":9,"rows":[…],…`); `sub` and `epoch` are the
/// caller's to add. Null: the list is being built over the contacts; it comes from `flush` as
/// Delivery::Kind::answer, in the order asked for one token.
using ViewAnswer = SharedText;

/// What goes to subscribers, in order. Encoded once for all tokens.
struct Delivery {
  enum class Kind : std::uint8_t {
    answer,    // to a request that had to wait for a list to be built
    delta,     // view.delta
    reset,     // view.reset, counters.reset, workload.reset
    counters,  // counters.delta
    workload,  // workload.delta
    ended,     // subscription.ended; the token is forgotten (S31)
    progress,  // view.progress: to whoever waits for a list or counters that are being built
  };
  Kind kind = Kind::delta;
  Offset offset;
  std::vector<ViewToken> tokens;
  SharedText tail;  // the members of params but `sub`, without braces
};

struct ViewOptions {
  // DESIGN 8: the first change goes at once, the next ones of a window at least `min` apart while
  // there is time to spare. Under full `pressure`: min + subscribers × per_subscriber, or as long
  // as what was sent last takes at `bytes_per_ms` over all who got it, whichever is longer, up to
  // max; in between, as far between the two.
  Duration conflation_min = {5};
  Duration conflation_max = {250};
  std::int64_t conflation_per_subscriber_us = 230;
  std::int64_t conflation_bytes_per_ms = 100;  // 0: what a delta costs does not matter
  std::size_t history_entries_max = 4096;      // changes kept of a list, for resume; 32 bytes each
  Duration linger = {60'000};                  // a list or counter nobody uses is kept this long
  // Views whose filters require no rare term keep their contacts while they are fewer than this, or
  // than a 64th of all: then only changes of what they read, or of those contacts, reach them.
  std::size_t sparse_rows_min = 256;
  std::size_t build_inline_rows = 5'000;  // up to here a build is not worth slicing
  Duration progress_interval = {200};     // how often who waits for a longer build hears of it
  bool keep_system_views = true;          // counters and `newest` lists of those stay live
  /// Keeps only contacts assigned to this agent: enough for its `mine` and for all lists of a
  /// viewer with visibility `assigned`.
  std::optional<AgentId> only_assignee = std::nullopt;
};

struct BuildProgress {
  std::size_t rows_done = 0;
  std::size_t rows_total = 0;  // of the scan that is running; 0: nothing is being built
  std::size_t waiting = 0;     // lists and counters that wait for the next scan
};

/// For metrics and benchmarks.
struct ViewStats {
  std::size_t rows = 0;
  std::size_t selections = 0;  // live (view × scope), each with counters
  std::size_t by_fields = 0;   // of those: found by the fields that they read, not by a term
  std::size_t lists = 0;       // sorted indexes
  std::size_t windows = 0;
  std::size_t subscribers = 0;     // of windows
  std::size_t list_bytes = 0;      // of the sorted indexes
  std::size_t table_bytes = 0;     // of the row table, without the rows
  std::uint64_t evaluations = 0;   // filters evaluated on changed rows, so far
  std::uint64_t scripts = 0;       // deltas computed and encoded, so far
  std::uint64_t rows_encoded = 0;  // so far
};

/// Not thread-safe: one owner. RowPtrs may be shared with other engines and threads.
class ViewEngine {
 public:
  ViewEngine(ViewOptions options, std::shared_ptr<const Workspace> workspace);
  ~ViewEngine();
  ViewEngine(const ViewEngine&) = delete;
  ViewEngine& operator=(const ViewEngine&) = delete;

  // ── commits, in offset order ──

  /// The state at start. Call it once, before anything else.
  void load(Offset offset, Timestamp at, std::span<const RowPtr> rows);

  /// A commit that touched contacts (or, with no changes, one that touched nothing a row shows:
  /// every commit of the workspace moves the offset and the evaluation time, S2). The engine keeps
  /// the rows itself and knows what they were.
  void apply(Offset offset, Timestamp at, std::span<const RowChange> changes);

  /// A commit of the workspace's own: `after` is the workspace with `events` folded in. Views,
  /// sharing, teams and visibility follow (S25, S31, S36).
  void apply(Offset offset, Timestamp at, std::span<const WorkspaceEvent> events,
             std::shared_ptr<const Workspace> after);

  /// Time alone (S2).
  void tick(Offset offset, Timestamp at) { apply(offset, at, std::span<const RowChange>{}); }

  /// The earliest time at which time alone changes a live list or counter; nothing: never. When the
  /// clock reaches it and no commit has come since, the caller commits a Tick.
  std::optional<Timestamp> next_flip() const;

  Offset offset() const;

  // ── requests ──

  /// Errors: not_found `view` (unknown, or not shared with the viewer), invalid_params `limit`,
  /// `after`. With an error the token is not taken.
  Result<ViewAnswer> subscribe(ViewToken token, const Viewer& viewer, const ViewRequest& request);

  /// `view.window` (S33) takes both as `subscribe` does: absent, they are the top and 50.
  Result<ViewAnswer> move(ViewToken token, const std::optional<std::string>& after,
                          std::optional<std::size_t> limit);

  /// The client dropped deltas: the tail of a `view.reset`, `counters.reset` or `workload.reset`
  /// (with the messages since the subscription's answer) that makes it whole, at `offset()`. Null:
  /// the list is being built, and the reset comes by `flush`. Later deltas build on it.
  SharedText reset(ViewToken token);

  /// `counters.subscribe`; no `views`: all of `view.list`, growing (S34).
  /// Errors: not_found `views[1]`.
  Result<ViewAnswer> subscribe_counters(ViewToken token, const Viewer& viewer,
                                        const std::optional<std::vector<ViewId>>& views);

  /// `workload.subscribe`: how what the viewer's `all` holds is spread over agents, teams and
  /// channels, and who waits longest in each. The answer has the groups that are not empty
  /// (model/views/workload.hpp), each delta those that changed and the messages since the last one.
  ViewAnswer subscribe_workload(ViewToken token, const Viewer& viewer);

  /// `view.list`: `"offset":…,"views":[…]`. The token is free again when the answer is given.
  ViewAnswer list_views(ViewToken token, const Viewer& viewer);

  /// Ends whatever the token names; an unknown token is ignored.
  void unsubscribe(ViewToken token);

  // ── output ──

  /// Everything that is due, in order for each token. Also lets go of what nobody used for long.
  std::vector<Delivery> flush(Timestamp now);

  /// When `flush` has something to do next (it may be in the past: now); nothing: only after the
  /// next call of another member.
  std::optional<Timestamp> next_flush() const;
  /// 0: there is time to spare; 1, as it is until said otherwise: there is none (ViewOptions).
  void set_pressure(double pressure);

  // ── building lists over many contacts ──

  bool building() const;
  /// Scans up to `rows` contacts for what is being built; answers become ready for `flush`.
  BuildProgress build_step(std::size_t rows);
  BuildProgress progress() const;

  ViewStats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Spreads views over engines: which of `engines` serves the lists of this view. Counters and
/// `view.list` belong to one engine.
std::size_t engine_of(const ViewId& view, std::size_t engines);

}  // namespace inboxd::model
