// What must be true of a workspace at rest, written as plainly as can be, from the JSON that
// clients see and apart from the engine's code: a contact read off its timeline, a view by looking
// at every contact, a counter by counting.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/client.hpp"

namespace inboxd::sim {

/// A contact, and what filters ask for of its timeline.
struct Known {
  json contact, last_inbound_at, last_outbound_at;
};

/// A workspace as the auditor found it, or as it was at some offset (history.hpp).
struct Truth {
  std::string workspace;
  std::map<std::string, std::shared_ptr<const Known>> contacts;  // by id; merged ones are not in it
  std::map<std::string, json> agents;                            // records by id
  std::int64_t now = 0;  // what relative times are measured from
  // At rest only.
  std::map<std::string, std::vector<json>> timelines = {};  // ascending by seq
  std::set<std::string> paused = {};                        // channels
  // At an offset only.
  std::set<std::string> teams = {};
  std::shared_ptr<const std::map<std::string, json>> views = {};  // the custom ones, by id
};

/// Throws a Violation where the contact is not what its timeline says.
void check_contact(const json& contact, const std::vector<json>& timeline);

/// Throws a Violation where contacts that a start woke, by the commits after one offset and up to
/// another, did not wake in the order of their times, then of their ids (S19).
void check_wakes(const Truth& truth, std::uint64_t after, std::uint64_t up_to);

/// Does this view, as `definition` of `view.list` says, hold the contact for this client?
bool shows(const Truth& truth, const Client& client, const json& definition, const Known& known);

/// S30: does `a` come before `b`?
bool before(const std::string& sort, const json& a, const json& b);

/// Throws a Violation where what the client has folded is not what the contacts say. `views`: what
/// `view.list` gave this client.
void check_subscription(const Truth& truth, const Client& client, const Sub& sub,
                        const std::map<std::string, json>& views);

/// The views that a client may look at and count, as the workspace's records say (S34, S36).
std::map<std::string, json> views_of(const Truth& truth, const Client& client);

/// Throws a Violation where a list or counters, as they were shown at an offset, are not what the
/// workspace was at that offset. `told`: of counters, what the frame said.
void check_shown(const Truth& truth, const Client& client, const Sub& sub, const json& told);

/// Throws a Violation where a contact that was shown at an offset was another then.
void check_contact_shown(const Truth& truth, const Client& client, const Sub& sub);

}  // namespace inboxd::sim
