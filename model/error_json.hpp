// An error as the wire says it (PROTOCOL.md "Errors"): the one place where that shape is made, for
// net/ and actors/ alike.
#pragma once

#include <string>

#include "model/error.hpp"

namespace inboxd::model {

/// Appends `{"code":…,"message":…,"data":{"reason":…, …}}`. Members of `data` that say nothing are
/// left out; `closed_at` is there, null if the window never opened, exactly when `error.window`.
void write_error(std::string& out, const Error& error);

/// The member of a JSON-RPC response: `"error":{…}`, as `actors::Answer::body` wants it.
std::string error_member(const Error& error);

}  // namespace inboxd::model
