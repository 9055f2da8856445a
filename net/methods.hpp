// The tables of methods, by subject; `all_methods()` joins them in this order.
#pragma once

#include <vector>

#include "net/method.hpp"

namespace inboxd::net {

std::vector<Method> session_methods();
std::vector<Method> contact_methods();
std::vector<Method> message_methods();
std::vector<Method> view_methods();
std::vector<Method> workspace_methods();
std::vector<Method> connector_methods();
std::vector<Method> subscription_methods();

/// A reference into the OpenRPC document's schemas, as result_schema: `$ref("Changed")`.
#define INBOXD_SCHEMA(name) R"({"$ref":"#/components/schemas/)" name R"("})"

}  // namespace inboxd::net
