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

class LiveList {
 public:
  struct Item {
    std::string id;
    std::string row;  // JSON
  };
  /// Called with each row that a delta puts; `appended` if it comes behind others, at the end.
  using OnPut = std::function<void(std::string_view row, bool appended)>;

  explicit LiveList(OnPut on_put = {}) : on_put_(std::move(on_put)) {}

  // Each returns "" or what is wrong with it. `params`: of the notification; `result`: of the
  // request.
  std::string take_snapshot(simdjson::ondemand::object result);
  std::string take_delta(simdjson::ondemand::object params);
  /// The answer to a resume that was recovered: ops from where the list was, perhaps none.
  std::string take_resumed(simdjson::ondemand::object result);

  const std::vector<Item>& items() const { return items_; }
  /// JSON; "" before the first.
  const std::string& counters() const { return counters_; }
  std::uint64_t offset() const { return offset_; }

  std::uint64_t deltas = 0;
  std::uint64_t ops = 0;

  /// "" if both hold the same rows in the same order with the same counters, else the difference.
  std::string difference(const LiveList& truth) const;

 private:
  std::string fold(simdjson::ondemand::object params);
  std::string apply(simdjson::ondemand::object op);
  /// `before` empty: at the end.
  std::string put(std::string_view id, std::string_view row, std::string_view before);
  std::string remove(std::string_view id);
  std::string fill(simdjson::ondemand::array rows);
  std::size_t find(std::string_view id) const;
  Item take_out(std::size_t at);

  OnPut on_put_;
  std::vector<Item> items_;
  std::vector<std::size_t>
      hashes_;  // of the items' ids: one look for a row costs a few lines of them
  std::string counters_;
  std::uint64_t offset_ = 0;
};

}  // namespace inboxd::bench
