#include "bench/inbox_bench/crowd.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <sys/resource.h>

#include "bench/inbox_bench/crowd_member.hpp"
#include "bench/inbox_bench/inbound_frame.hpp"
#include "bench/inbox_bench/plain_work.hpp"
#include "bench/inbox_bench/progress.hpp"
#include "bench/inbox_bench/texts.hpp"
#include "model/json.hpp"

namespace inboxd::bench {
namespace {

using client::Clock;
using Members = std::vector<std::unique_ptr<CrowdMember>>;

constexpr std::chrono::milliseconds quiet_time{600};  // well above the engine's conflation
constexpr std::size_t opening_max = 64;               // at a time, outside of a storm
constexpr double work_per_s = 200;                    // of those who stay, in all
constexpr std::size_t text_bytes = 100;

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Customers write, one after the other, in a fixed order.
class Customers final : public PlainWork {
 public:
  Customers(const CrowdOptions& options, Failures& failures)
      : PlainWork(failures),
        contacts_(options.contacts),
        texts_(options.seed),
        frame_(options.seed) {}

  void write(std::string& frame, std::uint64_t id, std::uint32_t& subject,
             Clock::time_point) override {
    const auto n = ++sent_;
    subject = static_cast<std::uint32_t>(n % contacts_);
    frame_.write(frame, id, subject, n, texts_.next(text_bytes));
  }

 private:
  std::uint32_t contacts_;
  Texts texts_;
  InboundFrame frame_;
  std::uint64_t sent_ = 0;
};

/// A run of either scenario: the engine with its contacts, and the crowd.
class CrowdRun {
 public:
  explicit CrowdRun(const CrowdOptions& options)
      : options_(options),
        target_(options.target),
        customers_(options, failures_),
        driver_(loop_, customers_, options.stayed, target_.connectors(), failures_) {
    raise_descriptor_limit();
    Session admin = target_.admin_session(loop_);
    set_up_desk(admin, options_.agents);
    progress_.say("contacts");
    driver_.open();
    constexpr unsigned depth = 16;
    driver_.do_all(options_.contacts, depth);
  }

  Members make_members(std::size_t count) {
    static constexpr std::array<const char*, 3> views{"all", "unassigned", "mine"};
    Members members;
    for (std::size_t i = 0; i < count; ++i) {
      const auto agent = static_cast<unsigned>(i % options_.agents);
      members.push_back(std::make_unique<CrowdMember>(
          loop_,
          Seat{target_.url(), token_of(agent), views[i / options_.agents % 3], options_.rows},
          crowd_));
    }
    return members;
  }

  void open(Members& members) {
    const auto live_before = crowd_.live;
    for (std::size_t from = 0; from < members.size(); from += opening_max) {
      const auto to = std::min(members.size(), from + opening_max);
      for (auto i = from; i < to; ++i) members[i]->connect();
      wait_live(live_before + to, "the crowd's first snapshots");
    }
  }

  void wait_live(std::uint64_t count, const std::string& what) {
    const auto done = [&] { return failures_.count() > 0 || crowd_.live >= count; };
    const bool came = loop_.run_until(done, Clock::now() + target_.patience());
    if (failures_.count() > 0) throw std::runtime_error(failures_.texts().front());
    if (!came) throw std::runtime_error(what + " did not come in time");
  }

  void pass(Clock::duration time) {
    loop_.run_until([] { return false; }, Clock::now() + time);
  }

  void wait_quiet() {
    const auto give_up = Clock::now() + target_.patience();
    crowd_.last_news = std::max(crowd_.last_news, Clock::now() - quiet_time / 2);
    while (Clock::now() - crowd_.last_news < quiet_time && Clock::now() < give_up)
      loop_.run_until([] { return false; }, crowd_.last_news + quiet_time);
  }

  std::unique_ptr<MomentTaker> course(Report& report, std::string what,
                                      std::vector<MomentTaker::Latency> latencies,
                                      std::function<std::uint64_t()> done) {
    constexpr std::chrono::milliseconds step{100};
    return std::make_unique<MomentTaker>(loop_, report.course, progress_,
                                         MomentTaker::Plan{.what = std::move(what),
                                                           .done = std::move(done),
                                                           .latencies = std::move(latencies),
                                                           .server = target_.pid(),
                                                           .step = step});
  }

  /// Every list is what a client gets that subscribes now.
  void check_lists(const Members& members, Report& report) {
    wait_quiet();
    std::map<std::pair<std::string, std::string>, std::size_t> kinds;  // token, view: which fresh
    Members fresh;
    for (const auto& member : members) {
      const auto& seat = member->seat();
      if (!kinds.try_emplace({seat.token, seat.view}, fresh.size()).second) continue;
      fresh.push_back(std::make_unique<CrowdMember>(loop_, seat, crowd_));
    }
    open(fresh);
    for (const auto& member : members) {
      if (!member->live()) failures_.add("a session on " + member->seat().view + " is not live");
      const auto& truth = *fresh[kinds.at({member->seat().token, member->seat().view})];
      const auto difference = member->difference(truth);
      if (!difference.empty())
        failures_.add("the list of " + member->seat().view + " went wrong: " + difference);
    }
    for (const auto& member : fresh) member->cut();
    report.failures = failures_.texts();
    if (failures_.count() > 0) return;
    report.checks.push_back("all " + std::to_string(members.size()) +
                            " sessions are live, and their lists and counters are those of " +
                            std::to_string(fresh.size()) + " that subscribed at the end");
  }

