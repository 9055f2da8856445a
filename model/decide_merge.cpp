// R14, S23: one contact takes over another.
#include <algorithm>

#include "model/decide_parts.hpp"
#include "model/limits.hpp"

namespace inboxd::model {
namespace {

Checked check_secondary(const Contact& contact, const Contact& secondary, const Context& context) {
  const bool seen = secondary.exists() && !secondary.merged_into &&
                    can_see(context.by, context.workspace, secondary.assignment);
  if (!seen) return not_found("from", "There is no contact with this id.");
  if (secondary.id == contact.id) {
    return invalid("from", "A contact cannot be merged into itself.");
  }
  return std::nullopt;
}

Checked check_counts(const Contact& contact, const Contact& secondary) {
  std::vector<Tag> tags;
  std::set_union(contact.tags.begin(), contact.tags.end(), secondary.tags.begin(),
                 secondary.tags.end(), std::back_inserter(tags));
  if (tags.size() > limits::tags_max) return too_many("tags", tags.size(), limits::tags_max);
  const auto accounts = contact.identities.size() + secondary.identities.size();
  if (accounts > limits::identities_max) {
    return too_many("channels", accounts, limits::identities_max);
  }
  return std::nullopt;
}

}  // namespace

Result<Decision> decide_on(const Contact& contact, const MergeContact& command,
                           const Context& context) {
  const auto& secondary = command.secondary;
  if (auto error = check_seen(contact, context)) return *std::move(error);
  if (auto error = check_secondary(contact, secondary, context)) return *std::move(error);
  if (auto error = check_expected(contact, context)) return *std::move(error);
  if (auto error = check_counts(contact, secondary)) return *std::move(error);
  const auto base = contact.last_seq;
  const auto end = base + secondary.last_seq.value;
  Draft draft(contact, context);
  TookOver took_over{.base = base, .secondary = secondary};
  if (!contact.unread.empty()) took_over.read_inbound = command.read_inbound;
  draft.add(std::move(took_over));
  draft.skip_to(end);
  draft.event(Cause::merge, Merged{.from = secondary.id, .first = base + 1, .last = end});
  return std::move(draft).finish();
}

}  // namespace inboxd::model
