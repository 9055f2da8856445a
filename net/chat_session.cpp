#include "net/chat_session.hpp"

#include <algorithm>

#include "model/json.hpp"
#include "net/chat_desk.hpp"
#include "net/services.hpp"

namespace inboxd::net {
namespace {

namespace request = actors::request;
using model::json::Object;
using simdjson::dom::element;

constexpr std::size_t frames_per_s = 40;
constexpr std::size_t in_flight_max = 16;
constexpr std::size_t queue_bytes_max = std::size_t{256} * 1024;
constexpr std::size_t seqs_max = 50;  // in one report
constexpr std::size_t id_bytes_max = 64;
constexpr std::size_t name_bytes_max = 64;
constexpr model::Duration token_life = model::days(90);

std::string_view text_of(element object, const char* key) {
  std::string_view text;
  if (object[key].get(text) != simdjson::SUCCESS) return {};
  return text;
}

std::uint64_t number_of(element object, const char* key) {
  std::uint64_t number = 0;
  if (object[key].get(number) != simdjson::SUCCESS) return 0;
  return number;
}

bool flag_of(element object, const char* key) {
  bool flag = false;
  return object[key].get(flag) == simdjson::SUCCESS && flag;
}

void copy(Object& object, std::string_view name, element from, const char* key) {
  element value;
  if (from[key].get(value) != simdjson::SUCCESS || value.is_null()) return;
  object.key(name) += simdjson::minify(value);
}

}  // namespace

ChatSession::ChatSession(Services& services, ChatDesk& desk, FramePort& port)
    : services_(services),
      desk_(desk),
      port_(port),
      since_(services.clock()),
      frames_left_(frames_per_s) {
  desk_.enter(*this);
}

ChatSession::~ChatSession() {
  desk_.leave(*this);
}

void ChatSession::close(CloseCode code, std::string_view reason) {
  closed_ = true;
  port_.close(code, reason);
}

void ChatSession::send(std::string_view text) {
  if (closed_) return;
  if (port_.queued_bytes() > queue_bytes_max) return close(CloseCode::too_slow, "too slow");
  port_.send({text});
}

void ChatSession::settle() {
  --in_flight_;
  port_.settled();
}

bool ChatSession::may_read() const {
  return in_flight_ < in_flight_max;
}

void ChatSession::tick(model::Timestamp now) {
  frames_left_ = frames_per_s;
  if (visitor_.empty() && now - services_.options.open_timeout > since_) {
    close(CloseCode::no_session_open, "no hello");
  }
}

void ChatSession::on_frame(std::string_view text) {
  if (closed_) return;
  if (frames_left_ == 0) return close(CloseCode::too_many_requests, "too many frames");
  --frames_left_;
  element frame;
  if (parser_.parse(text.data(), text.size()).get(frame) != simdjson::SUCCESS ||
      !frame.is_object()) {
    return close(CloseCode::protocol_error, "not a JSON object");
  }
  const auto type = text_of(frame, "type");
  if (type == "hello") return hello(frame);
  if (visitor_.empty()) return close(CloseCode::protocol_error, "hello comes first");
  if (type == "send") return write(frame);
  if (type == "typing") return typing(frame);
  if (type == "delivered") return report(frame, false);
  if (type == "read") return report(frame, true);
  close(CloseCode::protocol_error, "unknown type");
}

void ChatSession::hello(element frame) {
  if (!visitor_.empty()) return close(CloseCode::protocol_error, "a second hello");
  // Who cannot show a good token is somebody new: nothing is learnt by trying.
  auto known = desk_.tokens().verify(text_of(frame, "token"), services_.clock());
  visitor_ = known ? *known : "v-" + services_.session_id();
  const auto language = text_of(frame, "language");
  if (language == "es" || language == "en") language_ = language;
  name_ = text_of(frame, "name").substr(0, name_bytes_max);
  desk_.know(*this);
  if (!known) return welcome("[]");
  watch(true);
}

void ChatSession::welcome(const std::string& messages) {
  std::string out;
  {
    Object object(out);
    object("type", "welcome")("token",
                              desk_.tokens().sign(visitor_, services_.clock() + token_life))(
        "title", desk_.channel().name)("read_seq", read_seq_);
    object.key("messages") += messages;
  }
  send(out);
}

void ChatSession::watch(bool welcome) {
  watching_ = true;
  ++in_flight_;
  desk_.watch(*this, [this, welcome](bool ok, element body) {
    settle();
    on_snapshot(welcome, ok, body);
  });
}

void ChatSession::on_snapshot(bool greet, bool ok, element body) {
  element contact;
  std::string messages = "[]";
  if (ok && body["contact"].get(contact) == simdjson::SUCCESS) {
    contact_ = model::ContactId::parse(text_of(contact, "id"));
    read_seq_ = number_of(contact, "read_seq");
    messages = messages_of(body);
  } else {
    watching_ = false;  // has not written yet
  }
  if (greet) return welcome(messages);
  note_read(contact);
}

// Only what was said on this channel; and when two visitors turned out to be one person, neither is
// shown what the other said.
std::string ChatSession::messages_of(element snapshot) const {
  simdjson::dom::array accounts, entries;
  std::size_t here = 0;
  if (snapshot["contact"]["channels"].get(accounts) != simdjson::SUCCESS) return "[]";
  for (const auto account : accounts) {
    if (text_of(account, "channel") == desk_.channel().id.str()) ++here;
  }
  if (here != 1 || snapshot["entries"].get(entries) != simdjson::SUCCESS) return "[]";
  std::string out = "[";
  for (const auto entry : entries) {
    const bool said = text_of(entry, "kind") == "message" &&
                      text_of(entry, "channel") == desk_.channel().id.str();
    if (!said) continue;
    if (out.size() > 1) out += ',';
    write_message(out, entry);
  }
  return out + "]";
}

void ChatSession::write_message(std::string& out, element entry) const {
  const bool outbound = text_of(entry, "direction") == "out";
  Object object(out);
  object("type", "message")("seq", number_of(entry, "seq"))("at", number_of(entry, "at"));
  object("from", outbound ? "agent" : "visitor");
  element author;
  if (outbound && entry["author"].get(author) == simdjson::SUCCESS) {
    for (const auto& [id, agent] : desk_.workspace().agents) {
      if (id.str() == text_of(author, "id")) object("name", agent.name);
    }
  }
  copy(object, "text", entry, "text");
  copy(object, "attachments", entry, "attachments");
  copy(object, "location", entry, "location");
  copy(object, "status", entry, "status");
}

void ChatSession::on_message(model::ContactId contact, element entry) {
  if (!contact_) contact_ = contact;
  std::string out;
  write_message(out, entry);
  send(out);
  if (!watching_) watch(false);
}

void ChatSession::on_delta(element params) {
  element contact;
  if (params["contact"].get(contact) == simdjson::SUCCESS) note_read(contact);
}

void ChatSession::note_read(element contact) {
  std::uint64_t read_seq = 0;
  if (contact["read_seq"].get(read_seq) != simdjson::SUCCESS || read_seq == read_seq_) return;
  read_seq_ = read_seq;
  std::string out;
  Object{out}("type", "seen")("read_seq", read_seq_);
  send(out);
}

void ChatSession::on_presence(element params) {
  simdjson::dom::array typing;
  if (params["typing"].get(typing) != simdjson::SUCCESS) return;
  const bool on = std::any_of(typing.begin(), typing.end(),
                              [](element who) { return text_of(who, "kind") == "agent"; });
  if (on == agent_types_) return;
  agent_types_ = on;
  std::string out;
  Object{out}("type", "typing")("on", on);
  send(out);
}

// Two contacts became one: the account leads to the other from here on.
void ChatSession::on_ended() {
  contact_.reset();
  if (!closed_) watch(false);
}

void ChatSession::refuse(std::string_view id, std::string_view reason, std::string_view message) {
  std::string out;
  Object{out}("type", "refused")("id", id)("reason", reason)("message", message);
  send(out);
}

void ChatSession::write(element frame) {
  const std::string id(text_of(frame, "id").substr(0, id_bytes_max));
  const auto text = text_of(frame, "text");
  if (id.empty()) return close(CloseCode::protocol_error, "a message without id");
  if (text.empty()) return refuse(id, "invalid_params", "There is nothing in it.");
  if (text.size() > chat_text_bytes_max) return refuse(id, "too_large", "It is too long.");
  if (!desk_.may_write(visitor_, services_.clock())) {
    return refuse(id, "rate_limited", "Too many messages at once: wait a moment.");
  }
  request::ReceiveInbound receive;
  receive.command.channel = desk_.channel().id;
  receive.command.external_id = visitor_;
  receive.command.provider_id = visitor_ + ":" + id;  // a repetition is known by it (R9)
  receive.command.content.text = text;
  model::Details profile;
  profile.language = language_;
  profile.first_name = name_;
  receive.command.profile = std::move(profile);
  ++in_flight_;
  desk_.ask(*this, std::move(receive), [this, id](bool ok, element body) {
    settle();
    if (!ok) return refuse(id, text_of(body["data"], "reason"), text_of(body, "message"));
    contact_ = model::ContactId::parse(text_of(body, "contact"));
    std::string out;
    Object{out}("type", "accepted")("id", id)("seq", number_of(body, "seq"))("at",
                                                                             services_.clock());
    send(out);
    if (!watching_) watch(false);
  });
}

void ChatSession::typing(element frame) {
  if (!contact_) return;  // nobody to show it of
  ++in_flight_;
  desk_.ask(*this, request::InboundTyping{.external_id = visitor_, .on = flag_of(frame, "on")},
            [this](bool, element) { settle(); });
}

// The engine takes them for this channel's messages of this contact only, and once each.
void ChatSession::report(element frame, bool read) {
  simdjson::dom::array seqs;
  if (!contact_ || frame["seqs"].get(seqs) != simdjson::SUCCESS || seqs.size() > seqs_max) return;
  for (const auto seq : seqs) {
    std::uint64_t number = 0;
    if (seq.get(number) != simdjson::SUCCESS || number == 0) continue;
    request::ReportStatus status;
    status.contact = contact_;
    status.seq = model::Seq{number};
    status.status = read ? model::Status::read : model::Status::delivered;
    desk_.ask(*this, std::move(status), {});
  }
}

}  // namespace inboxd::net
