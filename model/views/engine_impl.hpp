// The engine's inside, shared by its sources: rows (changes and time), builds, windows, requests,
// counters, workspace.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/view_engine.hpp"
#include "model/views/assignment_index.hpp"
#include "model/views/field_index.hpp"
#include "model/views/holders.hpp"
#include "model/views/network.hpp"
#include "model/views/row_cache.hpp"
#include "model/views/row_table.hpp"
#include "model/views/selection.hpp"

namespace inboxd::model {

class ViewEngine::Impl {
 public:
  Impl(ViewOptions options, std::shared_ptr<const Workspace> workspace);

  // engine_rows.cpp
  void load(Offset offset, Timestamp at, std::span<const RowPtr> rows);
  void apply(Offset offset, Timestamp at, std::span<const RowChange> changes);
  std::optional<Timestamp> next_flip() const;

  // engine_workspace.cpp
  void apply(Offset offset, Timestamp at, std::span<const WorkspaceEvent> events,
             std::shared_ptr<const Workspace> after);

  // engine_requests.cpp
  Result<ViewAnswer> subscribe(ViewToken token, const Viewer& viewer, const ViewRequest& request);
  Result<ViewAnswer> move(ViewToken token, const std::optional<std::string>& after,
                          std::optional<std::size_t> limit);
  SharedText reset(ViewToken token);
  void unsubscribe(ViewToken token);

  // engine_counters.cpp
  Result<ViewAnswer> subscribe_counters(ViewToken token, const Viewer& viewer,
                                        const std::optional<std::vector<ViewId>>& views);
  ViewAnswer list_views(ViewToken token, const Viewer& viewer);

  // engine_workload.cpp
  ViewAnswer subscribe_workload(ViewToken token, const Viewer& viewer);

  // engine_windows.cpp
  std::vector<Delivery> flush(Timestamp now);
  std::optional<Timestamp> next_flush() const;
  void set_pressure(double pressure) { pressure_ = pressure; }

  // engine_builds.cpp
  bool building() const;
  BuildProgress build_step(std::size_t rows);
  BuildProgress progress() const;

  Offset offset() const { return offset_; }
  ViewStats stats() const;

 private:
  /// What a commit of the workspace can have changed for lists.
  struct Affected {
    std::set<ViewId> views;    // made, changed, deleted
    std::set<AgentId> agents;  // whose visibility or teams changed
    std::set<TeamId> teams;    // whose members changed

    bool nobody() const { return views.empty() && agents.empty() && teams.empty(); }
  };

  // ── rows and time (engine_rows.cpp) ──
  void begin_commit(Offset offset, Timestamp at);
  void change_row(const RowChange& change);
  void update(Selection& selection, RowTable::Place place, const RowPtr& before,
              const RowPtr& after);
  void update_list(SortedList& list, const Row* before, const Row* after);
  void pass_flips(Timestamp previous);
  void pass_flips(Selection& selection, Timestamp previous);
  void file_flip(Selection& selection);
  void add_flip(Selection& selection, const Row& row);
  void remove_flip(Selection& selection, const Row& row);
  /// The selection holds the contact in that place, or no longer does.
  void set_member(Selection& selection, RowTable::Place place, bool is);
  void find_by_fields(Selection& selection);
  void find_by_terms(Selection& selection);
  void touch(Selection& selection);
  void settle();

  // ── live things (engine_builds.cpp) ──
  Selection& selection_for(const ResolvedView& view);
  SortedList& list_for(Selection& selection, Sort sort);
  void queue(Selection& selection);
  void start_batch();
  static void begin_build(Selection& selection);
  void end_build(Selection& selection, std::vector<SortedList*>& lists);
  void build_few();
  void scan(Selection& selection, RowTable::Place place);
  void finish_batch();
  void build_inline();
  void tell_progress();
  void tell_progress(const Selection& selection, std::size_t done);
  void drop_list(SortedList& list);
  void drop_selection(Selection& selection);
  void retire(Selection& selection);
  void sweep();
  void pin();

