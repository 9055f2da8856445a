// Subscriptions to counters, and `view.list` (S34). Subscribers of a class (view_scope.hpp) share a
// group with what is not personal to them, so that its deltas are made once; what is personal
// (`mine`, private views) is another, small group of each agent.
#include <algorithm>
#include <iterator>
#include <map>
#include <span>

#include "model/json.hpp"
#include "model/views/engine_impl.hpp"
#include "model/workspace_json.hpp"

namespace inboxd::model {

// ── groups ──

namespace {

std::string group_key(CounterGroup::Kind kind, const Workspace& workspace, const Viewer& viewer,
                      const std::vector<ViewId>& chosen) {
  const auto who = std::string(name_of(viewer.kind)) + ":" + viewer.name + ":" +
                   std::string(name_of(viewer.role));
  switch (kind) {
    case CounterGroup::Kind::shared: return "shared/" + class_of(workspace, viewer);
    case CounterGroup::Kind::personal: return "personal/" + who;
    case CounterGroup::Kind::chosen: break;
  }
  auto key = "chosen/" + who;
  for (const auto& view : chosen) key += "/" + view.str();
  return key;
}

SharedText finished(Offset offset, std::string_view member, const std::string& value) {
  std::string text = "\"offset\":";
  json::write(text, offset);
  text += ",\"";
  text += member;
  text += "\":";
  text += value;
  return std::make_shared<const std::string>(std::move(text));
}

void write_member(std::string& out, const ViewId& view) {
  if (out.back() != '{') out += ',';
  json::write(out, view);
  out += ':';
}

}  // namespace

CounterGroup& ViewEngine::Impl::group_for(CounterGroup::Kind kind, const Viewer& viewer,
                                          const std::vector<ViewId>& chosen) {
  const auto key = group_key(kind, *workspace_, viewer, chosen);
  if (const auto found = groups_.find(key); found != groups_.end()) return *found->second;
  auto& group = *(groups_[key] = std::make_unique<CounterGroup>(
                      CounterGroup{.key = key, .kind = kind, .viewer = viewer, .chosen = chosen}));
  group.pace.serial = ++serial_;
  for (const auto& view : wanted(group)) set_item(group, view);
  return group;
}

std::vector<CounterGroup*> ViewEngine::Impl::groups_of(const CounterSubscriber& subscriber) {
  using enum CounterGroup::Kind;
  if (subscriber.views) return {&group_for(chosen, subscriber.viewer, *subscriber.views)};
  return {&group_for(shared, subscriber.viewer, {}), &group_for(personal, subscriber.viewer, {})};
}

bool ViewEngine::Impl::belongs(const CounterGroup& group, const ViewId& view) const {
  if (group.kind == CounterGroup::Kind::chosen) {
    return std::find(group.chosen.begin(), group.chosen.end(), view) != group.chosen.end();
  }
  const bool personal = is_personal(*workspace_, group.viewer, view);
  return personal == (group.kind == CounterGroup::Kind::personal);
}

std::vector<ViewId> ViewEngine::Impl::wanted(const CounterGroup& group) const {
  return group.kind == CounterGroup::Kind::chosen ? group.chosen
                                                  : views_of(*workspace_, group.viewer);
}

/// Takes out the group's item of a view that is not its own any more.
void ViewEngine::Impl::remove_item(CounterGroup& group, const ViewId& view) {
  const auto found = group.items.find(view);
  if (found == group.items.end()) return;
  if (belongs(group, view) && resolve_view(*workspace_, group.viewer, view)) return;
  watch(group, view, found->second, nullptr);
  std::erase(group.dirty, view);
  if (found->second.known) {
    ++group.stirs;
    group.gone.push_back(view);
    schedule(pending_groups_, group);
  }
  group.items.erase(found);
}

/// Makes the group's item for a view, or lets it count what the view is now.
void ViewEngine::Impl::set_item(CounterGroup& group, const ViewId& view) {
  if (!belongs(group, view)) return;
  if (const auto resolved = resolve_view(*workspace_, group.viewer, view)) {
    watch(group, view, group.items[view], &selection_for(*resolved));
  }
}

void ViewEngine::Impl::watch(CounterGroup& group, const ViewId& view, CounterItem& item,
                             Selection* selection) {
  if (item.selection == selection) return;
  if (item.selection != nullptr) {
    std::erase_if(item.selection->watchers, [&](const Watcher& w) { return w.item == &item; });
  }
  item.selection = selection;
  if (selection == nullptr) return;
  selection->watchers.push_back({&group, view, &item});
  if (selection->live()) mark(group, view, item);
}

void ViewEngine::Impl::mark(CounterGroup& group, const ViewId& view, CounterItem& item) {
  ++group.stirs;
  if (item.dirty) return;
  item.dirty = true;
  group.dirty.push_back(view);
  schedule(pending_groups_, group);
}

/// Tells what changed in the group's counters since the last time, if anything did. Whoever counts
/// with the group is told of all its counters at once: at one offset there is one delta, and what
/// it leads to is exact.
void ViewEngine::Impl::advance(CounterGroup& group) {
  if (!group.pace.pending) return;
  unschedule(pending_groups_, group);
  tell(group);
  group.newcomers.clear();
  for (const auto token : group.tokens) {
    for (auto* other : counter_subscribers_.at(token)->groups) advance(*other);
  }
}

/// What is personal waits for what is shared, if that is waiting: others hear of that, too, and not
/// each time that one of them is told something.
bool ViewEngine::Impl::waits(CounterGroup& group) {
  if (group.kind != CounterGroup::Kind::personal || group.tokens.empty()) return false;
  const auto& shared = *counter_subscribers_.at(group.tokens.front())->groups.front();
  if (!shared.pace.pending || shared.pace.due <= flushed_at_) return false;
  unschedule(pending_groups_, group);
  group.pace.pending = true;
  group.pace.due = shared.pace.due;
  pending_groups_.emplace(std::pair{group.pace.due, group.pace.serial}, &group);
  return true;
}

void ViewEngine::Impl::tell(CounterGroup& group) {
  CounterChanges changed;
  for (const auto& view : std::exchange(group.dirty, {})) {
    auto& item = group.items.at(view);
    item.dirty = false;
    if (!item.selection->live()) continue;
    if (item.sent == item.selection->counters && !item.uneven) continue;
    item.uneven = false;
    item.sent = item.selection->counters;
    item.known = true;
    changed[view] = *item.sent;
  }
  for (const auto& view : std::exchange(group.gone, {})) {
    const auto found = group.items.find(view);
    if (found != group.items.end() && found->second.sent) continue;  // it came back, and was told
    changed.emplace(view, std::nullopt);
  }
  if (changed.empty()) return;
  group.pace.sent_at = flushed_at_;
  auto tokens = group.tokens;
  // Who came after all this knows it.
  for (const auto& [token, at] : group.newcomers) {
    if (at == group.stirs) std::erase(tokens, token);
  }
  if (tokens.empty()) return;
  told_.push_back({.offset = offset_, .tokens = std::move(tokens), .changed = std::move(changed)});
}

namespace {

SharedText text_of(Offset offset, const CounterChanges& changed) {
  std::string text = "{";
  for (const auto& [view, counters] : changed) {
    write_member(text, view);
    if (counters) {
      write(text, *counters);
    } else {
      text += "null";
    }
  }
  text += '}';
  return finished(offset, "counters", text);
}

}  // namespace

namespace {

/// Takes out of `told`, which is all of one offset, who was told more than once, by several groups.
std::map<ViewToken, CounterChanges> joined(std::span<Told> told) {
  std::map<ViewToken, int> times;
  for (const auto& some : told) {
    for (const auto token : some.tokens) ++times[token];
  }
  std::map<ViewToken, CounterChanges> all;
  for (auto& some : told) {
    std::erase_if(some.tokens, [&](ViewToken token) {
      if (times.at(token) == 1) return false;
      for (const auto& [view, counters] : some.changed) all[token][view] = counters;
      return true;
    });
  }
  return all;
}

}  // namespace

/// Whoever is told something at the present offset is told all that changed up to it. Before the
/// next commit: what goes from one group may have come to another.
void ViewEngine::Impl::complete_told() {
  for (std::size_t i = 0; i < told_.size(); ++i) {  // it grows
    if (told_[i].offset != offset_) continue;
    for (const auto token : std::vector(told_[i].tokens)) {
      for (auto* group : counter_subscribers_.at(token)->groups) advance(*group);
    }
  }
}

/// Makes deliveries of what was told: one for each subscriber and offset. While something is built,
/// which ends at no offset of its own, what was told at the present offset waits for it.
void ViewEngine::Impl::deliver_told() {
  complete_told();
  auto begin = told_.begin();
  while (begin != told_.end() && !(begin->offset == offset_ && building())) {
    const auto offset = begin->offset;
    const auto end =
        std::find_if(begin, told_.end(), [&](const Told& t) { return t.offset != offset; });
    const auto several = joined({begin, end});
    for (; begin != end; ++begin) {
      if (begin->tokens.empty()) continue;
      out_.push_back({.kind = Delivery::Kind::counters,
                      .offset = offset,
                      .tokens = std::move(begin->tokens),
                      .tail = text_of(offset, begin->changed)});
    }
    for (const auto& [token, changed] : several) {
      out_.push_back({.kind = Delivery::Kind::counters,
                      .offset = offset,
                      .tokens = {token},
                      .tail = text_of(offset, changed)});
    }
  }
  told_.erase(told_.begin(), begin);
}

void ViewEngine::Impl::forget(CounterGroup& group, ViewToken token) {
  std::erase(group.tokens, token);
  std::erase_if(group.newcomers, [token](const auto& some) { return some.first == token; });
}

void ViewEngine::Impl::leave_group(CounterSubscriber& subscriber, CounterGroup& group) {
  forget(group, subscriber.token);
  if (!subscriber.answered) --group.asking;
  std::erase(subscriber.groups, &group);
}

void ViewEngine::Impl::drop_group(CounterGroup& group) {
  unschedule(pending_groups_, group);
  for (auto& [view, item] : group.items) watch(group, view, item, nullptr);
  groups_.erase(std::string(group.key));
}

// ── subscribing and listing ──

Result<ViewAnswer> ViewEngine::Impl::subscribe_counters(
    ViewToken token, const Viewer& viewer, const std::optional<std::vector<ViewId>>& views) {
  for (std::size_t i = 0; views && i < views->size(); ++i) {
    auto resolved = resolve_view(*workspace_, viewer, (*views)[i]);
    if (resolved) continue;
    auto error = resolved.error();
    error.field = "views[" + std::to_string(i) + "]";
    return error;
  }
  auto& subscriber = *(counter_subscribers_[token] = std::make_unique<CounterSubscriber>(
                           CounterSubscriber{.token = token, .viewer = viewer, .views = views}));
  join(subscriber);
  return ready(subscriber) ? answer(subscriber) : ViewAnswer{};
}

ViewAnswer ViewEngine::Impl::list_views(ViewToken token, const Viewer& viewer) {
  auto& subscriber = *(counter_subscribers_[token] = std::make_unique<CounterSubscriber>(
                           CounterSubscriber{.token = token, .viewer = viewer, .views = {}}));
  subscriber.listing = true;
  join(subscriber);
  return ready(subscriber) ? answer(subscriber) : ViewAnswer{};
}

void ViewEngine::Impl::join(CounterSubscriber& subscriber) {
  subscriber.groups = groups_of(subscriber);
  for (auto* group : subscriber.groups) ++group->asking;
  build_inline();
  if (!ready(subscriber)) asking_.push_back(subscriber.token);
}

/// Everything is counted.
bool ViewEngine::Impl::ready(const CounterSubscriber& subscriber) {
  return std::all_of(
      subscriber.groups.begin(), subscriber.groups.end(), [](const CounterGroup* group) {
        return std::all_of(group->items.begin(), group->items.end(),
                           [](const auto& item) { return item.second.selection->live(); });
      });
}

SharedText ViewEngine::Impl::answer(CounterSubscriber& subscriber) {
  if (subscriber.listing) {
    auto text = listing_text(subscriber);
    unsubscribe(subscriber.token);
    return text;
  }
  for (auto* group : subscriber.groups) --group->asking;
  subscriber.answered = true;
  return welcome(subscriber);
}

/// All counters as they are. What the others still have to hear they hear when it is time: a delta
/// has values, not differences, so that it leads everybody to the same.
SharedText ViewEngine::Impl::welcome(CounterSubscriber& subscriber) {
  for (auto* group : subscriber.groups) {
    group->tokens.push_back(subscriber.token);
    if (!group->pace.pending) continue;
    group->newcomers.emplace_back(subscriber.token, group->stirs);
    for (const auto& view : group->dirty) {
      auto& item = group->items.at(view);
      if (item.selection->live()) item.uneven = item.known = true;
    }
  }
  return counters_text(subscriber);
}

/// All counters that the subscriber would have, had it read everything.
SharedText ViewEngine::Impl::reset(CounterSubscriber& subscriber) {
  if (!subscriber.answered) return nullptr;  // what it waits for is whole
  take_back(subscriber.token);
  for (auto* group : subscriber.groups) forget(*group, subscriber.token);
  if (ready(subscriber)) return welcome(subscriber);
  for (auto* group : subscriber.groups) ++group->asking;
  subscriber.answered = false;
  subscriber.wants_reset = true;
  asking_.push_back(subscriber.token);
  return nullptr;
}

SharedText ViewEngine::Impl::counters_text(const CounterSubscriber& subscriber) {
  std::string counters = "{";
  for (const auto* group : subscriber.groups) {
    for (const auto& [view, item] : group->items) {
      const bool live = item.selection->live();
      if (!live && !item.sent) continue;
      write_member(counters, view);
      write(counters, live ? item.selection->counters : *item.sent);
    }
  }
  counters += '}';
  return finished(offset_, "counters", counters);
}

namespace {

struct Listed {
  std::string name;
  std::string_view kind;
  const ViewDefinition* custom = nullptr;
};

Listed listed(const Workspace& workspace, const ViewId& view) {
  if (const auto* custom = workspace.view(view)) return {custom->name, "custom", custom};
  if (const auto id = team_of_view(view)) {
    const auto* team = workspace.team(*id);
    return {team == nullptr ? id->str() : team->name, "team"};
  }
  auto name = view.str();
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return {name, "system"};
}

}  // namespace

SharedText ViewEngine::Impl::listing_text(const CounterSubscriber& subscriber) const {
  std::string views;
  json::write_each(views, views_of(*workspace_, subscriber.viewer), [&](const ViewId& view) {
    const auto it = listed(*workspace_, view);
    json::Object object(views);
    object("view", view)("name", it.name)("kind", it.kind);
    auto& filter = object.key("filter");
    if (it.custom != nullptr) {
      write_filter(filter, it.custom->filter);
    } else {
      json::write(filter, nullptr);
    }
    object("sort", name_of(it.custom != nullptr ? it.custom->sort : Sort::newest));
    if (it.custom != nullptr) object("visibility", name_of(it.custom->visibility));
    for (const auto* group : subscriber.groups) {
      const auto item = group->items.find(view);
      if (item != group->items.end()) object("counters", item->second.selection->counters);
    }
  });
  return finished(offset_, "views", views);
}

/// Something was built: whoever waited for nothing else gets its answer.
void ViewEngine::Impl::serve_counters() {
  for (const auto token : std::exchange(asking_, {})) {
    auto& subscriber = *counter_subscribers_.at(token);
    if (ready(subscriber)) {
      const bool resets = std::exchange(subscriber.wants_reset, false);
      send(resets ? Delivery::Kind::reset : Delivery::Kind::answer, {token}, answer(subscriber));
    } else {
      asking_.push_back(token);
    }
  }
}

// ── following the workspace ──

/// What goes is told before what comes: a view may go from the personal counters to the shared
/// ones, or back.
void ViewEngine::Impl::follow_counters(const Affected& affected) {
  const auto told_before = told_.size();
  std::vector<std::pair<CounterGroup*, std::vector<ViewId>>> concerned;
  const auto take_out = [&](bool shared) {
    for (const auto& [key, group] : groups_) {
      if ((group->kind == CounterGroup::Kind::shared) != shared) continue;
      auto views = concerned_views(affected, *group);
      for (const auto& view : views) remove_item(*group, view);
      if (!group->gone.empty()) advance(*group);
      concerned.emplace_back(group.get(), std::move(views));
    }
  };
  take_out(false);
  for (const auto& [token, subscriber] : counter_subscribers_) {
    if (affected.agents.contains(subscriber->viewer.id)) regroup(*subscriber);
  }
  choose_viewers();
  take_out(true);
  for (const auto& [group, views] : concerned) {
    for (const auto& view : views) set_item(*group, view);
  }
  keep_moved(told_before);
}

/// What `changed` says to a subscriber, without what it says to be gone that another of the
/// subscriber's groups counts.
CounterChanges ViewEngine::Impl::without_moved(ViewToken token, CounterChanges changed) {
  for (auto* group : counter_subscribers_.at(token)->groups) {
    for (auto& [view, item] : group->items) {
      const auto found = changed.find(view);
      if (found == changed.end() || found->second) continue;
      item.known = true;
      changed.erase(found);
    }
  }
  return changed;
}

/// A counter that only went from one group to another has not gone (S34): from `first_told` on, who
/// is told so keeps what it has instead, until the other group has counted.
void ViewEngine::Impl::keep_moved(std::size_t first_told) {
  std::vector<Told> kept;
  for (auto i = first_told; i < told_.size(); ++i) {
    auto& told = told_[i];
    std::vector<ViewToken> others;
    for (const auto token : told.tokens) {
      auto changed = without_moved(token, told.changed);
      if (changed.size() == told.changed.size()) {
        others.push_back(token);
      } else if (!changed.empty()) {
        kept.push_back({.offset = told.offset, .tokens = {token}, .changed = std::move(changed)});
      }
    }
    told.tokens = std::move(others);
  }
  std::move(kept.begin(), kept.end(), std::back_inserter(told_));
}

/// The views of which the group may have to count something else, start or stop.
std::vector<ViewId> ViewEngine::Impl::concerned_views(const Affected& affected,
                                                      const CounterGroup& group) const {
  if (!affected.agents.contains(group.viewer.id) && affected.teams.empty()) {
    return {affected.views.begin(), affected.views.end()};
  }
  auto views = wanted(group);
  for (const auto& [view, item] : group.items) views.push_back(view);
  std::erase_if(views, [&](const ViewId& view) { return !concerns(affected, group.viewer, view); });
  return views;
}

/// A viewer who became one of another class moves to that class's group; the difference goes as a
/// delta.
void ViewEngine::Impl::regroup(CounterSubscriber& subscriber) {
  if (subscriber.views) return;
  auto* from = subscriber.groups.front();
  auto* to = groups_of(subscriber).front();
  if (from == to) return;
  if (!from->newcomers.empty()) advance(*from);  // so that it has what the others have
  subscriber.groups.front() = to;
  if (!subscriber.answered) {
    --from->asking;
    ++to->asking;
    return;
  }
  forget(*from, subscriber.token);
  to->tokens.push_back(subscriber.token);

  CounterChanges changed;
  for (const auto& [view, item] : from->items) {
    if (!item.known) continue;
    if (const auto has = to->items.find(view); has != to->items.end()) {
      has->second.known = true;
      continue;
    }
    changed.emplace(view, std::nullopt);
  }
  for (const auto& [view, item] : to->items) {
    const auto had = from->items.find(view);
    if (!item.sent || (had != from->items.end() && had->second.sent == item.sent)) continue;
    changed[view] = *item.sent;
  }
  if (changed.empty()) return;
  told_.push_back({.offset = offset_, .tokens = {subscriber.token}, .changed = std::move(changed)});
}

/// A shared group resolves views with the eyes of one of its viewers, who may be of another class
/// now.
void ViewEngine::Impl::choose_viewers() {
  std::map<const CounterGroup*, const Viewer*> viewers;
  for (const auto& [token, subscriber] : counter_subscribers_) {
    for (const auto* group : subscriber->groups) viewers.emplace(group, &subscriber->viewer);
  }
  std::vector<CounterGroup*> nobodys;
  for (const auto& [key, group] : groups_) {
    if (group->kind != CounterGroup::Kind::shared) continue;
    if (group_key(group->kind, *workspace_, group->viewer, {}) == key) continue;
    const auto found = viewers.find(group.get());
    if (found == viewers.end()) {
      nobodys.push_back(group.get());
    } else {
      group->viewer = *found->second;
    }
  }
  for (auto* group : nobodys) drop_group(*group);
}

}  // namespace inboxd::model
