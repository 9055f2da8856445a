// Who may be shown what a search found: one search's view of the live state (S21, S23, S25), with
// the conditions (`tag:`, `status:` …) made ready.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/request.hpp"
#include "actors/search_rows.hpp"
#include "model/error.hpp"
#include "model/filter_eval.hpp"
#include "model/view_scope.hpp"
#include "persistence/search/index.hpp"
#include "persistence/store.hpp"

namespace inboxd::actors {

class SearchJudge final : public search::Judge {
 public:
  /// Within one lock of `rows`. Errors: not_found `view`.
  static model::Result<std::unique_ptr<SearchJudge>> make(const SearchRows& rows,
                                                          const persistence::StateStore& store,
                                                          const Submission& submission,
                                                          const search::Query& query);

  std::optional<model::Timestamp> recency(model::ContactId contact) override;
  bool admits(model::ContactId contact) override;
  bool admits(const search::EntryValue& entry) override;
  search::Document document(model::ContactId contact,
                            std::vector<std::string> external_ids) override;
  search::DocumentPtr document(const search::EntryValue& entry) override;

  /// Of messages.
  const search::ChannelScope& channels() const { return channels_; }

  const model::RowPtr& row(model::ContactId contact) const {
    return rows_.row(workspace_.id, contact);
  }
  /// Of the contact that has the entry now.
  const model::RowPtr& row_of(const search::EntryValue& entry) const {
    return row(rows_.resolve(entry.contact, entry.seq).first);
  }
  /// An entry as it is now, under the contact that has it now; null if it is not to be had.
  std::shared_ptr<const model::Entry> entry(const search::EntryValue& entry) const;

 private:
  struct TagCondition {
    std::string folded, raw;
    bool quoted = false, negated = false;
  };
  struct AssigneeCondition {
    bool none = false, negated = false;
    std::vector<model::AgentId> agents;
  };
  struct TimeRange {
    std::optional<model::Timestamp> from, before;
    bool holds(model::Timestamp t) const {
      return (!from || t >= *from) && (!before || t < *before);
    }
  };

  SearchJudge(const SearchRows& rows, const persistence::StateStore& store,
              const model::Workspace& workspace, const model::Filter& filter)
      : rows_(rows), store_(store), workspace_(workspace), visible_(filter) {}

  void prepare(const search::Condition& condition, const model::Principal& by);
  void prepare_assignee(const search::Condition& condition, const model::Principal& by);
  void prepare_channel(const search::Condition& condition);
  void prepare_time(const search::Condition& condition);
  bool holds(const TagCondition& condition, const model::Row& row) const;
  bool may_be_shown(const model::Row& row) const;
  bool conditions_hold(const model::Row& row) const;

  const SearchRows& rows_;
  const persistence::StateStore& store_;
  const model::Workspace& workspace_;
  const model::Predicate visible_;
  std::vector<TagCondition> tags_;
  std::vector<AssigneeCondition> assignees_;
  std::vector<search::Condition> statuses_;
  std::vector<TimeRange> times_, not_times_;
  search::ChannelScope channels_;
};

}  // namespace inboxd::actors