  // ── windows (engine_windows.cpp) ──
  Shown content_of(const SortedList& list, const std::optional<SortKey>& after,
                   std::size_t limit) const;
  bool more_after(const Window& window) const;
  Window& window_for(SortedList& list, const std::optional<SortKey>& after, std::size_t limit);
  Audience& audience_for(Window& window);
  static Audience& audience_of(const Subscriber& subscriber);
  void leave_window(Subscriber& subscriber);
  /// Sends what changed in the window since the last time, if anything did.
  void advance(Window& window);
  /// The tail of a delta; nothing if nothing differs.
  SharedText delta_text(const Shown& from, const Shown& to);
  const SharedText& body_of(Audience& audience);
  void write_ops(std::string& out, const std::vector<Op>& ops);
  template <class Queue, class Item>
  void schedule(Queue& queue, Item& item);
  template <class Queue, class Item>
  void unschedule(Queue& queue, Item& item);
  void send(Delivery::Kind kind, std::vector<ViewToken> tokens, SharedText tail);
  Duration interval(Duration shortest, std::size_t subscribers, std::size_t sent_bytes) const;

  // ── requests (engine_requests.cpp) ──
  Audience& attach(Subscriber& subscriber);
  void take_back(ViewToken token);
  SharedText answer(Subscriber& subscriber, const Ask& ask);
  SharedText recovered(const Window& window, Audience& audience, Offset from);
  SharedText way_from(const Window& window, const Audience& audience, Offset from);
  SharedText reset_text(Audience& audience);
  void serve_waiting(SortedList& list);
  void end(ViewToken token, std::string_view reason);
  bool may_resume(const Subscriber& subscriber, Offset from) const;
  void remember_scope(const Viewer& viewer, const ViewId& view, std::optional<Sort> sort,
                      const std::string& selection_key, Sort effective);

  // ── counters (engine_counters.cpp) ──
  CounterGroup& group_for(CounterGroup::Kind kind, const Viewer& viewer,
                          const std::vector<ViewId>& chosen);
  std::vector<CounterGroup*> groups_of(const CounterSubscriber& subscriber);
  void join(CounterSubscriber& subscriber);
  static void forget(CounterGroup& group, ViewToken token);
  static void leave_group(CounterSubscriber& subscriber, CounterGroup& group);
  std::vector<ViewId> wanted(const CounterGroup& group) const;
  void remove_item(CounterGroup& group, const ViewId& view);
  void set_item(CounterGroup& group, const ViewId& view);
  bool belongs(const CounterGroup& group, const ViewId& view) const;
  void watch(CounterGroup& group, const ViewId& view, CounterItem& item, Selection* selection);
  void mark(CounterGroup& group, const ViewId& view, CounterItem& item);
  void advance(CounterGroup& group);
  bool waits(CounterGroup& group);
  void tell(CounterGroup& group);
  void complete_told();
  void deliver_told();
  static bool ready(const CounterSubscriber& subscriber);
  SharedText counters_text(const CounterSubscriber& subscriber);
  SharedText listing_text(const CounterSubscriber& subscriber) const;
  SharedText answer(CounterSubscriber& subscriber);
  SharedText welcome(CounterSubscriber& subscriber);
  SharedText reset(CounterSubscriber& subscriber);
  void serve_counters();
  void regroup(CounterSubscriber& subscriber);
  void choose_viewers();
  CounterChanges without_moved(ViewToken token, CounterChanges changed);
  void keep_moved(std::size_t first_told);
  std::vector<ViewId> concerned_views(const Affected& affected, const CounterGroup& group) const;
  void drop_group(CounterGroup& group);

