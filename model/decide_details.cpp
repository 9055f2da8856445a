// Who the customer is: creation by hand, details, tags, channel accounts (S15, S16).
#include <algorithm>

#include "model/decide_parts.hpp"
#include "model/details_table.hpp"
#include "model/limits.hpp"

namespace inboxd::model {
namespace {

DetailValue value_of(const std::string& text) {
  return text.empty() ? DetailValue() : DetailValue(text);
}

DetailValue value_of(Priority priority) {
  return FieldValue(std::string(name_of(priority)));
}

/// What the patch changes, in the order of `contact.update`'s keys.
std::vector<DetailChange> changes_of(const Details& details, Priority priority,
                                     const DetailsPatch& patch) {
  std::vector<DetailChange> changes;
  const auto change = [&](std::string key, DetailValue from, DetailValue to) {
    if (from == to) return;
    changes.push_back({.key = std::move(key), .from = std::move(from), .to = std::move(to)});
  };
  for (const auto& detail : text_details) {
    const auto& wanted = patch.*detail.patch;
    if (!wanted) continue;
    change(std::string(detail.key), value_of(details.*detail.value),
           value_of(wanted->value_or(std::string())));
  }
  if (patch.priority) {
    change(std::string(priority_key), value_of(priority),
           value_of(patch.priority->value_or(Priority::none)));
  }
  for (const auto& [id, wanted] : patch.fields) {
    const auto had = details.fields.find(id);
    change(std::string(field_key_prefix) + id.str(),
           had == details.fields.end() ? DetailValue() : DetailValue(had->second), wanted);
  }
  return changes;
}

/// A new contact's details: the patch on nothing.
Details details_of(const DetailsPatch& patch) {
  Details details;
  for (const auto& detail : text_details) {
    const auto& wanted = patch.*detail.patch;
    if (wanted) details.*detail.value = wanted->value_or(std::string());
  }
  for (const auto& [id, value] : patch.fields) {
    if (value) details.fields.emplace(id, *value);
  }
  return details;
}

/// Texts without repetitions, in byte order (S11).
std::vector<std::string> sorted_once(std::vector<std::string> tags) {
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

std::vector<Tag> tags_of(const std::vector<std::string>& texts) {
  std::vector<Tag> tags;
  tags.reserve(texts.size());
  for (const auto& text : texts) tags.emplace_back(text);
  return tags;
}

/// What really changes, as texts in byte order.
struct Tagging {
  std::vector<std::string> added, removed;
};

Tagging tagging_of(const std::vector<Tag>& tags, const UpdateContact& command) {
  const auto has = [&](const std::string& text) {
    return std::any_of(tags.begin(), tags.end(), [&](const Tag& tag) { return tag.str() == text; });
  };
  Tagging tagging{.added = sorted_once(command.tags_add),
                  .removed = sorted_once(command.tags_remove)};
  std::erase_if(tagging.added, has);
  std::erase_if(tagging.removed, [&](const std::string& text) { return !has(text); });
  return tagging;
}

Checked check_tag_lists(const UpdateContact& command) {
  if (auto error = check_tags("tags_add", command.tags_add)) return error;
  if (auto error = check_tags("tags_remove", command.tags_remove)) return error;
  const auto& added = command.tags_add;
  for (std::size_t i = 0; i < command.tags_remove.size(); ++i) {
    if (std::find(added.begin(), added.end(), command.tags_remove[i]) == added.end()) continue;
    return invalid(item_path("tags_remove", i),
                   "'" + command.tags_remove[i] + "' is to be added and removed at once.");
  }
  return std::nullopt;
}

std::vector<ExternalIdentity> new_accounts(const Contact& contact,
                                           const std::vector<ExternalIdentity>& wanted) {
  std::vector<ExternalIdentity> added;
  for (const auto& one : wanted) {
    const bool known = std::any_of(
        contact.identities.begin(), contact.identities.end(), [&](const Identity& identity) {
          return identity.channel == one.channel && identity.external_id == one.external_id;
        });
    if (!known) added.push_back(one);
  }
  return added;
}

/// All that an update changes.
struct Changes {
  std::vector<DetailChange> details;
  Tagging tags;
  std::vector<ExternalIdentity> accounts;
};

Checked check_counts(const Contact& contact, const Changes& changes) {
  const auto tags = contact.tags.size() + changes.tags.added.size() - changes.tags.removed.size();
  if (tags > limits::tags_max && !changes.tags.added.empty()) {
    return too_many("tags_add", tags, limits::tags_max);
  }
  const auto accounts = contact.identities.size() + changes.accounts.size();
  if (accounts > limits::identities_max && !changes.accounts.empty()) {
    return too_many("channels_add", accounts, limits::identities_max);
  }
  return std::nullopt;
}

Decision draft_update(const Contact& contact, const Context& context, Changes changes) {
  Draft draft(contact, context);
  if (!changes.details.empty()) {
    draft.event(Cause::manual, Updated{.changes = std::move(changes.details)});
  }
  if (!changes.tags.added.empty() || !changes.tags.removed.empty()) {
    draft.event(Cause::manual, Tagged{.added = tags_of(changes.tags.added),
                                      .removed = tags_of(changes.tags.removed)});
  }
  for (const auto& one : changes.accounts) {
    draft.add(IdentityLinked{.channel = one.channel, .external_id = one.external_id});
    draft.event(Cause::manual,
                ChannelAdded{.channel = one.channel, .external_id = one.external_id});
  }
  return std::move(draft).finish();
}

}  // namespace

Result<Decision> decide_on(const Contact& contact, const CreateContact& command,
                           const Context& context) {
  const auto patch = check_patch("", command.set, context.workspace);
  if (!patch) return patch.error();
  if (auto error = check_tags("tags", command.tags)) return *std::move(error);
  if (auto error = check_identities("channels", command.channels)) return *std::move(error);
  if (auto error = check_channels_exist("channels", command.channels, context.workspace)) {
    return *std::move(error);
  }
  if (contact.exists()) return conflict(contact, "This contact exists already.");
  Draft draft(contact, context);
  draft.add(Created{command.id});
  for (const auto& one : command.channels) {
    draft.add(IdentityLinked{.channel = one.channel, .external_id = one.external_id});
  }
  if (auto details = details_of(*patch); details != Details()) {
    draft.add(DetailsFilled{std::move(details)});
  }
  Labelled labels{.tags = tags_of(sorted_once(command.tags))};
  if (patch->priority) labels.priority = patch->priority->value_or(Priority::none);
  if (labels != Labelled()) draft.add(std::move(labels));
  draft.event(Cause::manual, Opened{});
  return std::move(draft).finish();
}

Result<Decision> decide_on(const Contact& contact, const UpdateContact& command,
                           const Context& context) {
  const auto patch = check_patch("set.", command.set, context.workspace);
  if (!patch) return patch.error();
  if (auto error = check_tag_lists(command)) return *std::move(error);
  if (auto error = check_identities("channels_add", command.channels_add)) {
    return *std::move(error);
  }
  if (auto error = check_seen(contact, context)) return *std::move(error);
  if (auto error = check_channels_exist("channels_add", command.channels_add, context.workspace)) {
    return *std::move(error);
  }
  if (auto error = check_expected(contact, context)) return *std::move(error);
  Changes changes{.details = changes_of(*contact.details, contact.priority, *patch),
                  .tags = tagging_of(contact.tags, command),
                  .accounts = new_accounts(contact, command.channels_add)};
  if (auto error = check_counts(contact, changes)) return *std::move(error);
  return draft_update(contact, context, std::move(changes));
}

}  // namespace inboxd::model
