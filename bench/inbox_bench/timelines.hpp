// Timelines as they are in the end, for checks.
#pragma once

#include <functional>
#include <string>

#include <simdjson.h>

#include "bench/inbox_bench/session.hpp"

namespace inboxd::bench {

/// Every entry of the contact's timeline, newest page first. Throws std::runtime_error when a page
/// does not come.
void for_each_entry(Session& session, const std::string& contact,
                    const std::function<void(simdjson::dom::element entry)>& see);

/// Messages from the customer.
std::uint64_t count_inbound(Session& session, const std::string& contact);

}  // namespace inboxd::bench
