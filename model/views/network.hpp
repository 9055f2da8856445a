// Finds the filters that a row could match without asking each: a discrimination network over the
// terms that a filter requires (`tag = vip`, `assignee = ana`). A filter is filed under the terms
// of which every row that matches has at least one, chosen to be as rare as can be; a row calls up
// only what is filed under its own terms. So filters that nobody's change touches cost nothing.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/filter.hpp"
#include "model/row.hpp"

namespace inboxd::model {

/// A field with a value, hashed. Two terms that collide only call up a filter in vain.
using Term = std::uint64_t;

/// Terms of which every row that matches the filter, at whatever time, has at least one. Nothing:
/// the filter requires none that is indexed, and could match any row.
std::optional<std::vector<Term>> required_terms(const Filter& filter);

/// The same, chosen by a weight for each term (less is better); terms without one are not used.
/// `missing`: the term says that the field has no value.
using TermWeight = std::function<std::optional<double>(FilterField field, Term term, bool missing)>;
std::optional<std::vector<Term>> required_terms(const Filter& filter, const TermWeight& weight);

/// How many of a hundred contacts one expects to match: a guess by the required terms.
double expected_share(const Filter& filter);

class Network {
 public:
  /// What is found; the owner's own.
  using Item = void*;

  void add(Item item, const Filter& filter);
  void remove(Item item, const Filter& filter);
  bool empty() const { return items_ == 0; }

  /// Calls `found(item)` for each item whose filter the row could match; possibly more than once.
  template <class Found>
  void for_each(const Row& row, Found&& found) const {
    for (const auto item : unfiled_) found(item);
    if (filed_.empty()) return;
    terms_of(row, [&](Term term) {
      const auto place = filed_.find(term);
      if (place == filed_.end()) return;
      for (const auto item : place->second) found(item);
    });
  }

 private:
  template <class Each>
  void terms_of(const Row& row, Each&& each) const;

  struct TermHash {
    using is_avalanching = void;
    std::size_t operator()(Term term) const noexcept { return term; }
  };

  boost::unordered_flat_map<Term, std::vector<Item>, TermHash> filed_;
  std::vector<Item> unfiled_;
  std::size_t items_ = 0;
};

namespace terms {

/// Hashes of a field's value; `custom` is the address of the field id's text, or null.
Term of_text(FilterField field, std::string_view value, const std::string* custom = nullptr);
Term of_number(FilterField field, std::uint64_t value, const std::string* custom = nullptr);
inline constexpr std::uint64_t missing = ~std::uint64_t{0};

}  // namespace terms

template <class Each>
void Network::terms_of(const Row& row, Each&& each) const {
  using enum FilterField;
  const auto symbol = [&](FilterField field, const auto& id) {
    each(id ? terms::of_text(field, id->str()) : terms::of_number(field, terms::missing));
  };
  const auto text = [&](FilterField field, const std::string& value) {
    if (!value.empty()) each(terms::of_text(field, value));
  };
  each(terms::of_number(status, static_cast<std::uint64_t>(row.status)));
  each(terms::of_number(snoozed, row.snoozed_until ? 1 : 0));
  each(terms::of_number(blocked, row.blocked ? 1 : 0));
  each(terms::of_number(priority, static_cast<std::uint64_t>(row.priority)));
  each(terms::of_number(unread, row.unread > 0 ? 1 : 0));
  symbol(assignee, row.assignment.assignee);
  symbol(team, row.assignment.team);
  symbol(channel, row.channel);
  if (row.channel)
    each(terms::of_number(channel_kind, static_cast<std::uint64_t>(row.channel_kind)));
  for (const auto& tag : row.tags) each(terms::of_text(tags, tag.str()));
  text(name, row.name);
  if (!row.details) return;
  text(language, row.details->language);
  text(country, row.details->country);
  text(lifecycle, row.details->lifecycle);
  text(first_name, row.details->first_name);
  text(last_name, row.details->last_name);
  text(phone, row.details->phone);
  text(email, row.details->email);
  for (const auto& [id, value] : row.details->fields) {
    if (const auto* one = std::get_if<std::string>(&value)) {
      each(terms::of_text(custom, *one, &id.str()));
    } else if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
      for (const auto& each_one : *list) each(terms::of_text(custom, each_one, &id.str()));
    }
  }
}

}  // namespace inboxd::model
