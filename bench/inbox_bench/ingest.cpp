#include "bench/inbox_bench/ingest.hpp"

#include <algorithm>
#include <stdexcept>

#include "bench/inbox_bench/ceiling.hpp"
#include "bench/inbox_bench/checkpoints.hpp"
#include "bench/inbox_bench/day.hpp"
#include "bench/inbox_bench/driver.hpp"
#include "bench/inbox_bench/durability.hpp"
#include "bench/inbox_bench/flat.hpp"
#include "bench/inbox_bench/inbound_work.hpp"
#include "bench/inbox_bench/progress.hpp"
#include "bench/inbox_bench/taker.hpp"
#include "bench/inbox_bench/timelines.hpp"
#include "bench/inbox_bench/watcher.hpp"
#include "model/json.hpp"

namespace inboxd::bench {
namespace {

using client::Clock;

constexpr unsigned fill_depth = 64;
constexpr std::uint32_t contacts_checked = 50;  // whose timelines are read at the end

class Ingest {
 public:
  explicit Ingest(const IngestOptions& options)
      : options_(options),
        target_(options.target),
        work_({.seed = options.seed,
               .text_bytes = options.text_bytes,
               .customers = options.contacts,
               .burst_mean = options.burst_mean},
              failures_),
        watching_{.sent = work_.times(), .failures = failures_, .patience = target_.patience()},
        checkpoints_(loop_, watchers_, watching_, options.seed),
        admin_(target_.admin_session(loop_)) {}

  void run(Report& report) {
    fill(report);
    watch();
    warm_up();
    measure(report);
    check(report);
  }

 private:
  unsigned mine_watchers() const { return options_.one_window ? 0 : options_.watchers / 3; }
  std::uint32_t assigned() const {
    return mine_watchers() == 0 ? 0
                                : static_cast<std::uint32_t>(options_.assigned * options_.contacts);
  }

  bool agents_act() const { return options_.agent_rate > 0 || options_.agent_think.count() > 0; }
  unsigned agents_known() const {
    return std::max(options_.watchers, agents_act() ? options_.agent_connections : 0);
  }

  // One message from each customer, and the first of them assigned.
  void fill(Report& report) {
    progress_.say("filling " + readable(options_.contacts) + " contacts");
    set_up_desk(admin_, agents_known());
    driver_ = std::make_unique<Driver>(loop_, work_, options_.connections, target_.connectors(),
                                       failures_);
    driver_->open();
    const auto from = Clock::now();
    driver_->do_all(options_.contacts, fill_depth);
    report.figure("filling", options_.contacts / seconds_since(from), "new contacts/s");
    stop_if_failed("filling");
    // `mine` is watched by the last agents.
    const unsigned mine = std::max(1U, mine_watchers());  // with none, nothing is assigned
    const unsigned first = options_.watchers - mine_watchers();
    admin_.must_all(assigned(), fill_depth, [&](std::uint64_t i) {
      std::string params;
      model::json::Object{params}("contact", work_.contact(static_cast<std::uint32_t>(i)))(
          "assignee", agent_id(first + static_cast<unsigned>(i % mine)));
      return std::pair<std::string_view, std::string>("contact.assign", params);
    });
  }

  void watch() {
    const unsigned mine = mine_watchers();
    const unsigned unassigned = mine;
    for (unsigned i = 0; i < options_.watchers; ++i) {
      const bool all = i < options_.watchers - mine - unassigned;
      const char* view = all ? "all" : i < options_.watchers - mine ? "unassigned" : "mine";
      watchers_.push_back(std::make_unique<Watcher>(
          loop_,
          Seat{target_.url(), target_.agent(agent_id(i)), view, options_.rows, options_.counters},
          watching_));
    }
    open_all(loop_, watchers_, watching_);
  }

