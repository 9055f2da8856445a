// The OpenRPC document, made from the tables that serve the methods.
#pragma once

#include <string>

namespace inboxd::net {

/// `rpc.discover` and `/openrpc.json`.
std::string openrpc_document();

/// The reference pages of docs/: every method with its params, result and errors, as Markdown.
std::string reference_page();

}  // namespace inboxd::net
