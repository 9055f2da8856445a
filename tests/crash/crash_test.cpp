// Kills a real inboxd in the middle of its work, again and again, and checks after each restart
// that nothing acknowledged is missing or doubled, nothing is half-applied, lists are right, and
// folded subscriptions have no gap. Kills come at random moments and at the crash
// points (persistence/crash_point.hpp): inside checkpoints, the copying of merged timelines,
// segment changes, and recovery itself. A longer campaign: tests/crash/campaign --seed 7 --kills
// 1000
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/crash/checks.hpp"
#include "tests/crash/ledger.hpp"
#include "tests/crash/load.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/server.hpp"

using namespace inboxd::tests;

namespace {

constexpr int clients = 3;

/// Where the engine dies by itself when it is told to.
constexpr std::array crash_points_at_work{
    "checkpoint.collected", "checkpoint.written", "checkpoint.files",
    "merge.copying",        "checkpoint.flushed", "segment.made",
    "merge.copied",         "segment.dropped",    "segment.named",
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
  std::uint64_t merges() const { return ledger_.merges().size(); }
  std::int64_t longest_merge_seen() const { return longest_merge_; }

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
    const auto found = find_all(service, ledger_);
    longest_merge_ = std::max(longest_merge_, longest_merge(found));
    check_acknowledged(found, ledger_, service);
    check_states(found);
    check_views(service, found);
    auto connector = server_.connector(channel);
    check_repeats(connector, found, ledger_);
    for (const auto& [id, timeline] : found.timelines) {
      if (followers_.size() == 5) break;
      if (!followers_.contains(id)) followers_.emplace(id, id);
    }
    for (auto& [id, follower] : followers_) {
      follower.subscribe(service);
      follower.fold(service);
      follower.check(found);
    }
  }

  std::mt19937_64 random_;
  std::uint64_t seed_;
  // Small segments and hasty checkpoints, some as files, so that kills fall into them.
  Server server_{{"--journal-segment", "65536", "--checkpoint-every-ms", "20", "--flush-every-ms",
                  "50", "--store-files", "30000"}};
  Ledger ledger_;
  std::map<std::string, Follower> followers_;
  Kills kills_;
  std::size_t starts_ = 0;
  std::int64_t longest_merge_ = 0;
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
  CHECK(campaign.merges() > 0);
  for (const auto* point : {"checkpoint.collected", "checkpoint.written", "checkpoint.files",
                            "merge.copying", "start, recovery.replayed"})
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
  std::uint64_t acknowledged = 0, merges = 0;
  std::int64_t longest = 0;
  for (std::uint64_t n = 0; total < kills && std::chrono::steady_clock::now() < deadline; ++n) {
    Campaign campaign(seed + 1000 * n);
    campaign.run(std::min(kills_a_directory, kills - total), deadline);
    for (const auto& [where, count] : campaign.kills()) all[where] += count;
    total += campaign.total();
    acknowledged += campaign.acknowledged();
    merges += campaign.merges();
    longest = std::max(longest, campaign.longest_merge_seen());
    std::cout << "seed " << seed << ": " << total << " kills, " << acknowledged
              << " acknowledged commands checked, " << merges << " of them merges, one of "
              << longest << " entries" << std::endl;
  }
  for (const auto& [where, count] : all) std::cout << "  " << count << "  " << where << '\n';
}
