#include "model/checks.hpp"

#include "model/limits.hpp"
#include "model/text.hpp"

namespace inboxd::model {
namespace {

Error over_limit(Reason reason, std::string_view field, std::string message, std::size_t limit) {
  Error error{.reason = reason, .message = std::move(message), .field = std::string(field)};
  error.limit = limit;
  return error;
}

}  // namespace

Error too_large(std::string_view field, std::size_t bytes, std::size_t bytes_max) {
  return over_limit(Reason::too_large, field,
                    "'" + std::string(field) + "' has " + std::to_string(bytes) +
                        " bytes; the limit is " + std::to_string(bytes_max) + ".",
                    bytes_max);
}

Error too_many(std::string_view field, std::size_t count, std::size_t count_max) {
  return over_limit(Reason::limit_exceeded, field,
                    "'" + std::string(field) + "' would be " + std::to_string(count) +
                        "; the limit is " + std::to_string(count_max) + ".",
                    count_max);
}

std::string item_path(std::string_view list, std::size_t index) {
  return std::string(list) + '[' + std::to_string(index) + ']';
}

Checked check_text(std::string_view field, std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) return too_large(field, text.size(), bytes_max);
  if (!is_utf8(text)) {
    return invalid(std::string(field), "'" + std::string(field) + "' is not valid UTF-8.");
  }
  if (text.find('\0') != std::string_view::npos) {
    return invalid(std::string(field), "'" + std::string(field) + "' holds a NUL character.");
  }
  return std::nullopt;
}

Checked check_line(std::string_view field, std::string_view text, std::size_t bytes_max) {
  if (auto error = check_text(field, text, bytes_max)) return error;
  if (!has_control(text)) return std::nullopt;
  return invalid(std::string(field),
                 "'" + std::string(field) + "' holds a control character or a line break.");
}

Checked check_name(std::string_view field, std::string_view text, std::size_t bytes_max) {
  if (auto error = check_line(field, text, bytes_max)) return error;
  if (!trimmed(text).empty()) return std::nullopt;
  return invalid(std::string(field), "'" + std::string(field) + "' must not be blank.");
}

Checked check_chosen_id(std::string_view field, std::string_view id) {
  if (is_chosen_id(id)) return std::nullopt;
  return invalid(std::string(field), "'" + std::string(field) +
                                         "' must be 1 to 64 of the characters A-Z a-z 0-9 _ . -");
}

Checked check_time(std::string_view field, Timestamp t) {
  if (t.ms >= 0 && t.ms <= limits::integer_max) return std::nullopt;
  return invalid(std::string(field),
                 "'" + std::string(field) + "' must be milliseconds since 1970, 0 to 2^53 - 1.");
}

}  // namespace inboxd::model
