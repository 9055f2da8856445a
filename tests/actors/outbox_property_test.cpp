// Any sequence of messages, connectors that come and go, failures, merges, pauses and limits:
// nothing is lost, nothing is with two connectors at once, and every contact's messages are sent
// once each and in their order. A store that lags behind, or is ahead by a merge, gives the texts.
#include <algorithm>
#include <cstdlib>
#include <deque>
#include <functional>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "actors/outbox.hpp"
#include "model/entry_json.hpp"
#include "tests/support/catch.hpp"

namespace inboxd::actors {
namespace {

using nlohmann::json;

const model::ChannelId channel_id("wa");
constexpr std::uint64_t contacts = 6;

class Connector final : public Client {
 public:
  Connector()
      : Client(model::WorkspaceId("default"),
               {.kind = model::PrincipalKind::connector, .id = "c", .channel = channel_id}) {}
  std::vector<Outbox::Place> held;  // as it was told, in that order
};

/// The engine, the connectors and the platform around an outbox, each as simple as can be.
class Office {
 public:
  explicit Office(unsigned seed) : random_(seed) {
    channel_.id = channel_id;
    channel_.name = "W";
    channel_.retry = model::Redelivery{
        .attempts = 3, .delay = {500}, .delay_max = {4'000}, .ack_timeout = model::hours(1)};
    if (seed % 4 == 1)
      channel_.retry->ack_timeout = {3'000};  // some connectors are too slow for it
    if (seed % 2 == 0) channel_.rate = model::Throughput{.count = 5, .per = {1'000}, .burst = 3};
    if (seed % 3 == 0) {
      channel_.customer_rate = model::Throughput{.count = 1, .per = {2'000}, .burst = 2};
    }
    configure();
  }

  void step() {
    const auto dice = random_() % 100;
    if (dice < 30) return write();
    if (dice < 36) return join();
    if (dice < 40) return leave();
    if (dice < 70) return report(false);
    if (dice < 78) return report(true);
    if (dice < 80) return merge();
    if (dice < 83) return pause(random_() % 2 == 0);
    if (dice < 85) return report_late();
    if (dice < 90) return save(random_() % 8);
    pass({static_cast<std::int64_t>(random_() % 700)});
  }

  void finish() {
    pause(false);
    join();
    for (int i = 0; i < 20'000 && !ids_.empty(); ++i) {
      report(false);
      pass({200});
    }
    CHECK(ids_.empty());
    save(unsaved_.size());
    CHECK(outbox_.pending() == 0);
    CHECK(outbox_.texts_in_memory() == 0);
    check_log();
    check_rate();
  }

 private:
  using Place = Outbox::Place;

  void configure() {
    model::Workspace workspace;
    workspace.channels[channel_id] = channel_;
    outbox_.configure(workspace);
  }

  static std::unique_ptr<Commit> commit_of(model::Offset offset, Place place, int id,
                                           model::Status reached) {
    auto entry = std::make_shared<model::Entry>();
    entry->seq = place.seq;
    entry->offset = offset;
    model::Message sent{.direction = model::Direction::out, .channel = channel_id};
    sent.external_id = "customer";
    sent.client_id = std::to_string(id);
    sent.statuses.push_back({.status = model::Status::pending, .at = {1}});
    if (reached != model::Status::pending) sent.statuses.push_back({.status = reached, .at = {2}});
    entry->body = std::move(sent);
    auto text = std::make_shared<std::string>();
    model::write_entry(*text, place.contact, *entry);
    auto commit = std::make_unique<Commit>();
    commit->offset = offset;
    commit->entries.push_back(
        {.contact = place.contact, .entry = entry, .text = std::move(text), .appended = true});
    return commit;
  }

  /// The store takes the oldest changes that it has not, or all: then the outbox hears of it.
  void save(std::size_t changes) {
    for (; changes > 0 && !unsaved_.empty(); --changes) {
      unsaved_.front().second();
      saved_ = unsaved_.front().first;
      unsaved_.pop_front();
    }
    outbox_.forget_saved(saved_);
  }

  void note_for_store(const Commit& commit) {
    unsaved_.emplace_back(commit.offset, [this, moved = commit.moved, entries = commit.entries] {
      if (moved) {
        std::map<Place, std::string> stored;
        for (auto& [place, text] : stored_) {
          const bool moves = place.contact == moved->secondary;
          stored[moves ? Place{moved->primary, moved->base + place.seq.value} : place] = text;
        }
        stored_ = std::move(stored);
      }
      for (const auto& change : entries)
        stored_[{change.contact, change.entry->seq}] = *change.text;
    });
  }

  void follow(const Commit& commit) {
    note_for_store(commit);
    if (commit.moved && random_() % 2 == 0) {
      // The store is written, and a connector comes, before the outbox hears of the merge.
      save(unsaved_.size());
      join();
    }
    outbox_.follow(commit, now_);
    take([&](auto& out) { outbox_.give(now_, out); });
  }

  template <class Act>
  void take(Act act) {
    std::vector<Outgoing> out;
    act(out);
    hear(out);
    // What is given up becomes `failed`.
    for (const auto& message : outbox_.take_given_up()) {
      const auto place = ids_.contains(message.place) ? message.place : moved(message.place);
      const int id = ids_.at(place);
      ids_.erase(place);
      failed_.insert(id);
      for (const auto& connector : connectors_) {
        auto& held = connector->held;
        if (std::find(held.begin(), held.end(), place) == held.end()) continue;
        // Its time was over once too often: with it goes what else it has of the contact.
        std::erase_if(held, [&](const Place& p) { return p.contact == place.contact; });
      }
      follow(*commit_of({++offset_}, place, id, model::Status::failed));
    }
  }

  void hear(const std::vector<Outgoing>& out) {
    for (const auto& item : out) {
      if (const auto* push = std::get_if<Push>(&item)) {
        told(push->client, json::parse("{" + *push->tail + "}"));
      } else if (const auto& answer = std::get<Answer>(item);
                 answer.body.find("deliveries") != std::string::npos) {
        told(answer.client, json::parse("{" + answer.body + "}")["result"]);
      }
    }
  }

  void told(const ClientPtr& client, const json& params) {
    auto& connector = static_cast<Connector&>(*client);
    for (const auto& delivery : params["deliveries"]) {
      const int id = std::stoi(delivery["entry"]["client_id"].get<std::string>());
      CHECK(delivery["external_id"] == "customer");
      const auto found =
          std::find_if(ids_.begin(), ids_.end(), [&](const auto& i) { return i.second == id; });
      REQUIRE(found != ids_.end());
      for (const auto& other : connectors_) {
        const auto& held = other->held;
        if (std::find(held.begin(), held.end(), found->first) != held.end())
          lose(*other, found->first.contact);
      }
      connector.held.push_back(found->first);
      deadline_[id] = now_ + time_for(delivery.value("attempts", 0U));
      given_at_.push_back(now_.ms);
    }
  }

  model::Duration time_for(std::uint32_t attempts) const {
    const auto& retry = *channel_.retry;
    const auto longest = std::max(retry.delay_max, retry.ack_timeout);
    return std::min(model::Duration{retry.ack_timeout.ms << attempts}, longest);
  }

  // What a connector has is its own until its time is over; then all that it has of the contact
  // goes.
  void lose(Connector& connector, model::ContactId contact) {
    auto lost = [&](const Place& place) { return place.contact == contact; };
    REQUIRE(std::any_of(connector.held.begin(), connector.held.end(), [&](const Place& place) {
      return lost(place) && now_ >= deadline_.at(ids_.at(place));
    }));
    std::erase_if(connector.held, lost);
  }

  void write() {
    auto contact = random_() % contacts + 1;
    while (merged_.contains(contact)) contact = merged_.at(contact).first;
    const Place place{{contact}, {++seqs_[contact]}};
    const int id = ++last_id_;
    ids_[place] = id;
    // Order is promised within what was a contact when it was written.
    written_[contact].push_back(id);
    follow(*commit_of({++offset_}, place, id, model::Status::pending));
  }

  void join() {
    auto connector = std::make_shared<Connector>();
    connectors_.push_back(connector);
    take([&](auto& out) {
      outbox_.subscribe({.client = connector, .tag = 1, .by = connector->principal()},
                        {.sub = {1}, .after = {}, .held_max = random_() % 4 + 1}, "e", {offset_},
                        now_, out);
    });
  }

  void leave() {
    if (connectors_.empty()) return;
    const auto at =
        connectors_.begin() + static_cast<std::ptrdiff_t>(random_() % connectors_.size());
    const auto gone = *at;
    connectors_.erase(at);
    take([&](auto& out) { outbox_.leave(gone, std::nullopt, now_, out); });
  }

  // A connector sends the first that it has of some contact, or finds that it cannot for now.
  void report(bool fails) {
    std::vector<std::shared_ptr<Connector>> busy;
    for (const auto& c : connectors_) {
      if (!c->held.empty()) busy.push_back(c);
    }
    if (busy.empty()) return;
    const auto connector = busy[random_() % busy.size()];
    const auto contact = connector->held[random_() % connector->held.size()].contact;
    const auto first = std::find_if(connector->held.begin(), connector->held.end(),
                                    [&](const Place& p) { return p.contact == contact; });
    const auto place = *first;
    if (fails) {
      // It drops what it has of the contact from there on: that comes again.
      std::erase_if(connector->held, [&](const Place& p) { return p.contact == contact; });
      take([&](auto& out) {
        outbox_.fail({.client = connector, .tag = 1, .by = connector->principal()}, place, {},
                     {offset_}, now_, now_, out);
      });
      return;
    }
    connector->held.erase(first);
    const int id = ids_.at(place);
    // Its time was over: it knows that the others of the contact are not its own any more.
    if (now_ >= deadline_.at(id)) {
      std::erase_if(connector->held, [&](const Place& p) { return p.contact == contact; });
    }
    ids_.erase(place);
    log_.push_back(id);
    follow(*commit_of({++offset_}, place, id, model::Status::sent));
  }

  // One that has not, or no longer, what it says has failed: it is taken from nobody (see `lose`).
  void report_late() {
    if (connectors_.empty() || ids_.empty()) return;
    const auto& connector = connectors_[random_() % connectors_.size()];
    const auto place =
        std::next(ids_.begin(), static_cast<std::ptrdiff_t>(random_() % ids_.size()))->first;
    const auto& held = connector->held;
    if (std::find(held.begin(), held.end(), place) != held.end()) return;
    take([&](auto& out) {
      outbox_.fail({.client = connector, .tag = 1, .by = connector->principal()}, place, {},
                   {offset_}, now_, now_, out);
    });
  }

  Place moved(Place place) const {
    for (auto m = merged_.find(place.contact.value); m != merged_.end();
         m = merged_.find(place.contact.value)) {
      place = {{m->second.first}, {m->second.second + place.seq.value}};
    }
    return place;
  }

  void merge() {
    const auto primary = random_() % contacts + 1, secondary = random_() % contacts + 1;
    if (primary == secondary || merged_.contains(primary) || merged_.contains(secondary)) return;
    Commit commit;
    commit.offset = {++offset_};
    const auto base = seqs_[primary];
    commit.moved = persistence::EntriesMoved{
        .primary = {primary}, .secondary = {secondary}, .base = {base}, .count = seqs_[secondary]};
    merged_[secondary] = {primary, base};
    seqs_[primary] += seqs_[secondary];
    std::map<Place, int> ids;
    for (const auto& [place, id] : ids_) {
      const auto to = moved(place);
      ids[to] = id;
      if (to == place) continue;
      auto entry = std::move(commit_of({offset_}, to, id, model::Status::pending)->entries[0]);
      commit.entries.push_back(std::move(entry));
    }
    ids_ = std::move(ids);
    for (const auto& connector : connectors_) {
      for (auto& place : connector->held) place = moved(place);
      // The secondary's come after the primary's.
      std::stable_sort(connector->held.begin(), connector->held.end());
    }
    follow(commit);
  }

  void pause(bool paused) {
    channel_.paused = paused;
    configure();
    take([&](auto& out) { outbox_.give(now_, out); });
  }

  void pass(model::Duration time) {
    now_ = now_ + time;
    take([&](auto& out) { outbox_.on_time(now_, out); });
  }

  void check_log() const {
    std::map<int, std::size_t> at;
    for (std::size_t i = 0; i < log_.size(); ++i) {
      CHECK(at.emplace(log_[i], i).second);  // sent once
      CHECK_FALSE(failed_.contains(log_[i]));
    }
    CHECK(log_.size() + failed_.size() == static_cast<std::size_t>(last_id_));
    for (const auto& [contact, ids] : written_) {
      std::vector<std::size_t> order;
      for (const int id : ids) {
        if (const auto sent = at.find(id); sent != at.end()) order.push_back(sent->second);
      }
      CHECK(std::is_sorted(order.begin(), order.end()));
    }
  }

  void check_rate() const {
    if (!channel_.rate) return;
    const auto burst = channel_.rate->burst;
    for (std::size_t i = 0; i + burst < given_at_.size(); ++i)
      CHECK(given_at_[i + burst] - given_at_[i] >= 200 - 1);
  }

  std::mt19937 random_;
  std::map<Place, std::string> stored_;
  model::Offset saved_;
  std::deque<std::pair<model::Offset, std::function<void()>>> unsaved_;
  Outbox outbox_{[this](const Place& place) {
    const auto known = stored_.find(place);
    return known != stored_.end() ? std::optional(known->second) : std::nullopt;
  }};
  model::Channel channel_;
  model::Timestamp now_{1'000'000};
  std::uint64_t offset_ = 0;
  int last_id_ = 0;
  std::map<std::uint64_t, std::uint64_t> seqs_;
  std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> merged_;
  std::map<Place, int> ids_;  // what is pending
  std::map<std::uint64_t, std::vector<int>> written_;
  std::vector<std::shared_ptr<Connector>> connectors_;
  std::vector<int> log_;  // what reached the platform
  std::set<int> failed_;
  std::vector<std::int64_t> given_at_;
  std::map<int, model::Timestamp> deadline_;  // of whoever was given it last
};

}  // namespace

TEST_CASE("S40 whatever connectors do, nothing is lost, doubled or sent out of a contact's order") {
  const char* more = std::getenv("INBOXD_OUTBOX_SEEDS");
  const unsigned seeds = more != nullptr ? static_cast<unsigned>(std::atoi(more)) : 60;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    INFO("seed " << seed);
    Office office(seed);
    for (int i = 0; i < 400; ++i) office.step();
    office.finish();
  }
}

}  // namespace inboxd::actors
