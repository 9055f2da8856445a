#include "model/filter_eval.hpp"

#include <algorithm>

#include "model/case_fold.hpp"

namespace inboxd::model {
namespace {

const Details& details_of(const Row& row) {
  static const Details none;
  return row.details ? *row.details : none;
}

/// The operator whose exact negation `op` is; `op` itself if it is no negation.
Operator positive(Operator op) {
  switch (op) {
    case Operator::ne: return Operator::eq;
    case Operator::not_in: return Operator::in;
    case Operator::not_exists: return Operator::exists;
    case Operator::has_none: return Operator::has_any;
    default: return op;
  }
}

std::vector<std::string> texts_of(const FilterValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return {*text};
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) return *texts;
  return {};
}

std::vector<double> numbers_of(const FilterValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return {*number};
  if (const auto* numbers = std::get_if<std::vector<double>>(&value)) return *numbers;
  return {};
}

template <class Id>
std::vector<const std::string*> symbols_of(const std::vector<std::string>& texts) {
  std::vector<const std::string*> symbols;
  symbols.reserve(texts.size());
  for (const auto& text : texts) symbols.push_back(&Id(text).str());
  std::sort(symbols.begin(), symbols.end(), std::less<>{});
  return symbols;
}

/// The set of the named enum values, a bit each.
template <class Of>
std::uint32_t mask_of(const std::vector<std::string>& texts, Of of) {
  std::uint32_t mask = 0;
  for (const auto& text : texts) {
    if (const auto value = of(text)) mask |= 1U << static_cast<unsigned>(*value);
  }
  return mask;
}

template <class T>
bool contains(const std::vector<T>& values, const T& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

template <class Id>
const std::string* address(const std::optional<Id>& id) {
  return id ? &id->str() : nullptr;
}

}  // namespace

Predicate::Predicate(const Filter& filter) : root_(compile(filter)) {
  for (std::uint32_t i = 0; i < leaves_.size(); ++i) {
    const auto op = leaves_[i].op;
    if (op == Operator::older_than || op == Operator::newer_than) relative_.push_back(i);
  }
}

Predicate::Node Predicate::compile(const Filter& filter) {
  Node node{.kind = filter.kind, .leaf = 0, .children = {}};
  if (filter.kind == Filter::Kind::leaf) {
    node.leaf = static_cast<std::uint32_t>(leaves_.size());
    leaves_.push_back(compile_leaf(filter));
    return node;
  }
  node.children.reserve(filter.children.size());
  for (const auto& child : filter.children) node.children.push_back(compile(child));
  return node;
}

Predicate::Leaf Predicate::compile_leaf(const Filter& filter) {
  Leaf leaf;
  leaf.field = filter.field;
  leaf.custom = filter.custom;
  leaf.op = positive(filter.op);
  leaf.negated = leaf.op != filter.op;
  if (const auto* flag = std::get_if<bool>(&filter.value)) leaf.flag = *flag;
  leaf.texts = texts_of(filter.value);
  leaf.numbers = numbers_of(filter.value);

  const bool folded = leaf.op == Operator::contains || leaf.op == Operator::starts_with;
  if (folded && !leaf.texts.empty()) leaf.texts[0] = fold_case(leaf.texts[0]);
  switch (leaf.field) {
    case FilterField::status: leaf.mask = mask_of(leaf.texts, contact_status_of); break;
    case FilterField::channel_kind: leaf.mask = mask_of(leaf.texts, channel_kind_of); break;
    case FilterField::priority:
      for (const auto& text : leaf.texts) {
        leaf.numbers.push_back(static_cast<double>(priority_of(text).value_or(Priority::none)));
      }
      break;
    case FilterField::assignee:
      if (!folded) leaf.symbols = symbols_of<AgentId>(leaf.texts);
      break;
    case FilterField::team:
      if (!folded) leaf.symbols = symbols_of<TeamId>(leaf.texts);
      break;
    case FilterField::channel:
      if (!folded) leaf.symbols = symbols_of<ChannelId>(leaf.texts);
      break;
    case FilterField::tags: leaf.symbols = symbols_of<Tag>(leaf.texts); break;
    default: break;
  }
  if (!leaf.numbers.empty()) {
    leaf.low = leaf.numbers.front();
    leaf.high = leaf.numbers.back();
  }
  return leaf;
}

bool Predicate::match(const Node& node, const Row& row, Timestamp now) const {
  switch (node.kind) {
    case Filter::Kind::leaf: {
      const auto& leaf = leaves_[node.leaf];
      return holds(leaf, row, now) != leaf.negated;
    }
    case Filter::Kind::negation: return !match(node.children[0], row, now);
    case Filter::Kind::all:
      return std::all_of(node.children.begin(), node.children.end(),
                         [&](const Node& child) { return match(child, row, now); });
    case Filter::Kind::any:
      return std::any_of(node.children.begin(), node.children.end(),
                         [&](const Node& child) { return match(child, row, now); });
  }
  return false;
}

bool Predicate::holds(const Leaf& leaf, const Row& row, Timestamp now) {
  switch (leaf.field) {
    case FilterField::status:
      return holds_enum(leaf, static_cast<unsigned>(row.status), name_of(row.status));
    case FilterField::assignee: return holds_symbol(leaf, address(row.assignment.assignee));
    case FilterField::team: return holds_symbol(leaf, address(row.assignment.team));
    case FilterField::unread: return holds_number(leaf, row.unread);
    case FilterField::snoozed: return row.snoozed_until.has_value() == leaf.flag;
    case FilterField::blocked: return row.blocked == leaf.flag;
    case FilterField::channel: return holds_symbol(leaf, address(row.channel));
    case FilterField::channel_kind:
      return row.channel &&
             holds_enum(leaf, static_cast<unsigned>(row.channel_kind), name_of(row.channel_kind));
    case FilterField::tags: return holds_tags(leaf, row.tags);
    case FilterField::priority: return holds_number(leaf, static_cast<double>(row.priority));
    case FilterField::language: return holds_text(leaf, details_of(row).language);
    case FilterField::country: return holds_text(leaf, details_of(row).country);
    case FilterField::lifecycle: return holds_text(leaf, details_of(row).lifecycle);
    case FilterField::first_name: return holds_text(leaf, details_of(row).first_name);
    case FilterField::last_name: return holds_text(leaf, details_of(row).last_name);
    case FilterField::name: return holds_text(leaf, row.name);
    case FilterField::phone: return holds_text(leaf, details_of(row).phone);
    case FilterField::email: return holds_text(leaf, details_of(row).email);
    case FilterField::custom: return holds_custom(leaf, row, now);
    case FilterField::last_inbound_at:
    case FilterField::last_outbound_at:
    case FilterField::last_activity_at: return holds_time(leaf, time_of(leaf, row), now);
  }
  return false;
}

bool Predicate::holds_custom(const Leaf& leaf, const Row& row, Timestamp now) {
  const auto& fields = details_of(row).fields;
  const auto found = fields.find(leaf.custom);
  if (found == fields.end()) return false;
  const auto& value = found->second;
  if (const auto* text = std::get_if<std::string>(&value)) return holds_text(leaf, *text);
  if (const auto* number = std::get_if<double>(&value)) return holds_number(leaf, *number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag == leaf.flag;
  if (const auto* time = std::get_if<Timestamp>(&value)) return holds_time(leaf, *time, now);
  return holds_list(leaf, std::get<std::vector<std::string>>(value));
}

bool Predicate::holds_text(const Leaf& leaf, std::string_view text) {
  if (text.empty()) return false;  // not known
  switch (leaf.op) {
    case Operator::exists: return true;
    case Operator::eq:
    case Operator::in:
      return std::find(leaf.texts.begin(), leaf.texts.end(), text) != leaf.texts.end();
    case Operator::contains: return fold_case(text).find(leaf.texts[0]) != std::string::npos;
    case Operator::starts_with: return fold_case(text).starts_with(leaf.texts[0]);
    default: return false;
  }
}

bool Predicate::holds_symbol(const Leaf& leaf, const std::string* symbol) {
  if (symbol == nullptr) return false;
  if (leaf.op == Operator::eq || leaf.op == Operator::in) {
    return std::binary_search(leaf.symbols.begin(), leaf.symbols.end(), symbol, std::less<>{});
  }
  return holds_text(leaf, *symbol);
}

bool Predicate::holds_enum(const Leaf& leaf, unsigned value, std::string_view name) {
  if (leaf.op == Operator::eq || leaf.op == Operator::in) return (leaf.mask >> value & 1U) != 0;
  return holds_text(leaf, name);
}

bool Predicate::holds_number(const Leaf& leaf, double number) {
  switch (leaf.op) {
    case Operator::exists: return true;
    case Operator::eq:
    case Operator::in: return contains(leaf.numbers, number);
    case Operator::lt: return number < leaf.low;
    case Operator::gt: return number > leaf.low;
    case Operator::between: return leaf.low <= number && number <= leaf.high;
    default: return false;
  }
}

bool Predicate::holds_tags(const Leaf& leaf, const std::vector<Tag>& tags) {
  const auto has = [&tags](const std::string* symbol) {
    return std::any_of(tags.begin(), tags.end(),
                       [symbol](const Tag& tag) { return &tag.str() == symbol; });
  };
  if (tags.empty()) return false;  // a missing value
  if (leaf.op == Operator::has_any) {
    return std::any_of(leaf.symbols.begin(), leaf.symbols.end(), has);
  }
  if (leaf.op == Operator::has_all) {
    return std::all_of(leaf.symbols.begin(), leaf.symbols.end(), has);
  }
  return leaf.op == Operator::exists;
}

bool Predicate::holds_list(const Leaf& leaf, const std::vector<std::string>& list) {
  const auto has = [&list](const std::string& text) { return contains(list, text); };
  if (list.empty()) return false;  // a missing value
  if (leaf.op == Operator::has_any) return std::any_of(leaf.texts.begin(), leaf.texts.end(), has);
  if (leaf.op == Operator::has_all) return std::all_of(leaf.texts.begin(), leaf.texts.end(), has);
  return leaf.op == Operator::exists;
}

bool Predicate::holds_time(const Leaf& leaf, std::optional<Timestamp> time, Timestamp now) {
  if (!time) return false;
  // Durations and times are whole and below 2^53: doubles hold them exactly.
  const Duration length{static_cast<std::int64_t>(leaf.low)};
  switch (leaf.op) {
    case Operator::older_than: return *time <= now - length;
    case Operator::newer_than: return *time > now - length;
    default: return holds_number(leaf, static_cast<double>(time->ms));
  }
}

std::optional<Timestamp> Predicate::time_of(const Leaf& leaf, const Row& row) {
  switch (leaf.field) {
    case FilterField::last_inbound_at: return row.last_inbound_at;
    case FilterField::last_outbound_at: return row.last_outbound_at;
    case FilterField::last_activity_at:
      if (row.last_message) return row.last_message->at;
      return std::nullopt;
    case FilterField::custom: {
      const auto& fields = details_of(row).fields;
      const auto found = fields.find(leaf.custom);
      if (found == fields.end()) return std::nullopt;
      const auto* time = std::get_if<Timestamp>(&found->second);
      return time != nullptr ? std::optional(*time) : std::nullopt;
    }
    default: return std::nullopt;
  }
}

std::optional<Timestamp> Predicate::next_flip(const Row& row, Timestamp now) const {
  std::vector<Timestamp> turns;  // when a leaf's answer changes
  for (const auto index : relative_) {
    const auto& leaf = leaves_[index];
    const auto time = time_of(leaf, row);
    if (!time) continue;
    const auto turn = *time + Duration{static_cast<std::int64_t>(leaf.low)};
    if (turn > now) turns.push_back(turn);
  }
  if (turns.empty()) return std::nullopt;
  std::sort(turns.begin(), turns.end());
  const bool answer = match(row, now);
  for (const auto turn : turns) {
    if (match(row, turn) != answer) return turn;
  }
  return std::nullopt;
}

}  // namespace inboxd::model
