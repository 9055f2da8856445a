#include "bench/inbox_bench/live_counters.hpp"

#include <algorithm>
#include <utility>

namespace inboxd::bench {
namespace {

namespace ondemand = simdjson::ondemand;

std::string text_of(const std::map<std::string, std::int64_t>& counters) {
  std::string text;
  for (const auto& [name, value] : counters)
    text += (text.empty() ? "" : ", ") + name + " " + std::to_string(value);
  return text;
}

}  // namespace

std::string LiveCounters::take_snapshot(ondemand::object result) {
  views_.clear();
  return fold(result);
}

std::string LiveCounters::take_delta(ondemand::object params) {
  const auto before = offset_;
  auto error = fold(params);
  if (error.empty() && offset_ <= before)
    return "counters at offset " + std::to_string(offset_) + " do not come after " +
           std::to_string(before);
  return error;
}

std::string LiveCounters::fold(ondemand::object members) {
  for (auto member : members) {
    const std::string_view key = member.unescaped_key().value();
    if (key == "offset") {
      offset_ = member.value().get_uint64().value();
    } else if (key == "counters") {
      for (auto view : member.value().get_object().value()) {
        std::string name(view.unescaped_key().value());
        auto error = take(std::move(name), view.value().value());
        if (!error.empty()) return error;
      }
    }
  }
  return "";
}

std::string LiveCounters::take(std::string view, ondemand::value value) {
  if (value.is_null()) {
    views_.erase(view);
    return "";
  }
  Counters counters;
  for (auto counter : value.get_object().value()) {
    std::string name(counter.unescaped_key().value());
    counters[std::move(name)] = counter.value().get_int64().value();
  }
  if (std::ranges::any_of(counters, [](const auto& one) { return one.second < 0; }))
    return "counters of " + view + " below zero: " + text_of(counters);
  views_[std::move(view)] = std::move(counters);
  return "";
}

std::string LiveCounters::difference(const LiveCounters& truth) const {
  for (const auto& [view, counters] : truth.views_) {
    const auto mine = views_.find(view);
    if (mine == views_.end()) return "no counters of " + view;
    if (mine->second != counters)
      return "counters of " + view + " are " + text_of(mine->second) + " instead of " +
             text_of(counters);
  }
  return views_.size() == truth.views_.size() ? "" : "counters of views that are not there";
}

}  // namespace inboxd::bench
