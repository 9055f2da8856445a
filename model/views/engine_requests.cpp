// Subscriptions to lists: subscribe, move, reset, resume, end.
#include <algorithm>

#include "model/json.hpp"
#include "model/views/engine_impl.hpp"

namespace inboxd::model {
namespace {

std::optional<Error> check_limit(std::size_t limit) {
  if (limit >= 1 && limit <= limits::page_rows_max) return std::nullopt;
  return invalid("limit", "`limit` is from 1 to " + std::to_string(limits::page_rows_max) + ".");
}

/// The position that `after` names; no `after` is the top.
Result<std::optional<SortKey>> position_of(Sort sort, const std::optional<std::string>& after) {
  if (!after) return std::optional<SortKey>{};
  const auto key = parse_cursor(sort, *after);
  if (!key) return invalid("after", "This is no cursor of a list with this view's sort.");
  return key;
}

std::string scope_key(const Viewer& viewer, const ViewId& view, std::optional<Sort> sort) {
  return std::string(name_of(viewer.kind)) + ":" + viewer.name + "/" + view.str() + "/" +
         std::string(sort ? name_of(*sort) : "");
}

SharedText offset_and(Offset offset, std::string_view members) {
  std::string text = "\"offset\":";
  json::write(text, offset);
  text += ",";
  text += members;
  return std::make_shared<const std::string>(std::move(text));
}

}  // namespace

Result<ViewAnswer> ViewEngine::Impl::subscribe(ViewToken token, const Viewer& viewer,
                                               const ViewRequest& request) {
  if (auto error = check_limit(request.limit)) return *error;
  const auto resolved = resolve_view(*workspace_, viewer, request.view);
  if (!resolved) return resolved.error();
  const auto sort = request.sort.value_or(resolved->sort);
  const auto after = position_of(sort, request.after);
  if (!after) return after.error();

  remember_scope(viewer, request.view, request.sort, resolved->key, sort);
  auto& list = list_for(selection_for(*resolved), sort);
  build_inline();

  auto& subscriber = *(subscribers_[token] = std::make_unique<Subscriber>(
                           Subscriber{.token = token, .viewer = viewer, .view = request.view}));
  subscriber.sort = request.sort;
  subscriber.after = *after;
  subscriber.limit = request.limit;
  subscriber.list = &list;
  const Ask ask{.kind = Ask::Kind::subscribe,
                .after = *after,
                .limit = request.limit,
                .resume = request.resume};
  if (!list.live()) {
    subscriber.asks.push_back(ask);
    list.waiting.push_back(&subscriber);
    return ViewAnswer{};
  }
  return answer(subscriber, ask);
}

Result<ViewAnswer> ViewEngine::Impl::move(ViewToken token, const std::optional<std::string>& after,
                                          std::optional<std::size_t> limit) {
  const auto found = subscribers_.find(token);
  if (found == subscribers_.end()) return not_found("sub", "There is no such subscription.");
  auto& subscriber = *found->second;
  const auto rows = limit.value_or(limits::page_rows_default);
  if (auto error = check_limit(rows)) return *error;
  const auto position = position_of(subscriber.list->sort, after);
  if (!position) return position.error();

  const Ask ask{.kind = Ask::Kind::move, .after = *position, .limit = rows, .resume = {}};
  if (subscriber.window == nullptr) {
    subscriber.asks.push_back(ask);
    return ViewAnswer{};
  }
  take_back(token);
  leave_window(subscriber);
  auto text = answer(subscriber, ask);
  const bool earlier = std::any_of(out_.begin(), out_.end(), [token](const Delivery& delivery) {
    return delivery.kind == Delivery::Kind::answer && delivery.tokens.front() == token;
  });
  if (!earlier) return text;
  send(Delivery::Kind::answer, {token}, std::move(text));  // after what was asked before
  return ViewAnswer{};
}

/// Puts the subscriber at the window that it asks for, and says what is there.
SharedText ViewEngine::Impl::answer(Subscriber& subscriber, const Ask& ask) {
  if (subscriber.window != nullptr) leave_window(subscriber);
  subscriber.after = ask.after;
  subscriber.limit = ask.limit;
  subscriber.held = nullptr;
  subscriber.wants_reset = false;
  auto& audience = attach(subscriber);
  const auto& window = *subscriber.window;
  if (ask.kind == Ask::Kind::move) return reset_text(audience);
  if (ask.resume && may_resume(subscriber, *ask.resume) &&
      window.list.history.reaches(*ask.resume)) {
    return recovered(window, audience, *ask.resume);
  }
  return offset_and(offset_, "\"recovered\":false," + *body_of(audience));
}

Audience& ViewEngine::Impl::attach(Subscriber& subscriber) {
  subscriber.window = &window_for(*subscriber.list, subscriber.after, subscriber.limit);
  auto& audience = audience_for(*subscriber.window);
  audience.tokens.push_back(subscriber.token);
  return audience;
}

/// What is on its way to the subscriber is older than the content that it gets at once.
void ViewEngine::Impl::take_back(ViewToken token) {
  for (auto& told : told_) std::erase(told.tokens, token);
  for (auto& delivery : out_) {
    if (delivery.kind != Delivery::Kind::answer) std::erase(delivery.tokens, token);
  }
}

SharedText ViewEngine::Impl::reset(ViewToken token) {
  if (const auto counters = counter_subscribers_.find(token);
      counters != counter_subscribers_.end()) {
    return reset(*counters->second);
  }
  if (const auto workload = workload_subscribers_.find(token);
      workload != workload_subscribers_.end()) {
    return reset(*workload->second);
  }
  const auto found = subscribers_.find(token);
  if (found == subscribers_.end()) return nullptr;
  auto& subscriber = *found->second;
  if (subscriber.window == nullptr) {
    subscriber.wants_reset = true;
    return nullptr;
  }
  take_back(token);
  leave_window(subscriber);
  return reset_text(attach(subscriber));
}

/// The list is built: everyone who waited for it gets what was asked for, or the way to it from
/// what they have.
void ViewEngine::Impl::serve_waiting(SortedList& list) {
  if (list.waiting.empty()) return;
  std::map<std::pair<const Shown*, const Audience*>, SharedText> ways;  // shared by many
  for (auto* subscriber : std::exchange(list.waiting, {})) {
    const auto token = subscriber->token;
    if (!subscriber->asks.empty()) {
      for (const auto& ask : std::exchange(subscriber->asks, {})) {
        send(Delivery::Kind::answer, {token}, answer(*subscriber, ask));
      }
      continue;
    }
    const auto held = std::exchange(subscriber->held, nullptr);
    auto& audience = attach(*subscriber);
    if (std::exchange(subscriber->wants_reset, false)) {
      send(Delivery::Kind::reset, {token}, reset_text(audience));
      continue;
    }
    const auto [way, fresh] = ways.try_emplace({held.get(), &audience});
    if (fresh) way->second = delta_text(*held, audience.sent);
    if (way->second) send(Delivery::Kind::delta, {token}, way->second);
  }
}

void ViewEngine::Impl::unsubscribe(ViewToken token) {
  take_back(token);
  if (const auto found = subscribers_.find(token); found != subscribers_.end()) {
    auto& subscriber = *found->second;
    // Its scope was this one up to here, whatever other sessions of the principal have seen (with
    // another role in their tokens).
    remember_scope(subscriber.viewer, subscriber.view, subscriber.sort,
                   subscriber.list->selection.key, subscriber.list->sort);
    leave_window(subscriber);
    subscribers_.erase(found);
  }
  if (const auto found = workload_subscribers_.find(token); found != workload_subscribers_.end()) {
    leave_board(*found->second);
    workload_subscribers_.erase(found);
  }
  if (const auto found = counter_subscribers_.find(token); found != counter_subscribers_.end()) {
    auto& subscriber = *found->second;
    while (!subscriber.groups.empty()) leave_group(subscriber, *subscriber.groups.back());
    std::erase(asking_, token);
    counter_subscribers_.erase(found);
  }
}

void ViewEngine::Impl::end(ViewToken token, std::string_view reason) {
  unsubscribe(token);
  std::string text = "\"reason\":";
  json::write(text, reason);
  send(Delivery::Kind::ended, {token}, std::make_shared<const std::string>(std::move(text)));
}

// ── resume ──

/// A list seen in another scope since `from` is no base to go on from.
bool ViewEngine::Impl::may_resume(const Subscriber& subscriber, Offset from) const {
  if (from > offset_) return false;
  const auto found = scopes_.find(scope_key(subscriber.viewer, subscriber.view, subscriber.sort));
  return from >= (found == scopes_.end() ? scopes_since_ : found->second.since);
}

/// `sort` is what was asked for: without one the request means the view's own, which may change;
/// `selection_key` and `effective` are the list that it means now.
void ViewEngine::Impl::remember_scope(const Viewer& viewer, const ViewId& view,
                                      std::optional<Sort> sort, const std::string& selection_key,
                                      Sort effective) {
  constexpr std::size_t scopes_max = 200'000;
  if (scopes_.size() >= scopes_max) {
    scopes_.clear();
    scopes_since_ = offset_;
  }
  auto key = selection_key + "/" + std::string(name_of(effective));
  const auto [seen, fresh] = scopes_.try_emplace(scope_key(viewer, view, sort));
  if (fresh) {
    seen->second = {std::move(key), scopes_since_};
  } else if (seen->second.key != key) {
    seen->second = {std::move(key), offset_};
  }
}

}  // namespace inboxd::model
