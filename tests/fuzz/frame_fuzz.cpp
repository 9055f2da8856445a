// Frames: whatever comes, parsing ends, what is called a request lies in the frame (a method with
// escapes beside it), and what this scanner calls JSON another parser does too.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <simdjson.h>

#include "net/frame.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool within(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  inboxd::net::Frame frame;
  inboxd::net::parse_frame(text, 256, frame);
  for (const auto& request : frame.requests) {
    const bool unescaped =
        std::any_of(frame.unescaped.begin(), frame.unescaped.end(),
                    [&](const auto& method) { return within(request.method, method); });
    require(within(request.id, text) && within(request.params, text) &&
            (within(request.method, text) || unescaped));
  }
  require(frame.error || frame.batch || frame.requests.size() == 1);

  simdjson::dom::parser parser;
  const auto error = parser.parse(text.data(), text.size()).error();
  const bool refused = frame.error && frame.error->reason == inboxd::model::Reason::parse_error;
  // Where they may differ: UTF-8 is checked elsewhere, numbers may be huge here.
  const bool accepted_there = error == simdjson::SUCCESS;
  const bool refused_there = error == simdjson::TAPE_ERROR || error == simdjson::EMPTY ||
                             error == simdjson::UNCLOSED_STRING ||
                             error == simdjson::T_ATOM_ERROR || error == simdjson::F_ATOM_ERROR ||
                             error == simdjson::N_ATOM_ERROR;
  if (accepted_there) require(!refused);
  if (refused_there) require(frame.error.has_value());
  return 0;
}
