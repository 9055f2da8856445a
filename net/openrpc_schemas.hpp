// The shapes of PROTOCOL.md as JSON Schema, which methods refer to.
#pragma once

#include <string_view>

namespace inboxd::net {

/// The object under `components.schemas`.
std::string_view openrpc_schemas();

}  // namespace inboxd::net
