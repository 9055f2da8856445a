// The rows of assigned contacts by agent: what an agent's actor starts from, and whom a removed
// agent leaves behind.
#pragma once

#include <unordered_map>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "actors/commit.hpp"

namespace inboxd::actors {

class AssigneeIndex {
 public:
  void load(const model::RowPtr& row) {
    if (row->assignment.assignee) rows_[*row->assignment.assignee].insert_or_assign(row->id, row);
  }
  void follow(const RowChange& change) {
    if (change.before && change.before->assignment.assignee) {
      const auto& former = *change.before->assignment.assignee;
      if (!change.after || change.after->assignment.assignee != former)
        rows_[former].erase(change.contact);
    }
    if (change.after) load(change.after);
  }
  std::vector<model::RowPtr> rows_of(const model::AgentId& agent) const {
    std::vector<model::RowPtr> rows;
    if (const auto known = rows_.find(agent); known != rows_.end()) {
      rows.reserve(known->second.size());
      for (const auto& [id, row] : known->second) rows.push_back(row);
    }
    return rows;
  }

 private:
  using Rows =
      boost::unordered_flat_map<model::ContactId, model::RowPtr, std::hash<model::ContactId>>;
  std::unordered_map<model::AgentId, Rows> rows_;
};

}  // namespace inboxd::actors
