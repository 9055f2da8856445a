#include "tests/sim/client.hpp"

#include <algorithm>
#include <set>

#include <simdjson.h>

#include "tests/sim/world.hpp"

namespace inboxd::sim {
namespace {

const std::set<std::string> reads{"contact.get",        "timeline.page",     "view.subscribe",
                                  "counters.subscribe", "contact.subscribe", "view.window"};

}  // namespace

Client::Client(World& world, std::size_t number, std::string where, model::Principal who)
    : index(number), workspace(std::move(where)), principal(std::move(who)), world_(world) {}

Client::~Client() = default;

void Client::object(const std::string& what, const json& frame) const {
  throw Violation(principal.id + " of " + workspace + " (client " + std::to_string(index) +
                  "): " + what + ": " + frame.dump().substr(0, 600));
}

void Client::connect() {
  closed_.reset();
  session_ = std::make_unique<net::RpcSession>(world_.services(), *this,
                                               net::RpcSession::Transport::websocket);
  answered_offset_ = 0;
  order_.clear();
  request("session.open", {{"token", world_.token(model::WorkspaceId(workspace), principal)}});
}

void Client::lose_connection() {
  if (!session_) return;
  ++world_.met["connections lost"];
  session_.reset();
  for (auto& [id, sub] : subs) lost_subs.push_back(std::move(sub));
  subs.clear();
  pending_.clear();
  inbox_.clear();
  queued_bytes_ = 0;
  hands.clear();
  leaving = false;
  world_.deliveries.gone(index);
}

void Client::send(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const auto part : parts) text += part;
  world_.note_frame(index, text);
  for_each_offset(text, [&](std::uint64_t offset) { world_.ledger.saw(offset); });
  queued_bytes_ += text.size();
  inbox_.push_back(std::move(text));
}

void Client::close(net::CloseCode code, std::string_view) {
  if (code == net::CloseCode::too_slow) {
    inbox_.clear();
    ++world_.met["slow readers cut off"];
  }
  closed_ = code;
  world_.deliveries.gone(index);
}

void Client::reap() {
  if (!session_ || !closed_) return;
  read();
  lose_connection();
}

void Client::tick() {
  if (session_) session_->tick({world_.now()});
}

void Client::read(std::size_t frames) {
  if (!session_ || inbox_.empty()) return;
  while (frames-- > 0 && !inbox_.empty()) {
    const auto text = std::move(inbox_.front());
    inbox_.pop_front();
    queued_bytes_ -= text.size();
    take(text);
  }
  if (inbox_.empty() && !closed_) session_->on_drained();
}

// Requests.

json Client::frame_of(Request request) {
  const auto id = ++last_id_;
  json frame{
      {"jsonrpc", "2.0"}, {"id", id}, {"method", request.method}, {"params", request.params}};
  pending_.emplace(id, Pending{std::move(request), answered_offset_, id});
  return frame;
}

void Client::raw(const std::string& text) {
  if (!session_ || closed_ || !session_->may_read()) return;
  world_.note_request(index, text);
  const simdjson::padded_string padded(text);
  session_->on_frame({padded.data(), padded.size()});
  session_->submit();
  if (awake_) read();
}

void Client::request(std::string method, json params) {
  if (!session_ || closed_ || !session_->may_read()) return;
  raw(frame_of({std::move(method), std::move(params), std::nullopt, std::nullopt}).dump());
}

void Client::subscribe(Sub sub, std::string method, json params) {
  if (!session_ || closed_ || !session_->may_read()) return;
  sub.params = params;
  sub.params.erase("resume");
  raw(frame_of({std::move(method), std::move(params), std::move(sub), std::nullopt}).dump());
}

void Client::move(const Sub& sub, json params) {
  if (!session_ || closed_ || !session_->may_read()) return;
  const auto after = params.contains("after") ? sub.cursor_row : std::nullopt;
  params["sub"] = sub.id;
  raw(frame_of({"view.window", std::move(params), std::nullopt, after}).dump());
}

void Client::leave(const std::string& sub) {
  if (!session_ || closed_ || !session_->may_read()) return;
  leaving = true;
  hands.clear();
  world_.deliveries.gone(index);
  request("unsubscribe", {{"sub", sub}});
}

void Client::batch(std::vector<Request> requests) {
  if (!session_ || closed_ || !session_->may_read()) return;
  json frame = json::array();
  for (auto& request : requests) frame.push_back(frame_of(std::move(request)));
  raw(frame.dump());
}

