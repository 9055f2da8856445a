// Who answers, as `session.open` and the OpenRPC document say.
#pragma once

#include <string_view>

namespace inboxd::net {

inline constexpr std::string_view server_name = "inboxd";
inline constexpr std::string_view server_version = INBOXD_VERSION;
inline constexpr std::string_view protocol_name = "inbox.v1.json";

}  // namespace inboxd::net
