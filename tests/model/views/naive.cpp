#include "tests/model/views/naive.hpp"

#include <algorithm>
#include <cctype>

#include "model/decide.hpp"

namespace inboxd::model::naive {
namespace {

using Texts = std::vector<std::string>;

std::string lower(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool is_one_of(const std::string& text, const Texts& texts) {
  return std::count(texts.begin(), texts.end(), text) > 0;
}

bool negates(Operator op, Operator& of) {
  switch (op) {
    case Operator::ne: of = Operator::eq; return true;
    case Operator::not_in: of = Operator::in; return true;
    case Operator::not_exists: of = Operator::exists; return true;
    case Operator::has_none: of = Operator::has_any; return true;
    default: return false;
  }
}

bool on_text(Operator op, const std::string& value, const FilterValue& wanted) {
  switch (op) {
    case Operator::exists: return true;
    case Operator::eq: return value == std::get<std::string>(wanted);
    case Operator::in: return is_one_of(value, std::get<Texts>(wanted));
    case Operator::contains:
      return lower(value).find(lower(std::get<std::string>(wanted))) != std::string::npos;
    case Operator::starts_with:
      return lower(value).rfind(lower(std::get<std::string>(wanted)), 0) == 0;
    default: return false;
  }
}

bool on_number(Operator op, double value, const FilterValue& wanted, Timestamp now) {
  using Numbers = std::vector<double>;
  switch (op) {
    case Operator::exists: return true;
    case Operator::eq: return value == std::get<double>(wanted);
    case Operator::in: {
      const auto& numbers = std::get<Numbers>(wanted);
      return std::count(numbers.begin(), numbers.end(), value) > 0;
    }
    case Operator::lt: return value < std::get<double>(wanted);
    case Operator::gt: return value > std::get<double>(wanted);
    case Operator::between:
      return value >= std::get<Numbers>(wanted)[0] && value <= std::get<Numbers>(wanted)[1];
    case Operator::older_than:
      return value <= static_cast<double>(now.ms) - std::get<double>(wanted);
    case Operator::newer_than:
      return value > static_cast<double>(now.ms) - std::get<double>(wanted);
    default: return false;
  }
}

bool on_list(Operator op, const Texts& value, const FilterValue& wanted) {
  if (value.empty()) return false;
  if (op == Operator::exists) return true;
  const auto& texts = std::get<Texts>(wanted);
  const auto has = [&](const std::string& text) { return is_one_of(text, value); };
  if (op == Operator::has_any) return std::any_of(texts.begin(), texts.end(), has);
  return op == Operator::has_all && std::all_of(texts.begin(), texts.end(), has);
}

FilterValue rank_of(const FilterValue& names) {
  const auto rank = [](const std::string& name) {
    return static_cast<double>(priority_of(name).value());
  };
  if (const auto* one = std::get_if<std::string>(&names)) return rank(*one);
  std::vector<double> ranks;
  for (const auto& name : std::get<Texts>(names)) ranks.push_back(rank(name));
  return ranks;
}

/// A field's value, if it is there, as text, number, flag or list.
using Value = std::variant<std::monostate, std::string, double, bool, Texts>;

Value known(const std::string& text) {
  if (text.empty()) return {};
  return text;
}
template <class Id>
Value known(const std::optional<Id>& id) {
  if (!id) return {};
  return id->str();
}
Value known(const std::optional<Timestamp>& time) {
  if (!time) return {};
  return static_cast<double>(time->ms);
}

Value custom_value(const Row& row, const FieldId& id) {
  const auto& fields = row.details->fields;
  const auto it = fields.find(id);
  if (it == fields.end()) return {};
  if (const auto* text = std::get_if<std::string>(&it->second)) return *text;
  if (const auto* number = std::get_if<double>(&it->second)) return *number;
  if (const auto* flag = std::get_if<bool>(&it->second)) return *flag;
  if (const auto* time = std::get_if<Timestamp>(&it->second)) return static_cast<double>(time->ms);
  return std::get<Texts>(it->second);
}

Value value_of(const Filter& leaf, const Row& row) {
  switch (leaf.field) {
    case FilterField::status: return std::string(name_of(row.status));
    case FilterField::assignee: return known(row.assignment.assignee);
    case FilterField::team: return known(row.assignment.team);
    case FilterField::unread: return static_cast<double>(row.unread);
    case FilterField::snoozed: return row.snoozed_until.has_value();
    case FilterField::blocked: return row.blocked;
    case FilterField::channel: return known(row.channel);
    case FilterField::channel_kind:
      if (!row.channel) return {};
      return std::string(name_of(row.channel_kind));
    case FilterField::tags: {
      Texts texts;
      for (const auto& tag : row.tags) texts.push_back(tag.str());
      return texts;
    }
    case FilterField::priority: return static_cast<double>(row.priority);
    case FilterField::language: return known(row.details->language);
    case FilterField::country: return known(row.details->country);
    case FilterField::lifecycle: return known(row.details->lifecycle);
    case FilterField::first_name: return known(row.details->first_name);
    case FilterField::last_name: return known(row.details->last_name);
    case FilterField::name: return known(row.name);
    case FilterField::phone: return known(row.details->phone);
    case FilterField::email: return known(row.details->email);
    case FilterField::custom: return custom_value(row, leaf.custom);
    case FilterField::last_inbound_at: return known(row.last_inbound_at);
    case FilterField::last_outbound_at: return known(row.last_outbound_at);
    case FilterField::last_activity_at:
      if (!row.last_message) return {};
      return static_cast<double>(row.last_message->at.ms);
  }
  return {};
}

bool leaf_holds(const Filter& leaf, const Row& row, Timestamp now, const std::string& me) {
  auto wanted = leaf.value;
  if (leaf.field == FilterField::priority) wanted = rank_of(leaf.value);
  if (leaf.field == FilterField::assignee && !me.empty()) {
    const auto put = [&me](std::string& text) {
      if (text == "$me") text = me;
    };
    if (auto* one = std::get_if<std::string>(&wanted)) put(*one);
    if (auto* many = std::get_if<Texts>(&wanted)) std::for_each(many->begin(), many->end(), put);
  }
  const auto value = value_of(leaf, row);
  if (const auto* text = std::get_if<std::string>(&value)) return on_text(leaf.op, *text, wanted);
  if (const auto* number = std::get_if<double>(&value)) {
    return on_number(leaf.op, *number, wanted, now);
  }
  if (const auto* flag = std::get_if<bool>(&value)) return *flag == std::get<bool>(wanted);
  if (const auto* list = std::get_if<Texts>(&value)) return on_list(leaf.op, *list, wanted);
  return false;
}

bool mentions_blocked(const Filter& filter) {
  if (filter.kind == Filter::Kind::leaf) return filter.field == FilterField::blocked;
  return std::any_of(filter.children.begin(), filter.children.end(), mentions_blocked);
}

bool is_in(const Workspace& workspace, const AgentId& id, const TeamId& team) {
  const auto* agent = workspace.agent(id);
  return agent != nullptr && std::count(agent->teams.begin(), agent->teams.end(), team) > 0;
}

bool system_view_shows(const Workspace& workspace, const Viewer& viewer, const std::string& view,
                       const Row& row) {
  const auto& assignee = row.assignment.assignee;
  const bool active = row.status == ContactStatus::open && !row.snoozed_until && !row.blocked;
  const bool is_mine =
      viewer.kind == PrincipalKind::agent && assignee && assignee->str() == viewer.name;
  if (view == "blocked") return row.blocked;
  if (view == "all") return !row.blocked;
  if (view == "mine") return active && is_mine;
  if (view == "unassigned") return active && !assignee;
  if (view == "done") return row.status == ContactStatus::done && !row.blocked;
  if (view == "snoozed") {
    const bool every = viewer.kind != PrincipalKind::agent || viewer.role != Role::agent;
    return row.snoozed_until && !row.blocked && (every || is_mine);
  }
  const TeamId team(view.substr(std::string("team:").size()));
  return active && (row.assignment.team == team || (assignee && is_in(workspace, *assignee, team)));
}

}  // namespace

bool holds(const Filter& filter, const Row& row, Timestamp now, const std::string& me) {
  const auto each = [&](const Filter& child) { return holds(child, row, now, me); };
  switch (filter.kind) {
    case Filter::Kind::all:
      return std::all_of(filter.children.begin(), filter.children.end(), each);
    case Filter::Kind::any:
      return std::any_of(filter.children.begin(), filter.children.end(), each);
    case Filter::Kind::negation: return !each(filter.children.at(0));
    case Filter::Kind::leaf: break;
  }
  auto leaf = filter;
  if (negates(filter.op, leaf.op)) return !leaf_holds(leaf, row, now, me);
  return leaf_holds(leaf, row, now, me);
}

bool shows(const Workspace& workspace, const Viewer& viewer, const ViewId& view, const Row& row,
           Timestamp now) {
  const Principal principal{
      .kind = viewer.kind, .id = viewer.name, .role = viewer.role, .channel = std::nullopt};
  if (!can_see(principal, workspace, row.assignment)) return false;
  const auto* custom = workspace.view(view);
  if (custom == nullptr) return system_view_shows(workspace, viewer, view.str(), row);
  if (row.blocked && !mentions_blocked(custom->filter)) return false;
  const auto me = viewer.kind == PrincipalKind::agent ? viewer.name : std::string();
  return holds(custom->filter, row, now, me);
}

bool usable(const Workspace& workspace, const Viewer& viewer, const ViewId& view) {
  const auto& name = view.str();
  if (name.rfind("team:", 0) == 0) return workspace.team(TeamId(name.substr(5))) != nullptr;
  const Texts system{"all", "mine", "unassigned", "snoozed", "done", "blocked"};
  if (is_one_of(name, system)) return true;
  const auto* custom = workspace.view(view);
  if (custom == nullptr) return false;
  const bool owner = custom->owner.kind == viewer.kind && custom->owner.id == viewer.name;
  if (owner || custom->visibility == Sharing::workspace) return true;
  if (custom->visibility == Sharing::private_) return false;
  if (custom->owner.kind != PrincipalKind::agent || viewer.kind != PrincipalKind::agent) {
    return false;
  }
  const auto* theirs = workspace.agent(AgentId(custom->owner.id));
  if (theirs == nullptr) return false;
  return std::any_of(theirs->teams.begin(), theirs->teams.end(), [&](const TeamId& team) {
    return is_in(workspace, AgentId(viewer.name), team);
  });
}

Place place_of(const Row& row) {
  Place place{.sort_at = row.sort_at.ms,
              .waiting_since = std::nullopt,
              .unread = row.unread > 0,
              .priority = static_cast<int>(row.priority),
              .id = row.id.str()};
  if (row.waiting_since) place.waiting_since = row.waiting_since->ms;
  return place;
}

bool before(Sort sort, const Place& a, const Place& b) {
  switch (sort) {
    case Sort::newest: break;
    case Sort::oldest:
      if (a.sort_at != b.sort_at) return a.sort_at < b.sort_at;
      return a.id < b.id;
    case Sort::longest_waiting:
      if (a.waiting_since != b.waiting_since) {
        if (!a.waiting_since || !b.waiting_since) return a.waiting_since.has_value();
        return *a.waiting_since < *b.waiting_since;
      }
      return a.id < b.id;
    case Sort::unread_first:
      if (a.unread != b.unread) return a.unread;
      break;
    case Sort::priority:
      if (a.priority != b.priority) return a.priority > b.priority;
      break;
  }
  if (a.sort_at != b.sort_at) return a.sort_at > b.sort_at;
  return a.id < b.id;
}

List list(const Rows& rows, const Workspace& workspace, const Viewer& viewer, const ViewId& view,
          Sort sort, const std::optional<Place>& after, std::size_t limit, Timestamp now) {
  List result;
  for (const auto& [id, row] : rows) {
    if (!shows(workspace, viewer, view, *row, now)) continue;
    ++result.counts.contacts;
    result.counts.unread_contacts += row->unread > 0 ? 1 : 0;
    result.counts.unread_messages += row->unread;
    if (!after || before(sort, *after, place_of(*row))) result.rows.push_back(row);
  }
  std::sort(result.rows.begin(), result.rows.end(), [sort](const RowPtr& a, const RowPtr& b) {
    return before(sort, place_of(*a), place_of(*b));
  });
  result.more = result.rows.size() > limit;
  if (result.more) result.rows.resize(limit);
  return result;
}

std::map<std::string, Load> workload(const Rows& rows, const Workspace& workspace,
                                     const Viewer& viewer, Timestamp now) {
  std::map<std::string, Load> loads;
  loads["total"];
  loads["unassigned"];
  for (const auto& [id, row] : rows) {
    if (!shows(workspace, viewer, ViewId("all"), *row, now)) continue;
    const auto& [assignee, team] = row->assignment;
    std::vector<std::string> groups{"total"};
    groups.push_back(assignee ? "agents/" + assignee->str() : "unassigned");
    if (row->channel) groups.push_back("channels/" + row->channel->str());
    for (const auto& [known, record] : workspace.teams) {
      if (team == known || (assignee && is_in(workspace, *assignee, known))) {
        groups.push_back("teams/" + known.str());
      }
    }
    const bool open = row->status == ContactStatus::open;
    for (const auto& group : groups) {
      auto& load = loads[group];
      if (open && row->snoozed_until) ++load.snoozed;
      if (open && !row->snoozed_until) {
        ++load.counts.contacts;
        load.counts.unread_contacts += row->unread > 0 ? 1 : 0;
        load.counts.unread_messages += row->unread;
      }
      if (!row->waiting_since) continue;
      ++load.waiting;
      const auto since = row->waiting_since->ms;
      if (!load.waiting_since || since < *load.waiting_since) load.waiting_since = since;
    }
  }
  return loads;
}

}  // namespace inboxd::model::naive
