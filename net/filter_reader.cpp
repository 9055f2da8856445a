// Reads the tree of a filter (S29). Only its form is checked here: model::check_filter says whether
// fields, operators and operands go together, with the workspace at hand.
#include <algorithm>

#include "net/kinds.hpp"

namespace inboxd::net::kinds {
namespace {

using model::Filter;
using simdjson::ondemand::json_type;

/// What has been read of one node.
struct Node {
  Filter filter;
  std::size_t tree_members = 0;  // all, any, not
  bool field = false, op = false, value = false;
};

bool read_node(In& in, Value& value, Filter& out, std::size_t depth);

bool read_children(In& in, Value& value, Filter& out, Filter::Kind kind, std::size_t depth) {
  out.kind = kind;
  return read_list(in, value, limits::filter_nodes_max, [&](In& at, Value& item) {
    return read_node(at, item, out.children.emplace_back(), depth + 1);
  });
}

bool read_negation(In& in, Value& value, Filter& out, std::size_t depth) {
  out.kind = Filter::Kind::negation;
  return read_node(in, value, out.children.emplace_back(), depth + 1);
}

bool read_field(In& in, Value& value, Filter& out) {
  std::string_view name;
  if (!read_view(in, value, name, limits::name_bytes_max)) return false;
  const auto custom = name_of(model::FilterField::custom);
  if (name.starts_with(custom)) {
    out.field = model::FilterField::custom;
    const auto id = model::FieldId::find(name.substr(custom.size()));
    if (id) {
      out.custom = *id;
    } else {
      in.missing("There is no such custom field.");
    }
    return true;
  }
  const auto field = model::filter_field_of(name);
  if (!field) return in.invalid("There is no such field to filter by.");
  out.field = *field;
  return true;
}

/// Texts or numbers, after the first element.
bool read_operands(In& in, Value& value, model::FilterValue& out) {
  std::vector<std::string> texts;
  std::vector<double> numbers;
  const auto read = [&](In& at, Value& item) {
    json_type type{};
    if (item.type().get(type) != simdjson::SUCCESS) return at.invalid("Expected a value.");
    if (type == json_type::number && texts.empty()) {
      return read_number(at, item, numbers.emplace_back());
    }
    if (!numbers.empty()) return at.expected("a number, as before", item);
    return read_text(at, item, texts.emplace_back(), limits::field_value_bytes_max);
  };
  if (!read_list(in, value, limits::filter_values_max, read)) return false;
  if (numbers.empty()) {
    out = std::move(texts);
  } else {
    out = std::move(numbers);
  }
  return true;
}

bool read_operand(In& in, Value& value, model::FilterValue& out) {
  json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return in.invalid("Expected a value.");
  switch (type) {
    case json_type::null: return true;
    case json_type::string:
      return read_text(in, value, out.emplace<std::string>(), limits::field_value_bytes_max);
    case json_type::number: return read_number(in, value, out.emplace<double>());
    case json_type::boolean: return read_flag(in, value, out.emplace<bool>());
    case json_type::array: return read_operands(in, value, out);
    default: return in.expected("a text, a number, a boolean or a list of them", value);
  }
}

bool read_operator(In& in, Value& value, Filter& out) {
  using Name = OneOf<model::Operator, model::operator_of, model::Operator::newer_than>;
  return Name::read(in, value, out.op);
}

bool once(In& in, bool& seen) {
  if (seen) return in.invalid("It is given twice.");
  seen = true;
  return true;
}

bool read_member(In& in, std::string_view key, Value& value, Node& node, std::size_t depth) {
  auto& filter = node.filter;
  if (key == "field") return once(in, node.field) && read_field(in, value, filter);
  if (key == "op") return once(in, node.op) && read_operator(in, value, filter);
  if (key == "value") return once(in, node.value) && read_operand(in, value, filter.value);
  const bool tree = key == "all" || key == "any" || key == "not";
  if (!tree) return in.invalid("A node has `all`, `any`, `not`, or `field`, `op` and `value`.");
  if (node.tree_members++ > 0) return in.invalid("A node has only one of `all`, `any` and `not`.");
  if (key == "not") return read_negation(in, value, filter, depth);
  return read_children(in, value, filter, key == "all" ? Filter::Kind::all : Filter::Kind::any,
                       depth);
}

/// A view's tags become symbols when it is made, whether or not a contact has them yet.
bool check_tags(In& in, const Filter& filter) {
  if (filter.field != model::FilterField::tags) return true;
  const auto* texts = std::get_if<std::vector<std::string>>(&filter.value);
  return texts == nullptr || std::all_of(texts->begin(), texts->end(), [&](const auto& text) {
           return check_room<model::Tag>(in, text);
         });
}

bool check_node(In& in, Node& node) {
  const bool leaf = node.field || node.op || node.value;
  if (node.tree_members > 0) {
    return !leaf || in.invalid("A node is either a tree or a leaf, not both.");
  }
  if (!leaf) return in.invalid("A node has `all`, `any`, `not`, or `field`, `op` and `value`.");
  node.filter.kind = Filter::Kind::leaf;
  if (!node.field) return in.fail(model::invalid(in.path_to("field"), "It is required."));
  if (!node.op) return in.fail(model::invalid(in.path_to("op"), "It is required."));
  return check_tags(in, node.filter);
}

bool read_node(In& in, Value& value, Filter& out, std::size_t depth) {
  if (depth > limits::filter_depth_max) {
    return in.fail({.reason = model::Reason::limit_exceeded,
                    .message = "The filter is nested too deeply.",
                    .field = in.path(),
                    .limit = limits::filter_depth_max});
  }
  Node node;
  const bool read = read_object(in, value, [&](In& at, std::string_view key, Value& member) {
    return read_member(at, key, member, node, depth);
  });
  if (!read || !check_node(in, node)) return false;
  out = std::move(node.filter);
  return true;
}

}  // namespace

bool FilterTree::read(In& in, Value& value, model::Filter& out) {
  return read_node(in, value, out, 1);
}

}  // namespace inboxd::net::kinds