  // The agents begin to work on what comes in.
  void start_agents() {
    if (!agents_act()) return;
    if (options_.memory_flat) {  // what nobody takes would wait in memory
      taker_ = std::make_unique<Taker>(loop_, failures_);
      taker_->open(target_.url(), target_.connector("bench", options_.connections));
    }
    agent_work_ = std::make_unique<AgentWork>(
        AgentWork::Plan{.contacts = options_.contacts,
                        .agents = agents_known(),
                        .text_bytes = options_.text_bytes,
                        .seed = options_.seed,
                        .mix = options_.acts,
                        .contact = [this](std::uint32_t n) -> const std::string& {
                          work_.disturbed(n);
                          return work_.contact(n);
                        }},
        failures_);
    agents_ = std::make_unique<Driver>(loop_, *agent_work_, options_.agent_connections,
                                       target_.agents(), failures_);
    agents_->open();
    if (target_.own()) requests_before_ = metrics_of(target_.url());
    if (options_.agent_think.count() > 0) {
      agents_->start_closed(1, options_.agent_think);
    } else {
      agents_->start_open(options_.agent_rate);
    }
  }

  void warm_up() {
    progress_.say("warming up");
    start_agents();
    if (options_.rate <= 0) {
      driver_->start_closed(options_.depth, options_.think);
    } else if (options_.daily_curve) {
      const double day_s =
          std::chrono::duration<double>(options_.warm_up + options_.duration).count();
      driver_->start_open(
          [this, day_s](double at_s) { return options_.rate * daily_curve(at_s / day_s); });
    } else {
      driver_->start_open(options_.rate);
    }
    loop_.run_until([this] { return failures_.count() > 0; }, Clock::now() + options_.warm_up);
    stop_if_failed("warming up");
  }

  void measure(Report& report) {
    const auto from = Clock::now();
    driver_->measure(&acks_);
    if (agents_) agents_->measure(&acts_);
    watching_.latencies.begin(&deltas_);
    const auto before = driver_->answered();
    const auto received_before = received();
    const Usage server_before = usage_of_server();
    const Usage own_before = usage_of(0);
    const DurabilityCosts durability(target_.url());
    checkpoints_.start();
    follow_course(report);
    loop_.run_until([this] { return failures_.count() > 0; }, from + options_.duration);

    const double seconds = seconds_since(from);
    const auto done = static_cast<double>(driver_->answered() - before);
    driver_->measure(nullptr);
    if (agents_) agents_->measure(nullptr);
    watching_.latencies.begin(nullptr);
    checkpoints_.stop();
    course_.reset();
    const Usage server_after = usage_of_server();
    report.figure("throughput", done / seconds, "messages/s");
    if (target_.pid() != 0) report.usage("server", server_before, server_after, seconds, done);
    report.usage("generator", own_before, usage_of(0), seconds, done);
    const double server_cpu_s = server_after.cpu_s - server_before.cpu_s;
    durability.report(report, seconds, server_cpu_s);
    report_received(report, received_before, seconds, server_cpu_s);
  }

  struct Received {
    std::uint64_t deltas = 0, ops = 0, bytes = 0;
  };
  Received received() const {
    Received sum;
    for (const auto& watcher : watchers_) {
      sum.deltas += watcher->list().deltas;
      sum.ops += watcher->list().ops;
      sum.bytes += watcher->received_bytes();
    }
    return sum;
  }

  void report_received(Report& report, const Received& before, double seconds,
                       double server_cpu_s) const {
    const auto after = received();
    const auto deltas = static_cast<double>(after.deltas - before.deltas);
    report.figure("deltas", deltas / seconds, "/s");
    if (server_cpu_s > 0 && deltas > 0)
      report.figure("server CPU per delta", 1e6 * server_cpu_s / deltas, "µs", false);
    report.figure("ops in deltas", static_cast<double>(after.ops - before.ops) / seconds, "/s");
    report.figure("to watchers", static_cast<double>(after.bytes - before.bytes) / seconds / 1e6,
                  "MB/s");
  }

  void check(Report& report) {
    progress_.say("checking");
    if (agents_) agents_->stop();
    driver_->stop();
    if (taker_) check_taker(report);
    if (options_.resets_fail && watching_.resets > 0)
      failures_.add(std::to_string(watching_.resets) + " lists had to be sent anew");
    if (failures_.count() == 0)
      report.checks.push_back(readable(static_cast<double>(driver_->answered())) +
                              " messages, each answered once, none refused or taken twice");
    if (agents_) check_acts(report);
    if (check_lists(loop_, watchers_, watching_))
      report.checks.push_back(lists_checked(watching_, watchers_.size()));
    if (acks_.count() == 0) failures_.add("nothing was sent while it was measured");
    report.latencies.emplace_back("send to answer", acks_);
    if (deltas_.count() > 0) report.latencies.emplace_back("send to delta", deltas_);
    if (acts_.count() > 0) report.latencies.emplace_back("agent's act to answer", acts_);
    if (target_.own()) check_contacts(report);
    if (options_.memory_flat) check_memory(report);
    report.failures = failures_.texts();
  }

