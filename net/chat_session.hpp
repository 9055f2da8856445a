// One visitor's page: a small protocol of JSON objects over /chat/ws.
//
//   page → server   {"type":"hello","token"?,"language"?,"name"?}     first, within 10 s
//                   {"type":"send","id","text"}                       `id`: the page's own, for
//                   repetitions
//                   {"type":"typing","on"}
//                   {"type":"delivered","seqs":[…]}  {"type":"read","seqs":[…]}
//   server → page   {"type":"welcome","token","title","messages":[…],"read_seq"}
//                   {"type":"message","seq","at","from":"agent"|"visitor",…}
//                   {"type":"accepted","id","seq","at"}  {"type":"refused","id","reason","message"}
//                   {"type":"typing","on"}           an agent writes
//                   {"type":"seen","read_seq"}       agents have read up to there
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <simdjson.h>

#include "model/ids.hpp"
#include "net/frame_session.hpp"

namespace inboxd::net {

class ChatDesk;
struct Services;

inline constexpr std::size_t chat_frame_bytes_max = std::size_t{16} * 1024;
inline constexpr std::size_t chat_text_bytes_max = std::size_t{4} * 1024;

class ChatSession final : public FrameSession {
 public:
  ChatSession(Services& services, ChatDesk& desk, FramePort& port);
  ~ChatSession() override;
  ChatSession(const ChatSession&) = delete;
  ChatSession& operator=(const ChatSession&) = delete;

  void on_frame(std::string_view text) override;
  void tick(model::Timestamp now) override;
  bool may_read() const override;

  // From the desk.
  void on_message(model::ContactId contact, simdjson::dom::element entry);
  void on_delta(simdjson::dom::element params);
  void on_presence(simdjson::dom::element params);
  void on_ended();
  void close(CloseCode code, std::string_view reason);

  std::uint64_t number() const { return number_; }
  void be_number(std::uint64_t number) { number_ = number; }
  const std::string& visitor() const { return visitor_; }

 private:
  void hello(simdjson::dom::element frame);
  void write(simdjson::dom::element frame);
  void typing(simdjson::dom::element frame);
  void report(simdjson::dom::element frame, bool read);
  void watch(bool welcome);
  void on_snapshot(bool welcome, bool ok, simdjson::dom::element body);
  void welcome(const std::string& messages);
  void note_read(simdjson::dom::element contact);
  std::string messages_of(simdjson::dom::element snapshot) const;
  void write_message(std::string& out, simdjson::dom::element entry) const;
  void refuse(std::string_view id, std::string_view reason, std::string_view message);
  void send(std::string_view text);
  void settle();  // an answer came

  Services& services_;
  ChatDesk& desk_;
  FramePort& port_;
  const model::Timestamp since_;
  std::uint64_t number_ = 0;
  std::string visitor_, language_, name_;
  std::optional<model::ContactId> contact_;
  std::uint64_t read_seq_ = 0;
  bool watching_ = false, agent_types_ = false, closed_ = false;
  std::size_t in_flight_ = 0;
  std::size_t frames_left_;  // of this second
  simdjson::dom::parser parser_;
};

}  // namespace inboxd::net
