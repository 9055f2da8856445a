#include "bench/inbox_bench/live_list.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace inboxd::bench {
namespace {

namespace ondemand = simdjson::ondemand;

struct Row {
  std::string_view id;   // in the parser's buffer
  std::string_view raw;  // in the frame
};

Row read_row(ondemand::object row) {
  const std::string_view id = row["id"].get_string().value();
  row.reset().value();
  return {.id = id, .raw = row.raw_json().value()};
}

std::int64_t version_of(std::string_view row) {
  return number_behind("\"version\":", row);
}

}  // namespace

std::size_t LiveList::find(std::string_view id) const {
  const auto& items = content_.items;
  const auto hash = std::hash<std::string_view>{}(id);
  auto at = hashes_.begin();
  for (; (at = std::find(at, hashes_.end(), hash)) != hashes_.end(); ++at) {
    const auto i = static_cast<std::size_t>(at - hashes_.begin());
    if (items[i].id == id) return i;
  }
  return items.size();
}

ListContent::Item LiveList::take_out(std::size_t at) {
  auto item = std::move(content_.items[at]);
  content_.items.erase(content_.items.begin() + static_cast<std::ptrdiff_t>(at));
  hashes_.erase(hashes_.begin() + static_cast<std::ptrdiff_t>(at));
  return item;
}

std::string LiveList::fill(ondemand::array rows) {
  filled_ = true;
  content_.items.clear();
  hashes_.clear();
  for (auto value : rows) {
    const auto row = read_row(value.get_object().value());
    if (find(row.id) < content_.items.size()) return std::string(row.id) + " twice in a snapshot";
    auto error = put(row.id, row.raw, {});
    if (!error.empty()) return error;
  }
  return "";
}

std::string LiveList::count(ondemand::object counters) {
  std::int64_t contacts = 0, unread_contacts = 0, unread_messages = 0;
  for (auto field : counters) {
    const std::string_view key = field.unescaped_key().value();
    const std::int64_t value = field.value().get_int64().value();
    if (key == "contacts") contacts = value;
    if (key == "unread_contacts") unread_contacts = value;
    if (key == "unread_messages") unread_messages = value;
  }
  counters.reset().value();
  content_.counters = counters.raw_json().value();
  if (std::min({contacts, unread_contacts, unread_messages}) < 0)
    return "counters below zero: " + content_.counters;
  if (unread_contacts > contacts || unread_contacts > unread_messages)
    return "counters that cannot be: " + content_.counters;
  contacts_ = static_cast<std::uint64_t>(contacts);
  return "";
}

std::string LiveList::size_error() const {
  const auto size = content_.items.size();
  if (size > limit_) return std::to_string(size) + " rows in a window of " + std::to_string(limit_);
  if (!content_.counters.empty() && size != std::min<std::uint64_t>(limit_, contacts_))
    return std::to_string(size) + " rows of " + std::to_string(contacts_) +
           " contacts in a window of " + std::to_string(limit_);
  return "";
}

std::string LiveList::take_snapshot(ondemand::object result) {
  content_.items.clear();
  hashes_.clear();
  content_.counters.clear();
  filled_ = false;
  auto error = fold(result);
  if (!error.empty()) return error;
  return filled_ ? content_.disorder() : "a snapshot without rows";
}

std::string LiveList::take_resumed(ondemand::object result) {
  const auto before = offset();
  auto error = fold(result);
  if (error.empty() && offset() < before)
    return "resumed at " + std::to_string(offset()) + ", before " + std::to_string(before);
  return error.empty() ? content_.disorder() : error;
}

std::string LiveList::take_delta(ondemand::object params) {
  const auto before = offset();
  const auto sub = sub_;
  ++deltas;
  auto error = fold(params);
  if (!error.empty()) return error;
  if (sub_ != sub) return "a delta of another subscription, " + sub_;
  if (offset() <= before)
    return "a delta's offset " + std::to_string(offset()) + " does not come after " +
           std::to_string(before);
  return "";
}

std::string LiveList::take_reset(ondemand::object params) {
  const auto before = offset();
  const auto sub = sub_;
  auto error = take_snapshot(params);
  if (!error.empty()) return error;
  if (sub_ != sub) return "a reset of another subscription, " + sub_;
  if (offset() < before)
    return "reset to " + std::to_string(offset()) + ", before " + std::to_string(before);
  return "";
}

std::string LiveList::fold(ondemand::object members) {
  std::string error;
  for (auto field : members) {
    const std::string_view key = field.unescaped_key().value();
    if (key == "offset") {
      content_.offset = field.value().get_uint64().value();
    } else if (key == "sub") {
      const std::string_view sub = field.value().get_string().value();
      if (sub_ != sub) sub_ = sub;
    } else if (key == "counters") {
      error = count(field.value().get_object().value());
    } else if (key == "cursor") {
      const std::string_view cursor = field.value().raw_json_token().value();
      content_.cursor = cursor.substr(0, cursor.find_last_not_of(" \t\r\n") + 1);
    } else if (key == "rows") {
      error = fill(field.value().get_array().value());
    } else if (key == "ops") {
      ondemand::array list = field.value().get_array().value();
      for (auto op : list) {
        ++ops;
        error = apply(op.get_object().value());
        if (!error.empty()) return error;
      }
    }
    if (!error.empty()) return error;
  }
  return size_error();
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
  if (at == content_.items.size())
    return "del of " + std::string(id) + ", which is not in the list";
  take_out(at);
  return "";
}

std::string LiveList::put(std::string_view id, std::string_view row, std::string_view before) {
  auto& items = content_.items;
  const auto old = find(id);
  auto item =
      old < items.size() ? take_out(old) : ListContent::Item{.id = std::string(id), .row = {}};
  if (version_of(row) < version_of(item.row))
    return std::string(id) + " goes back from version " + std::to_string(version_of(item.row)) +
           " to " + std::to_string(version_of(row));
  item.row = row;
  const auto place = before.empty() ? items.size() : find(before);
  if (!before.empty() && place == items.size())
    return "put before " + std::string(before) + ", which is not in the list";
  hashes_.insert(hashes_.begin() + static_cast<std::ptrdiff_t>(place),
                 std::hash<std::string_view>{}(item.id));
  items.insert(items.begin() + static_cast<std::ptrdiff_t>(place), std::move(item));
  if (on_put_) on_put_(row, before.empty() && items.size() > 1);
  return "";
}

}  // namespace inboxd::bench
