#include "model/error_json.hpp"

#include "model/json.hpp"

namespace inboxd::model {

void write_error(std::string& out, const Error& error) {
  json::Object object(out);
  object("code", code_of(error.reason))("message", error.message);
  json::Object data(object.key("data"));
  data("reason", name_of(error.reason));
  data.maybe("field", error.field)
      .maybe("version", error.version)
      .maybe("last_seq", error.last_seq)
      .maybe("contact", error.contact)
      .maybe("retry_after_ms", error.retry_after)
      .maybe("limit", error.limit);
  if (error.window) data("closed_at", error.closed_at);
}

std::string error_member(const Error& error) {
  std::string out = "\"error\":";
  write_error(out, error);
  return out;
}

}  // namespace inboxd::model
