#include "model/views/network.hpp"

#include <algorithm>
#include <string>

namespace inboxd::model {
namespace {

std::uint64_t mix(std::uint64_t x) {  // splitmix64's finaliser
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

/// A choice of terms, and what it weighs: how many contacts have any of them, or a guess.
struct Access {
  std::vector<Term> terms;
  double weight = 0;
};
using MaybeAccess = std::optional<Access>;

double share_of(FilterField field) {
  switch (field) {
    case FilterField::phone:
    case FilterField::email: return 0.01;
    case FilterField::name: return 0.1;
    case FilterField::first_name:
    case FilterField::last_name: return 0.5;
    case FilterField::assignee:
    case FilterField::custom: return 1;
    case FilterField::tags: return 2;
    case FilterField::team: return 5;
    case FilterField::channel: return 10;
    case FilterField::lifecycle: return 15;
    case FilterField::language:
    case FilterField::country: return 20;
    case FilterField::channel_kind: return 25;
    default: return 50;
  }
}

double share_of_value(FilterField field, std::uint64_t value) {
  switch (field) {
    case FilterField::status:
      return value == static_cast<std::uint64_t>(ContactStatus::open) ? 60 : 80;
    case FilterField::snoozed: return value == 1 ? 3 : 97;
    case FilterField::blocked: return value == 1 ? 0.5 : 99;
    case FilterField::priority: return value == static_cast<std::uint64_t>(Priority::none) ? 80 : 8;
    case FilterField::unread: return value == 1 ? 15 : 85;
    default: return value == terms::missing ? 85 : share_of(field);
  }
}

std::vector<std::string> texts_of(const FilterValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return {*text};
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) return *texts;
  return {};
}

Operator opposite(Operator op) {
  switch (op) {
    case Operator::eq: return Operator::ne;
    case Operator::ne: return Operator::eq;
    case Operator::in: return Operator::not_in;
    case Operator::not_in: return Operator::in;
    case Operator::exists: return Operator::not_exists;
    case Operator::not_exists: return Operator::exists;
    case Operator::has_any: return Operator::has_none;
    case Operator::has_none: return Operator::has_any;
    default: return op;
  }
}

bool has_opposite(Operator op) {
  return opposite(op) != op;
}

/// Chooses the terms of which a filter requires one; `Weigh(field, term, number)` gives a term's
/// weight, or nothing for one that is not to be used.
template <class Weigh>
class Chooser {
 public:
  explicit Chooser(const Weigh& weigh) : weigh_(weigh) {}

  MaybeAccess of(const Filter& filter, bool negated = false) const {
    if (filter.kind == Filter::Kind::leaf) return of_leaf(filter, negated);
    if (filter.kind == Filter::Kind::negation) return of(filter.children[0], !negated);
    const bool every = (filter.kind == Filter::Kind::all) != negated;  // De Morgan
    return every ? best_of(filter.children, negated) : all_of(filter.children, negated);
  }

 private:
  MaybeAccess best_of(const std::vector<Filter>& children, bool negated) const {
    MaybeAccess best;
    for (const auto& child : children) {
      auto access = of(child, negated);
      if (access && (!best || access->weight < best->weight)) best = std::move(access);
    }
    return best;
  }
  MaybeAccess all_of(const std::vector<Filter>& children, bool negated) const {
    Access all;
    for (const auto& child : children) {
      const auto access = of(child, negated);
      if (!access) return std::nullopt;
      all.terms.insert(all.terms.end(), access->terms.begin(), access->terms.end());
      all.weight += access->weight;
    }
    return all;
  }

  /// False: the term is not to be used.
  bool add(Access& access, FilterField field, Term term,
           std::optional<std::uint64_t> number) const {
    const auto weight = weigh_(field, term, number);
    if (!weight) return false;
    access.terms.push_back(term);
    access.weight += *weight;
    return true;
  }
  bool add(Access& access, FilterField field, std::uint64_t number) const {
    return add(access, field, terms::of_number(field, number), number);
  }

  /// Of a small closed set: the values that pass, whichever way the leaf says it.
  template <class Of>
  MaybeAccess of_enum(const Filter& leaf, Operator op, unsigned values, Of of) const {
    const auto texts = texts_of(leaf.value);
    const bool wanted = op == Operator::eq || op == Operator::in;
    Access access;
    for (unsigned value = 0; value < values; ++value) {
      const bool named = std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
        const auto parsed = of(text);
        return parsed && static_cast<unsigned>(*parsed) == value;
      });
      if (named == wanted && !add(access, leaf.field, value)) return std::nullopt;
    }
    return access;
  }

  MaybeAccess of_flag(const Filter& leaf, Operator op) const {
    const auto* flag = std::get_if<bool>(&leaf.value);
    const bool wanted = (flag != nullptr && *flag) == (op == Operator::eq);
    Access access;
    if (!add(access, leaf.field, wanted ? 1 : 0)) return std::nullopt;
    return access;
  }

  /// `unread` is filed only as none or some.
  MaybeAccess of_unread(const Filter& leaf, Operator op) const {
    const auto* number = std::get_if<double>(&leaf.value);
    if (number == nullptr) return std::nullopt;
    Access access;
    const bool some = (op == Operator::gt && *number >= 0) || (op == Operator::eq && *number > 0) ||
                      (op == Operator::ne && *number == 0);
    const bool none = (op == Operator::lt && *number <= 1) || (op == Operator::eq && *number == 0);
    if (some == none || !add(access, FilterField::unread, some ? 1 : 0)) return std::nullopt;
    return access;
  }