void Client::resume() {
  for (auto& sub : std::exchange(lost_subs, {})) {
    auto params = sub.params;
    if (sub.kind == Sub::Kind::view || sub.kind == Sub::Kind::contact) {
      params["resume"] = {{"epoch", epoch}, {"offset", sub.offset}};
    }
    const char* methods[] = {"view.subscribe",          "counters.subscribe", "contact.subscribe",
                             "notifications.subscribe", "agents.subscribe",   "outbox.subscribe"};
    const auto method = methods[static_cast<int>(sub.kind)];
    subscribe(std::move(sub), method, std::move(params));
  }
}

// Frames.

void Client::take(const std::string& text) {
  const auto frame = json::parse(text);
  if (frame.is_array()) {
    std::uint64_t last = 0;
    for (const auto& response : frame) {
      const auto id = response.at("id").get<std::uint64_t>();
      if (id <= last) object("a batch is not answered in its order", frame);
      last = id;
      answered(response);
    }
  } else if (frame.contains("method")) {
    told(frame.at("method"), frame.at("params"));
  } else {
    answered(frame);
  }
}

void Client::answered(const json& response) {
  const auto& id = response.at("id");
  if (id.is_null()) return;  // of a frame that was none
  const auto found = pending_.find(id.get<std::uint64_t>());
  if (found == pending_.end()) object("an answer to nothing", response);
  auto pending = std::move(found->second);
  pending_.erase(found);
  if (keep_results) {
    results.push_back({{"method", pending.request.method}, {"params", pending.request.params}});
    results.back().update(response);
  }
  if (response.contains("error")) return refused(pending, response.at("error"));
  const auto& result = response.at("result");
  if (reads.contains(pending.request.method) &&
      result.at("offset").get<std::uint64_t>() < pending.floor) {
    object("S7: older than an answer before it, " + std::to_string(pending.floor), response);
  }
  if (pending.request.sub) {
    subscribed(std::move(pending), result);
  } else {
    settle(pending, result);
  }
}

void Client::refused(const Pending& pending, const json& error) {
  const auto code = error.at("code").get<int>();
  if (pending.request.method == "unsubscribe") leaving = false;
  if (pending.request.method == "outbox.failed" && pending.request.params.value("retry", false))
    world_.deliveries.failure_answered(index, workspace, pending.request.params);
  if (error.contains("data") && error.at("data").value("reason", "") == "unavailable" &&
      pending.request.method != "search") {  // which is not simulated
    ++world_.met["commands refused for want of space"];
  }
  if (code == -32603) object("an internal error", error);
  if (code == -32601) object("no such method", error);
  if (pending.request.method == "session.open" && code != -32008) {
    object("the session was refused", error);
  }
  if (pending.request.sub && error.contains("data") &&
      error.at("data").value("field", "") == "after") {
    // Its view was given another sort meanwhile, and a cursor is of one order.
    auto sub = *pending.request.sub;
    sub.after.reset();
    auto params = sub.params;
    params.erase("after");
    subscribe(std::move(sub), "view.subscribe", params);
  }
}

/// What an answer says for good.
void Client::settle(const Pending& pending, const json& result) {
  const auto& method = pending.request.method;
  const auto& params = pending.request.params;
  auto& ledger = world_.ledger;
  if (result.contains("offset")) {
    answered_offset_ = std::max(answered_offset_, result.at("offset").get<std::uint64_t>());
  }
  if (method == "session.open") {
    epoch = result.at("epoch");
  } else if (method == "message.send" || method == "comment.add") {
    const auto& entry = result.at("entry");
    const std::string contact = entry.at("contact");
    ledger.knows(contact);
    if (entry.at("text") != params.at("text")) object("another text was written", result);
    ++world_.met["texts of agents acknowledged"];
    ledger.acknowledged(params.at("text"),
                        {workspace, contact, entry.at("seq"), result.at("offset")});
    if (result.value("duplicate", false) || ledger.has_merges(workspace)) return;
    auto& seqs = order_[contact];
    const auto [at, fresh] = seqs.emplace(pending.order, entry.at("seq"));
    const bool good = (at == seqs.begin() || std::prev(at)->second < at->second) &&
                      (std::next(at) == seqs.end() || at->second < std::next(at)->second);
    if (!good) object("S7: commands of one session took effect out of order", result);
  } else if (method == "inbound.receive") {
    ++world_.met["messages of customers acknowledged"];
    ledger.knows(result.at("contact").get<std::string>());
    // A message with a provider's id that was used before stands for the first one's text.
    if (!result.at("duplicate").get<bool>() || ledger.written().contains(params.at("text"))) {
      ledger.acknowledged(params.at("text"),
                          {workspace, result.at("contact"), result.at("seq"), result.at("offset")});
    }
  } else if (method == "contact.create") {
    ledger.knows(result.at("contact").at("id").get<std::string>());
  } else if (method == "view.window") {
    const auto known = subs.find(params.at("sub"));
    if (known == subs.end()) return;
    auto& moved = known->second;
    moved.limit = params.value("limit", 50);
    moved.params["limit"] = moved.limit;
    if (params.contains("after")) {
      moved.after = pending.request.after;
      moved.params["after"] = params.at("after");
    } else {
      moved.after.reset();
      moved.params.erase("after");
    }
    if (result.at("offset").get<std::uint64_t>() < moved.offset) object("an older window", result);
    moved.offset = result.at("offset");
    replace(moved, result);
  } else if (method == "outbox.sent" || method == "outbox.failed") {
    ++world_.met[method == "outbox.sent"        ? "deliveries sent"
                 : params.value("retry", false) ? "deliveries to be tried again"
                                                : "deliveries failed"];
    if (params.value("retry", false)) world_.deliveries.failure_answered(index, workspace, params);
    if (!params.value("retry", false)) world_.deliveries.done(workspace, params, world_.elapsed());
  } else if (method == "contact.merge") {
    ++world_.met["contacts merged"];
  } else if (method == "contact.snooze") {
    ++world_.met["snoozes"];
  } else if (method == "view.create" || method == "view.update") {
    ++world_.met["views made or changed"];
  } else if (method == "unsubscribe") {
    leaving = false;
    hands.clear();
    subs.erase(params.at("sub").get<std::string>());
  }
}

