// A small contact centre on a real server, with which the end-to-end tests begin: channels `wa`
// (whatsapp) and `web` (webchat), a connector on each, agents `ana` and `luis`, a team.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/server.hpp"

namespace inboxd::tests {

struct Desk {
  explicit Desk(std::vector<std::string> options = {}) : server(std::move(options)) {
    for (const char* kind : {"whatsapp", "webchat"}) {
      const std::string id = kind == std::string("whatsapp") ? "wa" : "web";
      admin.must("channel.put", {{"id", id}, {"kind", kind}, {"name", kind}});
    }
    admin.must("team.put", {{"id", "support"}, {"name", "Support"}});
    put_agent("ana");
    put_agent("luis");
  }

  void put_agent(const std::string& id, const std::string& visibility = "all",
                 const Json& teams = Json::array()) {
    admin.must("agent.put", {{"id", id},
                             {"name", id},
                             {"role", "agent"},
                             {"visibility", visibility},
                             {"teams", teams}});
  }

  Server server;
  RpcClient admin = server.service("root");
};

/// The machine's time, which is the server's: ms since 1970.
inline std::int64_t now_ms() {
  using std::chrono::milliseconds;
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now())
      .time_since_epoch()
      .count();
}

/// Until the clock shows `at`, for tests in which time itself is the event.
inline void wait_for_clock(std::int64_t at) {
  const std::chrono::system_clock::time_point when{std::chrono::milliseconds(at)};
  while (now_ms() < at) std::this_thread::sleep_until(when);
}

/// Until the clock shows another millisecond: what comes after sorts after (S30 breaks ties by id).
inline void next_millisecond() {
  wait_for_clock(now_ms() + 1);
}

/// A text message from a customer: `inbound.receive`'s result.
inline Json receive(RpcClient& connector, const std::string& external_id,
                    const std::string& provider_id, const std::string& text = "hola") {
  next_millisecond();
  return connector.must("inbound.receive", {{"external_id", external_id},
                                            {"provider_id", provider_id},
                                            {"type", "text"},
                                            {"text", text}});
}

/// A contact that has written once on a channel: its id.
inline std::string new_contact(RpcClient& connector, const std::string& external_id) {
  return receive(connector, external_id, "first of " + external_id).at("contact");
}

inline Json contact_of(RpcClient& client, const std::string& id) {
  return client.must("contact.get", {{"contact", id}}).at("contact");
}

/// All entries of a timeline, in order.
inline std::vector<Json> timeline_of(RpcClient& client, const std::string& id) {
  const Json page = client.must("timeline.page", {{"contact", id}, {"limit", 200}});
  return page.at("entries").get<std::vector<Json>>();
}

/// The names of a timeline's events, and "message", "comment".
inline std::vector<std::string> story_of(RpcClient& client, const std::string& id) {
  std::vector<std::string> story;
  for (const Json& entry : timeline_of(client, id))
    story.push_back(entry.at("kind") == "event" ? entry.at("event") : entry.at("kind"));
  return story;
}

/// A client's copy of a view, folded as PROTOCOL.md says.
class FoldedView {
 public:
  FoldedView(RpcClient& client, const Json& params) : client_(&client) {
    const Json result = client.must("view.subscribe", params);
    sub = result.at("sub");
    take(result);
  }

  std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const Json& row : rows) all.push_back(row.at("id"));
    return all;
  }
  bool has(const std::string& id) const { return std::ranges::count(ids(), id) > 0; }
  const Json& row(const std::string& id) const {
    return *std::ranges::find_if(rows, [&](const Json& row) { return row.at("id") == id; });
  }

  /// Takes deltas until `done`; throws at the deadline.
  void until(const std::function<bool(const FoldedView&)>& done) {
    while (!done(*this)) {
      const Json note = client_->wait_notification([&](const Json& n) {
        return n.at("params").value("sub", "") == sub &&
               n.at("method").get<std::string>().starts_with("view.");
      });
      note.at("method") == "view.reset" ? take(note.at("params")) : apply(note.at("params"));
    }
  }
  void until_has(const std::string& id) {
    until([&](const FoldedView& view) { return view.has(id); });
  }
  void until_lacks(const std::string& id) {
    until([&](const FoldedView& view) { return !view.has(id); });
  }

  /// On another connection, where it was (S35): whether nothing was lost.
  bool resume(RpcClient& client, Json params) {
    client_ = &client;
    params["resume"] = {{"epoch", epoch}, {"offset", offset}};
    const Json result = client.must("view.subscribe", params);
    sub = result.at("sub");
    if (!result.at("recovered").get<bool>()) {
      take(result);
      return false;
    }
    head(result);
    fold(result);
    return true;
  }
  /// `view.window`.
  void move(const Json& params) {
    Json asked = params;
    asked["sub"] = sub;
    take(client_->must("view.window", asked));
  }

  std::string sub, epoch;
  std::uint64_t offset = 0;
  std::vector<Json> rows;
  Json counters, more, cursor;
  std::vector<Json> deltas;  // as they came

 private:
  void head(const Json& state) {
    offset = state.at("offset");
    epoch = state.value("epoch", epoch);
    counters = state.value("counters", counters);
    more = state.value("more", more);
    if (state.contains("cursor")) cursor = state.at("cursor");
  }

  void take(const Json& state) {
    head(state);
    rows = state.value("rows", Json::array()).get<std::vector<Json>>();
  }

  void apply(const Json& delta) {
    if (delta.at("offset") <= offset) throw std::runtime_error("a delta goes back");
    deltas.push_back(delta);
    head(delta);
    fold(delta);
  }

  void fold(const Json& delta) {
    for (const Json& op : delta.at("ops")) {
      const std::string id = op.at("op") == "del" ? op.at("id") : op.at("row").at("id");
      std::erase_if(rows, [&](const Json& row) { return row.at("id") == id; });
      if (op.at("op") == "del") continue;
      auto place = rows.end();
      if (op.contains("before") && !op.at("before").is_null())
        place = std::ranges::find_if(
            rows, [&](const Json& row) { return row.at("id") == op.at("before"); });
      rows.insert(place, op.at("row"));
    }
  }

  RpcClient* client_;
};

}  // namespace inboxd::tests
