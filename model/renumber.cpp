#include "model/renumber.hpp"

namespace inboxd::model {

void renumber(Entry& entry, Seq base) {
  entry.seq = base + entry.seq.value;
  auto* event = std::get_if<TimelineEvent>(&entry.body);
  auto* merged = event != nullptr ? std::get_if<Merged>(&event->data) : nullptr;
  if (merged == nullptr) return;
  merged->first = base + merged->first.value;
  merged->last = base + merged->last.value;
}

}  // namespace inboxd::model