void Client::subscribed(Pending pending, const json& result) {
  auto sub = std::move(*pending.request.sub);
  const bool resumed = pending.request.params.contains("resume");
  const bool recovered = result.value("recovered", false);
  if (resumed) ++world_.met[recovered ? "subscriptions resumed" : "subscriptions begun anew"];
  if (recovered && !resumed) object("recovered, but nothing was to be", result);
  if (result.contains("offset")) {
    const auto offset = result.at("offset").get<std::uint64_t>();
    if (resumed && recovered && offset < sub.offset) object("an older offset", result);
    sub.offset = offset;
  }
  sub.id = result.at("sub");
  if (subs.contains(sub.id)) object("S31: a sub was used twice", result);
  if (sub.kind == Sub::Kind::view) {
    sub.limit = sub.params.value("limit", 50);
    if (recovered) {
      apply(sub, result.at("ops"));
      if (result.contains("counters")) sub.counters = result.at("counters");
      sub.more = result.at("more");
      sub.cursor = result.at("cursor");
      sub.cursor_row = sub.rows.empty() ? std::nullopt : std::optional(sub.rows.back());
      check_shown(sub, sub.counters);
    } else {
      replace(sub, result);
    }
  } else if (sub.kind == Sub::Kind::counters) {
    sub.counters = result.at("counters");
    check_shown(sub, sub.counters);
  } else if (sub.kind == Sub::Kind::contact) {
    sub.contact = result.at("contact");
    check_shown(sub, sub.contact);
    if (!recovered) sub.entries.clear();
    add_entries(sub, result.at("entries"), recovered);
  } else if (sub.kind == Sub::Kind::outbox) {
    take_deliveries(result.at("deliveries"));
  }
  subs.emplace(sub.id, std::move(sub));
}

void Client::told(const std::string& method, const json& params) {
  if (method == "view.progress") return;  // comes before the answer, too
  const auto known = subs.find(params.at("sub"));
  if (known == subs.end()) object("S31: " + method + " of no subscription", params);
  auto& sub = known->second;
  if (method == "subscription.ended") {
    subs.erase(known);
  } else if (method == "view.reset") {
    ++world_.met["lists reset for slow readers"];
    if (params.at("offset").get<std::uint64_t>() < sub.offset) object("a reset to before", params);
    sub.offset = params.at("offset");
    replace(sub, params);
  } else if (method == "counters.reset") {
    if (params.at("offset").get<std::uint64_t>() < sub.offset) object("a reset to before", params);
    sub.offset = params.at("offset");
    sub.counters = params.at("counters");
    check_shown(sub, sub.counters);
  } else if (method == "view.delta" || method == "counters.delta") {
    delta(sub, params);
  } else if (method == "contact.delta") {
    contact_delta(sub, params);
  } else if (method == "outbox.deliver") {
    take_deliveries(params.at("deliveries"));
  }
}

