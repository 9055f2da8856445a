// How the contacts of a selection are spread over agents, teams and channels, and who waits longest
// in each: what a wallboard shows. Kept by adding and taking away rows: a change costs O(log n).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/row.hpp"
#include "model/views/counters.hpp"
#include "model/views/order_index.hpp"
#include "model/workspace.hpp"

namespace inboxd::model {

/// What lies on one desk.
struct Load {
  Counters counters;          // open and not snoozed, as in `mine`, `unassigned` and `team:<id>`
  std::uint64_t snoozed = 0;  // open
  std::uint64_t waiting = 0;  // for an answer (`waiting_since`), snoozed or not
  std::optional<Timestamp> waiting_since = {};  // of who waits longest

  friend bool operator==(const Load&, const Load&) = default;
};

class Workload {
 public:
  /// Who is in which team; again when that changed. Rows stay. O(pairs of assignee and team).
  void set_teams(const Workspace& workspace);

  /// A row came (`before` null), went (`after` null) or changed. Rows that are not blocked.
  void change(const Row* before, const Row* after);
  void count_message(Direction direction);

  /// Something may differ from what `changes` gave last.
  bool stirred() const;
  /// What changed since the last time, as `{"total":{…},"unassigned":{…},"agents":{"ana":{…}},
  /// "teams":{…},"channels":{…},"messages":{"in":2,"out":1}}`: groups that changed, null for one
  /// that is empty now, and the messages counted since. Nothing if nothing changed.
  std::optional<std::string> changes();

  /// The loads of groups that are not empty.
  struct Told {
    Load total, unassigned;
    std::map<AgentId, Load> agents;
    std::map<TeamId, Load> teams;
    std::map<ChannelId, Load> channels;
  };
  /// Differences may pass zero: they wrap, and mean what they should.
  struct Messages {
    std::uint64_t in = 0, out = 0;
    friend bool operator==(const Messages&, const Messages&) = default;
    friend Messages operator-(const Messages& a, const Messages& b) {
      return {.in = a.in - b.in, .out = a.out - b.out};
    }
  };
  /// All that were counted.
  const Messages& messages() const { return messages_; }

  /// As of the last `changes`.
  const Told& told() const { return told_; }
  /// All that was told, for somebody who knows `held`: null for groups that only that has, and the
  /// messages counted since `heard`.
  std::string all(const Told& held, const Messages& heard) const;

  std::size_t bytes() const;

 private:
  using Assignee = std::optional<AgentId>;
  using Pair = std::pair<Assignee, std::optional<TeamId>>;

  /// Rows that are counted in the same groups.
  struct Cell {
    Counters counters = {};
    std::uint64_t snoozed = 0;
    std::uint64_t rows = 0;
    OrderIndex waiting = {};  // by (waiting since, contact)

    void add(const Row& row);
    void take_away(const Row& row);
  };
  void add(const Row& row);
  void take_away(const Row& row);
  void stir(const Row& row);
  std::vector<TeamId> teams_of(const Pair& pair) const;
  void file(const Pair& pair);

  Load total() const;
  std::optional<Load> load_of(const Assignee& assignee) const;
  std::optional<Load> load_of(const TeamId& team) const;
  std::optional<Load> load_of(const std::optional<ChannelId>& channel) const;

  std::map<Pair, Cell> pairs_;
  std::map<std::optional<ChannelId>, Cell> channels_;
  std::map<AgentId, std::vector<TeamId>> members_;
  std::map<TeamId, std::set<Pair>> pairs_of_team_;

  std::set<Assignee> stirred_assignees_;
  std::set<TeamId> stirred_teams_;
  std::set<std::optional<ChannelId>> stirred_channels_;
  Messages messages_, told_messages_;
  Told told_;
};

}  // namespace inboxd::model
