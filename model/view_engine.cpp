#include "model/view_engine.hpp"

#include "model/views/engine_impl.hpp"

namespace inboxd::model {

namespace {

/// Of one agent's engine, of which there are hundreds: a few windows' worth. What has been shown
/// and is not any more would fill more than all else that a desk keeps.
constexpr std::size_t own_rows_cached = 128;
constexpr std::size_t rows_cached = 4096;

}  // namespace

ViewEngine::Impl::Impl(ViewOptions options, std::shared_ptr<const Workspace> workspace)
    : options_(options),
      workspace_(std::move(workspace)),
      cache_(options.only_assignee ? own_rows_cached : rows_cached) {}

ViewStats ViewEngine::Impl::stats() const {
  ViewStats stats;
  stats.rows = table_.size();
  stats.table_bytes = table_.bytes();
  stats.subscribers = subscribers_.size();
  stats.evaluations = evaluations_;
  stats.scripts = scripts_;
  stats.rows_encoded = cache_.encoded();
  for (const auto& [key, selection] : selections_) {
    ++stats.selections;
    stats.by_fields += selection->by_fields ? 1 : 0;
    stats.lists += selection->lists.size();
    stats.list_bytes += selection->flips.bytes();
    if (selection->board) stats.list_bytes += selection->board->workload.bytes();
    for (const auto& list : selection->lists) {
      stats.windows += list->windows.size();
      stats.list_bytes += list->index.bytes();
    }
  }
  return stats;
}

ViewEngine::ViewEngine(ViewOptions options, std::shared_ptr<const Workspace> workspace)
    : impl_(std::make_unique<Impl>(options, std::move(workspace))) {}
ViewEngine::~ViewEngine() = default;

void ViewEngine::load(Offset offset, Timestamp at, std::span<const RowPtr> rows) {
  impl_->load(offset, at, rows);
}
void ViewEngine::apply(Offset offset, Timestamp at, std::span<const RowChange> changes) {
  impl_->apply(offset, at, changes);
}
void ViewEngine::apply(Offset offset, Timestamp at, std::span<const WorkspaceEvent> events,
                       std::shared_ptr<const Workspace> after) {
  impl_->apply(offset, at, events, std::move(after));
}
std::optional<Timestamp> ViewEngine::next_flip() const {
  return impl_->next_flip();
}
Offset ViewEngine::offset() const {
  return impl_->offset();
}

Result<ViewAnswer> ViewEngine::subscribe(ViewToken token, const Viewer& viewer,
                                         const ViewRequest& request) {
  return impl_->subscribe(token, viewer, request);
}
Result<ViewAnswer> ViewEngine::move(ViewToken token, const std::optional<std::string>& after,
                                    std::optional<std::size_t> limit) {
  return impl_->move(token, after, limit);
}
SharedText ViewEngine::reset(ViewToken token) {
  return impl_->reset(token);
}
Result<ViewAnswer> ViewEngine::subscribe_counters(ViewToken token, const Viewer& viewer,
                                                  const std::optional<std::vector<ViewId>>& views) {
  return impl_->subscribe_counters(token, viewer, views);
}
ViewAnswer ViewEngine::subscribe_workload(ViewToken token, const Viewer& viewer) {
  return impl_->subscribe_workload(token, viewer);
}
ViewAnswer ViewEngine::list_views(ViewToken token, const Viewer& viewer) {
  return impl_->list_views(token, viewer);
}
void ViewEngine::unsubscribe(ViewToken token) {
  impl_->unsubscribe(token);
}

std::vector<Delivery> ViewEngine::flush(Timestamp now) {
  return impl_->flush(now);
}
std::optional<Timestamp> ViewEngine::next_flush() const {
  return impl_->next_flush();
}
void ViewEngine::set_pressure(double pressure) {
  impl_->set_pressure(pressure);
}
bool ViewEngine::building() const {
  return impl_->building();
}
BuildProgress ViewEngine::build_step(std::size_t rows) {
  return impl_->build_step(rows);
}
BuildProgress ViewEngine::progress() const {
  return impl_->progress();
}
ViewStats ViewEngine::stats() const {
  return impl_->stats();
}

std::size_t engine_of(const ViewId& view, std::size_t engines) {
  return std::hash<std::string>{}(view.str()) % engines;
}

}  // namespace inboxd::model
