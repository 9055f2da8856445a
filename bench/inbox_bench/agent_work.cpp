#include "bench/inbox_bench/agent_work.hpp"

#include "bench/inbox_bench/target.hpp"
#include "model/json.hpp"

namespace inboxd::bench {
namespace {

using model::json::Object;

constexpr std::int64_t snooze_ms = 3'600'000;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void AgentWork::write(std::string& frame, std::uint64_t id, std::uint32_t& subject,
                      client::Clock::time_point) {
  const auto act = plan_.mix.of(static_cast<unsigned>(random_() % plan_.mix.sum()));
  subject = static_cast<std::uint32_t>(act);
  const auto& contact = plan_.contact(static_cast<std::uint32_t>(random_() % plan_.contacts));
  Object object(frame);
  object("jsonrpc", "2.0")("id", id)("method", act_methods[subject]).key("params");
  write_params(frame, act, contact);
}

void AgentWork::write_params(std::string& out, Act act, const std::string& contact) {
  Object params(out);
  params("contact", contact);
  switch (act) {
    case Act::reply: params("text", texts_.next(plan_.text_bytes)); break;
    case Act::assign:
      params("assignee", agent_id(static_cast<unsigned>(random_() % plan_.agents)));
      break;
    case Act::snooze: params("until", now_ms() + snooze_ms); break;
    case Act::read:
    case Act::done: break;
  }
}

std::optional<std::uint64_t> AgentWork::read(std::string_view text) {
  simdjson::dom::element message;
  std::uint64_t id = 0;
  if (parser_.parse(text.data(), text.size(), false).get(message) != simdjson::SUCCESS ||
      message["id"].get(id) != simdjson::SUCCESS) {
    failures_.add("not an answer: " + std::string(text));
    return std::nullopt;
  }
  std::string_view reason;
  conflict_ =
      message["error"]["data"]["reason"].get(reason) == simdjson::SUCCESS && reason == "conflict";
  if (simdjson::dom::element result;
      !conflict_ && message["result"].get(result) != simdjson::SUCCESS)
    failures_.add("refused: " + std::string(text));
  return id;
}

void AgentWork::answered(std::uint32_t subject) {
  auto& count = counts_.at(subject);
  ++(conflict_ ? count.conflicts : count.done);
}

}  // namespace inboxd::bench
