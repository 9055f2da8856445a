#include "net/params.hpp"

#include <cmath>

#include "model/limits.hpp"
#include "model/overload.hpp"

namespace inboxd::net {
namespace {

using simdjson::ondemand::json_type;
namespace limits = model::limits;

/// Keys come from outside: what an error repeats of one stays short.
std::string_view shown(std::string_view key) {
  constexpr std::size_t shown_max = 64;
  if (key.size() <= shown_max) return key;
  auto end = shown_max;
  while (end > 0 && (static_cast<unsigned char>(key[end]) & 0xC0U) == 0x80U) --end;
  return key.substr(0, end);
}

}  // namespace

std::string In::path() const {
  std::string text;
  for (const auto& step : path_) {
    std::visit(model::overload{
                   [&](std::string_view key) {
                     if (!text.empty()) text += '.';
                     text += shown(key);
                   },
                   [&](std::size_t index) { text += '[' + std::to_string(index) + ']'; },
               },
               step);
  }
  return text;
}

std::string In::path_to(std::string_view member) const {
  auto text = path();
  if (!text.empty()) text += '.';
  return text.append(shown(member));
}

bool In::fail(model::Error error) {
  if (!error_) error_ = std::move(error);
  return false;
}

bool In::expected(std::string_view what, Value& got) {
  std::string message = "Expected ";
  message.append(what).append(", got ").append(kind_name(got)).append(".");
  return invalid(std::move(message));
}

bool In::invalid(std::string message) {
  return fail(model::invalid(path(), std::move(message)));
}

bool In::too_large(std::size_t bytes_max) {
  return fail({.reason = model::Reason::too_large,
               .message = "The text is longer than " + std::to_string(bytes_max) + " bytes.",
               .field = path(),
               .limit = bytes_max});
}

bool In::too_many(std::size_t items_max) {
  return fail({.reason = model::Reason::limit_exceeded,
               .message = "At most " + std::to_string(items_max) + " are allowed.",
               .field = path(),
               .limit = items_max});
}

void In::missing(std::string message) {
  if (!not_found_) not_found_ = model::not_found(path(), std::move(message));
}

std::string_view kind_name(Value& value) {
  json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return "something else";
  switch (type) {
    case json_type::array: return "a list";
    case json_type::object: return "an object";
    case json_type::number: return "a number";
    case json_type::string: return "a text";
    case json_type::boolean: return "a boolean";
    case json_type::null: return "null";
  }
  return "something else";
}

bool is_null(Value& value) {
  json_type type{};
  return value.type().get(type) == simdjson::SUCCESS && type == json_type::null;
}

bool read_view(In& in, Value& value, std::string_view& out, std::size_t bytes_max) {
  json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS || type != json_type::string) {
    return in.expected("a text", value);
  }
  if (value.get_string().get(out) != simdjson::SUCCESS) {
    return in.invalid("Expected a text, got one with a broken \\u escape.");
  }
  if (out.size() > bytes_max) return in.too_large(bytes_max);
  return true;
}

bool read_text(In& in, Value& value, std::string& out, std::size_t bytes_max) {
  std::string_view view;
  if (!read_view(in, value, view, bytes_max)) return false;
  out.assign(view);
  return true;
}

bool read_integer(In& in, Value& value, std::int64_t& out, std::int64_t min, std::int64_t max) {
  const auto what = [&] {
    return "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  };
  json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS || type != json_type::number) {
    return in.expected(what(), value);
  }
  if (value.get_int64().get(out) != simdjson::SUCCESS) {
    // `5.0` and `5e3` are whole numbers too.
    double number = 0;
    constexpr auto exact = static_cast<double>(limits::integer_max);
    if (value.get_double().get(number) != simdjson::SUCCESS || number != std::trunc(number) ||
        std::abs(number) > exact) {
      return in.invalid("Expected " + what() + ".");
    }
    out = static_cast<std::int64_t>(number);
  }
  if (out < min || out > max) return in.invalid("Expected " + what() + ".");
  return true;
}

bool read_number(In& in, Value& value, double& out) {
  json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS || type != json_type::number) {
    return in.expected("a number", value);
  }
  if (value.get_double().get(out) != simdjson::SUCCESS || !std::isfinite(out)) {
    return in.invalid("Expected a number that a double can hold.");
  }
  return true;
}

bool read_flag(In& in, Value& value, bool& out) {
  if (value.get_bool().get(out) != simdjson::SUCCESS) return in.expected("a boolean", value);
  return true;
}

}  // namespace inboxd::net
