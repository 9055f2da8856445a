// Kills a real inboxd in the middle of its work, again and again, and checks after each restart
// that nothing acknowledged is missing or doubled, nothing is half-applied, lists are right, and
// folded subscriptions have no gap. Kills come at random moments and at the crash
// points (persistence/crash_point.hpp): inside checkpoints, segment changes, and recovery itself.
// A longer campaign: tests/crash/campaign --seed 7 --kills 1000
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/server.hpp"

using namespace inboxd::tests;

namespace {

constexpr const char* channel = "web-1";
constexpr int customers = 30;
constexpr int clients = 3;

/// What was acknowledged: for each contact, the entry that an id of ours was given.
class Ledger {
 public:
  struct Entry {
    std::string id;  // client_id or provider_id
    std::string text;
  };

  void acknowledged(const std::string& contact, std::int64_t seq, Entry entry) {
    {
      const std::lock_guard lock(mutex_);
      contacts_[contact][seq] = std::move(entry);
      names_.insert(contact);
      ++count_;
    }
    changed_.notify_all();
  }
  std::string any_contact(std::uint64_t random) {
    const std::lock_guard lock(mutex_);
    if (names_.empty()) return "";
    auto at = names_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random % names_.size()));
    return *at;
  }
  /// Waits until so many more were acknowledged.
  void wait_for(std::uint64_t more) {
    std::unique_lock lock(mutex_);
    const auto target = count_ + more;
    changed_.wait_for(lock, patience, [&] { return count_ >= target; });
  }
  // Between loads, when no client runs.
  const std::map<std::string, std::map<std::int64_t, Entry>>& contacts() const { return contacts_; }
  std::uint64_t count() const { return count_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::map<std::int64_t, Entry>> contacts_;
  std::set<std::string> names_;
  std::uint64_t count_ = 0;
};

/// One customer-facing connector and one agent, doing what they do until the connection breaks.
class Load {
 public:
  Load(const Server& server, Ledger& ledger, int number, std::uint64_t seed, std::uint64_t life)
      : ledger_(ledger),
        random_(seed * 1000 + static_cast<std::uint64_t>(number)),
        prefix_(std::to_string(life) + "-" + std::to_string(number) + "-"),
        connector_(server.connector(channel)),
        agent_(server.agent("agent-" + std::to_string(number), "manager")) {}

  void run() {
    try {
      for (;;) step();
    } catch (const std::runtime_error&) {
      // The engine is gone.
    }
  }

 private:
  void step() {
    const auto id = prefix_ + std::to_string(++last_);
    const auto text = "text of " + id;
    const auto kind = random_() % 10;
    const auto contact = ledger_.any_contact(random_());
    if (kind < 4 || contact.empty()) {
      const auto reply = connector_.call(
          "inbound.receive", {{"external_id", "customer-" + std::to_string(random_() % customers)},
                              {"provider_id", id},
                              {"type", "text"},
                              {"text", text}});
      if (reply.ok()) {
        ledger_.acknowledged(reply.result.at("contact"), reply.result.at("seq"), {id, text});
      }
    } else if (kind < 8) {
      const auto* method = kind == 7 ? "comment.add" : "message.send";
      const auto reply =
          agent_.call(method, {{"contact", contact}, {"text", text}, {"client_id", id}});
      if (reply.ok()) {
        ledger_.acknowledged(contact, reply.result.at("entry").at("seq"), {id, text});
      }
    } else if (kind == 8) {
      agent_.call(random_() % 2 == 0 ? "contact.done" : "contact.reopen", {{"contact", contact}});
    } else {
      agent_.call("contact.read", {{"contact", contact}});
    }
  }

  Ledger& ledger_;
  std::mt19937_64 random_;
  std::string prefix_;
  std::uint64_t last_ = 0;
  RpcClient connector_, agent_;
};

/// A client that follows one contact through all restarts.
class Follower {
 public:
  explicit Follower(std::string contact) : contact_(std::move(contact)) {}

