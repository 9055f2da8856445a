#include "actors/search_judge.hpp"

#include <algorithm>
#include <utility>

namespace inboxd::actors {
namespace {

using Kind = search::Condition::Kind;

/// Whether the typed value means a thing of this id and name: its beginning, or any word's of its
/// name; in quotes all of either.
bool names(const search::Condition& condition, const std::string& folded_value,
           const std::string& id, const std::string& name) {
  const auto folded_id = search::folded(id);
  const auto folded_name = search::folded(name);
  if (condition.quoted)
    return id == condition.value || folded_id == folded_value || folded_name == folded_value;
  if (folded_value.empty()) return false;
  return folded_id.starts_with(folded_value) || folded_name.starts_with(folded_value) ||
         folded_name.find(' ' + folded_value) != std::string::npos;
}

bool is_one_of(const std::string& text, std::initializer_list<std::string_view> texts) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

}  // namespace

model::Result<std::unique_ptr<SearchJudge>> SearchJudge::make(const SearchRows& rows,
                                                              const persistence::StateStore& store,
                                                              const Submission& submission,
                                                              const search::Query& query) {
  static const model::ViewId all("all");
  const auto& request = std::get<request::Search>(submission.request);
  const auto& principal = submission.client->principal();
  const auto& workspace = *rows.workspace(submission.client->workspace());
  const auto view = model::resolve_view(workspace, model::viewer_of(principal, submission.role),
                                        request.view.value_or(all));
  if (!view) return view.error();
  std::unique_ptr<SearchJudge> judge(new SearchJudge(rows, store, workspace, view->filter));
  for (const auto& condition : query.conditions) judge->prepare(condition, principal);
  return judge;
}

void SearchJudge::prepare(const search::Condition& condition, const model::Principal& by) {
  switch (condition.kind) {
    case Kind::tag:
      tags_.push_back({.folded = search::folded(condition.value),
                       .raw = condition.value,
                       .quoted = condition.quoted,
                       .negated = condition.negated});
      break;
    case Kind::assignee: prepare_assignee(condition, by); break;
    case Kind::channel: prepare_channel(condition); break;
    case Kind::status: statuses_.push_back(condition); break;
    default: prepare_time(condition); break;
  }
}

void SearchJudge::prepare_assignee(const search::Condition& condition, const model::Principal& by) {
  const auto value = search::folded(condition.value);
  AssigneeCondition prepared{.negated = condition.negated};
  if (!condition.quoted && is_one_of(value, {"none", "nadie"})) {
    prepared.none = true;
  } else if (!condition.quoted && is_one_of(value, {"me", "yo"})) {
    if (by.kind == model::PrincipalKind::agent) prepared.agents.emplace_back(by.id);
  } else {
    for (const auto& [id, agent] : workspace_.agents) {
      if (names(condition, value, id.str(), agent.name)) prepared.agents.push_back(id);
    }
  }
  assignees_.push_back(std::move(prepared));
}

void SearchJudge::prepare_channel(const search::Condition& condition) {
  const auto value = search::folded(condition.value);
  std::vector<model::ChannelId> meant;
  for (const auto& [id, channel] : workspace_.channels) {
    if (names(condition, value, id.str(), channel.name) ||
        model::name_of(channel.kind).starts_with(value)) {
      meant.push_back(id);
    }
  }
  if (condition.negated) {
    channels_.without.insert(channels_.without.end(), meant.begin(), meant.end());
    return;
  }
  if (channels_.only) {
    std::erase_if(*channels_.only, [&](const model::ChannelId& id) {
      return std::find(meant.begin(), meant.end(), id) == meant.end();
    });
  } else {
    channels_.only = std::move(meant);
  }
}

void SearchJudge::prepare_time(const search::Condition& condition) {
  TimeRange range;
  (condition.kind == Kind::after ? range.from : range.before) = condition.at;
  (condition.negated ? not_times_ : times_).push_back(range);
}

std::optional<model::Timestamp> SearchJudge::recency(model::ContactId contact) {
  return rows_.sort_at(workspace_.id, contact);
}

bool SearchJudge::may_be_shown(const model::Row& row) const {
  return visible_.match(row, rows_.at());
}

bool SearchJudge::holds(const TagCondition& condition, const model::Row& row) const {
  return std::any_of(row.tags.begin(), row.tags.end(), [&](const model::Tag& tag) {
    if (condition.folded.empty()) return tag.str() == condition.raw;
    const auto folded = search::folded(tag.str());
    return condition.quoted ? folded == condition.folded : folded.starts_with(condition.folded);
  });
}

/// All but channels and times, which a message has of its own.
bool SearchJudge::conditions_hold(const model::Row& row) const {
  for (const auto& condition : tags_) {
    if (holds(condition, row) == condition.negated) return false;
  }
  for (const auto& condition : assignees_) {
    const auto& assignee = row.assignment.assignee;
    const auto& agents = condition.agents;
    const bool is = condition.none ? !assignee
                                   : assignee && std::find(agents.begin(), agents.end(),
                                                           *assignee) != agents.end();
    if (is == condition.negated) return false;
  }
  for (const auto& condition : statuses_) {
    const bool is = condition.value == "snoozed" ? row.snoozed_until.has_value()
                                                 : model::name_of(row.status) == condition.value;
    if (is == condition.negated) return false;
  }
  return true;
}

bool SearchJudge::admits(model::ContactId contact) {
  const auto& found = row(contact);
  if (found == nullptr || !conditions_hold(*found)) return false;
  if (channels_.only && !found->channel) return false;
  if (found->channel && !channels_.holds(*found->channel)) return false;
  const auto in = [&](const TimeRange& range) { return range.holds(found->sort_at); };
  return std::all_of(times_.begin(), times_.end(), in) &&
         std::none_of(not_times_.begin(), not_times_.end(), in) && may_be_shown(*found);
}

bool SearchJudge::admits(const search::EntryValue& entry) {
  const auto in = [&](const TimeRange& range) { return range.holds(entry.at); };
  if (!std::all_of(times_.begin(), times_.end(), in) ||
      std::any_of(not_times_.begin(), not_times_.end(), in)) {
    return false;
  }
  const auto& found = row_of(entry);
  return found != nullptr && conditions_hold(*found) && may_be_shown(*found);
}

search::Document SearchJudge::document(model::ContactId contact,
                                       std::vector<std::string> external_ids) {
  const auto& found = row(contact);
  if (found == nullptr) return {};
  return search::contact_document(contact,
                                  search::fields_of(*found->details, found->tags, external_ids));
}

std::shared_ptr<const model::Entry> SearchJudge::entry(const search::EntryValue& value) const {
  // The store may not have the last merges yet: then the entry is where it was before them.
  const auto places = rows_.places(value.contact, value.seq);
  for (auto place = places.rbegin(); place != places.rend(); ++place) {
    auto found = rows_.unsaved(*place);
    if (!found) {
      if (auto saved = store_.entry(place->first, place->second))
        found = std::make_shared<model::Entry>(std::move(*saved));
    }
    if (!found) continue;
    found->seq = places.back().second;
    return found;
  }
  return nullptr;
}

search::DocumentPtr SearchJudge::document(const search::EntryValue& value) {
  const auto found = entry(value);
  return found == nullptr ? nullptr : search::entry_document(value.contact, *found);
}

}  // namespace inboxd::actors
