// Typed access to JSON that this program wrote itself: what is missing or of another type is a
// FormatError that names the member. (Requests of clients are read in net/, where every fault is an
// answer.)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/container/small_vector.hpp>
#include <simdjson.h>

#include "model/ids.hpp"
#include "model/time.hpp"
#include "persistence/format_error.hpp"

namespace inboxd::persistence {

class JsonValue;

/// What can be asked of an object. `Self` has `find(key)`: the member, or nothing if it is absent
/// or null.
template <class Self>
class JsonMembers {
 public:
  JsonValue operator[](std::string_view key) const;

  // Optional members: what `read` makes of them, nothing when absent or null.
  template <class Read>
  auto maybe(std::string_view key, Read read) const
      -> std::optional<decltype(read(std::declval<JsonValue>()))>;
  std::string text_or_empty(std::string_view key) const;
  std::optional<model::Timestamp> maybe_time(std::string_view key) const;
  /// An optional array, read item by item.
  template <class Item, class Read>
  std::vector<Item> list(std::string_view key, Read read) const;

 private:
  const Self& self() const { return static_cast<const Self&>(*this); }
};

/// A value of a document; good until the next `parse_json` on this thread.
class JsonValue : public JsonMembers<JsonValue> {
 public:
  explicit JsonValue(simdjson::dom::element element) : element_(element) {}

  /// The member, or nothing if it is absent or null.
  std::optional<JsonValue> find(std::string_view key) const {
    simdjson::dom::element found;
    if (element_.at_key(key).get(found) != simdjson::SUCCESS || found.is_null()) {
      return std::nullopt;
    }
    return JsonValue(found);
  }

  std::string_view text() const { return get<std::string_view>("text"); }
  std::string str() const { return std::string(text()); }
  std::int64_t integer() const { return get<std::int64_t>("a whole number"); }
  std::uint64_t natural() const { return get<std::uint64_t>("a natural number"); }
  double number() const { return get<double>("a number"); }
  bool flag() const { return get<bool>("a boolean"); }
  model::Timestamp time() const { return {integer()}; }
  model::ContactId contact() const {
    const auto id = model::ContactId::parse(text());
    if (!id) throw FormatError("not a contact's id: " + str());
    return *id;
  }
  template <class Id>
  Id symbol() const {
    return Id(text());
  }
  /// `parse` is one of the model's `…_of(name)`.
  template <class Enum>
  Enum name(std::optional<Enum> (*parse)(std::string_view)) const {
    const auto value = parse(text());
    if (!value) throw FormatError("unknown name: " + str());
    return *value;
  }

  template <class Visit>
  void each(Visit visit) const {
    for (const auto item : get<simdjson::dom::array>("an array")) visit(JsonValue(item));
  }
  template <class Visit>
  void each_member(Visit visit) const {
    for (const auto& member : get<simdjson::dom::object>("an object")) {
      visit(member.key, JsonValue(member.value));
    }
  }
  bool is_text() const { return element_.is_string(); }
  bool is_flag() const { return element_.is_bool(); }
  bool is_array() const { return element_.is_array(); }
  bool is_object() const { return element_.is_object(); }
  bool is_null() const { return element_.is_null(); }
  /// Written with a fraction or an exponent.
  bool is_fraction() const { return element_.type() == simdjson::dom::element_type::DOUBLE; }
  bool is_number() const { return element_.is_number(); }

 private:
  template <class T>
  T get(const char* wanted) const {
    T value;
    if (element_.get(value) != simdjson::SUCCESS) {
      throw FormatError(std::string("a value is not ") + wanted);
    }
    return value;
  }

  simdjson::dom::element element_;
};

/// An object of many members, walked once. Asked in the order in which they were written, it finds
/// each where it looks first.
class JsonObject : public JsonMembers<JsonObject> {
 public:
  explicit JsonObject(JsonValue value) {
    value.each_member([this](std::string_view key, JsonValue member) {
      if (!member.is_null()) members_.emplace_back(key, member);
    });
  }
  std::optional<JsonValue> find(std::string_view key) const {
    for (std::size_t i = 0; i < members_.size(); ++i) {
      const auto at = (next_ + i) % members_.size();
      if (members_[at].first != key) continue;
      next_ = at + 1;
      return members_[at].second;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t members_inline = 32;
  boost::container::small_vector<std::pair<std::string_view, JsonValue>, members_inline> members_;
  mutable std::size_t next_ = 0;
};

template <class Self>
JsonValue JsonMembers<Self>::operator[](std::string_view key) const {
  const auto found = self().find(key);
  if (!found) throw FormatError("there is no \"" + std::string(key) + '"');
  return *found;
}

template <class Self>
template <class Read>
auto JsonMembers<Self>::maybe(std::string_view key, Read read) const
    -> std::optional<decltype(read(std::declval<JsonValue>()))> {
  if (const auto found = self().find(key)) return read(*found);
  return std::nullopt;
}

template <class Self>
std::string JsonMembers<Self>::text_or_empty(std::string_view key) const {
  const auto found = self().find(key);
  return found ? found->str() : std::string();
}

template <class Self>
std::optional<model::Timestamp> JsonMembers<Self>::maybe_time(std::string_view key) const {
  return maybe(key, [](JsonValue v) { return v.time(); });
}

template <class Self>
template <class Item, class Read>
std::vector<Item> JsonMembers<Self>::list(std::string_view key, Read read) const {
  std::vector<Item> items;
  if (const auto found = self().find(key)) {
    found->each([&](JsonValue item) { items.push_back(read(item)); });
  }
  return items;
}

/// Parses on this thread's own parser.
JsonValue parse_json(std::string_view json);

}  // namespace inboxd::persistence