  const CrowdOptions& options_;
  client::Loop loop_;
  Failures failures_;
  Target target_;
  Crowd crowd_{.failures = failures_};
  Progress progress_;
  Customers customers_;
  Driver driver_;

 private:
  const std::string& token_of(unsigned agent) {
    auto& token = tokens_[agent];
    if (token.empty()) token = target_.agent(agent_id(agent));
    return token;
  }

  std::map<unsigned, std::string> tokens_;
};

Report report_of(const CrowdOptions& options, const char* scenario, std::string title) {
  Report report;
  report.scenario = scenario;
  report.title = std::move(title);
  report.options = {{"sessions", std::to_string(options.sessions)},
                    {"agents", std::to_string(options.agents)},
                    {"contacts", std::to_string(options.contacts)},
                    {"rows", std::to_string(options.rows)},
                    {"seed", std::to_string(options.seed)}};
  return report;
}

double seconds(Clock::duration d) {
  return std::chrono::duration<double>(d).count();
}

}  // namespace

Report run_idle(const CrowdOptions& options) {
  auto report =
      report_of(options, "idle",
                std::to_string(options.sessions) +
                    " sessions, each with a list, counters and notifications, do nothing");
  report.options.emplace_back("duration_s", readable_s(options.duration));
  CrowdRun run(options);
  const auto server = run.target_.pid();
  if (server == 0)
    throw std::runtime_error("idle measures a server's memory: name its process with --pid.");
  {
    // What is made once, whoever comes first, is not a session's cost.
    constexpr std::size_t few = 10;
    auto first = run.make_members(few);
    run.open(first);
    run.wait_quiet();
    for (const auto& member : first) member->cut();
    run.pass(std::chrono::seconds(1));
  }
  const auto before = usage_of(server);
  Histogram opening;
  run.crowd_.times = &opening;
  auto course = run.course(report, "sessions opened", {{"a session's opening", {&opening}}},
                           [&opening] { return opening.count(); });
  course->phase("all open their sessions");
  auto members = run.make_members(options.sessions);
  run.open(members);
  run.wait_quiet();
  run.crowd_.times = nullptr;
  const auto open = usage_of(server);
  const auto own = usage_of(0);
  course->phase("doing nothing");
  const auto began = Clock::now();
  run.pass(options.duration);
  const auto after = usage_of(server);
  course.reset();
  const double took = seconds(Clock::now() - began);
  const double sessions = options.sessions;
  const auto grown = static_cast<double>(after.rss_bytes) - static_cast<double>(before.rss_bytes);
  report.figure("memory of a session", grown / sessions / 1024, "KiB", false);
  report.figure("memory before", static_cast<double>(before.rss_bytes) / (1 << 20), "MiB", false);
  report.figure("memory with all", static_cast<double>(after.rss_bytes) / (1 << 20), "MiB", false);
  report.figure("CPU of all, idle", (after.cpu_s - open.cpu_s) / took * 100, "% of a core", false);
  report.figure("CPU to open one", (open.cpu_s - before.cpu_s) / sessions * 1e6, "µs", false);
  report.usage("generator", own, usage_of(0), took, 0);
  report.latencies = {{"a session's opening", opening}};
  run.check_lists(members, report);
  return report;
}

Report run_reconnect(const CrowdOptions& options) {
  auto report = report_of(options, "reconnect",
                          std::to_string(options.sessions) + " sessions come back within " +
                              readable(seconds(options.within)) + " s");
  report.options.insert(report.options.end(), {{"stayed", std::to_string(options.stayed)},
                                               {"work_s", readable_s(options.work)},
                                               {"within_s", readable_s(options.within)}});
  CrowdRun run(options);
  auto members = run.make_members(options.sessions);
  run.open(members);
  run.wait_quiet();

  Histogram before, during, back;
  auto course = run.course(
      report, "sessions back",
      {{"a client's way back", {&back}}, {"an answer to who stayed", {&before, &during}}},
      [&back] { return back.count(); });
  course->phase("work goes on");
  run.driver_.start_open(work_per_s);
  run.driver_.measure(&before);
  run.pass(options.work);
  course->phase("cut off");
  for (const auto& member : members) member->cut();
  run.driver_.measure(nullptr);
  run.pass(
      std::min<Clock::duration>(options.work, std::chrono::seconds(1)));  // they miss something

  course->phase("all come back");
  const Costs costs(run.target_.pid());
  const auto began = Clock::now();
  run.crowd_.times = &back;
  run.driver_.measure(&during);
  std::mt19937_64 random(options.seed);
  std::uniform_int_distribution<std::int64_t> moment(
      0, std::chrono::nanoseconds(options.within).count());
  for (const auto& member : members) {
    run.loop_.at(began + std::chrono::nanoseconds(moment(random)),
                 [&member] { member->connect(); });
  }
  run.wait_live(members.size(), "the crowd's return");
  const auto took = seconds(Clock::now() - began);
  course->take();
  course.reset();
  run.crowd_.times = nullptr;
  run.driver_.measure(nullptr);
  run.driver_.stop();

  report.figure("until the last is live", took, "s", false);
  report.figure("resumed by what was missed", static_cast<double>(run.crowd_.recovered), "");
  report.figure("given their list anew", static_cast<double>(run.crowd_.afresh), "", false);
  costs.report(report, took, static_cast<double>(members.size()));
  report.latencies = {{"a client's way back", back},
                      {"an answer to who stayed, before", before},
                      {"an answer to who stayed, meanwhile", during}};
  run.check_lists(members, report);
  if (before.count() == 0 || during.count() == 0)
    report.failures.push_back("those who stayed were not answered while it was measured");
  return report;
}

}  // namespace inboxd::bench
