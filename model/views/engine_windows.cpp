// Windows: what they show, what changed in them, and when it is sent (DESIGN 7, 8).
#include <algorithm>
#include <type_traits>

#include "model/json.hpp"
#include "model/views/engine_impl.hpp"

namespace inboxd::model {

// ── content ──

Shown ViewEngine::Impl::content_of(const SortedList& list, const std::optional<SortKey>& after,
                                   std::size_t limit) const {
  Shown content;
  content.sort = list.sort;
  content.counters = list.selection.counters;
  content.rows.reserve(std::min(limit, list.index.size()));
  list.index.for_each_after(after ? &*after : nullptr, [&](const SortKey& key) {
    if (content.rows.size() == limit) {
      content.more = true;
      return false;
    }
    content.rows.push_back({key.id, table_.find(key.id)});
    content.last = key;
    return true;
  });
  return content;
}

bool ViewEngine::Impl::more_after(const Window& window) const {
  const auto& index = window.list.index;
  std::size_t before = 0;
  if (window.after) before = index.rank(*window.after) + (index.contains(*window.after) ? 1 : 0);
  return index.size() - before > window.limit;
}

Window& ViewEngine::Impl::window_for(SortedList& list, const std::optional<SortKey>& after,
                                     std::size_t limit) {
  for (const auto& window : list.windows) {
    if (window->limit == limit && window->after == after) return *window;
  }
  auto made = std::make_unique<Window>(Window{{}, list, after, limit});
  made->pace.serial = ++serial_;
  made->sent = content_of(list, after, limit);
  made->stale = false;
  list.windows.push_back(std::move(made));
  return *list.windows.back();
}

/// The audience that has what is in the window now.
Audience& ViewEngine::Impl::audience_for(Window& window) {
  if (!window.pace.pending) return window;
  if (window.newcomers.empty() || window.newcomers.back()->at != offset_) {
    auto content = content_of(window.list, window.after, window.limit);
    window.newcomers.push_back(
        std::make_unique<Audience>(Audience{.sent = std::move(content), .at = offset_}));
  }
  return *window.newcomers.back();
}

/// Where the subscriber is at its window.
Audience& ViewEngine::Impl::audience_of(const Subscriber& subscriber) {
  for (const auto& some : subscriber.window->newcomers) {
    const auto& tokens = some->tokens;
    if (std::find(tokens.begin(), tokens.end(), subscriber.token) != tokens.end()) return *some;
  }
  return *subscriber.window;
}

void ViewEngine::Impl::leave_window(Subscriber& subscriber) {
  if (subscriber.window == nullptr) {
    if (subscriber.list != nullptr) std::erase(subscriber.list->waiting, &subscriber);
    return;
  }
  auto& window = *subscriber.window;
  std::erase(audience_of(subscriber).tokens, subscriber.token);
  std::erase_if(window.newcomers, [](const auto& some) { return some->tokens.empty(); });
  subscriber.window = nullptr;
  if (!window.tokens.empty() || !window.newcomers.empty()) return;
  unschedule(pending_windows_, window);
  std::erase_if(window.list.windows,
                [&window](const auto& candidate) { return candidate.get() == &window; });
}

// ── text ──

void ViewEngine::Impl::write_ops(std::string& out, const std::vector<Op>& ops) {
  json::write_each(out, ops, [&](const Op& op) {
    if (op.kind == Op::Kind::del) {
      json::Object object(out);
      object("op", "del")("id", op.id);
      return;
    }
    json::Object object(out);
    object("op", "put");
    object.key("row") += cache_.text(op.row);
    object("before", op.before);
  });
}

namespace {

std::string offset_text(Offset offset) {
  std::string text = "\"offset\":";
  json::write(text, offset);
  return text;
}

void write_cursor(std::string& out, const Shown& content) {
  if (content.last) {
    json::write(out, cursor_of(content.sort, *content.last));
  } else {
    json::write(out, nullptr);
  }
}

void write_end(std::string& out, const Shown& content) {
  out += ",\"counters\":";
  write(out, content.counters);
  out += ",\"more\":";
  json::write(out, content.more);
  out += ",\"cursor\":";
  write_cursor(out, content);
}

}  // namespace

SharedText ViewEngine::Impl::delta_text(const Shown& from, const Shown& to) {
  ++scripts_;
  const auto ops = script(from.rows, to.rows);
  const bool counted = from.counters != to.counters;
  const bool moved = from.last != to.last || (from.sort != to.sort && to.last);
  const bool grew = from.more != to.more;
  if (ops.empty() && !counted && !moved && !grew) return nullptr;

  auto text = offset_text(offset_);
  text += ",\"ops\":";
  write_ops(text, ops);
  if (counted) {
    text += ",\"counters\":";
    write(text, to.counters);
  }
  if (grew) {
    text += ",\"more\":";
    json::write(text, to.more);
  }
  if (moved) {
    text += ",\"cursor\":";
    write_cursor(text, to);
  }
  return std::make_shared<const std::string>(std::move(text));
}

/// `"rows":[…],"counters":…,"more":…,"cursor":…`
const SharedText& ViewEngine::Impl::body_of(Audience& audience) {
  if (audience.body) return audience.body;
  std::string text = "\"rows\":";
  json::write_each(text, audience.sent.rows,
                   [&](const ListedRow& listed) { text += cache_.text(listed.row); });
  write_end(text, audience.sent);
  audience.body = std::make_shared<const std::string>(std::move(text));
  return audience.body;
}

SharedText ViewEngine::Impl::reset_text(Audience& audience) {
  return std::make_shared<const std::string>(offset_text(offset_) + "," + *body_of(audience));
}

/// A resumed subscription's result: what leads from the list at `from` to the one now (S35). Those
/// who were cut off together come back from one offset: it is made once for them.
SharedText ViewEngine::Impl::recovered(const Window& window, Audience& audience, Offset from) {
  if (audience.way_from != from) {
    audience.way = way_from(window, audience, from);
    audience.way_from = from;
  }
  return std::make_shared<const std::string>(offset_text(offset_) + *audience.way);
}

SharedText ViewEngine::Impl::way_from(const Window& window, const Audience& audience, Offset from) {
  const auto& list = window.list;
  RowList past;
  for (const auto& item : list.history.list_at(
           from, list.index, window.after ? &*window.after : nullptr, window.limit)) {
    past.push_back({item.id, item.changed ? nullptr : table_.find(item.id)});
  }
  std::string text = ",\"recovered\":true,\"ops\":";
  write_ops(text, script(past, audience.sent.rows));
  write_end(text, audience.sent);
  return std::make_shared<const std::string>(std::move(text));
}

// ── pace ──

/// Numbers that nobody can read faster need not come faster, whatever time there is to spare.
constexpr Duration counters_least{20};

Duration ViewEngine::Impl::interval(Duration shortest, std::size_t subscribers,
                                    std::size_t sent_bytes) const {
  const auto spread =
      static_cast<std::int64_t>(subscribers) * options_.conflation_per_subscriber_us / 1000;
  // A window whose every delta replaces most of its rows is not worth sending often: the longer it
  // waits, the more changes one delta stands for.
  const auto paid_off =
      options_.conflation_bytes_per_ms == 0
          ? 0
          : static_cast<std::int64_t>(sent_bytes) / options_.conflation_bytes_per_ms;
  const auto least = std::min(shortest.ms, options_.conflation_max.ms);
  const auto most = std::min(std::max(least + spread, paid_off), options_.conflation_max.ms);
  return {least + static_cast<std::int64_t>(static_cast<double>(most - least) * pressure_)};
}

template <class Queue, class Item>
void ViewEngine::Impl::schedule(Queue& queue, Item& item) {
  if (item.pace.pending) return;
  item.pace.pending = true;
  const auto shortest = std::is_same_v<Item, Window>
                            ? options_.conflation_min
                            : std::max(options_.conflation_min, counters_least);
  item.pace.due = item.pace.sent_at + interval(shortest, item.tokens.size(), item.pace.sent_bytes);
  queue.emplace(std::pair{item.pace.due, item.pace.serial}, &item);
}

template <class Queue, class Item>
void ViewEngine::Impl::unschedule(Queue& queue, Item& item) {
  if (!item.pace.pending) return;
  item.pace.pending = false;
  queue.erase({item.pace.due, item.pace.serial});
}

using WindowQueue = std::map<std::pair<Timestamp, std::uint64_t>, Window*>;
using GroupQueue = std::map<std::pair<Timestamp, std::uint64_t>, CounterGroup*>;
using BoardQueue = std::map<std::pair<Timestamp, std::uint64_t>, WorkloadBoard*>;
template void ViewEngine::Impl::schedule(WindowQueue&, Window&);
template void ViewEngine::Impl::unschedule(WindowQueue&, Window&);
template void ViewEngine::Impl::schedule(GroupQueue&, CounterGroup&);
template void ViewEngine::Impl::unschedule(GroupQueue&, CounterGroup&);
template void ViewEngine::Impl::schedule(BoardQueue&, WorkloadBoard&);
template void ViewEngine::Impl::unschedule(BoardQueue&, WorkloadBoard&);

void ViewEngine::Impl::advance(Window& window) {
  if (!window.pace.pending) return;
  unschedule(pending_windows_, window);
  std::size_t bytes = 0;  // in all
  const auto tell = [&](Audience& audience, const SharedText& text) {
    if (!text) return;
    bytes += text->size() * audience.tokens.size();
    send(Delivery::Kind::delta, audience.tokens, text);
  };
  if (window.stale || !window.newcomers.empty()) {
    auto content = content_of(window.list, window.after, window.limit);
    window.stale = false;
    tell(window, delta_text(window.sent, content));
    for (const auto& some : window.newcomers) {
      tell(*some, delta_text(some->sent, content));
      window.tokens.insert(window.tokens.end(), some->tokens.begin(), some->tokens.end());
    }
    window.newcomers.clear();
    window.show(std::move(content));
  } else {  // only what is about the rows changed
    auto& sent = window.sent;
    Shown from{.rows = {}, .last = sent.last, .counters = sent.counters, .more = sent.more};
    sent.counters = window.list.selection.counters;
    sent.more = more_after(window);
    Shown to{.rows = {}, .last = sent.last, .counters = sent.counters, .more = sent.more};
    tell(window, delta_text(from, to));
    window.show(std::move(sent));
  }
  if (bytes == 0) return;
  window.pace.sent_at = flushed_at_;
  window.pace.sent_bytes = bytes;
}

void ViewEngine::Impl::send(Delivery::Kind kind, std::vector<ViewToken> tokens, SharedText tail) {
  if (tokens.empty()) return;
  out_.push_back(
      {.kind = kind, .offset = offset_, .tokens = std::move(tokens), .tail = std::move(tail)});
}

std::vector<Delivery> ViewEngine::Impl::flush(Timestamp now) {
  const Duration sweep_interval{options_.linger.ms / 8};  // a sweep looks at all that is live
  // A clock that is set back must not hold anything up until it has caught up.
  if (now < clock_) set_back_.ms += clock_.ms - now.ms;
  clock_ = now;
  flushed_at_ = clock_ + set_back_;
  const auto due = [this](const auto& queue) {
    return !queue.empty() && queue.begin()->first.first <= flushed_at_;
  };
  while (due(pending_windows_)) advance(*pending_windows_.begin()->second);
  while (due(pending_groups_)) {
    auto& group = *pending_groups_.begin()->second;
    if (!waits(group)) advance(group);
  }
  deliver_told();
  tell_progress();
  while (due(pending_boards_)) advance(*pending_boards_.begin()->second);
  if (flushed_at_ >= swept_at_ + sweep_interval) sweep();
  std::erase_if(out_, [](const Delivery& delivery) { return delivery.tokens.empty(); });
  return std::exchange(out_, {});
}

std::optional<Timestamp> ViewEngine::Impl::next_flush() const {
  if (!out_.empty() || !told_.empty()) return clock_;
  std::optional<Timestamp> next;
  const auto consider = [&next](const auto& queue) {
    if (queue.empty()) return;
    const auto due = queue.begin()->first.first;
    if (!next || due < *next) next = due;
  };
  consider(pending_windows_);
  consider(pending_groups_);
  consider(pending_boards_);
  if (next) next = *next - set_back_;
  return next;
}

}  // namespace inboxd::model
