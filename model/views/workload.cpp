#include "model/views/workload.hpp"

#include <algorithm>

#include "model/json.hpp"

namespace inboxd::model {
namespace {

SortKey waiting_key(const Row& row) {
  return {static_cast<std::uint64_t>(row.waiting_since->ms), row.id};
}

bool is_on_desk(const Row& row) {
  return row.status == ContactStatus::open && !row.snoozed_until;
}

bool is_put_off(const Row& row) {
  return row.status == ContactStatus::open && row.snoozed_until;
}

/// The rows count the same and in the same groups.
bool alike(const Row& a, const Row& b) {
  return a.assignment == b.assignment && a.channel == b.channel && a.status == b.status &&
         a.snoozed_until.has_value() == b.snoozed_until.has_value() && a.unread == b.unread &&
         a.waiting_since == b.waiting_since;
}

std::optional<Load> unless_empty(const Load& load, std::uint64_t rows) {
  if (rows == 0) return std::nullopt;
  return load;
}

template <class Cell>
void gather(Load& load, const Cell& cell) {
  load.counters.contacts += cell.counters.contacts;
  load.counters.unread_contacts += cell.counters.unread_contacts;
  load.counters.unread_messages += cell.counters.unread_messages;
  load.snoozed += cell.snoozed;
  load.waiting += cell.waiting.size();
  if (cell.waiting.empty()) return;
  const Timestamp first{static_cast<std::int64_t>(cell.waiting.nth(0).rank)};
  load.waiting_since = std::min(load.waiting_since.value_or(first), first);
}

// ── text ──

void write(std::string& out, const Load& load) {
  json::Object object(out);
  object("contacts", load.counters.contacts)("unread_contacts", load.counters.unread_contacts)(
      "unread_messages", load.counters.unread_messages)("snoozed", load.snoozed)(
      "waiting", load.waiting)("waiting_since", load.waiting_since);
}

void write(std::string& out, const std::optional<Load>& load) {
  if (load) {
    write(out, *load);
  } else {
    out += "null";
  }
}

/// Appends `"key":`, with the comma that it needs.
void begin_member(std::string& out, std::string_view key) {
  if (out.back() != '{') out += ',';
  json::write(out, key);
  out += ':';
}

/// Appends `"name":{…}` of the groups that `each` writes; nothing if it writes none.
template <class Each>
void write_groups(std::string& out, std::string_view name, Each&& each) {
  const auto begin = out.size();
  begin_member(out, name);
  out += '{';
  const auto empty = out.size();
  each();
  if (out.size() == empty) {
    out.resize(begin);
  } else {
    out += '}';
  }
}

}  // namespace

// ── rows ──

void Workload::Cell::add(const Row& row) {
  ++rows;
  if (is_on_desk(row)) counters.add(row);
  if (is_put_off(row)) ++snoozed;
  if (row.waiting_since) waiting.insert(waiting_key(row));
}

void Workload::Cell::take_away(const Row& row) {
  --rows;
  if (is_on_desk(row)) counters.take_away(row);
  if (is_put_off(row)) --snoozed;
  if (row.waiting_since) waiting.erase(waiting_key(row));
}

void Workload::change(const Row* before, const Row* after) {
  if (before != nullptr && after != nullptr && alike(*before, *after)) return;
  if (before != nullptr) take_away(*before);
  if (after != nullptr) add(*after);
}

void Workload::add(const Row& row) {
  const Pair pair{row.assignment.assignee, row.assignment.team};
  const auto [cell, fresh] = pairs_.try_emplace(pair);
  if (fresh) file(pair);
  cell->second.add(row);
  channels_[row.channel].add(row);
  stir(row);
}

void Workload::take_away(const Row& row) {
  const Pair pair{row.assignment.assignee, row.assignment.team};
  stir(row);
  auto& cell = pairs_.at(pair);
  cell.take_away(row);
  if (cell.rows == 0) {
    for (const auto& team : teams_of(pair)) pairs_of_team_.at(team).erase(pair);
    pairs_.erase(pair);
  }
  auto& channel = channels_.at(row.channel);
  channel.take_away(row);
  if (channel.rows == 0) channels_.erase(row.channel);
}

void Workload::stir(const Row& row) {
  stirred_assignees_.insert(row.assignment.assignee);
  stirred_channels_.insert(row.channel);
  for (const auto& team : teams_of({row.assignment.assignee, row.assignment.team})) {
    stirred_teams_.insert(team);
  }
}

void Workload::count_message(Direction direction) {
  ++(direction == Direction::in ? messages_.in : messages_.out);
}

// ── teams ──

/// A contact is a team's by its assignee or by its own team: `team:<id>` holds it once (S17).
std::vector<TeamId> Workload::teams_of(const Pair& pair) const {
  std::vector<TeamId> teams;
  if (pair.first) {
    if (const auto found = members_.find(*pair.first); found != members_.end()) {
      teams = found->second;
    }
  }
  if (pair.second && std::find(teams.begin(), teams.end(), *pair.second) == teams.end()) {
    teams.push_back(*pair.second);
  }
  return teams;
}

void Workload::file(const Pair& pair) {
  for (const auto& team : teams_of(pair)) pairs_of_team_[team].insert(pair);
}

void Workload::set_teams(const Workspace& workspace) {
  for (const auto& [team, pairs] : pairs_of_team_) stirred_teams_.insert(team);
  members_.clear();
  pairs_of_team_.clear();
  for (const auto& [id, agent] : workspace.agents) {
    if (!agent.teams.empty()) members_[id] = agent.teams;
  }
  for (const auto& [pair, cell] : pairs_) file(pair);
  for (const auto& [team, pairs] : pairs_of_team_) stirred_teams_.insert(team);
}

// ── groups ──

Load Workload::total() const {
  Load load;
  for (const auto& [channel, cell] : channels_) gather(load, cell);
  return load;
}

std::optional<Load> Workload::load_of(const Assignee& assignee) const {
  Load load;
  std::uint64_t rows = 0;
  for (auto at = pairs_.lower_bound({assignee, std::nullopt});
       at != pairs_.end() && at->first.first == assignee; ++at) {
    gather(load, at->second);
    rows += at->second.rows;
  }
  return unless_empty(load, rows);
}

std::optional<Load> Workload::load_of(const TeamId& team) const {
  Load load;
  const auto found = pairs_of_team_.find(team);
  if (found == pairs_of_team_.end()) return std::nullopt;
  for (const auto& pair : found->second) gather(load, pairs_.at(pair));
  return unless_empty(load, found->second.size());
}

std::optional<Load> Workload::load_of(const std::optional<ChannelId>& channel) const {
  const auto found = channels_.find(channel);
  if (found == channels_.end()) return std::nullopt;
  Load load;
  gather(load, found->second);
  return load;
}

bool Workload::stirred() const {
  return !stirred_assignees_.empty() || !stirred_teams_.empty() || !stirred_channels_.empty() ||
         messages_ != told_messages_;
}

namespace {

/// Writes what the group is now if the client knows it otherwise.
template <class Id>
void tell(std::string& out, const Id& id, std::map<Id, Load>& told,
          const std::optional<Load>& load) {
  const auto known = told.find(id);
  const bool same = known == told.end() ? !load : load == known->second;
  if (same) return;
  begin_member(out, id.str());
  write(out, load);
  if (load) {
    told[id] = *load;
  } else {
    told.erase(known);
  }
}

void tell(std::string& out, std::string_view name, Load& told, const Load& load) {
  if (told == load) return;
  told = load;
  begin_member(out, name);
  write(out, load);
}

/// The messages that came since `heard`, if any.
void tell(std::string& out, const Workload::Messages& heard, const Workload::Messages& now) {
  if (heard == now) return;
  begin_member(out, "messages");
  json::Object object(out);
  const auto fresh = now - heard;
  object("in", fresh.in)("out", fresh.out);
}

/// All that is told of one kind of group.
template <class Id>
void retell(std::string& out, std::string_view name, const std::map<Id, Load>& told,
            const std::map<Id, Load>& held) {
  write_groups(out, name, [&] {
    for (const auto& [id, load] : told) {
      begin_member(out, id.str());
      write(out, load);
    }
    for (const auto& [id, load] : held) {
      if (told.contains(id)) continue;
      begin_member(out, id.str());
      out += "null";
    }
  });
}

}  // namespace

std::optional<std::string> Workload::changes() {
  std::string text = "{";
  const auto assignees = std::exchange(stirred_assignees_, {});
  const auto teams = std::exchange(stirred_teams_, {});
  const auto channels = std::exchange(stirred_channels_, {});
  if (!channels.empty()) tell(text, "total", told_.total, total());
  if (assignees.contains(std::nullopt)) {
    tell(text, "unassigned", told_.unassigned, load_of(Assignee{}).value_or(Load{}));
  }
  write_groups(text, "agents", [&] {
    for (const auto& assignee : assignees) {
      if (assignee) tell(text, *assignee, told_.agents, load_of(assignee));
    }
  });
  write_groups(text, "teams", [&] {
    for (const auto& team : teams) tell(text, team, told_.teams, load_of(team));
  });
  write_groups(text, "channels", [&] {
    for (const auto& channel : channels) {
      if (channel) tell(text, *channel, told_.channels, load_of(channel));
    }
  });
  tell(text, std::exchange(told_messages_, messages_), messages_);
  if (text.size() == 1) return std::nullopt;
  text += '}';
  return text;
}

std::string Workload::all(const Told& held, const Messages& heard) const {
  std::string text = "{";
  begin_member(text, "total");
  write(text, told_.total);
  begin_member(text, "unassigned");
  write(text, told_.unassigned);
  retell(text, "agents", told_.agents, held.agents);
  retell(text, "teams", told_.teams, held.teams);
  retell(text, "channels", told_.channels, held.channels);
  tell(text, heard, messages_);
  text += '}';
  return text;
}

std::size_t Workload::bytes() const {
  std::size_t bytes = 0;
  for (const auto& [pair, cell] : pairs_) bytes += cell.waiting.bytes();
  for (const auto& [channel, cell] : channels_) bytes += cell.waiting.bytes();
  return bytes;
}

}  // namespace inboxd::model