  void check_taker(Report& report) {
    loop_.run_until([this] { return taker_->idle() || failures_.count() > 0; },
                    Clock::now() + std::chrono::minutes(1));
    report.checks.push_back(std::to_string(taker_->taken()) +
                            " messages of agents taken by a connector");
  }

  /// What agents did: as was asked, and as often as the engine says.
  void check_acts(Report& report) {
    Table table{"What agents did", {"", "asked for", "done", "share", "conflict"}, {}};
    const auto percent = [](double share) { return readable(100 * share) + " %"; };
    const auto all = static_cast<double>(agents_->answered());
    const auto before = failures_.count();
    const auto after = metrics_of(target_.url());
    for (std::size_t i = 0; i < act_names.size(); ++i) {
      const auto& count = agent_work_->counts()[i];
      const auto tried = static_cast<double>(count.done + count.conflicts);
      table.rows.push_back({std::string(act_names[i]), percent(options_.acts.share(i)),
                            std::to_string(count.done), percent(all > 0 ? tried / all : 0),
                            std::to_string(count.conflicts)});
      if (!target_.own()) continue;
      const auto name =
          R"(inboxd_requests_total{method=")" + std::string(act_methods[i]) + R"(",result="ok"})";
      const double counted = value_of(after, name) - value_of(requests_before_, name);
      if (counted != static_cast<double>(count.done))
        failures_.add("the engine counted " + readable(counted) + " " +
                      std::string(act_methods[i]) + ", and agents had " +
                      std::to_string(count.done) + " answers");
    }
    report.tables.push_back(std::move(table));
    if (const auto wrong = agent_work_->difference_to_mix(); !wrong.empty())
      failures_.add("agents did not do what was asked: " + wrong);
    if (failures_.count() == before)
      report.checks.push_back(readable(all) + " acts of agents, in the ratios asked for" +
                              (target_.own() ? ", each counted by the engine" : ""));
  }

  /// In an engine that was empty.
  void check_contacts(Report& report) {
    const auto before = failures_.count();
    if (!agents_) work_.check_seqs(assigned());  // agents write entries of their own
    for (std::uint32_t k = 0; k < std::min(contacts_checked, options_.contacts); ++k) {
      const auto subject =
          static_cast<std::uint32_t>(std::uint64_t{k} * options_.contacts / contacts_checked);
      const auto inbound = count_inbound(admin_, work_.contact(subject));
      if (inbound != work_.messages(subject))
        failures_.add("contact " + work_.contact(subject) + " holds " + std::to_string(inbound) +
                      " messages of " + std::to_string(work_.messages(subject)));
    }
    if (failures_.count() == before)
      report.checks.push_back((agents_ ? "" : "no seq is missing; ") +
                              std::to_string(contacts_checked) +
                              " timelines hold every message once");
  }

  // What is kept may not grow with the messages (bench/inbox_bench/flat.hpp).
  void check_memory(Report& report) {
    std::vector<Kept> kept;
    for (const auto& moment : report.course.moments)
      kept.push_back({moment.done, moment.server_kept_mib * (1 << 20)});
    if (kept.empty() || kept.back().bytes <= 0)
      return failures_.add(
          "the server does not say what memory it has in use: build it with jemalloc");
    const auto growth = growth_of(kept);
    if (!growth) return failures_.add("too short to say whether memory is flat");
    report.figure("memory kept, the store's caches apart", kept.back().bytes / (1 << 20), "MiB",
                  false);
    report.figure("it grew, a message", growth->bytes_per_message, "bytes", false);
    report.figure("that is uncertain by", growth->uncertain_bytes, "bytes", false);
    if (growth->says_nothing()) return failures_.add("too short to say whether memory is flat");
    if (growth->is_leak(options_.leak_bytes))
      return failures_.add("memory grows by " + readable(growth->bytes_per_message) +
                           " bytes a message over the last two thirds of the run");
    report.checks.push_back("what the server keeps in memory does not grow by more than " +
                            readable(options_.leak_bytes) + " bytes a message");
  }