  // ── workload (engine_workload.cpp) ──
  WorkloadBoard& board_for(const Viewer& viewer);
  void update_board(WorkloadBoard& board, RowTable::Place place, const Row* before,
                    const Row* after);
  void heard_of(WorkloadBoard& board);
  void advance(WorkloadBoard& board);
  SharedText answer(WorkloadSubscriber& subscriber);
  void serve_waiting(WorkloadBoard& board);
  void serve_boards();
  void leave_board(WorkloadSubscriber& subscriber);
  void drop_board(WorkloadBoard& board);
  SharedText reset(WorkloadSubscriber& subscriber);
  SharedText reset_text(const WorkloadSubscriber& subscriber) const;
  void follow_workload(const Affected& affected);
  void follow(WorkloadSubscriber& subscriber);

  // ── the workspace (engine_workspace.cpp) ──
  Affected affected_by(std::span<const WorkspaceEvent> events, const Workspace& before) const;
  bool concerns(const Affected& affected, const Viewer& viewer, const ViewId& view) const;
  void follow(Subscriber& subscriber);
  void follow_counters(const Affected& affected);  // engine_counters.cpp

  const ViewOptions options_;
  std::shared_ptr<const Workspace> workspace_;
  RowTable table_;
  RowCache cache_;
  double pressure_ = 1;
  Offset offset_;
  Timestamp now_ = long_ago;         // the running maximum of commit times (S2)
  bool message_came_ = false;        // in the change that is being followed
  Timestamp clock_ = long_ago;       // the caller's clock at the last flush
  Duration set_back_;                // by how much in all that clock has been set back
  Timestamp flushed_at_ = long_ago;  // `clock_` + `set_back_`: never earlier than before
  Timestamp swept_at_ = long_ago;

  std::map<std::string, std::unique_ptr<Selection>, std::less<>> selections_;  // by key
  std::vector<std::unique_ptr<Selection>> retired_;
  Network network_;
  FieldIndex fields_;
  Holders holders_;
  AssignmentIndex assignments_;
  std::vector<Selection*> called_;                                   // by the change at hand
  std::map<std::pair<Timestamp, std::uint64_t>, Selection*> flips_;  // by first flip
  std::vector<Selection*> touched_;
  std::uint64_t serial_ = 0;
  std::uint64_t stamp_ = 0;

  /// One scan builds all that was asked for when it began.
  struct Batch {
    Batch() {}  // for Clang, which does not see the initialiser of `at` from the optional below
    std::vector<Selection*> selections;  // to count, or with lists to fill
    Network network;
    RowTable::Place at = 0;
  };
  std::optional<Batch> batch_;
  using BuildQueue = std::set<std::pair<std::uint64_t, Selection*>>;  // by serial
  BuildQueue queued_;                                                 // for the next batch
  BuildQueue untried_;                // of those: whether they can do without a scan
  std::optional<Timestamp> told_at_;  // of progress; while something is being built

  std::map<ViewToken, std::unique_ptr<Subscriber>> subscribers_;
  std::map<const Audience*, std::shared_ptr<const Shown>> held_;  // while subscribers follow
  std::map<ViewToken, std::unique_ptr<CounterSubscriber>> counter_subscribers_;
  std::map<std::string, std::unique_ptr<CounterGroup>, std::less<>> groups_;  // by key
  std::map<ViewToken, std::unique_ptr<WorkloadSubscriber>> workload_subscribers_;
  std::vector<ViewToken> asking_;  // of counters, for something to be built

  /// Since when a principal's view has had its scope (S35: a list of another scope is no base).
  struct SeenScope {
    std::string key;
    Offset since;
  };
  std::unordered_map<std::string, SeenScope> scopes_;
  Offset scopes_since_;  // older resumes need a word in `scopes_`

  std::map<std::pair<Timestamp, std::uint64_t>, Window*> pending_windows_;
  std::map<std::pair<Timestamp, std::uint64_t>, CounterGroup*> pending_groups_;
  std::vector<Told> told_;  // of counters, not yet in `out_`
  std::map<std::pair<Timestamp, std::uint64_t>, WorkloadBoard*> pending_boards_;
  std::vector<Delivery> out_;

  std::uint64_t evaluations_ = 0;
  std::uint64_t scripts_ = 0;
};

}  // namespace inboxd::model
