// A strict scan of JSON text (RFC 8259): says where a value ends, or that the text is no JSON.
// simdjson's on-demand reader checks only what is visited, so a frame is scanned once, whole,
// before anything in it is acted on; after that, whatever the reader meets is of the wrong type at
// worst.
#pragma once

#include <cstddef>
#include <string_view>

namespace inboxd::net {

/// Walks over one text. Copies nothing; the text must outlive it. Does not look at UTF-8, which the
/// WebSocket layer or `valid_utf8` has checked.
class JsonScan {
 public:
  enum class Fault { none, malformed, too_deep };

  JsonScan(std::string_view text, std::size_t depth_max)
      : at_(text.data()), end_(text.data() + text.size()), depth_left_(depth_max) {}

  /// The next value's text, white space around it left out; empty when `fault()` says why not.
  std::string_view value();

  /// Structure by hand, for the caller that wants to see members: each returns false, and moves
  /// nothing but white space, if that is not what comes next.
  bool take(char c);
  /// The next string's text with its quotes; empty on a fault.
  std::string_view string();
  bool at_end();
  char peek();

  Fault fault() const { return fault_; }

 private:
  void skip_space();
  bool skip_value();
  bool skip_string();
  bool skip_number();
  bool skip_word(std::string_view word);
  bool skip_container(char close, bool keyed);
  bool fail(Fault fault) {
    if (fault_ == Fault::none) fault_ = fault;
    return false;
  }

  const char* at_;
  const char* end_;
  std::size_t depth_left_;
  Fault fault_ = Fault::none;
};

}  // namespace inboxd::net
