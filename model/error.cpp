#include "model/error.hpp"

#include <array>

namespace inboxd::model {
namespace {

struct Known {
  Reason reason;
  int code;
  std::string_view name;
};

// PROTOCOL.md, "Errors"; the first five are JSON-RPC 2.0's own.
constexpr std::array known{
    Known{Reason::parse_error, -32700, "parse_error"},
    Known{Reason::invalid_request, -32600, "invalid_request"},
    Known{Reason::method_not_found, -32601, "method_not_found"},
    Known{Reason::invalid_params, -32602, "invalid_params"},
    Known{Reason::internal_error, -32603, "internal_error"},
    Known{Reason::unauthenticated, -32001, "unauthenticated"},
    Known{Reason::forbidden, -32002, "forbidden"},
    Known{Reason::not_found, -32003, "not_found"},
    Known{Reason::conflict, -32004, "conflict"},
    Known{Reason::window_closed, -32005, "window_closed"},
    Known{Reason::rate_limited, -32006, "rate_limited"},
    Known{Reason::too_large, -32007, "too_large"},
    Known{Reason::limit_exceeded, -32007, "limit_exceeded"},
    Known{Reason::unavailable, -32008, "unavailable"},
    Known{Reason::blocked, -32009, "blocked"},
};

static_assert(known[static_cast<std::size_t>(Reason::blocked)].reason == Reason::blocked,
              "in the order of the enum");

}  // namespace

int code_of(Reason reason) {
  return known.at(static_cast<std::size_t>(reason)).code;
}

std::string_view name_of(Reason reason) {
  return known.at(static_cast<std::size_t>(reason)).name;
}

}  // namespace inboxd::model
