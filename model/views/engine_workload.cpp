// Subscriptions to the workload: how the contacts that a viewer's `all` holds are spread over
// agents, teams and channels. A board is kept beside a selection's counters while somebody watches
// it; all who see the same share it.
#include <algorithm>

#include "model/json.hpp"
#include "model/views/engine_impl.hpp"

namespace inboxd::model {
namespace {

SharedText tail_of(Offset offset, const std::string& workload) {
  std::string text = "\"offset\":";
  json::write(text, offset);
  text += ",\"workload\":";
  text += workload;
  return std::make_shared<const std::string>(std::move(text));
}

const ViewId everything("all");

}  // namespace

WorkloadBoard& ViewEngine::Impl::board_for(const Viewer& viewer) {
  auto& selection = selection_for(resolve_view(*workspace_, viewer, everything).value());
  if (!selection.board) {
    selection.board = std::make_unique<WorkloadBoard>(WorkloadBoard{.selection = selection});
    selection.board->pace.serial = ++serial_;
    selection.board->workload.set_teams(*workspace_);
    queue(selection);
  }
  return *selection.board;
}

ViewAnswer ViewEngine::Impl::subscribe_workload(ViewToken token, const Viewer& viewer) {
  auto& subscriber =
      *(workload_subscribers_[token] = std::make_unique<WorkloadSubscriber>(
            WorkloadSubscriber{.token = token, .viewer = viewer, .board = &board_for(viewer)}));
  build_inline();
  if (subscriber.board->live()) return answer(subscriber);
  subscriber.board->waiting.push_back(token);
  return ViewAnswer{};
}

SharedText ViewEngine::Impl::answer(WorkloadSubscriber& subscriber) {
  auto& board = *subscriber.board;
  advance(board);  // what the others still have to hear goes to them first
  board.tokens.push_back(subscriber.token);
  if (!subscriber.answered) subscriber.start = board.workload.messages();
  const auto held = std::exchange(subscriber.held, {});
  const auto heard =
      std::exchange(subscriber.answered, true) ? subscriber.heard : board.workload.messages();
  return tail_of(offset_, board.workload.all(held, heard));
}

SharedText ViewEngine::Impl::reset_text(const WorkloadSubscriber& subscriber) const {
  return tail_of(offset_, subscriber.board->workload.all({}, subscriber.start));
}

/// All of it again, in place of what was dropped.
SharedText ViewEngine::Impl::reset(WorkloadSubscriber& subscriber) {
  auto& board = *subscriber.board;
  if (std::find(board.waiting.begin(), board.waiting.end(), subscriber.token) !=
      board.waiting.end()) {
    subscriber.wants_reset = subscriber.answered;
    return nullptr;
  }
  advance(board);
  take_back(subscriber.token);
  return reset_text(subscriber);
}

/// The board is built: those who wait for it have their answer, or the way from the one they had.
void ViewEngine::Impl::serve_waiting(WorkloadBoard& board) {
  advance(board);
  for (const auto token : std::exchange(board.waiting, {})) {
    auto& subscriber = *workload_subscribers_.at(token);
    if (std::exchange(subscriber.wants_reset, false)) {
      subscriber.held = {};
      answer(subscriber);  // joins the others
      send(Delivery::Kind::reset, {token}, reset_text(subscriber));
      continue;
    }
    const auto kind = subscriber.answered ? Delivery::Kind::workload : Delivery::Kind::answer;
    send(kind, {token}, answer(subscriber));
  }
}

void ViewEngine::Impl::update_board(WorkloadBoard& board, RowTable::Place place, const Row* before,
                                    const Row* after) {
  if (place < board.built_to) board.workload.change(before, after);
  if (message_came_ && after != nullptr)
    board.workload.count_message(after->last_message->direction);
}

void ViewEngine::Impl::heard_of(WorkloadBoard& board) {
  if (board.live() && !board.pace.pending && board.workload.stirred()) {
    schedule(pending_boards_, board);
  }
}

void ViewEngine::Impl::advance(WorkloadBoard& board) {
  unschedule(pending_boards_, board);
  const auto changes = board.workload.changes();
  if (!changes || board.tokens.empty()) return;
  board.pace.sent_at = flushed_at_;
  send(Delivery::Kind::workload, board.tokens, tail_of(offset_, *changes));
}

void ViewEngine::Impl::leave_board(WorkloadSubscriber& subscriber) {
  std::erase(subscriber.board->tokens, subscriber.token);
  std::erase(subscriber.board->waiting, subscriber.token);
}

void ViewEngine::Impl::drop_board(WorkloadBoard& board) {
  unschedule(pending_boards_, board);
  board.selection.board.reset();
}

// ── following the workspace ──

void ViewEngine::Impl::follow_workload(const Affected& affected) {
  for (const auto& [token, subscriber] : workload_subscribers_) {
    if (concerns(affected, subscriber->viewer, everything)) follow(*subscriber);
  }
  if (affected.teams.empty()) return;
  const auto regroup = [this](Selection& selection) {
    if (!selection.board) return;
    selection.board->workload.set_teams(*workspace_);
    heard_of(*selection.board);
  };
  for (const auto& [key, selection] : selections_) regroup(*selection);
}

/// Boards that were live already have nobody to call those who came over.
void ViewEngine::Impl::serve_boards() {
  for (const auto& [token, subscriber] : workload_subscribers_) {
    auto& board = *subscriber->board;
    if (board.live() && !board.waiting.empty()) serve_waiting(board);
  }
}

/// Who sees something else now goes to the board of that.
void ViewEngine::Impl::follow(WorkloadSubscriber& subscriber) {
  auto& board = board_for(subscriber.viewer);
  if (&board == subscriber.board) return;
  Workload::Messages owed;
  if (subscriber.board->live()) {
    advance(*subscriber.board);
    subscriber.held = subscriber.board->workload.told();
  } else {
    owed = subscriber.board->workload.messages() - subscriber.heard;
  }
  leave_board(subscriber);
  subscriber.start =
      board.workload.messages() - (subscriber.board->workload.messages() - subscriber.start);
  subscriber.board = &board;
  subscriber.heard = board.workload.messages() - owed;
  board.waiting.push_back(subscriber.token);
}

}  // namespace inboxd::model
