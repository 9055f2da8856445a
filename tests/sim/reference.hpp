// What must be true of a workspace at rest, written as plainly as can be, from the JSON that
// clients see and apart from the engine's code: a contact read off its timeline, a view by looking
// at every contact, a counter by counting.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/client.hpp"

namespace inboxd::sim {

/// A workspace as the auditor found it.
struct Truth {
  std::string workspace;
  std::map<std::string, json> contacts;                // by id; merged ones are not in it
  std::map<std::string, std::vector<json>> timelines;  // ascending by seq
  std::map<std::string, json> agents;                  // records by id
  std::set<std::string> paused = {};                   // channels
  std::int64_t now = 0;
};

/// Throws a Violation where the contact is not what its timeline says.
void check_contact(const json& contact, const std::vector<json>& timeline);

/// Throws a Violation where contacts that a start woke, by the commits after one offset and up to
/// another, did not wake in the order of their times, then of their ids (S19).
void check_wakes(const Truth& truth, std::uint64_t after, std::uint64_t up_to);

/// Does this view, as `definition` of `view.list` says, hold the contact for this client?
bool shows(const Truth& truth, const Client& client, const json& definition, const json& contact);

/// S30: does `a` come before `b`?
bool before(const std::string& sort, const json& a, const json& b);

/// Throws a Violation where what the client has folded is not what the contacts say. `views`: what
/// `view.list` gave this client.
void check_subscription(const Truth& truth, const Client& client, const Sub& sub,
                        const std::map<std::string, json>& views);

/// `all`, `mine` and the like: what they hold depends on the contacts alone.
bool is_system_view(const std::string& view);

/// Throws a Violation where a list of a system view, or a counter, that was shown at one offset is
/// not what the contacts, as of that offset, say.
void check_shown(const Truth& truth, const Client& client, const Sub& sub, const Shown& shown);

}  // namespace inboxd::sim
