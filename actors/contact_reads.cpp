// What can be read of a contact, and by whom.
#include <algorithm>
#include <utility>

#include "actors/contact_cell.hpp"
#include "actors/offset_mark.hpp"
#include "model/contact_json.hpp"
#include "model/json.hpp"
#include "model/limits.hpp"

namespace inboxd::actors {

using model::json::Object;

bool ContactCell::may_see(const model::Principal& by) const {
  if (!contact_->exists() || contact_->merged_into) return false;
  return model::can_see(by, *workspace_, contact_->assignment);
}

bool ContactCell::check_visible(const Origin& origin) {
  if (may_see(origin.by)) return true;
  refuse(origin, model::not_found("contact", "There is no contact with this id."));
  return false;
}

std::string ContactCell::contact_json() const {
  std::string text;
  model::write_contact(text, *contact_, *workspace_, services_.now());
  return text;
}

std::string ContactCell::entry_texts(std::size_t limit, bool& more) const {
  const auto last = contact_->last_seq;
  const auto first = model::Seq{last.value > limit ? last.value - limit + 1 : 1};
  more = first.value > 1;
  return timeline_.texts(first, last);
}

void ContactCell::get(const task::Get& get) {
  wake_if_due();
  if (!check_visible(get.origin)) return;
  std::string body = "\"result\":";
  Object result(body);
  result.key("contact") += contact_json();
  result.key("offset") += offset_mark;
  result.close();
  answer(get.origin, std::move(body));
}

void ContactCell::page(const task::Page& page) {
  if (!check_visible(page.origin)) return;
  const auto end = std::min(page.before.value_or(contact_->last_seq + 1), contact_->last_seq + 1);
  const auto first = model::Seq{end.value > page.limit + 1 ? end.value - page.limit : 1};
  std::string body = "\"result\":";
  Object result(body);
  result.key("entries") += '[';
  if (end.value > 1) body += timeline_.texts(first, end - 1);
  body += ']';
  result("more", first.value > 1);
  result.key("offset") += offset_mark;
  result.close();
  answer(page.origin, std::move(body));
}

void ContactCell::subscribe(const task::Subscribe& subscribe) {
  wake_if_due();
  if (!check_visible(subscribe.origin)) return;
  Subscriber subscriber{.client = subscribe.origin.client,
                        .sub = subscribe.sub,
                        .by = subscribe.origin.by,
                        .presence = nullptr};
  std::optional<std::string> missed;
  if (subscribe.resumable) {
    missed = timeline_.changed_since(subscribe.resume->offset, model::limits::page_rows_max);
  }
  std::string body = "\"result\":";
  Object result(body);
  result("sub", "s" + std::to_string(subscribe.sub.value))("epoch", services_.store.epoch());
  result.key("offset") += offset_mark;
  result("recovered", missed.has_value());
  result.key("contact") += contact_json();
  bool more = false;
  const auto newest = entry_texts(subscribe.limit, more);
  result.key("entries") += '[';
  body += missed ? *missed : newest;
  body += ']';
  result("more", more);
  result.close();

  std::vector<Outgoing> out;
  out.emplace_back(Answer{
      .client = subscribe.origin.client, .tag = subscribe.origin.tag, .body = std::move(body)});
  presence_for(subscribers_.emplace_back(std::move(subscriber)), out);
  deliver(std::move(out));
}

void ContactCell::end_unseen(std::vector<Outgoing>& out) {
  static const auto tail = std::make_shared<const std::string>("\"reason\":\"forbidden\"");
  const auto unseen = std::stable_partition(subscribers_.begin(), subscribers_.end(),
                                            [&](const Subscriber& s) { return may_see(s.by); });
  for (auto s = unseen; s != subscribers_.end(); ++s) {
    auto reason = std::make_shared<std::string>(*tail + ",\"contact\":");
    model::json::write(*reason, contact_->id);
    out.emplace_back(
        Push{.client = s->client, .sub = s->sub, .method = "subscription.ended", .tail = reason});
  }
  subscribers_.erase(unseen, subscribers_.end());
}

}  // namespace inboxd::actors
