#include "net/openrpc_schemas.hpp"

namespace inboxd::net {

std::string_view openrpc_schemas() {
  return "{}";
}

}  // namespace inboxd::net
