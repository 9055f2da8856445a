// Who looks on and who types: told to the contact's subscribers, never kept (S41).
#include <algorithm>
#include <set>
#include <utility>

#include "actors/contact_cell.hpp"
#include "model/json.hpp"

namespace inboxd::actors {

using model::json::Object;
using model::json::write;

void ContactCell::viewing(const task::Viewing& viewing) {
  if (!check_visible(viewing.origin)) return;
  auto& looker = onlooker(viewing.origin);
  const bool changed = std::exchange(looker.viewing, viewing.on) != viewing.on;
  drop_idle_onlookers();
  answer(viewing.origin, "\"result\":{}");
  if (changed) tell_presence();
}

void ContactCell::typing(const task::Typing& typing) {
  if (!check_visible(typing.origin)) return;
  auto& looker = onlooker(typing.origin);
  const bool changed = std::exchange(looker.typing, typing.on) != typing.on;
  drop_idle_onlookers();
  answer(typing.origin, "\"result\":{}");
  if (changed) tell_presence();
}

void ContactCell::customer_typing(const task::CustomerTyping& typing) {
  answer(typing.origin, "\"result\":{}");
  if (std::exchange(customer_types_, typing.on) != typing.on) tell_presence();
}

void ContactCell::leave(const task::Leave& leave) {
  std::erase_if(subscribers_, [&](const Subscriber& s) {
    return s.client == leave.client && (!leave.sub || s.sub == *leave.sub);
  });
  if (leave.sub) return;
  if (std::erase_if(onlookers_, [&](const Onlooker& o) { return o.client == leave.client; }) > 0)
    tell_presence();
}

ContactCell::Onlooker& ContactCell::onlooker(const Origin& origin) {
  const auto known = std::find_if(onlookers_.begin(), onlookers_.end(),
                                  [&](const Onlooker& o) { return o.client == origin.client; });
  if (known != onlookers_.end()) return *known;
  return onlookers_.emplace_back(Onlooker{.client = origin.client, .by = origin.by});
}

void ContactCell::drop_idle_onlookers() {
  std::erase_if(onlookers_, [](const Onlooker& o) { return !o.viewing && !o.typing; });
}

void ContactCell::tell_presence() {
  std::vector<Outgoing> out;
  for (const auto& subscriber : subscribers_) presence_for(subscriber, out);
  deliver(std::move(out));
}

void ContactCell::presence_for(const Subscriber& subscriber, std::vector<Outgoing>& out) const {
  std::set<std::string> viewers;
  std::set<std::pair<std::string_view, std::string>> typing;
  for (const auto& looker : onlookers_) {
    if (looker.by.kind == subscriber.by.kind && looker.by.id == subscriber.by.id) continue;
    if (looker.viewing) viewers.insert(looker.by.id);
    if (looker.typing) typing.emplace(model::name_of(looker.by.kind), looker.by.id);
  }
  if (customer_types_) typing.emplace("contact", contact_->id.str());
  auto tail = std::make_shared<std::string>("\"viewers\":");
  model::json::write_each(*tail, viewers, [&](const std::string& id) { write(*tail, id); });
  *tail += ",\"typing\":";
  model::json::write_each(
      *tail, typing, [&](const auto& who) { Object{*tail}("kind", who.first)("id", who.second); });
  out.emplace_back(Push{.client = subscriber.client,
                        .sub = subscriber.sub,
                        .method = "contact.presence",
                        .tail = std::move(tail),
                        .loss = Push::Loss::drop});
}

}  // namespace inboxd::actors
