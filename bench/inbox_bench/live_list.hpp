// A client's copy of a view: folded from the snapshot and the deltas as PROTOCOL.md says, checking
// each step. Rows are kept as the bytes that came. No socket.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

namespace inboxd::bench {

/// What a view shows at an offset. Texts are JSON as it came.
struct ListContent {
  struct Item {
    std::string id;
    std::string row;
  };
  std::vector<Item> items;
  std::string counters;  // "" before the first
  std::string cursor;
  std::uint64_t offset = 0;

  /// "" if both hold the same rows in the same order with the same counters and cursor, else the
  /// first difference.
  std::string difference(const ListContent& truth) const;
  /// "" if the rows are in the order `newest`: by `sort_at` descending, then by id.
  std::string disorder() const;
};

/// A member of a row's JSON that is a number; 0 if it has none. `key` as it stands, `"version":`;
/// looked for from the front, which costs a few nanoseconds.
std::int64_t number_behind(std::string_view key, std::string_view row);

class LiveList {
 public:
  /// Called with each row that a delta puts; `appended` if it comes behind others, at the end.
  using OnPut = std::function<void(std::string_view row, bool appended)>;

  /// `limit`: of the window, in rows.
  explicit LiveList(std::size_t limit, OnPut on_put = {})
      : limit_(limit), on_put_(std::move(on_put)) {}

  // Each returns "" or what is wrong with it. `result`: of the request; `params`: of the
  // notification.
  std::string take_snapshot(simdjson::ondemand::object result);
  /// The answer to a resume that was recovered: ops from where the list was, perhaps none.
  std::string take_resumed(simdjson::ondemand::object result);
  std::string take_delta(simdjson::ondemand::object params);
  std::string take_reset(simdjson::ondemand::object params);

  const ListContent& content() const { return content_; }
  std::uint64_t offset() const { return content_.offset; }
  const std::string& sub() const { return sub_; }

  std::uint64_t deltas = 0;
  std::uint64_t ops = 0;

 private:
  std::string fold(simdjson::ondemand::object members);
  std::string apply(simdjson::ondemand::object op);
  /// `before` empty: at the end.
  std::string put(std::string_view id, std::string_view row, std::string_view before);
  std::string remove(std::string_view id);
  std::string fill(simdjson::ondemand::array rows);
  std::string count(simdjson::ondemand::object counters);
  /// As many rows as the counters say, and no more than the window's.
  std::string size_error() const;
  std::size_t find(std::string_view id) const;
  ListContent::Item take_out(std::size_t at);

  std::size_t limit_;
  OnPut on_put_;
  ListContent content_;
  std::vector<std::size_t>
      hashes_;  // of the items' ids: one look for a row costs a few lines of them
  std::string sub_;
  bool filled_ = false;         // rows came
  std::uint64_t contacts_ = 0;  // in the view, by its counters
};

}  // namespace inboxd::bench
