// Writing JSON straight into a string: no tree, no stream. Escapes as RFC 8259 asks; the text given
// is valid UTF-8.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/ids.hpp"
#include "model/time.hpp"

namespace inboxd::model::json {

/// Appends `text` as a JSON string, quotes included.
void write(std::string& out, std::string_view text);
inline void write(std::string& out, const std::string& text) {
  write(out, std::string_view(text));
}
inline void write(std::string& out, const char* text) {
  write(out, std::string_view(text));
}
/// The shortest text that reads back as the same double; NaN and infinities, which JSON has not,
/// become null.
void write(std::string& out, double number);

template <std::same_as<bool> Bool>
void write(std::string& out, Bool b) {
  out += b ? "true" : "false";
}

template <std::integral Int>
requires(!std::same_as<Int, bool>) void write(std::string& out, Int number) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  out.append(text, end);
}

inline void write(std::string& out, std::nullptr_t) {
  out += "null";
}
inline void write(std::string& out, Timestamp t) {
  write(out, t.ms);
}
inline void write(std::string& out, Duration d) {
  write(out, d.ms);
}
inline void write(std::string& out, ContactId id) {
  out += '"';
  id.append_to(out);
  out += '"';
}
template <class Kind>
void write(std::string& out, const Symbol<Kind>& symbol) {
  write(out, std::string_view(symbol.str()));
}
template <class Kind>
void write(std::string& out, Position<Kind> position) {
  write(out, position.value);
}
/// Nothing is null.
template <class T>
void write(std::string& out, const std::optional<T>& value) {
  if (value) {
    write(out, *value);
  } else {
    out += "null";
  }
}

/// An object being written: braces, commas and keys. Keys are static text that needs no escape.
/// `Object{out}("id", id)("name", name);` closes at the end of its life.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_ += '{'; }
  ~Object() { close(); }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  /// Ends the object before its time, to write on after it.
  void close() {
    if (!closed_) out_ += '}';
    closed_ = true;
  }

  /// Writes the key, for a value that the caller then writes to the string.
  std::string& key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
    return out_;
  }
  template <class T>
  Object& operator()(std::string_view name, const T& value) {
    write(key(name), value);
    return *this;
  }
  /// Leaves the member out when there is nothing to say.
  template <class T>
  Object& maybe(std::string_view name, const std::optional<T>& value) {
    if (value) (*this)(name, *value);
    return *this;
  }
  Object& maybe(std::string_view name, const std::string& text) {
    if (!text.empty()) (*this)(name, text);
    return *this;
  }

 private:
  std::string& out_;
  bool first_ = true;
  bool closed_ = false;
};

/// An array: `write_each(out, tags, [&](const Tag& t) { write(out, t); })`.
template <class Range, class WriteOne>
void write_each(std::string& out, const Range& range, WriteOne write_one) {
  out += '[';
  bool first = true;
  for (const auto& item : range) {
    if (!first) out += ',';
    first = false;
    write_one(item);
  }
  out += ']';
}

}  // namespace inboxd::model::json
