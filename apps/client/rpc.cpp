#include "apps/client/rpc.hpp"

#include "model/json.hpp"

namespace inboxd::client {
namespace {

using simdjson::dom::element;

// One for the thread: it is used for the length of one callback, and callbacks do not nest.
simdjson::dom::parser& parser() {
  thread_local simdjson::dom::parser the_parser;
  return the_parser;
}

std::string_view text_at(element object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

}  // namespace

std::string_view Reply::reason() const {
  element data;
  return ok || body["data"].get(data) != simdjson::SUCCESS ? std::string_view()
                                                           : text_at(data, "reason");
}

std::string Reply::error_text() const {
  if (ok) return "";
  std::int64_t code = 0;
  if (body["code"].get(code) != simdjson::SUCCESS) code = 0;
  std::string text(reason());
  text += " (" + std::to_string(code) + "): ";
  text += text_at(body, "message");
  element data;
  if (body["data"].get(data) == simdjson::SUCCESS && !text_at(data, "field").empty())
    text += " [" + std::string(text_at(data, "field")) + "]";
  return text;
}

Rpc::Rpc(Loop& loop, Events events)
    : events_(std::move(events)),
      connection_(loop, {[this] { on_connected(); },
                         [this](std::string_view text) {
                           if (tap_) return tap_(text);
                           on_text(text);
                         },
                         [this](const CloseReason& why) { on_closed(why); }}) {}

void Rpc::open(const Url& url, std::string token) {
  open_ = false;
  pending_.clear();
  tap_ = {};
  token_ = std::move(token);
  connection_.connect(url);
}

void Rpc::on_connected() {
  open_ = true;
  std::string params;
  model::json::Object{params}("token", token_);
  call("session.open", params, [this](const Reply& reply) {
    if (reply.ok) {
      if (events_.opened) events_.opened();
      return;
    }
    on_closed({4401, "session.open: " + reply.error_text()});
  });
}

void Rpc::call(std::string_view method, std::string_view params, OnReply on_reply) {
  if (!open_) return;
  const auto id = ++last_id_;
  frame_.clear();
  {
    model::json::Object frame(frame_);
    frame("jsonrpc", "2.0")("id", id)("method", method).key("params") += params;
  }
  pending_.emplace(id, std::move(on_reply));
  connection_.send(frame_);
}

void Rpc::on_text(std::string_view text) {
  element message;
  // The connection gives simdjson its padding (false: no copy is needed).
  if (parser().parse(text.data(), text.size(), false).get(message) != simdjson::SUCCESS) {
    connection_.drop();
    return on_closed({1006, "the server sent what is not JSON"});
  }
  std::string_view method;
  if (message["method"].get(method) == simdjson::SUCCESS) {
    if (events_.notification) events_.notification(method, message["params"].value());
    return;
  }
  std::uint64_t id = 0;
  if (message["id"].get(id) != simdjson::SUCCESS) return;
  auto found = pending_.extract(id);
  if (found.empty() || !found.mapped()) return;
  Reply reply;
  reply.ok = message["result"].get(reply.body) == simdjson::SUCCESS;
  if (!reply.ok && message["error"].get(reply.body) != simdjson::SUCCESS) return;
  found.mapped()(reply);
}

void Rpc::on_closed(const CloseReason& why) {
  if (!open_ && !connection_.open() && pending_.empty() && token_.empty()) return;
  open_ = false;
  pending_.clear();
  token_.clear();
  connection_.drop();
  if (events_.closed) events_.closed(why);
}

}  // namespace inboxd::client
