// Commits: rows that change, and time that passes.
#include <algorithm>

#include "model/views/engine_impl.hpp"

namespace inboxd::model {

void ViewEngine::Impl::load(Offset offset, Timestamp at, std::span<const RowPtr> rows) {
  offset_ = offset;
  now_ = std::max(now_, at);
  table_.reserve(rows.size());
  for (const auto& row : rows) {
    if (options_.only_assignee && row->assignment.assignee != options_.only_assignee) continue;
    const auto place = table_.exchange(row->id, row).first;
    assignments_.change(place, nullptr, row.get());
  }
  pin();
  while (building()) build_step(table_.places() + 1);
}

void ViewEngine::Impl::apply(Offset offset, Timestamp at, std::span<const RowChange> changes) {
  begin_commit(offset, at);
  for (const auto& change : changes) change_row(change);
  settle();
}

void ViewEngine::Impl::begin_commit(Offset offset, Timestamp at) {
  complete_told();
  offset_ = offset;
  const auto previous = now_;
  now_ = std::max(now_, at);
  pass_flips(previous);
}

void ViewEngine::Impl::change_row(const RowChange& change) {
  auto after = change.after;
  if (after && options_.only_assignee && after->assignment.assignee != options_.only_assignee) {
    after = nullptr;
  }
  const auto [place, before] = table_.exchange(change.contact, after);
  if (before == after) return;

  assignments_.change(place, before.get(), after.get());

  ++stamp_;
  message_came_ = change.message_came;
  called_.clear();
  const auto call = [this](void* item) {
    auto* selection = static_cast<Selection*>(item);
    if (selection->stamp == stamp_) return;
    selection->stamp = stamp_;
    called_.push_back(selection);
  };
  if (before) network_.for_each(*before, call);
  if (after) network_.for_each(*after, call);
  fields_.for_each(before.get(), after.get(), call);
  for (auto* selection : holders_.of(place)) call(selection);
  for (auto* selection : called_) update(*selection, place, before, after);
  message_came_ = false;
}

void ViewEngine::Impl::update(Selection& selection, RowTable::Place place, const RowPtr& before,
                              const RowPtr& after) {
  const auto& predicate = selection.predicate;
  const bool was = before && predicate.match(*before, now_);
  const bool is = after && predicate.match(*after, now_);
  ++evaluations_;

  if (place < selection.built_to) {
    if (predicate.relative()) {
      if (before) remove_flip(selection, *before);
      if (after) add_flip(selection, *after);
      file_flip(selection);
    }
    if (was) selection.counters.take_away(*before);
    if (is) selection.counters.add(*after);
    if (was || is) touch(selection);
    set_member(selection, place, is);
  }
  if (!was && !is) return;
  if (auto* board = selection.board.get()) {
    update_board(*board, place, was ? before.get() : nullptr, is ? after.get() : nullptr);
    touch(selection);
  }
  for (const auto& list : selection.lists) {
    if (place >= list->built_to) continue;
    update_list(*list, was ? before.get() : nullptr, is ? after.get() : nullptr);
    touch(selection);
  }
}

/// A row's place in a list: `before` null: it was not in; `after` null: it no longer is.
void ViewEngine::Impl::update_list(SortedList& list, const Row* before, const Row* after) {
  SortKey from, to;
  if (before != nullptr) from = sort_key(list.sort, *before);
  if (after != nullptr) to = sort_key(list.sort, *after);
  from.id = to.id = before != nullptr ? before->id : after->id;

  const bool stays = before != nullptr && after != nullptr && from == to;
  if (!stays) {
    if (before != nullptr) list.index.erase(from);
    if (after != nullptr) list.index.insert(to);
    list.resized = true;
  }
  if (list.live()) {
    list.history.push({.offset = offset_, .before = from, .was_in = before != nullptr},
                      options_.history_entries_max);
  }
  for (const auto& window : list.windows) {
    if (window->stale) continue;
    window->stale =
        (before != nullptr && window->shows(from)) || (after != nullptr && window->shows(to));
  }
}

// ── how changes find a selection ──

void ViewEngine::Impl::set_member(Selection& selection, RowTable::Place place, bool is) {
  // So few that keeping them is cheap; of more, a change concerns so many that asking is.
  constexpr std::size_t share = 64;
  if (!selection.sparse) return;
  if (!is) {
    if (selection.members.erase(place) > 0) holders_.remove(place, &selection);
    return;
  }
  if (!selection.members.insert(place).second) return;
  holders_.add(place, &selection);
  if (selection.members.size() > std::max(table_.size() / share, options_.sparse_rows_min)) {
    find_by_terms(selection);
  }
}

/// It is built and its contacts are few.
void ViewEngine::Impl::find_by_fields(Selection& selection) {
  network_.remove(&selection, selection.filter);
  fields_.add(&selection, selection.filter);
  selection.by_fields = true;
}

/// Its contacts became too many to keep.
void ViewEngine::Impl::find_by_terms(Selection& selection) {
  for (const auto place : selection.members) holders_.remove(place, &selection);
  selection.members = {};
  selection.sparse = false;
  if (!selection.by_fields) return;
  selection.by_fields = false;
  fields_.remove(&selection, selection.filter);
  network_.add(&selection, selection.filter);
}

// ── time ──

void ViewEngine::Impl::add_flip(Selection& selection, const Row& row) {
  if (const auto flip = selection.predicate.next_flip(row, now_)) {
    selection.flips.insert({static_cast<std::uint64_t>(flip->ms), row.id});
  }
}

/// Nothing was due between the time at which the flip was found and now: so it is found again.
void ViewEngine::Impl::remove_flip(Selection& selection, const Row& row) {
  if (const auto flip = selection.predicate.next_flip(row, now_)) {
    selection.flips.erase({static_cast<std::uint64_t>(flip->ms), row.id});
  }
}

/// Keeps the order in which selections have to be looked at.
void ViewEngine::Impl::file_flip(Selection& selection) {
  std::optional<Timestamp> first;
  if (!selection.flips.empty()) {
    first = Timestamp{static_cast<std::int64_t>(selection.flips.nth(0).rank)};
  }
  if (first == selection.first_flip) return;
  if (selection.first_flip) flips_.erase({*selection.first_flip, selection.serial});
  selection.first_flip = first;
  if (first) flips_.emplace(std::pair{*first, selection.serial}, &selection);
}

void ViewEngine::Impl::pass_flips(Timestamp previous) {
  while (!flips_.empty() && flips_.begin()->first.first <= now_) {
    pass_flips(*flips_.begin()->second, previous);
  }
}

void ViewEngine::Impl::pass_flips(Selection& selection, Timestamp previous) {
  while (!selection.flips.empty()) {
    const auto flip = selection.flips.nth(0);
    if (Timestamp{static_cast<std::int64_t>(flip.rank)} > now_) break;
    selection.flips.erase(flip);
    const auto place = table_.place_of(flip.id);
    const auto& row = *table_.at(place);
    add_flip(selection, row);

    const bool was = selection.predicate.match(row, previous);
    const bool is = selection.predicate.match(row, now_);
    ++evaluations_;
    if (was == is) continue;
    set_member(selection, place, is);
    if (was) selection.counters.take_away(row);
    if (is) selection.counters.add(row);
    for (const auto& list : selection.lists) {
      if (place >= list->built_to) continue;
      update_list(*list, was ? &row : nullptr, is ? &row : nullptr);
    }
    touch(selection);
  }
  file_flip(selection);
}

std::optional<Timestamp> ViewEngine::Impl::next_flip() const {
  if (flips_.empty()) return std::nullopt;
  return flips_.begin()->first.first;
}

// ── after a commit: who has something to hear? ──

void ViewEngine::Impl::touch(Selection& selection) {
  if (selection.touched) return;
  selection.touched = true;
  touched_.push_back(&selection);
}

void ViewEngine::Impl::settle() {
  for (auto* selection : touched_) {
    selection->touched = false;
    for (const auto& list : selection->lists) {
      for (const auto& window : list->windows) {
        if (window->pace.pending) continue;
        const bool heard = window->stale || window->sent.counters != selection->counters ||
                           (list->resized && window->sent.more != more_after(*window));
        if (heard) schedule(pending_windows_, *window);
      }
      list->resized = false;
    }
    if (selection->board) heard_of(*selection->board);
    if (!selection->live()) continue;
    for (const auto& [group, view, item] : selection->watchers) {
      if (item->dirty || item->sent != selection->counters) mark(*group, view, *item);
    }
  }
  touched_.clear();
}

}  // namespace inboxd::model
