#include "model/filter_check.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "model/entry.hpp"
#include "model/limits.hpp"

namespace inboxd::model {
namespace {

using Values = std::vector<std::string>;
using Numbers = std::vector<double>;

std::string quoted(std::string_view text) {
  return "`" + std::string(text) + "`";
}

bool is_whole(double number) {
  return std::nearbyint(number) == number &&
         std::abs(number) <= static_cast<double>(limits::integer_max);
}

/// A list of texts; an empty list has no type of its own.
bool is_text_list(const FilterValue& value) {
  const auto* numbers = std::get_if<Numbers>(&value);
  return std::holds_alternative<Values>(value) || (numbers != nullptr && numbers->empty());
}
bool is_number_list(const FilterValue& value) {
  const auto* texts = std::get_if<Values>(&value);
  return std::holds_alternative<Numbers>(value) || (texts != nullptr && texts->empty());
}

/// Looks an id up by its text: a name that somebody made up must not be interned for ever.
template <class Map>
bool has(const Map& map, const std::string& name) {
  const auto found = std::partition_point(
      map.begin(), map.end(), [&name](const auto& item) { return item.first.str() < name; });
  return found != map.end() && found->first.str() == name;
}

class Checker {
 public:
  explicit Checker(const Workspace& workspace) : workspace_(workspace) {}

  std::optional<Error> check(const Filter& node, const std::string& path, std::size_t depth) {
    if (++nodes_ > limits::filter_nodes_max) {
      return bound(path, "A filter holds at most", limits::filter_nodes_max, "nodes");
    }
    if (depth > limits::filter_depth_max) {
      return bound(path, "A filter is at most", limits::filter_depth_max, "levels deep");
    }
    if (node.kind == Filter::Kind::leaf) return check_leaf(node, path);
    return check_children(node, path, depth);
  }

 private:
  std::optional<Error> check_children(const Filter& node, const std::string& path,
                                      std::size_t depth) {
    if (node.kind == Filter::Kind::negation) {
      if (node.children.size() != 1) return invalid(path + ".not", "`not` takes one node.");
      return check(node.children[0], path + ".not", depth + 1);
    }
    const auto name = node.kind == Filter::Kind::all ? ".all[" : ".any[";
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      auto error = check(node.children[i], path + name + std::to_string(i) + "]", depth + 1);
      if (error) return error;
    }
    return std::nullopt;
  }

  std::optional<Error> check_leaf(const Filter& leaf, const std::string& path) {
    auto type = ValueType::text;
    if (leaf.field == FilterField::custom) {
      const auto* field = workspace_.field(leaf.custom);
      if (field == nullptr) {
        return not_found(path + ".field",
                         "There is no custom field " + quoted(leaf.custom.str()) + ".");
      }
      type = value_type_of(field->type);
    } else {
      type = value_type_of(leaf.field);
    }
    if (!allows(type, leaf.op)) {
      return invalid(path + ".op", "The operator " + quoted(name_of(leaf.op)) +
                                       " does not go with " + field_name(leaf) + ".");
    }
    if (auto error = check_value(leaf, type, path + ".value")) return error;
    return check_names(leaf, path + ".value");
  }

  static std::string field_name(const Filter& leaf) {
    return quoted(std::string(name_of(leaf.field)) + leaf.custom.str());
  }

  /// The value's shape, as the operator wants it.
  static std::optional<Error> check_value(const Filter& leaf, ValueType type,
                                          const std::string& path) {
    const auto& value = leaf.value;
    switch (leaf.op) {
      case Operator::exists:
      case Operator::not_exists:
        if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
        return invalid(path, quoted(name_of(leaf.op)) + " takes no value.");
      case Operator::in:
      case Operator::not_in:
      case Operator::has_any:
      case Operator::has_all:
      case Operator::has_none: return check_list(value, type, path);
      case Operator::between: return check_pair(value, type, path);
      case Operator::older_than:
      case Operator::newer_than: {
        const auto* length = std::get_if<double>(&value);
        if (length != nullptr && is_whole(*length) && *length >= 0) return std::nullopt;
        return invalid(path, "A length of time in whole milliseconds is wanted here.");
      }
      default: return check_single(value, type, path);
    }
  }

  static std::optional<Error> check_single(const FilterValue& value, ValueType type,
                                           const std::string& path) {
    const auto* number = std::get_if<double>(&value);
    switch (type) {
      case ValueType::text:
      case ValueType::list:
        if (std::holds_alternative<std::string>(value)) return std::nullopt;
        return invalid(path, "A text is wanted here.");
      case ValueType::priority: {
        const auto* text = std::get_if<std::string>(&value);
        if (text != nullptr && priority_of(*text)) return std::nullopt;
        return invalid(path, "One of `none low medium high urgent` is wanted here.");
      }
      case ValueType::number:
        if (number != nullptr) return std::nullopt;
        return invalid(path, "A number is wanted here.");
      case ValueType::time:
        if (number != nullptr && is_whole(*number)) return std::nullopt;
        return invalid(path, "A time in whole milliseconds since 1970 is wanted here.");
      case ValueType::boolean:
        if (std::holds_alternative<bool>(value)) return std::nullopt;
        return invalid(path, "`true` or `false` is wanted here.");
    }
    return std::nullopt;
  }

