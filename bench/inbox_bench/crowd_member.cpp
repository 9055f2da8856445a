#include "bench/inbox_bench/crowd_member.hpp"

#include "model/json.hpp"

namespace inboxd::bench {
namespace {

using client::Clock;
namespace ondemand = simdjson::ondemand;

constexpr std::uint64_t id_of_list = 2, id_of_counters = 3;
constexpr unsigned requests = 4;

void add_request(std::string& frame, std::uint64_t id, std::string_view method,
                 std::string_view params) {
  frame += R"({"jsonrpc":"2.0","id":)";
  model::json::write(frame, id);
  frame += R"(,"method":")";
  frame += method;
  frame += R"(","params":)";
  frame += params;
  frame += '}';
}

}  // namespace

CrowdMember::CrowdMember(client::Loop& loop, Seat seat, Crowd& crowd)
    : seat_(std::move(seat)),
      crowd_(crowd),
      connection_(loop, {[this] { ask(); }, [this](std::string_view text) { on_text(text); },
                         [this](const client::CloseReason& why) {
                           if (live_) --crowd_.live;
                           live_ = false;
                           crowd_.failures.add("a session on " + seat_.view + " closed with " +
                                               std::to_string(why.code) + " " + why.reason);
                         }}),
      list_(seat_.limit) {}

void CrowdMember::connect() {
  connected_at_ = Clock::now();
  answers_ = 0;
  connection_.connect(seat_.url);
}

void CrowdMember::cut() {
  connection_.drop();
  if (live_) --crowd_.live;
  live_ = false;
}

/// Everything at once, as a client does that does not want to wait four times.
void CrowdMember::ask() {
  std::string params, frame;
  model::json::Object{params}("token", seat_.token);
  add_request(frame, 1, "session.open", params);
  connection_.send(frame);

  params.clear();
  {
    model::json::Object object{params};
    object("view", seat_.view)("limit", seat_.limit);
    if (!epoch_.empty()) {
      model::json::Object{object.key("resume")}("epoch", epoch_)("offset", list_.offset());
    }
  }
  frame.clear();
  add_request(frame, id_of_list, "view.subscribe", params);
  connection_.send(frame);

  frame.clear();
  add_request(frame, id_of_counters, "counters.subscribe", "{}");
  connection_.send(frame);
  frame.clear();
  add_request(frame, 4, "notifications.subscribe", "{}");
  connection_.send(frame);
}

void CrowdMember::on_text(std::string_view text) {
  crowd_.last_news = Clock::now();
  read_text(
      text, "a session on " + seat_.view, crowd_.failures,
      [this](std::string_view method, ondemand::object params) {
        return take_notification(method, params);
      },
      [this](std::uint64_t id, ondemand::object result) { return take_answer(id, result); });
}

std::string CrowdMember::take_notification(std::string_view method, ondemand::object params) {
  if (method == "view.delta") return list_.take_delta(params);
  if (method == "view.reset") return list_.take_reset(params);
  if (method == "counters.delta") return counters_.take_delta(params);
  if (method == "counters.reset") return counters_.take_snapshot(params);
  return "";
}

std::string CrowdMember::take_answer(std::uint64_t id, ondemand::object result) {
  auto error = id == id_of_list       ? take_list(result)
               : id == id_of_counters ? counters_.take_snapshot(result)
                                      : "";
  if (++answers_ == requests) {
    live_ = true;
    ++crowd_.live;
    if (crowd_.times != nullptr) crowd_.times->record(Clock::now() - connected_at_);
  }
  return error;
}

std::string CrowdMember::take_list(ondemand::object result) {
  const std::string epoch(result["epoch"].get_string().value());
  const bool recovered = result["recovered"].get_bool().value();
  if (recovered && epoch_.empty()) return "recovered without a resume";
  if (!epoch_.empty() && recovered) ++crowd_.recovered;
  if (!epoch_.empty() && !recovered) ++crowd_.afresh;
  epoch_ = epoch;
  result.reset();
  return recovered ? list_.take_resumed(result) : list_.take_snapshot(result);
}

std::string CrowdMember::difference(const CrowdMember& truth) const {
  auto text = list_.content().difference(truth.list_.content());
  return text.empty() ? counters_.difference(truth.counters_) : text;
}

}  // namespace inboxd::bench
