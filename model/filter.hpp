// Filters and sorts of views (S29, S30): what can be asked of a contact, as data. Evaluation:
// filter_eval.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/ids.hpp"
#include "model/time.hpp"

namespace inboxd::model {

enum class Sort : std::uint8_t { newest, oldest, longest_waiting, unread_first, priority };
std::string_view name_of(Sort sort);
std::optional<Sort> sort_of(std::string_view name);

enum class FilterField : std::uint8_t {
  status,
  assignee,
  team,
  unread,
  snoozed,
  blocked,
  channel,
  channel_kind,
  tags,
  priority,
  language,
  country,
  lifecycle,
  first_name,
  last_name,
  name,
  phone,
  email,
  custom,  // `fields.<id>`
  last_inbound_at,
  last_outbound_at,
  last_activity_at,
};
std::string_view name_of(FilterField field);  // "fields." for custom
std::optional<FilterField> filter_field_of(std::string_view name);

enum class Operator : std::uint8_t {
  eq,
  ne,
  in,
  not_in,
  exists,
  not_exists,
  contains,
  starts_with,
  lt,
  gt,
  between,
  has_any,
  has_all,
  has_none,
  older_than,
  newer_than,
};
std::string_view name_of(Operator op);
std::optional<Operator> operator_of(std::string_view name);

/// A leaf's operand as the wire gives it: numbers (also times and durations, in ms), texts,
/// booleans and lists of them. Null and absent are `std::monostate`.
using FilterValue = std::variant<std::monostate, std::string, double, bool,
                                 std::vector<std::string>, std::vector<double>>;

/// A node of the tree; which members count depends on `kind`.
struct Filter {
  enum class Kind : std::uint8_t { all, any, negation, leaf };

  Kind kind = Kind::all;
  std::vector<Filter> children;  // all, any: any number; negation: one
  FilterField field = FilterField::status;
  FieldId custom;  // with FilterField::custom
  Operator op = Operator::eq;
  FilterValue value;

  friend bool operator==(const Filter&, const Filter&) = default;
};

}  // namespace inboxd::model
