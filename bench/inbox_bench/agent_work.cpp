#include "bench/inbox_bench/agent_work.hpp"

#include "bench/inbox_bench/target.hpp"
#include "model/json.hpp"

namespace inboxd::bench {
namespace {

using model::json::Object;

// Of a hundred acts, up to which number each kind goes.
constexpr unsigned sends = 55;
constexpr unsigned reads = 75;
constexpr unsigned assigns = 85;
constexpr unsigned dones = 95;  // the rest snooze

constexpr std::int64_t snooze_ms = 3'600'000;

std::string_view method_of(unsigned dice) {
  if (dice < sends) return "message.send";
  if (dice < reads) return "contact.read";
  if (dice < assigns) return "contact.assign";
  return dice < dones ? "contact.done" : "contact.snooze";
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void AgentWork::write(std::string& frame, std::uint64_t id, std::uint32_t&,
                      client::Clock::time_point) {
  const auto dice = static_cast<unsigned>(random_() % 100);
  const auto& contact = plan_.contact(static_cast<std::uint32_t>(random_() % plan_.contacts));
  Object object(frame);
  object("jsonrpc", "2.0")("id", id)("method", method_of(dice)).key("params");
  write_params(frame, dice, contact);
}

void AgentWork::write_params(std::string& out, unsigned dice, const std::string& contact) {
  Object params(out);
  params("contact", contact);
  if (dice < sends) {
    params("text", texts_.next(plan_.text_bytes));
  } else if (dice >= reads && dice < assigns) {
    params("assignee", agent_id(static_cast<unsigned>(random_() % plan_.agents)));
  } else if (dice >= dones) {
    params("until", now_ms() + snooze_ms);
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
  if (message["error"]["data"]["reason"].get(reason) == simdjson::SUCCESS && reason == "conflict") {
    ++conflicts_;
  } else if (simdjson::dom::element result; message["result"].get(result) != simdjson::SUCCESS) {
    failures_.add("refused: " + std::string(text));
  }
  return id;
}

}  // namespace inboxd::bench
