// The records of a workspace as the wire shows them: agents, teams, channels, fields, policy, view
// definitions and their filters (S29). Filters and records come back as they went: persistence/
// keeps the same bytes.
#pragma once

#include <string>

#include "model/filter.hpp"
#include "model/workspace.hpp"

namespace inboxd::model {

/// Each appends one object. Members that were not given are null, so that every record of a kind
/// has the same members.
void write_agent(std::string& out, const Agent& agent);
void write_team(std::string& out, const Team& team);
void write_channel(std::string& out, const Channel& channel);
/// The same as clients see it: with `rules`, what goes for the channel (PRODUCT.md §2).
void write_channel_with_rules(std::string& out, const Channel& channel);
void write_kind_rules(std::string& out, const KindRules& rules);
void write_field(std::string& out, const CustomField& field);
void write_policy(std::string& out, const Policy& policy);

/// `{"view","name","filter","sort","visibility","owner":{"kind","id"}}`.
void write_view_definition(std::string& out, const ViewDefinition& view);

/// A node of the tree. Numbers are shortest: whole ones have no fraction.
void write_filter(std::string& out, const Filter& filter);

/// `{"kind","id","role","channel"?}`.
void write_principal(std::string& out, const Principal& principal);

}  // namespace inboxd::model
