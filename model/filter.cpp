// The wire names of sorts, fields and operators, each written once.
#include "model/filter.hpp"

#include <array>

namespace inboxd::model {
namespace {

constexpr std::array<std::string_view, 5> sort_names{"newest", "oldest", "longest_waiting",
                                                     "unread_first", "priority"};

constexpr std::array<std::string_view, 22> field_names{"status",
                                                       "assignee",
                                                       "team",
                                                       "unread",
                                                       "snoozed",
                                                       "blocked",
                                                       "channel",
                                                       "channel_kind",
                                                       "tags",
                                                       "priority",
                                                       "language",
                                                       "country",
                                                       "lifecycle",
                                                       "first_name",
                                                       "last_name",
                                                       "name",
                                                       "phone",
                                                       "email",
                                                       "fields.",
                                                       "last_inbound_at",
                                                       "last_outbound_at",
                                                       "last_activity_at"};
static_assert(field_names[static_cast<std::size_t>(FilterField::custom)] == "fields.");
static_assert(field_names[static_cast<std::size_t>(FilterField::last_activity_at)] ==
              "last_activity_at");

constexpr std::array<std::string_view, 16> operator_names{
    "eq", "ne", "in",      "not_in",  "exists",  "not_exists", "contains",   "starts_with",
    "lt", "gt", "between", "has_any", "has_all", "has_none",   "older_than", "newer_than"};
static_assert(operator_names[static_cast<std::size_t>(Operator::newer_than)] == "newer_than");

template <class Enum, std::size_t size>
std::optional<Enum> find(const std::array<std::string_view, size>& names, std::string_view name) {
  for (std::size_t i = 0; i < size; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Sort sort) {
  return sort_names.at(static_cast<std::size_t>(sort));
}
std::optional<Sort> sort_of(std::string_view name) {
  return find<Sort>(sort_names, name);
}

std::string_view name_of(FilterField field) {
  return field_names.at(static_cast<std::size_t>(field));
}
std::optional<FilterField> filter_field_of(std::string_view name) {
  const auto field = find<FilterField>(field_names, name);
  // A custom field is named with its id behind the prefix; the prefix alone names none.
  return field == FilterField::custom ? std::nullopt : field;
}

std::string_view name_of(Operator op) {
  return operator_names.at(static_cast<std::size_t>(op));
}
std::optional<Operator> operator_of(std::string_view name) {
  return find<Operator>(operator_names, name);
}

}  // namespace inboxd::model
