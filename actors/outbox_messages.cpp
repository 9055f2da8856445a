#include "actors/outbox_messages.hpp"

#include <algorithm>

#include "persistence/state_json.hpp"

namespace inboxd::actors {

std::vector<WaitingMessage>::iterator WaitingMessages::place_of(model::Seq seq) {
  return std::lower_bound(
      begin(), end(), seq,
      [](const WaitingMessage& message, model::Seq wanted) { return message.seq < wanted; });
}

WaitingMessage* WaitingMessages::find(model::Seq seq) {
  const auto at = place_of(seq);
  return at != end() && at->seq == seq ? &*at : nullptr;
}

bool WaitingMessages::has(model::Seq seq) const {
  const auto at = std::lower_bound(
      begin(), end(), seq,
      [](const WaitingMessage& message, model::Seq wanted) { return message.seq < wanted; });
  return at != end() && at->seq == seq;
}

void WaitingMessages::insert(const WaitingMessage& message) {
  const auto at = place_of(message.seq);
  if (first_ > 0 && at - begin() < end() - at) {
    std::move(begin(), at, begin() - 1);
    --first_;
    *(at - 1) = message;
  } else {
    messages_.insert(at, message);
  }
}

std::optional<WaitingMessage> WaitingMessages::take(model::Seq seq) {
  const auto at = place_of(seq);
  if (at == end() || at->seq != seq) return std::nullopt;
  const auto message = *at;
  if (at - begin() < end() - at) {
    std::move_backward(begin(), at, at + 1);
    ++first_;
  } else {
    messages_.erase(at);
  }
  constexpr std::size_t gone_min = 16;
  if (empty()) {
    clear();
  } else if (first_ >= gone_min && first_ > size()) {
    messages_ = std::vector<WaitingMessage>(begin(), end());
    first_ = 0;
  }
  return message;
}

void MessageTexts::put(const MessagePlace& place, std::shared_ptr<const model::Entry> entry,
                       std::shared_ptr<const std::string> text) {
  by_offset_.emplace_back(entry->offset, place);
  unsaved_.insert_or_assign(place, Unsaved{std::move(entry), std::move(text)});
}

void MessageTexts::erase_all(model::ContactId contact) {
  unsaved_.erase(unsaved_.lower_bound({.contact = contact, .seq = {}}),
                 unsaved_.lower_bound({.contact = {contact.value + 1}, .seq = {}}));
}

void MessageTexts::forget_saved(model::Offset saved) {
  while (!by_offset_.empty() && by_offset_.front().first <= saved) {
    const auto known = unsaved_.find(by_offset_.front().second);
    // One that was changed again since waits for its newer text.
    if (known != unsaved_.end() && known->second.entry->offset <= saved) unsaved_.erase(known);
    by_offset_.pop_front();
  }
}

std::optional<MessageTexts::Text> MessageTexts::find(const MessagePlace& place) const {
  if (const auto known = unsaved_.find(place); known != unsaved_.end())
    return Text{known->second.entry->message()->external_id, known->second.text};
  auto stored = stored_(place);
  if (!stored) return std::nullopt;
  auto external_id = persistence::read_entry(*stored).message()->external_id;
  return Text{std::move(external_id), std::make_shared<const std::string>(std::move(*stored))};
}

}  // namespace inboxd::actors
