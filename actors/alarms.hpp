// When contacts wake: the ends of all snoozes, soonest first (S19: in order of T, then id).
#pragma once

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/ids.hpp"
#include "model/time.hpp"

namespace inboxd::actors {

/// One thread at a time.
class Alarms {
 public:
  /// Sets, moves or (nothing) clears a contact's end of snooze.
  void set(model::ContactId contact, std::optional<model::Timestamp> at);
  /// The soonest that is set.
  std::optional<model::Timestamp> next() const;
  /// Takes out up to `limit` contacts whose time has come.
  std::vector<model::ContactId> take_due(model::Timestamp now, std::size_t limit);
  std::size_t size() const { return order_.size(); }

 private:
  std::set<std::pair<model::Timestamp, model::ContactId>> order_;
  boost::unordered_flat_map<model::ContactId, model::Timestamp, std::hash<model::ContactId>> times_;
};

}  // namespace inboxd::actors
