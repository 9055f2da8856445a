// The heart of the project: whatever happens, every subscriber's list, folded from what it was
// sent, and every counter are what a recount over all contacts gives.
//
// INBOXD_PROPERTY_SEED chooses another run, INBOXD_PROPERTY_RUNS how many with that seed and the
// next ones, INBOXD_PROPERTY_STEPS their length; the seed of a run that fails is printed. A million
// steps in all: scripts/view-campaign.sh.
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "model/row_json.hpp"
#include "model/view_engine.hpp"
#include "tests/model/views/naive.hpp"
#include "tests/model/views/random_inbox.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;
using nlohmann::json;

namespace {

json parsed(const SharedText& tail) {
  return json::parse("{" + *tail + "}");
}

json counts_json(const naive::Counts& counts) {
  return {{"contacts", counts.contacts},
          {"unread_contacts", counts.unread_contacts},
          {"unread_messages", counts.unread_messages}};
}

naive::Place place_in(const json& row) {
  naive::Place place{
      .sort_at = row.at("sort_at"),
      .waiting_since = std::nullopt,
      .unread = row.at("unread") > 0,
      .priority = static_cast<int>(priority_of(row.at("priority").get<std::string>()).value()),
      .id = row.at("id")};
  if (!row.at("waiting_since").is_null()) place.waiting_since = row.at("waiting_since");
  return place;
}

/// A client that trusts what it is sent.
struct Client {
  Viewer viewer;
  ViewId view;
  std::optional<Sort> asked_sort;
  Sort sort = Sort::newest;                // what that means now
  std::optional<std::string> cursor_sent;  // its window's `after`
  std::optional<naive::Place> after;       // what that names
  std::size_t limit = 0;

  bool waiting = true;    // for its first answer
  bool dropping = false;  // reads too slowly: its deltas are lost until it is reset
  std::uint64_t offset = 0;
  std::vector<json> rows;
  json counters, more, cursor;

  struct Move {
    std::optional<std::string> cursor;
    std::optional<naive::Place> after;
    std::size_t limit;
  };
  std::vector<Move> moves;  // asked for and not answered

  void replace(const json& content) {
    rows = content.at("rows").get<std::vector<json>>();
    take_rest(content);
  }
  void take_rest(const json& content) {
    offset = content.at("offset");
    for (const auto* member : {"counters", "more", "cursor"}) {
      auto& mine = std::string(member) == "counters" ? counters
                   : std::string(member) == "more"   ? more
                                                     : cursor;
      if (content.contains(member)) mine = content.at(member);
    }
  }
  void fold(const json& content) {
    for (const auto& op : content.at("ops")) {
      const std::string id = op.at("op") == "put" ? op.at("row").at("id") : op.at("id");
      const auto at = std::find_if(rows.begin(), rows.end(),
                                   [&](const json& row) { return row.at("id") == id; });
      const bool was_there = at != rows.end();
      if (was_there) rows.erase(at);
      if (op.at("op") == "del") {
        REQUIRE(was_there);
        continue;
      }
      auto place = rows.end();
      if (!op.at("before").is_null()) {
        place = std::find_if(rows.begin(), rows.end(),
                             [&](const json& row) { return row.at("id") == op.at("before"); });
        REQUIRE(place != rows.end());
      }
      rows.insert(place, op.at("row"));
    }
    take_rest(content);
  }
};

struct CountersClient {
  Viewer viewer;
  std::optional<std::vector<ViewId>> views;
  bool waiting = true;
  bool dropping = false;  // reads too slowly: its deltas are lost until it is reset
  std::uint64_t offset = 0;
  json counters = json::object();
};

/// A wallboard: groups by "agents/ana", and the messages that it heard of since its first answer.
struct WorkloadClient {
  Viewer viewer;
  bool waiting = true;
  bool dropping = false;  // reads too slowly: its deltas are lost until it is reset
  std::uint64_t offset = 0;
  std::map<std::string, json> loads;
  std::uint64_t in = 0, out = 0;
  std::uint64_t seen_in = 0, seen_out = 0;              // by the naive count
  std::vector<std::pair<Offset, Direction>> meanwhile;  // seen before it had its answer

  void see(Direction direction) { ++(direction == Direction::in ? seen_in : seen_out); }

