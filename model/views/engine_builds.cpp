// How selections and lists come to be and go: one scan over the contacts, in slices, builds all
// that waits for it; changes of contacts already scanned go to what is being built as to anything
// live.
#include <algorithm>
#include <utility>

#include "model/json.hpp"
#include "model/views/engine_impl.hpp"

namespace inboxd::model {
namespace {

/// Of a hundred contacts: a term that more are expected to have finds a filter too often.
constexpr double rare_share = 5;

}  // namespace

Selection& ViewEngine::Impl::selection_for(const ResolvedView& view) {
  const auto found = selections_.find(view.key);
  if (found != selections_.end()) {
    if (found->second->filter == view.filter) return *found->second;
    retire(*found->second);  // the same view for the same viewers, but it means something else now
  }
  auto made = std::make_unique<Selection>(
      Selection{.key = view.key, .filter = view.filter, .predicate = Predicate(view.filter)});
  auto& selection = *made;
  selection.serial = ++serial_;
  selection.sparse = expected_share(selection.filter) > rare_share;
  selections_[view.key] = std::move(made);
  network_.add(&selection, selection.filter);
  queue(selection);
  return selection;
}

SortedList& ViewEngine::Impl::list_for(Selection& selection, Sort sort) {
  for (const auto& list : selection.lists) {
    if (list->sort == sort) return *list;
  }
  selection.lists.push_back(
      std::make_unique<SortedList>(SortedList{.selection = selection, .sort = sort}));
  queue(selection);
  return *selection.lists.back();
}

/// Takes a selection out of sight: nobody new will find it; those who watch it are about to leave.
void ViewEngine::Impl::retire(Selection& selection) {
  const auto found = selections_.find(selection.key);
  selection.retired = true;
  selection.pinned = false;
  for (const auto& list : selection.lists) list->pinned = false;
  retired_.push_back(std::move(found->second));
  selections_.erase(found);
}

/// What the product shows first is always there.
void ViewEngine::Impl::pin() {
  if (!options_.keep_system_views) return;
  Viewer everyone;
  everyone.kind = PrincipalKind::system;
  for (const auto& view : system_views()) {
    const auto resolved = resolve_view(*workspace_, everyone, view);
    if (!resolved || resolved->personal) continue;
    auto& selection = selection_for(*resolved);
    selection.pinned = true;
    list_for(selection, Sort::newest).pinned = true;
  }
}

// ── building ──

bool ViewEngine::Impl::building() const {
  return batch_.has_value() || !queued_.empty();
}

BuildProgress ViewEngine::Impl::progress() const {
  if (!batch_) return {.waiting = queued_.size()};
  return {.rows_done = batch_->at, .rows_total = table_.places(), .waiting = queued_.size()};
}

BuildProgress ViewEngine::Impl::build_step(std::size_t rows) {
  if (!batch_ && !queued_.empty()) start_batch();
  if (!batch_) return {};
  const auto end = std::min<std::size_t>(table_.places(), batch_->at + rows);
  for (; batch_->at < end; ++batch_->at) {
    const auto& row = table_.at(batch_->at);
    if (!row) continue;
    ++stamp_;
    batch_->network.for_each(*row, [&](Network::Item item) {
      auto& selection = *static_cast<Selection*>(item);
      if (selection.stamp == stamp_) return;
      selection.stamp = stamp_;
      scan(selection, batch_->at);
    });
  }
  for (auto* selection : batch_->selections) {
    if (selection->in_batch) selection->built_to = batch_->at;
    for (const auto& list : selection->lists) {
      if (list->in_batch) list->built_to = batch_->at;
    }
    if (auto* board = selection->board.get(); board != nullptr && board->in_batch) {
      board->built_to = batch_->at;
    }
    file_flip(*selection);
  }
  if (batch_->at == table_.places()) finish_batch();
  return progress();
}

void ViewEngine::Impl::start_batch() {
  batch_.emplace();
  for (const auto& [serial, selection] : queued_) {
    begin_build(*selection);
    batch_->selections.push_back(selection);
    batch_->network.add(selection, selection->filter);
  }
  queued_.clear();
  untried_.clear();
}

void ViewEngine::Impl::queue(Selection& selection) {
  queued_.emplace(selection.serial, &selection);
  untried_.emplace(selection.serial, &selection);
}

void ViewEngine::Impl::begin_build(Selection& selection) {
  selection.in_batch = !selection.live();
  for (const auto& list : selection.lists) list->in_batch = !list->live();
  if (selection.board) selection.board->in_batch = !selection.board->live();
}

void ViewEngine::Impl::scan(Selection& selection, RowTable::Place place) {
  const auto& row = *table_.at(place);
  ++evaluations_;
  if (selection.in_batch && selection.predicate.relative()) add_flip(selection, row);
  if (!selection.predicate.match(row, now_)) return;
  if (selection.in_batch) {
    selection.counters.add(row);
    if (selection.sparse) set_member(selection, place, true);
  }
  if (selection.board && selection.board->in_batch) selection.board->workload.change(nullptr, &row);
  for (const auto& list : selection.lists) {
    if (list->in_batch) list->index.insert(sort_key(list->sort, row));
  }
}

void ViewEngine::Impl::finish_batch() {
  const auto built = std::move(*batch_);
  batch_.reset();
  std::vector<SortedList*> lists;
  for (auto* selection : built.selections) end_build(*selection, lists);
  for (auto* list : lists) serve_waiting(*list);
  serve_counters();
  serve_boards();
}

/// Every contact was looked at; adds the lists that are live now to `lists`.
void ViewEngine::Impl::end_build(Selection& selection, std::vector<SortedList*>& lists) {
  file_flip(selection);
  if (selection.in_batch) {
    selection.in_batch = false;
    selection.built_to = complete;
    if (selection.sparse) find_by_fields(selection);
    for (const auto& [group, view, item] : selection.watchers) mark(*group, view, *item);
  }
  for (const auto& list : selection.lists) {
    if (!list->in_batch) continue;
    list->in_batch = false;
    list->built_to = complete;
    list->history.begin(offset_);
    lists.push_back(list.get());
  }
  if (auto* board = selection.board.get(); board != nullptr && board->in_batch) {
    board->in_batch = false;
    board->built_to = complete;
  }
}

/// What can hold only a few contacts, known by their agent or team, needs no scan.
void ViewEngine::Impl::build_few() {
  auto rows_left = options_.build_inline_rows;
  std::vector<SortedList*> lists;
  bool built = false;
  for (const auto& [serial, selection] : std::exchange(untried_, BuildQueue{})) {
    if (selection->building()) continue;
    const auto places = assignments_.candidates(selection->filter, rows_left);
    if (!places) continue;
    rows_left -= places->size();
    queued_.erase({serial, selection});
    begin_build(*selection);
    for (const auto place : *places) scan(*selection, place);
    end_build(*selection, lists);
    built = true;
  }
  for (auto* list : lists) serve_waiting(*list);
  if (!built) return;
  serve_counters();
  serve_boards();
}

/// With few contacts a build is over before anybody could notice.
void ViewEngine::Impl::build_inline() {
  if (!untried_.empty()) build_few();
  while (building() && table_.places() <= options_.build_inline_rows) {
    build_step(table_.places() + 1);
  }
}

// ── progress ──

/// To those who wait for a list, and to the owner of a view whose counters come.
void ViewEngine::Impl::tell_progress() {
  if (!building()) {
    told_at_.reset();
    return;
  }
  if (!told_at_) told_at_ = flushed_at_;  // a build that is over soon is not worth a word
  if (flushed_at_ < *told_at_ + options_.progress_interval) return;
  told_at_ = flushed_at_;
  if (batch_) {
    for (const auto* selection : batch_->selections) tell_progress(*selection, batch_->at);
  }
  for (const auto& [serial, selection] : queued_) {
    if (!selection->building()) tell_progress(*selection, 0);
  }
}

void ViewEngine::Impl::tell_progress(const Selection& selection, std::size_t done) {
  std::map<ViewId, std::vector<ViewToken>> who;
  for (const auto& list : selection.lists) {
    for (const auto* subscriber : list->waiting) who[subscriber->view].push_back(subscriber->token);
  }
  for (const auto& [group, view, item] : selection.watchers) {
    const auto* custom = workspace_->view(view);
    if (custom == nullptr || selection.live()) continue;
    for (const auto token : group->tokens) {
      const auto& viewer = counter_subscribers_.at(token)->viewer;
      if (owns(viewer, *custom)) who[view].push_back(token);
    }
  }
  for (auto& [view, tokens] : who) {
    std::string text = "\"view\":";
    json::write(text, view);
    text += ",\"done\":" + std::to_string(done) + ",\"total\":" + std::to_string(table_.places());
    send(Delivery::Kind::progress, std::move(tokens),
         std::make_shared<const std::string>(std::move(text)));
  }
}

// ── letting go ──

void ViewEngine::Impl::drop_list(SortedList& list) {
  auto& lists = list.selection.lists;
  lists.erase(std::find_if(lists.begin(), lists.end(),
                           [&list](const auto& candidate) { return candidate.get() == &list; }));
}

void ViewEngine::Impl::drop_selection(Selection& selection) {
  if (selection.by_fields) {
    fields_.remove(&selection, selection.filter);
  } else {
    network_.remove(&selection, selection.filter);
  }
  for (const auto place : selection.members) holders_.remove(place, &selection);
  if (selection.first_flip) flips_.erase({*selection.first_flip, selection.serial});
  queued_.erase({selection.serial, &selection});
  untried_.erase({selection.serial, &selection});
  if (batch_) {
    auto& building = batch_->selections;
    const auto found = std::find(building.begin(), building.end(), &selection);
    if (found != building.end()) {
      building.erase(found);
      batch_->network.remove(&selection, selection.filter);
    }
  }
  if (selection.retired) {
    retired_.erase(std::find_if(retired_.begin(), retired_.end(), [&](const auto& candidate) {
      return candidate.get() == &selection;
    }));
  } else {
    selections_.erase(selection.key);
  }
}

/// Lets go of what nobody has used for long. Retired selections go at once.
void ViewEngine::Impl::sweep() {
  const auto expired = [&](Timestamp& idle_since, bool idle, bool at_once) {
    if (!idle) {
      idle_since = long_ago;
      return false;
    }
    if (idle_since == long_ago) idle_since = flushed_at_;
    return at_once || idle_since + options_.linger <= flushed_at_;
  };
  std::vector<CounterGroup*> groups;
  for (const auto& [key, group] : groups_) {
    if (expired(group->idle_since, group->tokens.empty() && group->asking == 0, false)) {
      groups.push_back(group.get());
    }
  }
  for (auto* group : groups) drop_group(*group);

  std::vector<Selection*> selections;
  for (const auto& [key, selection] : selections_) selections.push_back(selection.get());
  for (const auto& selection : retired_) selections.push_back(selection.get());
  for (auto* selection : selections) {
    std::vector<SortedList*> lists;
    for (const auto& list : selection->lists) {
      if (expired(list->idle_since, list->idle(), selection->retired)) lists.push_back(list.get());
    }
    for (auto* list : lists) drop_list(*list);
    if (auto* board = selection->board.get();
        board != nullptr && expired(board->idle_since, board->idle(), selection->retired)) {
      drop_board(*board);
    }
    if (expired(selection->idle_since, selection->idle(), selection->retired)) {
      drop_selection(*selection);
    }
  }
  swept_at_ = flushed_at_;
}

}  // namespace inboxd::model
