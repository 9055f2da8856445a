// Reading params: where the reader is, what it expected and found, and the base readers. One `In`
// per request; the first thing that is wrong ends the reading.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <simdjson.h>

#include "actors/outlet.hpp"
#include "model/error.hpp"
#include "model/ids.hpp"
#include "model/workspace.hpp"

namespace inboxd::net {

using Value = simdjson::ondemand::value;

/// Readers return false after they said why through `fail` or `expected`. Not thread-safe.
class In {
 public:
  In(const model::Principal& by, std::uint32_t& last_sub) : by_(by), last_sub_(last_sub) {}

  /// Who asks.
  const model::Principal& by() const { return by_; }
  /// A number for a new subscription of this session (S31).
  actors::SubId new_sub() { return {++last_sub_}; }

  /// Names the member or the element that is being read, for the time of the object's life.
  class Step {
   public:
    Step(In& in, std::string_view key) : in_(in) { in_.path_.emplace_back(key); }
    Step(In& in, std::size_t index) : in_(in) { in_.path_.emplace_back(index); }
    ~Step() { in_.path_.pop_back(); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    In& in_;
  };

  /// Where the reader is: `attachments[0].url`.
  std::string path() const;
  std::string path_to(std::string_view member) const;

  bool fail(model::Error error);
  /// invalid_params at the current place: "Expected a text of at most 64 bytes, got a number."
  bool expected(std::string_view what, Value& got);
  bool invalid(std::string message);
  bool too_large(std::size_t bytes_max);
  bool too_many(std::size_t items_max);
  /// An id that cannot exist: answered only if everything else is well-formed (S6).
  void missing(std::string message);

  const std::optional<model::Error>& error() const { return error_; }
  const std::optional<model::Error>& not_found() const { return not_found_; }

 private:
  const model::Principal& by_;
  std::uint32_t& last_sub_;
  std::vector<std::variant<std::string_view, std::size_t>> path_;
  std::optional<model::Error> error_, not_found_;
};

/// Base readers. Texts are valid UTF-8 and at most `bytes_max` long.
bool read_text(In& in, Value& value, std::string& out, std::size_t bytes_max);
/// The same without a copy; the view lives as long as the parser's current document.
bool read_view(In& in, Value& value, std::string_view& out, std::size_t bytes_max);
bool read_integer(In& in, Value& value, std::int64_t& out, std::int64_t min, std::int64_t max);
bool read_number(In& in, Value& value, double& out);
bool read_flag(In& in, Value& value, bool& out);
bool is_null(Value& value);

/// "a text", "a number", … for messages.
std::string_view kind_name(Value& value);

/// Calls `each(in, value)` for every element, with the index in the path.
template <class Each>
bool read_list(In& in, Value& value, std::size_t items_max, Each each) {
  simdjson::ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return in.expected("a list", value);
  std::size_t index = 0;
  for (auto element : array) {
    const In::Step step(in, index);
    if (index++ == items_max) return in.too_many(items_max);
    Value item;
    if (element.get(item) != simdjson::SUCCESS) return in.invalid("Expected a value.");
    if (!each(in, item)) return false;
  }
  return true;
}

/// Calls `each(in, key, value)` for every member, with the key in the path. Keys come as they are
/// written, with repetitions.
template <class Each>
bool read_object(In& in, Value& value, Each each) {
  simdjson::ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return in.expected("an object", value);
  for (auto field : object) {
    std::string_view key;
    Value member;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS ||
        field.value().get(member) != simdjson::SUCCESS) {
      return in.invalid("Expected a member.");
    }
    const In::Step step(in, key);
    if (!each(in, key, member)) return false;
  }
  return true;
}

}  // namespace inboxd::net
