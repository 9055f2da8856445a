// S23: what a merge does to both. The primary is as if the secondary's entries stood after its own;
// what it is itself (status, assignee, snooze, block, priority, details) stays.
#include <algorithm>

#include "model/apply_parts.hpp"
#include "model/details_table.hpp"

namespace inboxd::model {
namespace {

void take_details(Contact& contact, const Contact& secondary) {
  auto details = std::make_shared<Details>(*contact.details);
  fill_empty(*details, *secondary.details);
  if (*details != *contact.details) contact.details = std::move(details);
}

void take_labels(Contact& contact, const Contact& secondary) {
  std::vector<Tag> all;
  std::set_union(contact.tags.begin(), contact.tags.end(), secondary.tags.begin(),
                 secondary.tags.end(), std::back_inserter(all));
  contact.tags = std::move(all);
  contact.identities.insert(contact.identities.end(), secondary.identities.begin(),
                            secondary.identities.end());
}

/// `read_seq` stays if something was unread; then all that the secondary received counts as unread
/// too, for it stands after that position (S13).
void take_unread(Contact& contact, const TookOver& merge) {
  const auto& secondary = merge.secondary;
  const auto add = [&](const SeqSet& seqs) {
    seqs.for_each([&](Seq seq) { contact.unread.insert(merge.base + seq.value); });
  };
  if (contact.unread.empty()) {
    contact.read_seq = merge.base + secondary.read_seq.value;
  } else {
    add(merge.read_inbound);
  }
  add(secondary.unread);
}

void take_times(Contact& contact, const TookOver& merge) {
  const auto& secondary = merge.secondary;
  if (secondary.answered_seq.value > 0) {
    contact.answered_seq = merge.base + secondary.answered_seq.value;
    contact.waiting_since = secondary.waiting_since;
  } else if (!contact.waiting_since) {
    contact.waiting_since = secondary.waiting_since;
  }
  if (secondary.last_inbound_seq.value > 0) {
    contact.last_inbound_seq = merge.base + secondary.last_inbound_seq.value;
    contact.last_inbound_channel = secondary.last_inbound_channel;
    contact.last_inbound_at = secondary.last_inbound_at;
  }
  if (secondary.last_outbound_at) contact.last_outbound_at = secondary.last_outbound_at;
  if (secondary.last_message) {
    contact.last_message = secondary.last_message;
    contact.last_message->seq = merge.base + secondary.last_message->seq.value;
  }
  contact.sort_at = std::max(contact.sort_at, secondary.sort_at);
}

}  // namespace

void take_over(Contact& contact, const TookOver& merge) {
  take_details(contact, merge.secondary);
  take_labels(contact, merge.secondary);
  take_unread(contact, merge);
  take_times(contact, merge);
  contact.last_seq = merge.base + merge.secondary.last_seq.value;
}

void end_merged(Contact& contact, const MergedInto& merge) {
  contact.merged_into = merge.primary;
  contact.merged_base = merge.base;
  // They are the primary's now; a contact found by its channel account must not be this one.
  contact.identities.clear();
  contact.tags.clear();
  contact.unread.clear();
}

}  // namespace inboxd::model
