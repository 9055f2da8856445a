// JSON-RPC 2.0: takes a frame apart into its requests, and says what is wrong with those that are
// none. Knows nothing of methods.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"

namespace inboxd::net {

/// One request of a frame. Its texts lie in the frame, which must outlive it, a method that was
/// written with escapes in `Frame::unescaped`.
struct Envelope {
  std::string_view id;      // as it came, to be sent back so: `7`, `"a"`, `null`; empty: none
  std::string_view method;  // without quotes
  std::string_view params;  // an object's text; empty: none
  std::optional<model::Error> error;  // not a request: answer this, with `id` or null

  bool wants_answer() const { return !id.empty() || error.has_value(); }
};

/// A frame that was taken apart. `error`: the whole frame is none, to be answered with id null.
struct Frame {
  bool batch = false;
  std::vector<Envelope> requests;
  std::deque<std::string> unescaped;  // methods that were written with escapes
  std::optional<model::Error> error;
};

/// `frame` is kept between calls so that its memory is. A batch may hold `requests_max` requests.
void parse_frame(std::string_view text, std::size_t requests_max, Frame& frame);

/// Appends `{"jsonrpc":"2.0","id":ID,BODY}`; no id is null. `body` is the rest: `"result":…`.
void write_response(std::string& out, std::string_view id, std::string_view body);

}  // namespace inboxd::net