  void subscribe(RpcClient& client) {
    Json params{{"contact", contact_}, {"limit", 200}};
    if (!epoch_.empty()) params["resume"] = {{"epoch", epoch_}, {"offset", offset_}};
    const auto snapshot = client.must("contact.subscribe", params);
    if (!epoch_.empty()) CHECK(snapshot.at("epoch") == epoch_);
    epoch_ = snapshot.at("epoch");
    sub_ = snapshot.at("sub");
    if (!snapshot.at("recovered").get<bool>()) entries_.clear();
    take(snapshot);
  }
  void fold(RpcClient& client) {
    for (const auto& n : client.take_notifications()) {
      if (n.at("method") != "contact.delta" || n.at("params").at("sub") != sub_) continue;
      CHECK(n.at("params").at("offset").get<std::int64_t>() > offset_);
      take(n.at("params"));
    }
  }
  /// Everything from the first entry that it knows on is as the timeline says.
  void check(const std::vector<Json>& timeline) const {
    if (entries_.empty()) return;
    const auto first = entries_.begin()->first;
    for (const auto& entry : timeline) {
      const auto seq = entry.at("seq").get<std::int64_t>();
      if (seq < first) continue;
      INFO("contact " << contact_ << ", entry " << seq);
      REQUIRE(entries_.contains(seq));
      CHECK(entries_.at(seq) == entry);
    }
  }
  const std::string& contact() const { return contact_; }

 private:
  void take(const Json& from) {
    for (const auto& entry : from.value("entries", Json::array())) {
      entries_[entry.at("seq").get<std::int64_t>()] = entry;
    }
    offset_ = from.at("offset");
  }

  std::string contact_, epoch_, sub_;
  std::int64_t offset_ = 0;
  std::map<std::int64_t, Json> entries_;
};

std::vector<Json> whole_timeline(RpcClient& client, const std::string& contact) {
  std::vector<Json> all;
  Json params{{"contact", contact}, {"limit", 200}};
  for (;;) {
    const auto page = client.must("timeline.page", params);
    const auto entries = page.at("entries").get<std::vector<Json>>();
    all.insert(all.begin(), entries.begin(), entries.end());
    if (!page.at("more").get<bool>()) return all;
    params["before_seq"] = all.front().at("seq");
  }
}

/// Seqs without gap, each id at most once, and each acknowledged id where it was acknowledged.
void check_timeline(const std::vector<Json>& timeline,
                    const std::map<std::int64_t, Ledger::Entry>& acknowledged) {
  std::set<std::string> ids;
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    const auto& entry = timeline[i];
    REQUIRE(entry.at("seq").get<std::size_t>() == i + 1);
    const auto id = entry.value("client_id", entry.value("provider_id", std::string()));
    if (!id.empty()) CHECK(ids.insert(id).second);
  }
  for (const auto& [seq, expected] : acknowledged) {
    INFO("acknowledged " << expected.id << " as entry " << seq);
    REQUIRE(static_cast<std::size_t>(seq) <= timeline.size());
    const auto& entry = timeline[static_cast<std::size_t>(seq) - 1];
    CHECK(entry.value("client_id", entry.value("provider_id", std::string())) == expected.id);
    CHECK(entry.at("text") == expected.text);
  }
}

/// The lists are what the contacts, asked one by one, say they should be.
void check_views(RpcClient& client, const std::vector<Json>& contacts) {
  for (const std::string view : {"all", "unassigned", "done"}) {
    std::set<std::string> expected, listed;
    for (const auto& contact : contacts) {
      const bool open = contact.at("status") == "open";
      const bool in = view == "all" || (view == "done" && !open) ||
                      (view == "unassigned" && open && contact.at("assignee").is_null());
      if (in) expected.insert(contact.at("id"));
    }
    const auto list = client.must("view.subscribe", {{"view", view}, {"limit", 200}});
    for (const auto& row : list.at("rows")) listed.insert(row.at("id"));
    INFO("view " << view);
    CHECK(listed == expected);
    CHECK(list.at("counters").at("contacts").get<std::size_t>() == expected.size());
    client.must("unsubscribe", {{"sub", list.at("sub")}});
  }
}

/// Where the engine dies by itself when it is told to.
constexpr std::array crash_points_at_work{
    "checkpoint.collected", "checkpoint.written", "checkpoint.flushed",
    "segment.made",         "segment.named",      "segment.dropped",
};
constexpr std::array crash_points_at_start{
    "recovery.replayed", "recovery.cut", "recovery.saved", "segment.made", "segment.named",
};

/// How many kills there were, by where they fell.
using Kills = std::map<std::string, int>;

