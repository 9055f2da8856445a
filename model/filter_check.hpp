// May this filter be kept? Shape, types, operators, bounds and ids, with errors that point at the
// node (S29, S39).
#pragma once

#include <optional>
#include <string_view>

#include "model/error.hpp"
#include "model/filter.hpp"
#include "model/workspace.hpp"

namespace inboxd::model {

/// What a field's values are, which decides its operators (S29).
enum class ValueType : std::uint8_t { text, number, priority, time, boolean, list };
ValueType value_type_of(FieldType type);
/// Of a field that is not custom.
ValueType value_type_of(FilterField field);
bool allows(ValueType type, Operator op);

/// Nothing: the filter is good. Errors, the first in reading order: invalid_params (`…op`,
/// `…value`), not_found (agents, teams, channels and custom fields that do not exist),
/// limit_exceeded (nodes, depth, values). `path` names the filter itself, such as `filter`; a
/// node's error has a path such as `filter.all[1].op`.
std::optional<Error> check_filter(const Filter& filter, const Workspace& workspace,
                                  std::string_view path);

}  // namespace inboxd::model
