// Filters at work: a tree compiled once and asked many times about rows (S29).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/filter.hpp"
#include "model/row.hpp"
#include "model/time.hpp"

namespace inboxd::model {

/// A compiled filter: a pure function of a row and the time. `$me` must have been replaced before
/// (view_scope.hpp); left as it is, it matches nobody. The filter must have passed `check_filter`.
class Predicate {
 public:
  explicit Predicate(const Filter& filter);

  bool match(const Row& row, Timestamp now) const { return match(root_, row, now); }

  /// True if the answer can change by time alone.
  bool relative() const { return !relative_.empty(); }

  /// The first time after `now` at which `match` answers other than at `now`; nothing: it never
  /// does.
  std::optional<Timestamp> next_flip(const Row& row, Timestamp now) const;

 private:
  struct Leaf {
    FilterField field = FilterField::status;
    FieldId custom;
    Operator op = Operator::eq;  // never one of the four negated ones: those set `negated`
    bool negated = false;
    bool flag = false;                        // boolean operand
    std::uint32_t mask = 0;                   // enums: the accepted values, a bit each
    double low = 0, high = 0;                 // numbers, times, ranks; lengths of time in `low`
    std::vector<double> numbers;              // of `in`
    std::vector<std::string> texts;           // folded for contains, starts_with
    std::vector<const std::string*> symbols;  // interned ids and tags, compared by address
  };
  struct Node {
    Filter::Kind kind = Filter::Kind::all;
    std::uint32_t leaf = 0;
    std::vector<Node> children;
  };

  Node compile(const Filter& filter);
  static Leaf compile_leaf(const Filter& filter);

  bool match(const Node& node, const Row& row, Timestamp now) const;
  static bool holds(const Leaf& leaf, const Row& row, Timestamp now);
  static bool holds_custom(const Leaf& leaf, const Row& row, Timestamp now);
  static bool holds_text(const Leaf& leaf, std::string_view text);
  static bool holds_symbol(const Leaf& leaf, const std::string* symbol);
  static bool holds_enum(const Leaf& leaf, unsigned value, std::string_view name);
  static bool holds_number(const Leaf& leaf, double number);
  static bool holds_tags(const Leaf& leaf, const std::vector<Tag>& tags);
  static bool holds_list(const Leaf& leaf, const std::vector<std::string>& list);
  static bool holds_time(const Leaf& leaf, std::optional<Timestamp> time, Timestamp now);
  static std::optional<Timestamp> time_of(const Leaf& leaf, const Row& row);

  std::vector<Leaf> leaves_;
  std::vector<std::uint32_t> relative_;  // leaves with older_than, newer_than
  Node root_;
};

}  // namespace inboxd::model
