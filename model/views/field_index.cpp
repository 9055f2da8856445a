#include "model/views/field_index.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace inboxd::model {
namespace {

static_assert(static_cast<std::size_t>(FilterField::last_activity_at) + 1 == filter_fields);

struct Reads {
  std::set<FilterField> fields;
  std::set<FieldId> custom;
};

void collect(const Filter& filter, Reads& reads) {
  for (const auto& child : filter.children) collect(child, reads);
  if (filter.kind != Filter::Kind::leaf) return;
  if (filter.field == FilterField::custom) {
    reads.custom.insert(filter.custom);
  } else {
    reads.fields.insert(filter.field);
  }
}

void take_out(std::vector<void*>& items, void* item) {
  const auto found = std::find(items.begin(), items.end(), item);
  if (found == items.end()) return;
  *found = items.back();
  items.pop_back();
}

class Marks {
 public:
  void operator()(FilterField field, bool changed) {
    bits_ |= static_cast<std::uint32_t>(changed) << static_cast<unsigned>(field);
  }
  std::uint32_t bits() const { return bits_; }

 private:
  std::uint32_t bits_ = 0;
};

void mark_details(Marks& mark, const Details& a, const Details& b) {
  using enum FilterField;
  mark(language, a.language != b.language);
  mark(country, a.country != b.country);
  mark(lifecycle, a.lifecycle != b.lifecycle);
  mark(first_name, a.first_name != b.first_name);
  mark(last_name, a.last_name != b.last_name);
  mark(phone, a.phone != b.phone);
  mark(email, a.email != b.email);
  mark(custom, a.fields != b.fields);
}

}  // namespace

void FieldIndex::add(Item item, const Filter& filter) {
  all_.push_back(item);
  Reads reads;
  collect(filter, reads);
  for (const auto field : reads.fields) {
    by_field_[static_cast<std::size_t>(field)].push_back(item);
  }
  for (const auto& id : reads.custom) by_custom_[id].push_back(item);
}

void FieldIndex::remove(Item item, const Filter& filter) {
  take_out(all_, item);
  Reads reads;
  collect(filter, reads);
  for (const auto field : reads.fields) {
    take_out(by_field_[static_cast<std::size_t>(field)], item);
  }
  for (const auto& id : reads.custom) {
    const auto found = by_custom_.find(id);
    take_out(found->second, item);
    if (found->second.empty()) by_custom_.erase(found);
  }
}

std::uint32_t FieldIndex::changed_fields(const Row& a, const Row& b) {
  using enum FilterField;
  Marks mark;
  mark(status, a.status != b.status);
  mark(assignee, a.assignment.assignee != b.assignment.assignee);
  mark(team, a.assignment.team != b.assignment.team);
  mark(unread, a.unread != b.unread);
  mark(snoozed, a.snoozed_until.has_value() != b.snoozed_until.has_value());
  mark(blocked, a.blocked != b.blocked);
  mark(channel, a.channel != b.channel);
  mark(channel_kind, a.channel != b.channel || a.channel_kind != b.channel_kind);
  mark(tags, a.tags != b.tags);
  mark(priority, a.priority != b.priority);
  mark(name, a.name != b.name);
  mark(last_inbound_at, a.last_inbound_at != b.last_inbound_at);
  mark(last_outbound_at, a.last_outbound_at != b.last_outbound_at);
  const auto activity = [](const Row& row) {
    return row.last_message ? std::optional(row.last_message->at) : std::nullopt;
  };
  mark(last_activity_at, activity(a) != activity(b));
  if (a.details != b.details) {
    static const Details none;
    mark_details(mark, a.details ? *a.details : none, b.details ? *b.details : none);
  }
  return mark.bits();
}

bool FieldIndex::custom_changed(const Row& before, const Row& after, const FieldId& id) {
  const auto value = [&id](const Row& row) -> const FieldValue* {
    if (!row.details) return nullptr;
    const auto found = row.details->fields.find(id);
    return found == row.details->fields.end() ? nullptr : &found->second;
  };
  const auto *was = value(before), *is = value(after);
  if (was == nullptr || is == nullptr) return was != is;
  return *was != *is;
}

}  // namespace inboxd::model
