// A workspace's state: looking up its records, and folding its events.
#include "model/workspace.hpp"

#include "model/overload.hpp"

namespace inboxd::model {
namespace {

template <class Map>
const typename Map::mapped_type* find_in(const Map& map, const typename Map::key_type& id) {
  const auto found = map.find(id);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

const Agent* Workspace::agent(const AgentId& id) const {
  return find_in(agents, id);
}
const Team* Workspace::team(const TeamId& id) const {
  return find_in(teams, id);
}
const Channel* Workspace::channel(const ChannelId& id) const {
  return find_in(channels, id);
}
const CustomField* Workspace::field(const FieldId& id) const {
  return find_in(fields, id);
}
const ViewDefinition* Workspace::view(const ViewId& id) const {
  return find_in(views, id);
}

void apply(Workspace& workspace, const WorkspaceEvent& event) {
  std::visit(overload{
                 [&](const PutAgent& e) { workspace.agents.insert_or_assign(e.agent.id, e.agent); },
                 [&](const RemoveAgent& e) { workspace.agents.erase(e.id); },
                 [&](const PutTeam& e) { workspace.teams.insert_or_assign(e.team.id, e.team); },
                 [&](const PutChannel& e) {
                   workspace.channels.insert_or_assign(e.channel.id, e.channel);
                 },
                 [&](const PutField& e) { workspace.fields.insert_or_assign(e.field.id, e.field); },
                 [&](const PolicyChanged& e) { workspace.policy = e.policy; },
                 [&](const PutView& e) { workspace.views.insert_or_assign(e.view.id, e.view); },
                 [&](const DeleteView& e) { workspace.views.erase(e.id); },
             },
             event);
}

}  // namespace inboxd::model
