// A message's statuses: how late, repeated and disordered reports become one answer (PRODUCT.md §2,
// S26, S27).
#include "model/entry.hpp"

#include <algorithm>

namespace inboxd::model {

Status Message::status() const {
  return statuses.empty() ? Status::pending : statuses.back().status;
}

bool report(Message& message, const StatusReport& status, std::string_view provider_id) {
  bool changed = false;
  if (message.provider_id.empty() && !provider_id.empty()) {
    message.provider_id = provider_id;
    changed = true;
  }
  auto& known = message.statuses;
  const auto place =
      std::lower_bound(known.begin(), known.end(), status.status,
                       [](const StatusReport& one, Status rank) { return one.status < rank; });
  if (place == known.end() || place->status != status.status) {
    known.insert(place, status);
    return true;
  }
  if (status.at < place->at) {
    *place = status;
    return true;
  }
  return changed;
}

}  // namespace inboxd::model