  static std::optional<Error> check_list(const FilterValue& value, ValueType type,
                                         const std::string& path) {
    const bool numeric = type == ValueType::number;
    if (numeric ? !is_number_list(value) : !is_text_list(value)) {
      return invalid(
          path, numeric ? "A list of numbers is wanted here." : "A list of texts is wanted here.");
    }
    const auto* texts = std::get_if<Values>(&value);
    const auto* numbers = std::get_if<Numbers>(&value);
    const auto size = texts != nullptr ? texts->size() : numbers->size();
    if (size > limits::filter_values_max) {
      return bound(path, "One list holds at most", limits::filter_values_max, "values");
    }
    if (type != ValueType::priority || texts == nullptr) return std::nullopt;
    for (std::size_t i = 0; i < texts->size(); ++i) {
      if (!priority_of((*texts)[i])) {
        return invalid(path + "[" + std::to_string(i) + "]",
                       "One of `none low medium high urgent` is wanted here.");
      }
    }
    return std::nullopt;
  }

  static std::optional<Error> check_pair(const FilterValue& value, ValueType type,
                                         const std::string& path) {
    if (type == ValueType::priority) {
      const auto* texts = std::get_if<Values>(&value);
      if (texts != nullptr && texts->size() == 2 && priority_of((*texts)[0]) &&
          priority_of((*texts)[1])) {
        return std::nullopt;
      }
      return invalid(path, "Two priorities, lowest first, are wanted here.");
    }
    const auto* numbers = std::get_if<Numbers>(&value);
    const bool pair = numbers != nullptr && numbers->size() == 2;
    const bool whole = pair && is_whole((*numbers)[0]) && is_whole((*numbers)[1]);
    if (type == ValueType::time ? whole : pair) return std::nullopt;
    return invalid(path, type == ValueType::time
                             ? "Two times in whole milliseconds, earliest first, are wanted here."
                             : "Two numbers, lowest first, are wanted here.");
  }

  /// Values that name something: unknown names are invalid, ids that do not exist are not found.
  std::optional<Error> check_names(const Filter& leaf, const std::string& path) const {
    const bool whole_values = leaf.op == Operator::eq || leaf.op == Operator::ne ||
                              leaf.op == Operator::in || leaf.op == Operator::not_in;
    if (!whole_values) return std::nullopt;
    if (const auto* text = std::get_if<std::string>(&leaf.value)) {
      return check_name(leaf.field, *text, path);
    }
    if (const auto* texts = std::get_if<Values>(&leaf.value)) {
      for (std::size_t i = 0; i < texts->size(); ++i) {
        auto error = check_name(leaf.field, (*texts)[i], path + "[" + std::to_string(i) + "]");
        if (error) return error;
      }
    }
    return std::nullopt;
  }

  std::optional<Error> check_name(FilterField field, const std::string& name,
                                  const std::string& path) const {
    switch (field) {
      case FilterField::status:
        if (contact_status_of(name)) return std::nullopt;
        return invalid(path, "A status is `open` or `done`.");
      case FilterField::channel_kind:
        if (channel_kind_of(name)) return std::nullopt;
        return invalid(path, quoted(name) + " is no kind of channel.");
      case FilterField::assignee:
        if (name == "$me" || has(workspace_.agents, name)) return std::nullopt;
        return not_found(path, "There is no agent " + quoted(name) + ".");
      case FilterField::team:
        if (has(workspace_.teams, name)) return std::nullopt;
        return not_found(path, "There is no team " + quoted(name) + ".");
      case FilterField::channel:
        if (has(workspace_.channels, name)) return std::nullopt;
        return not_found(path, "There is no channel " + quoted(name) + ".");
      default: return std::nullopt;
    }
  }

  static Error bound(const std::string& path, std::string_view what, std::size_t most,
                     std::string_view of) {
    return {.reason = Reason::limit_exceeded,
            .message = std::string(what) + " " + std::to_string(most) + " " + std::string(of) + ".",
            .field = path,
            .limit = most};
  }

  const Workspace& workspace_;
  std::size_t nodes_ = 0;
};

}  // namespace

ValueType value_type_of(FieldType type) {
  switch (type) {
    case FieldType::number: return ValueType::number;
    case FieldType::boolean: return ValueType::boolean;
    case FieldType::date: return ValueType::time;
    case FieldType::list: return ValueType::list;
    case FieldType::text:
    case FieldType::url:
    case FieldType::email:
    case FieldType::phone: break;
  }
  return ValueType::text;
}

ValueType value_type_of(FilterField field) {
  switch (field) {
    case FilterField::unread: return ValueType::number;
    case FilterField::snoozed:
    case FilterField::blocked: return ValueType::boolean;
    case FilterField::tags: return ValueType::list;
    case FilterField::priority: return ValueType::priority;
    case FilterField::last_inbound_at:
    case FilterField::last_outbound_at:
    case FilterField::last_activity_at: return ValueType::time;
    default: return ValueType::text;
  }
}

bool allows(ValueType type, Operator op) {
  using enum Operator;
  const auto one_of = [op](auto... ops) { return ((op == ops) || ...); };
  switch (type) {
    case ValueType::text:
      return one_of(eq, ne, in, not_in, exists, not_exists, contains, starts_with);
    case ValueType::number: return one_of(eq, ne, in, not_in, exists, not_exists, lt, gt, between);
    case ValueType::priority: return one_of(eq, ne, in, not_in, lt, gt, between);
    case ValueType::time:
      return one_of(lt, gt, between, exists, not_exists, older_than, newer_than);
    case ValueType::boolean: return one_of(eq, ne);
    case ValueType::list: return one_of(has_any, has_all, has_none, exists, not_exists);
  }
  return false;
}

std::optional<Error> check_filter(const Filter& filter, const Workspace& workspace,
                                  std::string_view path) {
  return Checker(workspace).check(filter, std::string(path), 1);
}

}  // namespace inboxd::model
