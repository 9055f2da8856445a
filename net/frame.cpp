#include "net/frame.hpp"

#include <charconv>

#include "model/limits.hpp"
#include "net/json_scan.hpp"

namespace inboxd::net {
namespace {

using model::Error;
using model::Reason;
namespace limits = model::limits;

constexpr std::size_t id_bytes_max = 128;

Error invalid_request(std::string message) {
  return {.reason = Reason::invalid_request, .message = std::move(message)};
}

Error fault_error(JsonScan::Fault fault) {
  if (fault == JsonScan::Fault::too_deep) {
    return {.reason = Reason::limit_exceeded,
            .message = "The frame is nested too deeply.",
            .limit = limits::json_depth_max};
  }
  return {.reason = Reason::parse_error, .message = "The frame is not valid JSON."};
}

bool is_id(std::string_view raw) {
  const char c = raw.front();
  return c == '"' || c == '-' || (c >= '0' && c <= '9') || raw == "null";
}

/// A string's text with the escapes of ASCII taken out, which is what names are made of: a client
/// may write any character as an escape (RFC 8259, 7).
std::string unescape(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const auto code = raw.substr(i, 6);
    unsigned c = 0x80;
    if (code.size() == 6 && code.starts_with("\\u")) {
      std::from_chars(code.data() + 2, code.data() + 6, c, 16);
    }
    if (c < 0x80) {
      out += static_cast<char>(c);
      i += 5;
      continue;
    }
    out += raw[i];
    if (raw[i] == '\\' && i + 1 < raw.size()) out += raw[++i];  // `\\u0061` is no escape
  }
  return out;
}

bool has_escape(std::string_view raw) {
  return raw.find('\\') != std::string_view::npos;
}

/// The members that make a request, as their raw texts; empty: not there.
struct Members {
  std::string_view jsonrpc, id, method, params;
  bool repeated = false;

  void set(std::string_view key, std::string_view value) {
    auto* member = has_escape(key) ? find(unescape(key)) : find(key);
    if (member == nullptr) return;  // others are no business of ours
    if (!member->empty()) repeated = true;
    *member = value;
  }

 private:
  std::string_view* find(std::string_view key) {
    if (key == R"("jsonrpc")") return &jsonrpc;
    if (key == R"("id")") return &id;
    if (key == R"("method")") return &method;
    if (key == R"("params")") return &params;
    return nullptr;
  }
};

std::optional<Error> check(const Members& m) {
  if (m.repeated) return invalid_request("A member of the request is given twice.");
  if (m.jsonrpc != R"("2.0")" && unescape(m.jsonrpc) != R"("2.0")")
    return invalid_request("`jsonrpc` must be \"2.0\".");
  if (!m.id.empty() && !is_id(m.id)) {
    return invalid_request("`id` must be a text, a number or null.");
  }
  if (m.id.size() > id_bytes_max) return invalid_request("`id` is too long.");
  if (m.method.size() < 2 || m.method.front() != '"') {
    return invalid_request("`method` must be a text.");
  }
  if (!m.params.empty() && m.params != "null" && m.params.front() != '{' &&
      m.params.front() != '[') {
    return invalid_request("`params` must be an object.");
  }
  return std::nullopt;
}

Envelope envelope_of(const Members& m, Frame& frame) {
  Envelope envelope;
  envelope.error = check(m);
  if (!m.id.empty() && is_id(m.id) && m.id.size() <= id_bytes_max) envelope.id = m.id;
  if (envelope.error) return envelope;
  envelope.method = m.method.substr(1, m.method.size() - 2);
  if (has_escape(envelope.method)) {
    envelope.method = frame.unescaped.emplace_back(unescape(envelope.method));
  }
  if (m.params != "null") envelope.params = m.params;
  if (!envelope.params.empty() && envelope.params.front() == '[') {
    envelope.error = Error{.reason = Reason::invalid_params,
                           .message = "Expected `params` by name, as an object, not by position."};
  }
  return envelope;
}

/// False when the text is no JSON.
bool scan_request(JsonScan& scan, Frame& frame) {
  if (!scan.take('{')) {
    frame.requests.emplace_back().error = invalid_request("A request must be an object.");
    return !scan.value().empty();
  }
  Members members;
  if (!scan.take('}')) {
    do {
      const auto key = scan.string();
      if (key.empty() || !scan.take(':')) return false;
      const auto value = scan.value();
      if (value.empty()) return false;
      members.set(key, value);
    } while (scan.take(','));
    if (!scan.take('}')) return false;
  }
  frame.requests.push_back(envelope_of(members, frame));
  return true;
}

bool scan_batch(JsonScan& scan, Frame& frame) {
  if (scan.take(']')) return true;
  do {
    if (!scan_request(scan, frame)) return false;
  } while (scan.take(','));
  return scan.take(']');
}

}  // namespace

void parse_frame(std::string_view text, std::size_t requests_max, Frame& frame) {
  frame.requests.clear();
  frame.unescaped.clear();
  frame.error.reset();
  JsonScan scan(text, limits::json_depth_max);
  frame.batch = scan.take('[');
  const bool read = frame.batch ? scan_batch(scan, frame) : scan_request(scan, frame);
  if (!read || !scan.at_end()) {
    frame.error = fault_error(scan.fault());
  } else if (frame.requests.empty()) {
    frame.error = invalid_request("A batch must hold at least one request.");
  } else if (frame.requests.size() > requests_max) {
    frame.error = Error{.reason = Reason::limit_exceeded,
                        .message = "The batch holds too many requests.",
                        .limit = requests_max};
  }
}

void write_response(std::string& out, std::string_view id, std::string_view body) {
  out += R"({"jsonrpc":"2.0","id":)";
  out += id.empty() ? std::string_view("null") : id;
  out += ',';
  out += body;
  out += '}';
}

}  // namespace inboxd::net
