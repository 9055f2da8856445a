#include "bench/inbox_bench/live_list.hpp"

#include <algorithm>
#include <functional>
#include <utility>

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

struct Row {
  std::string_view id;   // in the parser's buffer
  std::string_view raw;  // in the frame
};

Row read_row(ondemand::object row) {
  const std::string_view id = row["id"].get_string().value();
  row.reset().value();
  return {.id = id, .raw = row.raw_json().value()};
}

}  // namespace

std::size_t LiveList::find(std::string_view id) const {
  const auto hash = std::hash<std::string_view>{}(id);
  auto at = hashes_.begin();
  for (; (at = std::find(at, hashes_.end(), hash)) != hashes_.end(); ++at) {
    const auto i = static_cast<std::size_t>(at - hashes_.begin());
    if (items_[i].id == id) return i;
  }
  return items_.size();
}

LiveList::Item LiveList::take_out(std::size_t at) {
  auto item = std::move(items_[at]);
  items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(at));
  hashes_.erase(hashes_.begin() + static_cast<std::ptrdiff_t>(at));
  return item;
}

std::string LiveList::fill(ondemand::array rows) {
  items_.clear();
  hashes_.clear();
  for (auto value : rows) {
    const auto row = read_row(value.get_object().value());
    auto error = put(row.id, row.raw, {});
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
  std::string_view kind;
  std::string_view id;
  std::string_view before;
  Row row;
  for (auto field : op) {
    const std::string_view key = field.unescaped_key().value();
    if (key == "op") {
      kind = field.value().get_string().value();
    } else if (key == "id") {
      id = field.value().get_string().value();
    } else if (key == "before") {
      if (!field.value().is_null()) before = field.value().get_string().value();
    } else if (key == "row") {
      row = read_row(field.value().get_object().value());
    }
  }
  if (kind == "del") return remove(id);
  if (kind != "put") return "an unknown op " + std::string(kind);
  return put(row.id, row.raw, before);
}

std::string LiveList::remove(std::string_view id) {
  const auto at = find(id);
  if (at == items_.size()) return "del of " + std::string(id) + ", which is not in the list";
  take_out(at);
  return "";
}

std::string LiveList::put(std::string_view id, std::string_view row, std::string_view before) {
  const auto old = find(id);
  auto item = old < items_.size() ? take_out(old) : Item{.id = std::string(id), .row = {}};
  item.row = row;
  const auto place = before.empty() ? items_.size() : find(before);
  if (!before.empty() && place == items_.size())
    return "put before " + std::string(before) + ", which is not in the list";
  hashes_.insert(hashes_.begin() + static_cast<std::ptrdiff_t>(place),
                 std::hash<std::string_view>{}(item.id));
  items_.insert(items_.begin() + static_cast<std::ptrdiff_t>(place), std::move(item));
  if (on_put_) on_put_(row, before.empty() && items_.size() > 1);
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