void Client::delta(Sub& sub, const json& params) {
  const auto offset = params.at("offset").get<std::uint64_t>();
  if (offset <= sub.offset) {
    object("an offset that does not grow, after " + std::to_string(sub.offset), params);
  }
  sub.offset = offset;
  if (sub.kind == Sub::Kind::counters) {
    for (const auto& [view, counts] : params.at("counters").items()) {
      if (counts.is_null()) {
        sub.counters.erase(view);
      } else {
        sub.counters[view] = counts;
      }
    }
    return check_shown(sub, params.at("counters"));
  }
  const auto& ops = params.at("ops");
  if (ops.empty() && !params.contains("counters") && !params.contains("more") &&
      !params.contains("cursor")) {
    object("S32: a delta that says nothing", params);
  }
  apply(sub, ops);
  if (params.contains("counters")) sub.counters = params.at("counters");
  if (params.contains("more")) sub.more = params.at("more");
  if (params.contains("cursor")) {
    sub.cursor = params.at("cursor");
    sub.cursor_row = sub.rows.empty() ? std::nullopt : std::optional(sub.rows.back());
  }
  check_shown(sub, sub.counters);
}

void Client::replace(Sub& sub, const json& with) {
  sub.rows = with.at("rows").get<std::vector<json>>();
  if (with.contains("counters")) sub.counters = with.at("counters");
  sub.more = with.at("more");
  if (with.contains("cursor")) {
    sub.cursor = with.at("cursor");
    sub.cursor_row = sub.rows.empty() ? std::nullopt : std::optional(sub.rows.back());
  }
  check_window(sub);
  check_shown(sub, sub.counters);
}

/// PROTOCOL.md: each op on the list that the former one left.
void Client::apply(Sub& sub, const json& ops) {
  auto& rows = sub.rows;
  const auto place_of = [&](const json& id) {
    return std::find_if(rows.begin(), rows.end(),
                        [&](const json& row) { return row.at("id") == id; });
  };
  for (const auto& op : ops) {
    if (op.at("op") == "del") {
      const auto at = place_of(op.at("id"));
      if (at == rows.end()) object("del of a row that is not there", op);
      rows.erase(at);
      continue;
    }
    const auto& row = op.at("row");
    if (const auto at = place_of(row.at("id")); at != rows.end()) rows.erase(at);
    if (op.at("before").is_null()) {
      rows.push_back(row);
    } else {
      const auto at = place_of(op.at("before"));
      if (at == rows.end()) object("put before a row that is not there", op);
      rows.insert(at, row);
    }
  }
  check_window(sub);
}

void Client::check_window(const Sub& sub) const {
  if (sub.rows.size() > sub.limit) object("more rows than the window has", sub.rows);
  std::set<std::string> ids;
  for (const auto& row : sub.rows) {
    if (!ids.insert(row.at("id")).second) object("a row twice", row);
  }
}

void Client::check_shown(const Sub& sub, const json& told) const {
  const auto* truth = world_.history.at(workspace, sub.offset);
  if (truth == nullptr || sub.offset > world_.history.last()) {
    object("an offset that is not known", told);
  }
  ++world_.exact;
  if (sub.kind == Sub::Kind::contact) return check_contact_shown(*truth, *this, sub);
  sim::check_shown(*truth, *this, sub, told);
}

void Client::contact_delta(Sub& sub, const json& params) {
  const auto offset = params.at("offset").get<std::uint64_t>();
  if (offset <= sub.offset) {
    object("an offset that does not grow, after " + std::to_string(sub.offset), params);
  }
  sub.offset = offset;
  if (params.contains("contact")) sub.contact = params.at("contact");
  check_shown(sub, params);
  add_entries(sub, params.at("entries"), true);
}

void Client::add_entries(Sub& sub, const json& entries, bool grow) {
  for (const auto& entry : entries) {
    const auto seq = entry.at("seq").get<std::uint64_t>();
    if (entry.at("offset").get<std::uint64_t>() > sub.offset) {
      object("an entry from later than offset " + std::to_string(sub.offset), entry);
    }
    const auto written =
        world_.history.entry_at(sub.contact.at("id").get<std::string>(), seq, sub.offset);
    if (written && *written != entry) object("an entry that was " + written->dump(), entry);
    const auto last = sub.entries.empty() ? 0 : sub.entries.rbegin()->first;
    if (!sub.entries.empty() && seq > last + 1) object("a gap in the timeline", entry);
    sub.entries[seq] = entry;
  }
  const auto last = sub.entries.empty() ? 0 : sub.entries.rbegin()->first;
  if (sub.contact.at("last_seq").get<std::uint64_t>() != last && (grow || last > 0)) {
    object("last_seq is not the last entry's, " + std::to_string(last), sub.contact);
  }
}

void Client::take_deliveries(const json& list) {
  deliveries += list.size();
  world_.met["deliveries given to connectors"] += list.size();
  for (const auto& delivery : list) {
    const auto& entry = delivery.at("entry");
    if (entry.at("status") != "pending") object("a delivery that is not pending", delivery);
    hands[entry.at("text")] = {{"contact", delivery.at("contact")}, {"seq", delivery.at("seq")}};
  }
}

}  // namespace inboxd::sim