  void fold(const json& workload) {
    for (const auto& [kind, value] : workload.items()) {
      if (kind == "messages") {
        in += value.at("in").get<std::uint64_t>();
        out += value.at("out").get<std::uint64_t>();
      } else if (kind == "total" || kind == "unassigned") {
        loads[kind] = value;
      } else {
        for (const auto& [id, load] : value.items()) {
          if (load.is_null()) {
            REQUIRE(loads.erase(kind + "/" + id) == 1);
          } else {
            loads[kind + "/" + id] = load;
          }
        }
      }
    }
  }
};

class Run {
 public:
  Run(std::uint64_t seed, std::size_t steps) : random_(seed), steps_(steps) {
    options_.conflation_min = {random_.once_in(2) ? 0 : 20};
    options_.conflation_max = {options_.conflation_min.ms * 10};
    options_.conflation_per_subscriber_us = options_.conflation_min.ms * 1000;
    options_.history_entries_max = random_.once_in(2) ? 12 : 4096;
    options_.build_inline_rows = random_.one_of(std::vector<std::size_t>{0, 0, 4, 12, 5000, 5000});
    options_.sparse_rows_min = random_.one_of(std::vector<std::size_t>{0, 1, 8, 256});
    options_.progress_interval = {random_.once_in(2) ? 0 : 200};
    options_.linger = {random_.once_in(2) ? 500 : 50'000};
    options_.keep_system_views = random_.once_in(2);
    workspace_ = std::make_shared<const Workspace>(random_.workspace());
    engine_ = std::make_unique<ViewEngine>(options_, workspace_);
  }

  void go() {
    std::vector<RowPtr> rows;
    for (std::size_t i = random_.below(40); i > 0; --i) add_row();
    for (const auto& [id, row] : rows_) rows.push_back(row);
    offset_ = {rows.size()};
    evaluated_at_ = now_;
    engine_->load(offset_, now_, rows);
    for (std::size_t i = 0; i < steps_; ++i) {
      step();
      by_fields = std::max(by_fields, engine_->stats().by_fields);
    }
  }

  std::size_t recovered = 0, not_recovered = 0, ended = 0, resets = 0, checked = 0, ticks = 0,
              waited = 0, minded = 0, told = 0, by_fields = 0, boards = 0;

 private:
  // ── what happens ──

  void step() {
    do {
      happen();
    } while (random_.once_in(3));
    pass_time();
    if (random_.once_in(8)) engine_->set_pressure(static_cast<double>(random_.below(5)) / 4);
    if (random_.once_in(2)) engine_->build_step(1 + random_.below(30));
    deliver();
    check_all();
  }

  void happen() {
    switch (random_.below(17)) {
      case 0: subscribe(); break;
      case 1: leave(); break;
      case 2: come_back(); break;
      case 3: move(); break;
      case 4: slow_down_or_reset(); break;
      case 5: workspace_commit(); break;
      case 6: counters_client(); break;
      case 7: list_views(); break;
      case 8: random_.once_in(2) ? workspace_commit() : subscribe(); break;
      case 9: workload_client(); break;
      default: contact_commit();
    }
  }

  void pass_time() {
    if (random_.once_in(3)) return;
    const auto then = now_;
    now_ =
        now_ + Duration{static_cast<std::int64_t>(random_.below(random_.once_in(9) ? 3000 : 60))};
    const auto flip = engine_->next_flip();
    if (!flip || *flip > now_) {
      minded += check_nothing_moves(then) ? 1 : 0;
      return;
    }
    ++ticks;
    commit();
    engine_->tick(offset_, now_);
  }

  void commit() {
    ++offset_;
    evaluated_at_ = std::max(evaluated_at_, now_);
  }

  void add_row() {
    const ContactId id{++last_id_};
    rows_[id] = std::make_shared<const Row>(random_.row(id, now_));
  }

  ContactId some_contact() {
    auto at = rows_.begin();
    std::advance(at, random_.below(rows_.size()));
    return at->first;
  }

  void contact_commit() {
    std::vector<RowChange> changes;
    const auto were = rows_;
    for (auto n = 1 + random_.below(3); n > 0; --n) {
      if (rows_.empty() || random_.once_in(8)) {
        add_row();
        changes.push_back({{last_id_}, rows_[{last_id_}]});
        continue;
      }
      const auto id = some_contact();
      if (random_.once_in(12)) {
        rows_.erase(id);
        changes.push_back({id, nullptr});
        continue;
      }
      auto row = *rows_[id];
      random_.change(row, now_);
      rows_[id] = std::make_shared<const Row>(std::move(row));
      changes.push_back({id, rows_[id]});
    }
    commit();
    // Each row once, as it was and as it is: a contact may have been changed twice.
    std::map<ContactId, RowPtr> last;
    for (const auto& change : changes) last[change.contact] = change.after;
    changes.clear();
    for (const auto& [id, row] : last) changes.push_back({id, row, message_came(were, id, row)});
    for (const auto& change : changes) count_message(change);
    engine_->apply(offset_, now_, changes);
  }

  static bool message_came(const naive::Rows& were, ContactId id, const RowPtr& row) {
    if (!row || !row->last_message) return false;
    const auto was = were.find(id);
    return was == were.end() || !was->second->last_message ||
           was->second->last_message->seq != row->last_message->seq;
  }

  void count_message(const RowChange& change) {
    const auto& row = change.after;
    if (!change.message_came) return;
    for (auto& known : workload_clients_) {
      auto& client = known.second;  // a binding cannot be captured, says Clang 14
      const auto sees = [&](const Row& row) {
        return naive::shows(*workspace_, client.viewer, ViewId("all"), row, evaluated_at_);
      };
      if (!sees(*row)) continue;
      const auto direction = row->last_message->direction;
      if (client.waiting) {
        client.meanwhile.emplace_back(offset_, direction);
      } else {
        client.see(direction);
      }
    }
  }

  void workspace_commit() {
    WorkspaceEvent event;
    const ViewId view("v" + std::to_string(random_.below(8)));
    switch (random_.below(6)) {
      case 0: event = PutAgent{random_.agent(AgentId(random_.one_of(random_.agents())))}; break;
      case 1: event = PutTeam{{TeamId("extra"), "Extra"}}; break;
      case 2:
        if (workspace_->view(view) == nullptr) return;
        event = DeleteView{view};
        break;
      case 3:
        if (random_.once_in(4)) {
          event = RemoveAgent{AgentId("gone")};
        } else {
          event = PutAgent{random_.agent(AgentId("gone"))};
        }
        break;
      default: event = PutView{random_.view(view, *workspace_), false};
    }
    auto after = *workspace_;
    inboxd::model::apply(after, event);
    workspace_ = std::make_shared<const Workspace>(std::move(after));
    commit();
    workspace_changed_ = offset_;
    const std::vector<WorkspaceEvent> events{event};
    engine_->apply(offset_, now_, events, workspace_);
    for (auto& [token, client] : clients_) follow_sort(client);
  }

  /// A view whose sort changed starts at the top: a cursor is of one order (S33, S36).
  void follow_sort(Client& client) {
    if (workspace_->view(client.view) == nullptr || sort_of(client) == client.sort) return;
    client.sort = sort_of(client);
    client.cursor_sent.reset();
    client.after.reset();
    for (auto& move : client.moves) {
      move.cursor.reset();
      move.after.reset();
    }
  }

  ViewId some_view() {
    static const std::vector<std::string> fixed{"all",  "mine",       "unassigned", "snoozed",
                                                "done", "blocked",    "team:sales", "team:care",
                                                "all",  "unassigned", "team:extra"};
    if (random_.once_in(2)) return ViewId(random_.one_of(fixed));
    return ViewId("v" + std::to_string(random_.below(8)));
  }

  void subscribe() {
    if (clients_.size() > 14) return;
    Client client;
    client.viewer = random_.viewer();
    client.view = some_view();
    if (random_.once_in(2)) client.asked_sort = random_.sort();
    client.sort = sort_of(client);
    client.limit = random_.once_in(3) ? 50 : 1 + random_.below(6);
    const ViewToken token{++last_token_};
    const auto result =
        engine_->subscribe(token, client.viewer,
                           {.view = client.view, .sort = client.asked_sort, .limit = client.limit});
    const bool usable = naive::usable(*workspace_, client.viewer, client.view);
    REQUIRE(result.has_value() == usable);
    if (!usable) {
      REQUIRE(result.error().reason == Reason::not_found);
      return;
    }
    auto& kept = clients_[token] = client;
    if (*result) {
      answered(kept, parsed(*result));
    } else {
      ++waited;
    }
  }

  void leave() {
    if (clients_.empty()) return;
    const auto [token, client] = *some_client();
    engine_->unsubscribe(token);
    gone_.insert(token);
    if (!client.waiting && !client.dropping && client.moves.empty()) left_.push_back(client);
    clients_.erase(token);
  }

  void come_back() {
    if (left_.empty() || clients_.size() > 14) return;
    const auto which = random_.below(left_.size());
    auto client = left_[which];
    left_.erase(left_.begin() + static_cast<std::ptrdiff_t>(which));
    const ViewToken token{++last_token_};
    const auto result = engine_->subscribe(token, client.viewer,
                                           {.view = client.view,
                                            .sort = client.asked_sort,
                                            .after = client.cursor_sent,
                                            .limit = client.limit,
                                            .resume = Offset{client.offset}});
    if (!result) return;  // the view is gone, or its sort is another one
    client.waiting = true;
    client.sort = sort_of(client);
    auto& kept = clients_[token] = client;
    if (*result) answered(kept, parsed(*result));
  }

  std::map<ViewToken, Client>::iterator some_client() {
    auto at = clients_.begin();
    std::advance(at, random_.below(clients_.size()));
    return at;
  }

  void move() {
    if (clients_.empty()) return;
    auto& [token, client] = *some_client();
    Client::Move to{.cursor = std::nullopt, .after = std::nullopt, .limit = 1 + random_.below(8)};
    if (!client.waiting && !client.dropping && !client.rows.empty() && !client.cursor.is_null() &&
        random_.once_in(2)) {
      to.cursor = client.cursor.get<std::string>();
      to.after = place_in(client.rows.back());
    }
    const auto result = engine_->move(token, to.cursor, to.limit);
    if (!result) {
      if (result.error().reason == Reason::not_found) {
        ending_.push_back(token);  // it ended in this step, and has not heard yet
      } else {
        REQUIRE(to.cursor.has_value());  // of the sort that the view had before it changed
      }
      return;
    }
    client.moves.push_back(to);
    if (*result) answered(client, parsed(*result));
  }

  void slow_down_or_reset() {
    if (random_.once_in(3)) {
      return ++turns_ % 2 == 0 ? slow_down_or_reset_counters() : slow_down_or_reset_workload();
    }
    if (clients_.empty()) return;
    auto& [token, client] = *some_client();
    if (client.waiting || !client.moves.empty()) return;
    if (!client.dropping) {
      client.dropping = true;
      return;
    }
    if (const auto text = engine_->reset(token)) was_reset(client, parsed(text));
  }

  void slow_down_or_reset_counters() {
    if (counters_clients_.empty()) return;
    auto& [token, client] = *counters_clients_.begin();
    if (client.waiting) return;
    if (!client.dropping) {
      client.dropping = true;
      return;
    }
    ++resets;
    client.dropping = false;
    client.waiting = true;
    if (const auto text = engine_->reset(token)) counters_answered(client, parsed(text));
  }

  void slow_down_or_reset_workload() {
    if (workload_clients_.empty()) return;
    auto& [token, client] = *workload_clients_.begin();
    if (client.waiting) return;
    if (!client.dropping) {
      client.dropping = true;
      return;
    }
    if (const auto text = engine_->reset(token)) workload_reset(client, parsed(text));
  }

  void workload_reset(WorkloadClient& client, const json& content) {
    REQUIRE(client.dropping);
    ++resets;
    client.dropping = false;
    client.loads.clear();
    client.in = client.out = 0;
    client.offset = content.at("offset");
    client.fold(content.at("workload"));
  }

  void counters_client() {
    if (!counters_clients_.empty() && random_.once_in(2)) {
      engine_->unsubscribe(counters_clients_.begin()->first);
      gone_.insert(counters_clients_.begin()->first);
      counters_clients_.erase(counters_clients_.begin());
      return;
    }
    CountersClient client;
    client.viewer = random_.viewer();
    if (random_.once_in(3)) {
      client.views.emplace();
      for (int i = 0; i < 3; ++i) {
        const auto view = some_view();
        if (naive::usable(*workspace_, client.viewer, view)) client.views->push_back(view);
      }
    }
    const ViewToken token{++last_token_};
    const auto result = engine_->subscribe_counters(token, client.viewer, client.views);
    REQUIRE(result.has_value());
    auto& kept = counters_clients_[token] = client;
    if (*result) counters_answered(kept, parsed(*result));
  }

  void workload_client() {
    if (workload_clients_.size() > 3 || (!workload_clients_.empty() && random_.once_in(3))) {
      engine_->unsubscribe(workload_clients_.begin()->first);
      gone_.insert(workload_clients_.begin()->first);
      workload_clients_.erase(workload_clients_.begin());
      return;
    }
    const ViewToken token{++last_token_};
    auto& client = workload_clients_[token];
    client.viewer = random_.viewer();
    if (const auto text = engine_->subscribe_workload(token, client.viewer)) {
      workload_answered(client, parsed(text));
    }
  }

  static void workload_answered(WorkloadClient& client, const json& content) {
    REQUIRE(client.waiting);
    REQUIRE(!content.at("workload").contains("messages"));
    client.waiting = false;
    // It may have been made before the step's last commit.
    for (const auto& [offset, direction] : std::exchange(client.meanwhile, {})) {
      if (content.at("offset") < offset.value) client.see(direction);
    }
    client.offset = content.at("offset");
    client.fold(content.at("workload"));
  }

  void list_views() {
    const auto viewer = random_.viewer();
    const ViewToken token{++last_token_};
    if (const auto text = engine_->list_views(token, viewer)) {
      check_listing(viewer, parsed(text));
    } else {
      listings_[token] = viewer;
    }
  }

  // ── what is heard ──

  void answered(Client& client, const json& content) {
    if (!client.waiting) {
      REQUIRE(!client.moves.empty());
      const auto move = client.moves.front();
      client.moves.erase(client.moves.begin());
      client.cursor_sent = move.cursor;
      client.after = move.after;
      client.limit = move.limit;
      client.dropping = false;
      client.replace(content);
      return;
    }
    client.waiting = false;
    if (content.at("recovered") == true) {
      ++recovered;
      client.fold(content);
    } else {
      ++not_recovered;
      client.replace(content);
    }
  }

  void was_reset(Client& client, const json& content) {
    ++resets;
    client.dropping = false;
    client.replace(content);
  }

  static void counters_answered(CountersClient& client, const json& content) {
    client.waiting = false;
    client.offset = content.at("offset");
    client.counters = content.at("counters");
  }

  void deliver() {
    for (const auto& delivery : engine_->flush(now_)) {
      REQUIRE(delivery.offset <= offset_);  // what was due to others when somebody asked is older
      const auto content = parsed(delivery.tail);
      for (const auto token : delivery.tokens) hear(delivery, token, content);
    }
    for (const auto token : std::exchange(ending_, {})) REQUIRE(!clients_.contains(token));
  }

  void hear(const Delivery& delivery, ViewToken token, const json& content) {
    const auto kind = delivery.kind;
    if (const auto found = listings_.find(token); found != listings_.end()) {
      REQUIRE(kind == Delivery::Kind::answer);
      check_listing(found->second, content);
      listings_.erase(found);
      return;
    }
    if (const auto found = counters_clients_.find(token);
        found != counters_clients_.end() && kind != Delivery::Kind::progress) {
      hear_counters(kind, found->second, content);
      return;
    }
    if (kind == Delivery::Kind::progress) {
      ++told;
      REQUIRE(engine_->building());
      REQUIRE(content.at("done") <= content.at("total"));
      const auto client = clients_.find(token);
      REQUIRE((client == clients_.end() || content.at("view") == client->second.view.str()));
      return;
    }
    // What was asked for before it left may have become ready in the same step.
    if (kind == Delivery::Kind::answer && gone_.contains(token)) return;
    if (const auto found = workload_clients_.find(token); found != workload_clients_.end()) {
      if (kind == Delivery::Kind::answer) return workload_answered(found->second, content);
      if (kind == Delivery::Kind::reset) return workload_reset(found->second, content);
      REQUIRE(kind == Delivery::Kind::workload);
      REQUIRE(!found->second.waiting);
      if (found->second.dropping) return;
      REQUIRE(!content.at("workload").empty());
      REQUIRE(content.at("offset") > found->second.offset);
      found->second.offset = content.at("offset");
      found->second.fold(content.at("workload"));
      return;
    }
    auto& client = clients_.at(token);
    switch (kind) {
      case Delivery::Kind::answer: answered(client, content); return;
      case Delivery::Kind::reset: was_reset(client, content); return;
      case Delivery::Kind::delta:
        REQUIRE(!client.waiting);
        if (client.dropping) return;
        REQUIRE(content.at("offset") > client.offset);
        client.fold(content);
        return;
      case Delivery::Kind::ended: {
        ++ended;
        // It may have come back since, in the same step.
        if (delivery.offset >= workspace_changed_) {
          REQUIRE(!naive::usable(*workspace_, client.viewer, client.view));
          const bool deleted = workspace_->view(client.view) == nullptr;
          REQUIRE(content.at("reason") == (deleted ? "deleted" : "forbidden"));
        }
        clients_.erase(token);
        return;
      }
      default: FAIL("a counters delta for a list");
    }
  }

  static void hear_counters(Delivery::Kind kind, CountersClient& client, const json& content) {
    if (kind == Delivery::Kind::answer || kind == Delivery::Kind::reset) {
      REQUIRE(client.waiting);
      return counters_answered(client, content);
    }
    REQUIRE(kind == Delivery::Kind::counters);
    REQUIRE(!client.waiting);
    REQUIRE(!content.at("counters").empty());
    if (client.dropping) return;
    REQUIRE(content.at("offset") > client.offset);
    client.offset = content.at("offset");
    for (const auto& [view, counts] : content.at("counters").items()) {
      if (counts.is_null()) {
        client.counters.erase(view);
      } else {
        client.counters[view] = counts;
      }
    }
  }

  // ── what must hold ──

  Sort sort_of(const Client& client) const {
    if (client.asked_sort) return *client.asked_sort;
    const auto* custom = workspace_->view(client.view);
    return custom != nullptr ? custom->sort : Sort::newest;
  }

  naive::List expected(const Client& client) const {
    return naive::list(rows_, *workspace_, client.viewer, client.view, sort_of(client),
                       client.after, client.limit, evaluated_at_);
  }

  void check_all() {
    // A list that is being built, or a change held back, is not due yet.
    if (engine_->building() || engine_->next_flush()) return;
    for (auto& [token, client] : clients_) {
      REQUIRE(!client.waiting);
      REQUIRE(naive::usable(*workspace_, client.viewer, client.view));
      if (!client.dropping) check(client);
    }
    for (const auto& [token, client] : counters_clients_) {
      if (!client.dropping) check(client);
    }
    for (const auto& [token, client] : workload_clients_) {
      if (!client.dropping) check(client);
    }
    REQUIRE(listings_.empty());
  }

  void check(Client& client) {
    ++checked;
    const auto list = expected(client);
    std::vector<json> rows;
    for (const auto& row : list.rows) rows.push_back(row_json(*row));
    REQUIRE(client.rows == rows);
    REQUIRE(client.more == list.more);
    REQUIRE(client.cursor.is_null() == rows.empty());
    REQUIRE(client.counters == counts_json(list.counts));
  }

  static json row_json(const Row& row) {
    std::string text;
    write_row(text, row);
    return json::parse(text);
  }

  void check(const CountersClient& client) {
    REQUIRE(!client.waiting);
    REQUIRE(client.counters == expected_counters(client.viewer, client.views));
  }

  void check(const WorkloadClient& client) {
    ++boards;
    REQUIRE(!client.waiting);
    std::map<std::string, json> expected;
    for (const auto& [group, load] :
         naive::workload(rows_, *workspace_, client.viewer, evaluated_at_)) {
      auto& all = expected[group] = counts_json(load.counts);
      all["snoozed"] = load.snoozed;
      all["waiting"] = load.waiting;
      all["waiting_since"] = load.waiting_since ? json(*load.waiting_since) : json();
    }
    REQUIRE(client.loads == expected);
    REQUIRE(client.in == client.seen_in);
    REQUIRE(client.out == client.seen_out);
  }

  json expected_counters(const Viewer& viewer,
                         const std::optional<std::vector<ViewId>>& only) const {
    auto views = only.value_or(all_views());
    auto counters = json::object();
    for (const auto& view : views) {
      if (!naive::usable(*workspace_, viewer, view)) continue;
      counters[view.str()] = counts_json(
          naive::list(rows_, *workspace_, viewer, view, Sort::newest, {}, 1, evaluated_at_).counts);
    }
    return counters;
  }

  std::vector<ViewId> all_views() const {
    std::vector<ViewId> views;
    for (const auto* name : {"all", "mine", "unassigned", "snoozed", "done", "blocked"}) {
      views.emplace_back(name);
    }
    for (const auto& [id, team] : workspace_->teams) views.emplace_back("team:" + id.str());
    for (const auto& [id, view] : workspace_->views) views.push_back(id);
    return views;
  }

  void check_listing(const Viewer& viewer, const json& content) {
    if (content.at("offset") != offset_.value) return;  // made before the step's last commit
    auto counters = json::object();
    for (const auto& view : content.at("views")) {
      counters[view.at("view").get<std::string>()] = view.at("counters");
    }
    REQUIRE(counters == expected_counters(viewer, std::nullopt));
  }

  /// S2: before the time that `next_flip` names, time alone moves nothing.
  bool check_nothing_moves(Timestamp then) {
    if (clients_.empty()) return false;
    const auto& client = some_client()->second;
    if (client.waiting || engine_->building()) return false;
    const auto list_at = [&](Timestamp at) {
      return naive::list(rows_, *workspace_, client.viewer, client.view, Sort::newest, {}, 100, at)
          .rows;
    };
    if (!naive::usable(*workspace_, client.viewer, client.view)) return false;
    REQUIRE(list_at(std::max(then, evaluated_at_)) == list_at(now_));
    return true;
  }

  RandomInbox random_;
  const std::size_t steps_;
  ViewOptions options_;
  std::shared_ptr<const Workspace> workspace_;
  std::unique_ptr<ViewEngine> engine_;
  naive::Rows rows_;
  Timestamp now_{1'000'000};
  Timestamp evaluated_at_{0};
  Offset offset_;
  Offset workspace_changed_;  // by the last commit of the workspace's own
  std::uint64_t last_id_ = 0;
  std::uint64_t last_token_ = 0;
  std::map<ViewToken, Client> clients_;
  std::set<ViewToken> gone_;       // who left
  std::vector<ViewToken> ending_;  // must hear of it with the next deliveries
  std::map<ViewToken, CountersClient> counters_clients_;
  std::map<ViewToken, WorkloadClient> workload_clients_;
  std::size_t turns_ = 0;  // of those who read too slowly: counters and workloads, by turns
  std::map<ViewToken, Viewer> listings_;
  std::vector<Client> left_;  // who may come back
};

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const auto* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

TEST_CASE("S25 S29-S36 every folded list and counter equals a recount, whatever happens") {
  const auto seed = number_from("INBOXD_PROPERTY_SEED", 0);
  const auto steps = number_from("INBOXD_PROPERTY_STEPS", 300);
  const auto runs = number_from("INBOXD_PROPERTY_RUNS", seed == 0 ? 12 : 1);
  const auto first = seed == 0 ? 1 : seed;
  std::size_t recovered = 0, not_recovered = 0, ended = 0, resets = 0, ticks = 0, waited = 0,
              minded = 0, told = 0, by_fields = 0, checked = 0, boards = 0;
  for (auto this_seed = first; this_seed < first + runs; ++this_seed) {
    INFO("INBOXD_PROPERTY_SEED=" << this_seed << " INBOXD_PROPERTY_STEPS=" << steps);
    Run run(this_seed, steps);
    run.go();
    recovered += run.recovered;
    not_recovered += run.not_recovered;
    ended += run.ended;
    resets += run.resets;
    ticks += run.ticks;
    waited += run.waited;
    minded += run.minded;
    told += run.told;
    by_fields = std::max(by_fields, run.by_fields);
    checked += run.checked;
    boards += run.boards;
  }
  CAPTURE(recovered, not_recovered, ended, resets, ticks, waited, minded, told, by_fields, checked,
          boards);
  // The runs went where they should.
  if (seed == 0) {
    CHECK(recovered > 10);
    CHECK(not_recovered > 100);
    CHECK(ended > 3);
    CHECK(resets > 10);
    CHECK(ticks > 2);
    CHECK(waited > 10);
    CHECK(minded > 100);
    CHECK(told > 10);
    CHECK(by_fields > 2);
    CHECK(checked > 1000);
    CHECK(boards > 1000);
  }
}