/// While it lives, engines that are started die at that place.
class Doom {
 public:
  Doom(const char* point, std::uint64_t times) {
    ::setenv("INBOXD_CRASH_AT", (point + (":" + std::to_string(times))).c_str(), 1);
  }
  ~Doom() { ::unsetenv("INBOXD_CRASH_AT"); }
  Doom(const Doom&) = delete;
  Doom& operator=(const Doom&) = delete;
};

class Campaign {
 public:
  explicit Campaign(std::uint64_t seed) : random_(seed), seed_(seed) {
    auto admin = server_.admin();
    admin.must("channel.put", {{"id", channel}, {"kind", "webchat"}, {"name", "Web"}});
  }

  /// `kills` of them, or until the deadline.
  void run(int kills, std::chrono::steady_clock::time_point deadline) {
    std::uint64_t life = 0;
    for (int until = total() + kills;
         total() < until && std::chrono::steady_clock::now() < deadline;) {
      INFO("seed " << seed_ << ", life " << life);
      ++life;
      if (life % 2 == 0) {
        die_at_work(life);
      } else {
        load_and_kill(life);
      }
      if (life % 4 == 1) {
        die_while_starting();
      } else if (random_() % 3 == 0) {
        kill_while_starting();
      }
      server_.start();
      check();
    }
    CHECK(server_.terminate() == 0);
    const auto report =
        run_program(inboxctl_program(), {"verify", "--data", server_.data().string()});
    CHECK_THAT(report, Catch::Matchers::Contains("all is well"));
  }

  int total() const {
    int sum = 0;
    for (const auto& [where, count] : kills_) sum += count;
    return sum;
  }
  const Kills& kills() const { return kills_; }
  std::uint64_t acknowledged() const { return ledger_.count(); }

 private:
  std::vector<std::thread> start_load(std::vector<Load>& loads, std::uint64_t life) {
    loads.reserve(clients);
    for (int i = 0; i < clients; ++i) loads.emplace_back(server_, ledger_, i, seed_ + life, life);
    std::vector<std::thread> threads;
    for (auto& load : loads) threads.emplace_back([&load] { load.run(); });
    return threads;
  }

  void load_and_kill(std::uint64_t life) {
    std::vector<Load> loads;
    auto threads = start_load(loads, life);
    ledger_.wait_for(1 + random_() % 300);
    server_.kill();
    ++kills_["at any moment, under load"];
    for (auto& thread : threads) thread.join();
  }

  /// Begins again, doomed, and works until it dies of that.
  void die_at_work(std::uint64_t life) {
    const auto* point = crash_points_at_work[(life / 2 - 1) % crash_points_at_work.size()];
    server_.kill();
    ++kills_["idle"];
    {
      // The first segment is made at the start.
      const Doom doom(point, 2 + random_() % 4);
      server_.start();
    }
    std::vector<Load> loads;
    std::vector<std::thread> threads;
    try {
      threads = start_load(loads, life);
    } catch (const std::runtime_error&) {
      // It died while they connected.
    }
    CHECK(server_.process().wait() == -SIGKILL);
    ++kills_[point];
    for (auto& thread : threads) thread.join();
  }

  /// A start that dies at a place of recovery; what the last one left is there for the next.
  void die_while_starting() {
    const auto* point = crash_points_at_start[(starts_++) % crash_points_at_start.size()];
    const Doom doom(point, 1);
    Process doomed(inboxd_program(), {"--data", server_.data().string(), "--listen", "127.0.0.1:0"},
                   server_.data().parent_path() / "doomed.log");
    const auto served = doomed.wait_line(
        [](const std::string& line) { return line.find("listening") != std::string::npos; });
    if (served) doomed.signal(SIGKILL);  // there was nothing to replay
    CHECK(doomed.wait() == -SIGKILL);
    ++kills_[served ? "idle" : std::string("start, ") + point];
  }

  /// A start that dies at any moment.
  void kill_while_starting() {
    Process doomed(inboxd_program(), {"--data", server_.data().string(), "--listen", "127.0.0.1:0"},
                   server_.data().parent_path() / "doomed.log");
    doomed.wait_line([](const std::string&) { return true; },
                     std::chrono::milliseconds(random_() % 60));
    doomed.signal(SIGKILL);
    doomed.wait();
    ++kills_["start, at any moment"];
  }