  MaybeAccess of_texts(const Filter& leaf, Operator op) const {
    const auto* custom = leaf.field == FilterField::custom ? &leaf.custom.str() : nullptr;
    const bool optional_id = leaf.field == FilterField::assignee ||
                             leaf.field == FilterField::team || leaf.field == FilterField::channel;
    Access access;
    if (op == Operator::not_exists && optional_id) {
      if (!add(access, leaf.field, terms::missing)) return std::nullopt;
      return access;
    }
    const bool listed = op == Operator::eq || op == Operator::in || op == Operator::has_any ||
                        op == Operator::has_all;
    if (!listed) return std::nullopt;
    const auto texts = texts_of(leaf.value);
    if (op == Operator::has_all && texts.empty()) return std::nullopt;  // any row with a list
    for (const auto& text : texts) {
      const auto term = terms::of_text(leaf.field, text, custom);
      if (!add(access, leaf.field, term, std::nullopt)) return std::nullopt;
      if (op == Operator::has_all) break;  // each of them is required; one will do
    }
    return access;
  }

  MaybeAccess of_leaf(const Filter& leaf, bool negated) const {
    if (negated && !has_opposite(leaf.op)) return std::nullopt;
    const auto op = negated ? opposite(leaf.op) : leaf.op;
    const bool compares =
        op == Operator::eq || op == Operator::ne || op == Operator::in || op == Operator::not_in;
    switch (leaf.field) {
      case FilterField::status:
        if (!compares) return std::nullopt;
        return of_enum(leaf, op, 2, contact_status_of);
      case FilterField::priority:
        if (!compares) return std::nullopt;
        return of_enum(leaf, op, 5, priority_of);
      case FilterField::channel_kind:
        // A missing channel has no kind, and passes the negated operators.
        if (op != Operator::eq && op != Operator::in) return std::nullopt;
        return of_enum(leaf, op, channel_kinds, channel_kind_of);
      case FilterField::snoozed:
      case FilterField::blocked: return of_flag(leaf, op);
      case FilterField::unread: return of_unread(leaf, op);
      case FilterField::last_inbound_at:
      case FilterField::last_outbound_at:
      case FilterField::last_activity_at: return std::nullopt;
      case FilterField::custom:
        // Numbers, times and booleans are not filed.
        if (std::holds_alternative<bool>(leaf.value) ||
            std::holds_alternative<double>(leaf.value) ||
            std::holds_alternative<std::vector<double>>(leaf.value)) {
          return std::nullopt;
        }
        return of_texts(leaf, op);
      default: return of_texts(leaf, op);
    }
  }

  const Weigh& weigh_;
};

template <class Weigh>
std::optional<std::vector<Term>> chosen(const Filter& filter, const Weigh& weigh) {
  auto access = Chooser(weigh).of(filter);
  if (!access) return std::nullopt;
  auto& terms = access->terms;
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  return std::move(terms);
}

/// A guess, only to choose by: of a hundred contacts, how many have the term.
std::optional<double> guess_weight(FilterField field, Term, std::optional<std::uint64_t> number) {
  return number ? share_of_value(field, *number) : share_of(field);
}

}  // namespace

namespace terms {

Term of_number(FilterField field, std::uint64_t value, const std::string* custom) {
  const auto place = static_cast<std::uint64_t>(field) << 56;
  return mix(place ^ mix(value ^ reinterpret_cast<std::uintptr_t>(custom)));
}
Term of_text(FilterField field, std::string_view value, const std::string* custom) {
  return of_number(field, std::hash<std::string_view>{}(value), custom);
}

}  // namespace terms

std::optional<std::vector<Term>> required_terms(const Filter& filter) {
  return chosen(filter, guess_weight);
}

std::optional<std::vector<Term>> required_terms(const Filter& filter, const TermWeight& weight) {
  return chosen(filter,
                [&weight](FilterField field, Term term, std::optional<std::uint64_t> number) {
                  return weight(field, term, number == terms::missing);
                });
}

double expected_share(const Filter& filter) {
  const auto access = Chooser(guess_weight).of(filter);
  return access ? access->weight : 100;
}

void Network::add(Item item, const Filter& filter) {
  ++items_;
  const auto terms = required_terms(filter);
  if (!terms) {
    unfiled_.push_back(item);
    return;
  }
  for (const auto term : *terms) filed_[term].push_back(item);
}

void Network::remove(Item item, const Filter& filter) {
  --items_;
  const auto take_out = [item](std::vector<Item>& items) {
    const auto found = std::find(items.begin(), items.end(), item);
    if (found == items.end()) return;
    *found = items.back();
    items.pop_back();
  };
  const auto terms = required_terms(filter);
  if (!terms) {
    take_out(unfiled_);
    return;
  }
  for (const auto term : *terms) {
    const auto place = filed_.find(term);
    if (place == filed_.end()) continue;
    take_out(place->second);
    if (place->second.empty()) filed_.erase(place);
  }
}

}  // namespace inboxd::model
