#include "bench/inbox_bench/live_list.hpp"

#include <algorithm>

namespace inboxd::bench {
namespace {

namespace ondemand = simdjson::ondemand;

// The same JSON without regard to white space.
bool same_json(const std::string& a, const std::string& b) {
  if (a == b) return true;
  simdjson::dom::parser parser_a;
  simdjson::dom::parser parser_b;
  simdjson::dom::element left;
  simdjson::dom::element right;
  return parser_a.parse(a).get(left) == simdjson::SUCCESS &&
         parser_b.parse(b).get(right) == simdjson::SUCCESS &&
         simdjson::to_string(left) == simdjson::to_string(right);
}

}  // namespace

std::size_t LiveList::find(std::string_view id) const {
  const auto found = std::ranges::find(items_, id, &Item::id);
  return static_cast<std::size_t>(found - items_.begin());
}

std::string LiveList::fill(ondemand::array rows) {
  items_.clear();
  for (auto value : rows) {
    const auto error = put(value.get_object().value(), {}, true);
    if (!error.empty()) return error;
  }
  return "";
}

std::string LiveList::take_snapshot(ondemand::object result) {
  std::string error;
  bool has_rows = false;
  for (auto field : result) {
    const std::string_view key = field.unescaped_key().value();
    if (key == "offset") {
      offset_ = field.value().get_uint64().value();
    } else if (key == "counters") {
      counters_ = field.value().get_object().value().raw_json().value();
    } else if (key == "rows") {
      has_rows = true;
      error = fill(field.value().get_array().value());
    }
    if (!error.empty()) return error;
  }
  return has_rows ? "" : "a snapshot without rows";
}

std::string LiveList::take_delta(ondemand::object params) {
  const auto before = offset_;
  ++deltas;
  const auto error = fold(params);
  if (error.empty() && offset_ <= before)
    return "a delta's offset " + std::to_string(offset_) + " does not come after " +
           std::to_string(before);
  return error;
}

std::string LiveList::take_resumed(ondemand::object result) {
  const auto before = offset_;
  const auto error = fold(result);
  if (error.empty() && offset_ < before)
    return "resumed at " + std::to_string(offset_) + ", before " + std::to_string(before);
  return error;
}

std::string LiveList::fold(ondemand::object params) {
  std::string error;
  for (auto field : params) {
    const std::string_view key = field.unescaped_key().value();
    if (key == "offset") {
      offset_ = field.value().get_uint64().value();
    } else if (key == "counters") {
      counters_ = field.value().get_object().value().raw_json().value();
    } else if (key == "ops") {
      ondemand::array list = field.value().get_array().value();
      for (auto op : list) {
        ++ops;
        error = apply(op.get_object().value());
        if (!error.empty()) return error;
      }
    }
  }
  return "";
}

std::string LiveList::apply(ondemand::object op) {
  const std::string_view kind = op["op"].get_string().value();
  if (kind == "del") {
    const std::string_view id = op["id"].get_string().value();
    const auto at = find(id);
    if (at == items_.size()) return "del of " + std::string(id) + ", which is not in the list";
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(at));
    return "";
  }
  if (kind != "put") return "an unknown op " + std::string(kind);
  // `before` stands after the row, as a rule; the object is read twice so that it need not.
  std::string before;
  ondemand::value value;
  const bool last = op["before"].get(value) != simdjson::SUCCESS || value.is_null();
  if (!last) before = std::string_view(value.get_string().value());
  op.reset().value();
  return put(op["row"].get_object().value(), before, last);
}

std::string LiveList::put(ondemand::object row, std::string_view before, bool last) {
  const std::string id(row["id"].get_string().value());
  row.reset().value();
  const std::string_view raw = row.raw_json().value();
  const auto old = find(id);
  Item item;
  if (old < items_.size()) {
    item = std::move(items_[old]);
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(old));
  } else {
    item.id = id;
  }
  item.row = raw;
  const auto place = last ? items_.size() : find(before);
  if (!last && place == items_.size())
    return "put before " + std::string(before) + ", which is not in the list";
  items_.insert(items_.begin() + static_cast<std::ptrdiff_t>(place), std::move(item));
  if (on_put_) on_put_(raw, last && items_.size() > 1);
  return "";
}

std::string LiveList::difference(const LiveList& truth) const {
  if (items_.size() != truth.items_.size())
    return std::to_string(items_.size()) + " rows instead of " +
           std::to_string(truth.items_.size());
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (items_[i].id != truth.items_[i].id)
      return "row " + std::to_string(i) + " is " + items_[i].id + " instead of " +
             truth.items_[i].id;
    if (!same_json(items_[i].row, truth.items_[i].row))
      return "row " + std::to_string(i) + " is " + items_[i].row + " instead of " +
             truth.items_[i].row;
  }
  if (!same_json(counters_, truth.counters_))
    return "counters " + counters_ + " instead of " + truth.counters_;
  return "";
}

}  // namespace inboxd::bench