  void check() {
    auto service = server_.service("checker");
    std::map<std::string, std::vector<Json>> timelines;
    std::vector<Json> contacts;
    for (const auto& [id, acknowledged] : ledger_.contacts()) {
      INFO("contact " << id);
      auto timeline = whole_timeline(service, id);
      check_timeline(timeline, acknowledged);
      const auto contact = service.must("contact.get", {{"contact", id}}).at("contact");
      CHECK(contact.at("last_seq").get<std::size_t>() == timeline.size());
      contacts.push_back(contact);
      timelines.emplace(id, std::move(timeline));
    }
    // Contacts that were made without anybody hearing of it are in the lists, too.
    const auto list = service.must("view.subscribe", {{"view", "all"}, {"limit", 200}});
    for (const auto& row : list.at("rows")) {
      if (timelines.contains(row.at("id").get<std::string>())) continue;
      contacts.push_back(service.must("contact.get", {{"contact", row.at("id")}}).at("contact"));
    }
    service.must("unsubscribe", {{"sub", list.at("sub")}});
    check_views(service, contacts);
    check_repeats(service);
    check_followers(service, timelines);
  }

  /// What was acknowledged is known when it comes again.
  void check_repeats(RpcClient& service) {
    auto connector = server_.connector(channel);
    for (const auto& [id, acknowledged] : ledger_.contacts()) {
      const auto& [seq, last] = *acknowledged.rbegin();
      const auto entry =
          service.must("timeline.page", {{"contact", id}, {"before_seq", seq + 1}, {"limit", 1}});
      if (entry.at("entries").at(0).value("direction", std::string()) != "in") continue;
      const auto again = connector.must("inbound.receive", {{"external_id", "anybody"},
                                                            {"provider_id", last.id},
                                                            {"type", "text"},
                                                            {"text", "again"}});
      CHECK(again.at("duplicate") == true);
      CHECK(again.at("seq") == seq);
      CHECK(again.at("contact") == id);
    }
  }

  void check_followers(RpcClient& service,
                       const std::map<std::string, std::vector<Json>>& timelines) {
    for (const auto& [id, timeline] : timelines) {
      if (followers_.size() == 5) break;
      if (!followers_.contains(id)) followers_.emplace(id, id);
    }
    for (auto& [id, follower] : followers_) {
      follower.subscribe(service);
      follower.fold(service);
      follower.check(timelines.at(id));
    }
  }

  std::mt19937_64 random_;
  std::uint64_t seed_;
  // Small segments and hasty checkpoints, so that kills fall into them.
  Server server_{
      {"--journal-segment", "65536", "--checkpoint-every-ms", "20", "--flush-every-ms", "50"}};
  Ledger ledger_;
  std::map<std::string, Follower> followers_;
  Kills kills_;
  std::size_t starts_ = 0;
};

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

constexpr auto no_deadline = std::chrono::steady_clock::time_point::max();

}  // namespace

TEST_CASE("After kill -9 at any moment, what was acknowledged is there, once") {
  Campaign campaign(from_environment("INBOXD_CRASH_SEED", 1));
  campaign.run(20, no_deadline);
  CHECK(campaign.acknowledged() > 100);
  for (const auto* point :
       {"checkpoint.collected", "checkpoint.written", "start, recovery.replayed"})
    CHECK(campaign.kills().contains(point));
}

TEST_CASE("A long campaign of kills", "[.][campaign]") {
  const auto seed = from_environment("INBOXD_CRASH_SEED", 1);
  const auto kills = static_cast<int>(from_environment("INBOXD_CRASH_KILLS", 1000));
  const auto seconds = from_environment("INBOXD_CRASH_SECONDS", 0);
  const auto deadline =
      seconds == 0 ? no_deadline : std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  // A directory for each fifty: what is checked after every kill grows with it.
  constexpr int kills_a_directory = 50;
  Kills all;
  int total = 0;
  std::uint64_t acknowledged = 0;
  for (std::uint64_t n = 0; total < kills && std::chrono::steady_clock::now() < deadline; ++n) {
    Campaign campaign(seed + 1000 * n);
    campaign.run(std::min(kills_a_directory, kills - total), deadline);
    for (const auto& [where, count] : campaign.kills()) all[where] += count;
    total += campaign.total();
    acknowledged += campaign.acknowledged();
    std::cout << "seed " << seed << ": " << total << " kills, " << acknowledged
              << " acknowledged commands checked" << std::endl;
  }
  for (const auto& [where, count] : all) std::cout << "  " << count << "  " << where << '\n';
}
