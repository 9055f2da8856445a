// Who looks on and who types: told to the contact's subscribers, never kept (S41).
#include <algorithm>
#include <set>
#include <utility>

#include "actors/contact_cell.hpp"
#include "model/json.hpp"

namespace inboxd::actors {

using model::json::Object;
using model::json::write;

namespace {

constexpr std::string_view nobody = R"("viewers":[],"typing":[])";

bool same(const model::Principal& a, const model::Principal& b) {
  return a.kind == b.kind && a.id == b.id;
}

}  // namespace

void ContactCell::viewing(const task::Viewing& viewing) {
  set_onlooker(viewing.origin, &Onlooker::viewing, viewing.on);
}

void ContactCell::typing(const task::Typing& typing) {
  set_onlooker(typing.origin, &Onlooker::typing, typing.on);
}

void ContactCell::customer_typing(const task::CustomerTyping& typing) {
  answer(typing.origin, "\"result\":{}");
  const auto& client = typing.origin.client;
  std::erase_if(customer_typists_, [&](const ClientPtr& known) {
    return !typing.on || known == client || known->passing();
  });
  if (typing.on) customer_typists_.push_back(client);
  tell_presence();
}

void ContactCell::leave(const task::Leave& leave) {
  std::erase_if(subscribers_, [&](const Subscriber& s) {
    return s.client == leave.client && (!leave.sub || s.sub == *leave.sub);
  });
  if (leave.sub) return;
  std::erase_if(onlookers_, [&](const Onlooker& o) { return o.client == leave.client; });
  std::erase(customer_typists_, leave.client);
  tell_presence();
}

void ContactCell::set_onlooker(const Origin& origin, bool Onlooker::*what, bool on) {
  if (!check_visible(origin)) return;
  answer(origin, "\"result\":{}");
  // What a request over HTTP said goes on, or ends, with the next one of its principal.
  const auto passing = [&](const Onlooker& o) {
    return o.client->passing() && same(o.by, origin.by);
  };
  const auto known = std::find_if(onlookers_.begin(), onlookers_.end(), [&](const Onlooker& o) {
    return o.client == origin.client || (origin.client->passing() && passing(o));
  });
  if (known != onlookers_.end()) {
    (*known).*what = on;
    known->client = origin.client;
  } else if (on) {
    (onlookers_.emplace_back(Onlooker{.client = origin.client, .by = origin.by})).*what = true;
  }
  for (auto& looker : onlookers_) {
    if (!on && passing(looker)) looker.*what = false;
  }
  std::erase_if(onlookers_, [](const Onlooker& o) { return !o.viewing && !o.typing; });
  tell_presence();
}

void ContactCell::tell_presence() {
  std::vector<Outgoing> out;
  for (auto& subscriber : subscribers_) presence_for(subscriber, out);
  if (!out.empty()) deliver(std::move(out));
}

std::string ContactCell::presence_text(const model::Principal& to) const {
  std::set<std::string> viewers;
  std::set<std::pair<std::string_view, std::string>> typing;
  for (const auto& looker : onlookers_) {
    if (same(looker.by, to)) continue;
    if (looker.viewing) viewers.insert(looker.by.id);
    if (looker.typing) typing.emplace(model::name_of(looker.by.kind), looker.by.id);
  }
  if (!customer_typists_.empty()) typing.emplace("contact", contact_->id.str());
  if (viewers.empty() && typing.empty()) return std::string(nobody);
  std::string text = "\"viewers\":";
  model::json::write_each(text, viewers, [&](const std::string& id) { write(text, id); });
  text += ",\"typing\":";
  model::json::write_each(
      text, typing, [&](const auto& who) { Object{text}("kind", who.first)("id", who.second); });
  return text;
}

/// Tells a subscriber who is there, if that is not what it was told last.
void ContactCell::presence_for(Subscriber& subscriber, std::vector<Outgoing>& out) const {
  auto text = presence_text(subscriber.by);
  if (text == (subscriber.presence ? *subscriber.presence : nobody)) return;
  subscriber.presence = std::make_shared<const std::string>(std::move(text));
  out.emplace_back(Push{.client = subscriber.client,
                        .sub = subscriber.sub,
                        .method = "contact.presence",
                        .tail = subscriber.presence,
                        .loss = Push::Loss::drop});
}

}  // namespace inboxd::actors
