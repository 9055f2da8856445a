#include "actors/alarms.hpp"

namespace inboxd::actors {

void Alarms::set(model::ContactId contact, std::optional<model::Timestamp> at) {
  const auto known = times_.find(contact);
  if (known != times_.end()) {
    if (at == known->second) return;
    order_.erase({known->second, contact});
    times_.erase(known);
  }
  if (!at) return;
  times_.emplace(contact, *at);
  order_.emplace(*at, contact);
}

std::optional<model::Timestamp> Alarms::next() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->first;
}

std::vector<model::ContactId> Alarms::take_due(model::Timestamp now, std::size_t limit) {
  std::vector<model::ContactId> due;
  while (due.size() < limit && !order_.empty() && order_.begin()->first <= now) {
    const auto contact = order_.begin()->second;
    order_.erase(order_.begin());
    times_.erase(contact);
    due.push_back(contact);
  }
  return due;
}

}  // namespace inboxd::actors
