// The one error type: what PROTOCOL.md "Errors" says, as a value. Expected failures travel as
// `Result<T>`.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

#include "model/ids.hpp"
#include "model/time.hpp"

namespace inboxd::model {

enum class Reason : std::uint8_t {
  parse_error,
  invalid_request,
  method_not_found,
  invalid_params,
  internal_error,
  unauthenticated,
  forbidden,
  not_found,
  conflict,
  window_closed,
  rate_limited,
  too_large,
  limit_exceeded,
  unavailable,
  blocked,
};

/// The JSON-RPC code and the wire name of a reason.
int code_of(Reason reason);
std::string_view name_of(Reason reason);

/// An answer that says no: what was wrong (`message`, a full sentence), where (`field`, a path such
/// as `filter.all[1].op`), and the facts that a client can act on.
struct Error {
  Reason reason = Reason::internal_error;
  std::string message = {};
  std::string field = {};  // empty: none
  std::optional<Version> version = std::nullopt;
  std::optional<Seq> last_seq = std::nullopt;
  std::optional<ContactId> contact = std::nullopt;
  bool window = false;  // a window error: `closed_at` is sent, null if never opened
  std::optional<Timestamp> closed_at = std::nullopt;
  std::optional<Duration> retry_after = std::nullopt;
  std::optional<std::uint64_t> limit = std::nullopt;
};

inline Error invalid(std::string field, std::string message) {
  return {
      .reason = Reason::invalid_params, .message = std::move(message), .field = std::move(field)};
}
inline Error not_found(std::string field, std::string message) {
  return {.reason = Reason::not_found, .message = std::move(message), .field = std::move(field)};
}
inline Error forbidden(std::string message) {
  return {.reason = Reason::forbidden, .message = std::move(message)};
}

template <class T>
using Result = boost::system::result<T, Error>;

/// Called by `Result::value()` on an error that nobody checked: a bug.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  throw std::logic_error("unchecked error: " + error.message);
}

}  // namespace inboxd::model