  // Twice a second, in long runs less often, and in those that watch memory more often.
  void follow_course(Report& report) {
    const std::chrono::milliseconds shortest{options_.memory_flat ? 100 : 500};
    constexpr int moments_max = 600;
    MomentTaker::Plan plan{.what = "messages",
                           .done = [this] { return driver_->answered(); },
                           .latencies = {{"send to answer", {&acks_}}},
                           .server = target_.pid(),
                           .step = std::max(shortest, options_.duration / moments_max)};
    if (!watchers_.empty()) plan.latencies.push_back({"send to delta", {&deltas_}});
    if (agents_) plan.latencies.push_back({"agent's act to answer", {&acts_}});
    if (options_.memory_flat)
      plan.kept_bytes = [this] { return kept_bytes(metrics_of(target_.url())); };
    course_ = std::make_unique<MomentTaker>(loop_, report.course, progress_, std::move(plan));
  }

  Usage usage_of_server() const {
    return target_.pid() == 0 ? Usage{} : usage_of_tree(target_.pid());
  }
  static double seconds_since(Clock::time_point from) {
    return std::chrono::duration<double>(Clock::now() - from).count();
  }
  void stop_if_failed(const std::string& phase) const {
    if (failures_.count() > 0)
      throw std::runtime_error(phase + " failed: " + failures_.texts().front());
  }

  const IngestOptions& options_;
  Progress progress_;
  client::Loop loop_;
  Target target_;
  Failures failures_;
  InboundWork work_;
  Watching watching_;
  std::unique_ptr<Driver> driver_;
  std::unique_ptr<AgentWork> agent_work_;
  std::unique_ptr<Driver> agents_;
  std::unique_ptr<Taker> taker_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  Checkpoints checkpoints_;
  Session admin_;
  Histogram acks_, deltas_, acts_;
  Metrics requests_before_;
  std::unique_ptr<MomentTaker> course_;  // while measuring
};

}  // namespace

Report run_ingest(const IngestOptions& options) {
  if (options.daily_curve && options.rate <= 0)
    throw std::invalid_argument("--daily-curve needs an open loop: give --rate.");
  if (options.think.count() > 0 && options.rate > 0)
    throw std::invalid_argument("--think is of the closed loop: give --rate 0.");
  Report report;
  report.scenario = options.scenario;
  report.title = (options.rate > 0 ? "open loop, " + readable(options.rate) + " messages/s"
                                   : "closed loop, depth " + std::to_string(options.depth)) +
                 ", " + std::to_string(options.connections) + " connections, " +
                 readable(options.contacts) + " contacts, " + std::to_string(options.text_bytes) +
                 "-byte messages, " + std::to_string(options.watchers) + " watching";
  report.options = {{"connections", std::to_string(options.connections)},
                    {"depth", std::to_string(options.depth)},
                    {"rate", readable(options.rate)},
                    {"daily_curve", options.daily_curve ? "true" : "false"},
                    {"burst", readable(options.burst_mean)},
                    {"think_s", readable_s(options.think)},
                    {"warm_up_s", readable_s(options.warm_up)},
                    {"duration_s", readable_s(options.duration)},
                    {"contacts", std::to_string(options.contacts)},
                    {"assigned", readable(options.assigned)},
                    {"bytes", std::to_string(options.text_bytes)},
                    {"watchers", std::to_string(options.watchers)},
                    {"rows", std::to_string(options.rows)},
                    {"agent_rate", readable(options.agent_rate)},
                    {"agent_think_s", readable_s(options.agent_think)},
                    {"agent_connections", std::to_string(options.agent_connections)},
                    {"acts", options.acts.str()},
                    {"counters", options.counters ? "true" : "false"},
                    {"seed", std::to_string(options.seed)}};
  Ingest(options).run(report);
  if (options.ceiling)
    add_ratios({.connections = options.connections,
                .depth = options.depth,
                .text_bytes = options.text_bytes,
                .seed = options.seed,
                .place = options.target.place},
               report);
  return report;
}

}  // namespace inboxd::bench
