// R14, S23: two contacts become one. The secondary stops and hands over what it has; the primary
// takes it in one commit; whatever came for the secondary meanwhile waits here and then goes where
// the secondary went.
#include <algorithm>
#include <utility>

#include "actors/answer.hpp"
#include "actors/directory.hpp"

namespace inboxd::actors {

void Directory::merge(const Origin& origin, const request::MergeContact& request) {
  const auto primary = resolve(origin, request.contact, "contact");
  if (!primary) return;
  const auto secondary = resolve(origin, request.from, "from");
  if (!secondary) return;
  if (*primary == *secondary) {
    refuse(origin, model::invalid("from", "A contact cannot be merged into itself."));
    return;
  }
  const bool busy = std::any_of(merging_.begin(), merging_.end(), [&](const auto& merging) {
    return merging.first == *primary || merging.first == *secondary ||
           merging.second.primary == *secondary;
  });
  if (busy) {
    refuse(origin,
           {.reason = model::Reason::conflict,
            .message = "One of the two contacts is being merged at this moment; ask again."});
    return;
  }
  give(*secondary, task::HandOver{origin});
  merging_.emplace(
      *secondary,
      Merging{.origin = origin, .primary = *primary, .expect_version = request.expect_version});
}

void Directory::handed_over(model::ContactId contact, std::shared_ptr<const HandedOver> all) {
  auto& merging = merging_.at(contact);
  if (!all) {
    auto held = std::move(merging.held);
    merging_.erase(contact);
    for (auto& task : held) give(contact, std::move(task));
    return;
  }
  merging.kept = all;
  give(merging.primary, task::Merge{.origin = merging.origin,
                                    .expect_version = merging.expect_version,
                                    .secondary = std::move(all)});
}

void Directory::merge_on(model::ContactId primary, task::Merge merge) {
  give(primary, std::move(merge));
}

void Directory::merged(model::ContactId primary, model::ContactId secondary,
                       std::optional<model::Seq> base) {
  auto merging = std::move(merging_.at(secondary));
  merging_.erase(secondary);
  if (base) {
    merged_into_.emplace(secondary, MergedTo{.primary = primary, .base = *base});
    for (const auto& identity : merging.kept->contact.identities) {
      by_identity_.insert_or_assign(identity_key(identity.channel, identity.external_id), primary);
    }
    for (auto& task : merging.held) {
      if (auto* report = std::get_if<task::Report>(&task))
        map_merged(secondary, primary, report->seq);
      give(primary, std::move(task));
    }
    return;
  }
  give(secondary, task::TakeBack{merging.kept});
  for (auto& task : merging.held) give(secondary, std::move(task));
}

}  // namespace inboxd::actors
