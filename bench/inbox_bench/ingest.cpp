#include "bench/inbox_bench/ingest.hpp"

#include <algorithm>
#include <stdexcept>

#include "bench/inbox_bench/agent_work.hpp"
#include "bench/inbox_bench/ceiling.hpp"
#include "bench/inbox_bench/day.hpp"
#include "bench/inbox_bench/driver.hpp"
#include "bench/inbox_bench/flat.hpp"
#include "bench/inbox_bench/http.hpp"
#include "bench/inbox_bench/inbound_work.hpp"
#include "bench/inbox_bench/progress.hpp"
#include "bench/inbox_bench/taker.hpp"
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
        watching_{work_.times(), failures_, nullptr, {}, 0, Clock::now()},
        admin_(loop_, target_.url(), target_.admin()) {}

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

  // One message from each customer, and the first of them assigned.
  void fill(Report& report) {
    progress_.say("filling " + readable(options_.contacts) + " contacts");
    set_up_desk(admin_, options_.watchers);
    driver_ = std::make_unique<Driver>(
        loop_, work_, options_.connections,
        Driver::Target{target_.url(), [this](unsigned i) { return target_.connector("bench", i); }},
        failures_);
    driver_->open();
    const auto from = Clock::now();
    driver_->do_all(options_.contacts, fill_depth);
    report.figure("filling", options_.contacts / seconds_since(from), "new contacts/s");
    stop_if_failed("filling");
    // `mine` is watched by the last agents.
    const unsigned first = options_.watchers - mine_watchers();
    admin_.must_all(assigned(), fill_depth, [&](std::uint64_t i) {
      std::string params;
      model::json::Object{params}("contact", work_.contact(static_cast<std::uint32_t>(i)))(
          "assignee", agent_id(first + static_cast<unsigned>(i % mine_watchers())));
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
          loop_, Seat{target_.url(), target_.agent(agent_id(i)), view, options_.rows}, watching_));
    }
    open_all(loop_, watchers_, failures_);
  }

  // The agents begin to work on what comes in.
  void start_agents() {
    if (options_.agent_rate <= 0) return;
    if (options_.memory_flat) {  // what nobody takes would wait in memory
      taker_ = std::make_unique<Taker>(loop_, failures_);
      taker_->open(target_.url(), target_.connector("bench", options_.connections));
    }
    agent_work_ = std::make_unique<AgentWork>(
        AgentWork::Plan{options_.contacts, options_.watchers, options_.text_bytes, options_.seed,
                        [this](std::uint32_t n) -> const std::string& {
                          work_.disturbed(n);
                          return work_.contact(n);
                        }},
        failures_);
    agents_ = std::make_unique<Driver>(
        loop_, *agent_work_, options_.agent_connections,
        Driver::Target{target_.url(), [this](unsigned i) { return target_.agent(agent_id(i)); }},
        failures_);
    agents_->open();
    agents_->start_open(options_.agent_rate);
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
    Histogram acks;
    Histogram deltas;
    Histogram acts;
    const auto from = Clock::now();
    driver_->measure(&acks);
    if (agents_) agents_->measure(&acts);
    watching_.latencies = &deltas;
    watching_.measure_from = from;
    const auto before = answered_before_ = driver_->answered();
    const auto deltas_before = received();
    const Usage server_before = usage_of_server();
    const Usage own_before = usage_of(0);
    const auto counted_before = metrics_of(target_.url());
    sample(report, from);
    loop_.run_until([this] { return failures_.count() > 0; }, from + options_.duration);

    const double seconds = seconds_since(from);
    const auto done = static_cast<double>(driver_->answered() - before);
    driver_->measure(nullptr);
    if (agents_) agents_->measure(nullptr);
    watching_.latencies = nullptr;
    loop_.cancel(sampler_);
    const auto deltas_after = received();
    report.figure("throughput", done / seconds, "messages/s");
    if (target_.pid() != 0) report.usage("server", server_before, usage_of_server(), seconds, done);
    report.usage("generator", own_before, usage_of(0), seconds, done);
    report_durability(report, counted_before, server_before, seconds);
    report.figure("deltas",
                  static_cast<double>(deltas_after.deltas - deltas_before.deltas) / seconds, "/s");
    if (target_.pid() != 0 && deltas_after.deltas > deltas_before.deltas)
      report.figure("server CPU per delta",
                    1e6 * (usage_of_server().cpu_s - server_before.cpu_s) /
                        static_cast<double>(deltas_after.deltas - deltas_before.deltas),
                    "µs", false);
    report.figure("ops in deltas",
                  static_cast<double>(deltas_after.ops - deltas_before.ops) / seconds, "/s");
    report.figure("to watchers",
                  static_cast<double>(deltas_after.bytes - deltas_before.bytes) / seconds / 1e6,
                  "MB/s");
    report.latencies.emplace_back("send to answer", acks);
    if (deltas.count() > 0) report.latencies.emplace_back("send to delta", deltas);
    if (acts.count() > 0) report.latencies.emplace_back("agent's act to answer", acts);
  }

  /// What it costs that nothing is lost, by the engine's own counters.
  void report_durability(Report& report, const Metrics& before, const Usage& server_before,
                         double seconds) const {
    const auto after = metrics_of(target_.url());
    const auto grown = [&](const std::string& name) {
      return value_of(after, name) - value_of(before, name);
    };
    const double commits = grown("inboxd_commits_total");
    const double syncs = grown("inboxd_journal_syncs_total");
    if (commits <= 0 || syncs <= 0) return;
    report.figure("durable commits", commits / seconds, "/s");
    report.figure("commits a sync", commits / syncs, "");
    const double checkpoint_us = grown("inboxd_checkpoint_cpu_microseconds_total") +
                                 grown("inboxd_store_cpu_microseconds_total");
    report.figure("checkpoint CPU a commit", checkpoint_us / commits, "µs", false);
    const double server_us = 1e6 * (usage_of_server().cpu_s - server_before.cpu_s);
    if (server_us > 0) {
      report.figure("checkpoint's share of CPU", 100 * checkpoint_us / server_us, "%", false);
      report.figure("search index's share of CPU",
                    100 * grown("inboxd_search_cpu_microseconds_total") / server_us, "%", false);
    }
    report.figure("waited for the store",
                  grown("inboxd_checkpoint_waited_microseconds_total") / 1e6, "s", false);
  }

  void check(Report& report) {
    progress_.say("checking");
    if (agents_) agents_->stop();
    driver_->stop();
    if (taker_) {
      loop_.run_until([this] { return taker_->idle() || failures_.count() > 0; },
                      Clock::now() + std::chrono::minutes(1));
      report.checks.push_back(std::to_string(taker_->taken()) +
                              " messages of agents taken by a connector");
    }
    if (agent_work_)
      report.checks.push_back(readable(static_cast<double>(agents_->answered())) +
                              " acts of agents answered, " +
                              std::to_string(agent_work_->conflicts()) + " of them with conflict");
    if (options_.resets_fail && watching_.resets > 0)
      failures_.add(std::to_string(watching_.resets) + " lists had to be sent anew");
    if (failures_.count() == 0)
      report.checks.push_back(readable(static_cast<double>(driver_->answered())) +
                              " messages, each answered once, none refused or taken twice");
    if (check_lists(loop_, watchers_, watching_))
      report.checks.push_back(std::to_string(watchers_.size()) +
                              " lists folded from deltas equal fresh ones, counters too; " +
                              std::to_string(watching_.resets) + " resets");
    if (target_.own()) {
      const auto before = failures_.count();
      if (!agents_) work_.check_seqs(assigned());  // agents write entries of their own
      check_timelines();
      if (failures_.count() == before)
        report.checks.push_back((agents_ ? "" : "no seq is missing; ") +
                                std::to_string(contacts_checked) +
                                " timelines hold every message once");
    }
    if (options_.memory_flat) check_memory(report);
    report.failures = failures_.texts();
  }

  // What is kept may not grow with the messages (bench/inbox_bench/flat.hpp).
  void check_memory(Report& report) {
    std::vector<Kept> kept;
    for (const auto& moment : report.moments)
      kept.push_back({moment.answered, moment.server_kept_mib * (1 << 20)});
    if (kept.empty() || kept.back().bytes <= 0)
      return failures_.add(
          "the server does not say what memory it has in use: build it with jemalloc");
    const auto growth = growth_of(kept);
    if (!growth) return failures_.add("too short to say whether memory is flat");
    report.figure("memory kept, the store's caches apart", kept.back().bytes / (1 << 20), "MiB",
                  false);
    report.figure("it grew, a message", growth->bytes_per_message, "bytes", false);
    report.figure("that is uncertain by", growth->uncertain_bytes, "bytes", false);
    if (growth->is_leak())
      return failures_.add("memory grows by " + readable(growth->bytes_per_message) +
                           " bytes a message over the last two thirds of the run");
    report.checks.emplace_back("what the server keeps in memory does not grow with the messages");
  }

  // Reads some contacts' timelines and counts what they hold.
  void check_timelines() {
    for (std::uint32_t k = 0; k < std::min(contacts_checked, options_.contacts); ++k) {
      const auto subject =
          static_cast<std::uint32_t>(std::uint64_t{k} * options_.contacts / contacts_checked);
      std::uint64_t inbound = 0;
      std::optional<std::uint64_t> before;
      for (bool more = true; more;) {
        std::string params;
        model::json::Object{params}("contact", work_.contact(subject))("limit", 200)
            .maybe("before_seq", before);
        admin_.must("timeline.page", params, [&](simdjson::dom::element page) {
          more = page["more"].get_bool().value();
          const simdjson::dom::array entries = page["entries"].get_array().value();
          for (const auto entry : entries) {
            if (entry["kind"].get_string().value() == "message" &&
                entry["direction"].get_string().value() == "in")
              ++inbound;
            if (!before || entry["seq"].get_uint64().value() < *before)
              before = entry["seq"].get_uint64().value();
          }
        });
      }
      if (inbound != work_.messages(subject))
        failures_.add("contact " + work_.contact(subject) + " holds " + std::to_string(inbound) +
                      " messages of " + std::to_string(work_.messages(subject)));
    }
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

  // A point for the plots twice a second, in long runs less often.
  void sample(Report& report, Clock::time_point from) {
    const std::chrono::milliseconds shortest{options_.memory_flat ? 100 : 500};
    constexpr int moments_max = 600;
    const auto step = std::max(shortest, options_.duration / moments_max);
    const auto answered = driver_->answered();
    const auto cpu = usage_of_server().cpu_s;
    sampler_ = loop_.after(step, [this, &report, from, answered, cpu, step] {
      const Usage usage = usage_of_server();
      const double step_s = std::chrono::duration<double>(step).count();
      Report::Moment moment;
      moment.at_s = seconds_since(from);
      moment.per_s = static_cast<double>(driver_->answered() - answered) / step_s;
      moment.server_cores = (usage.cpu_s - cpu) / step_s;
      moment.server_rss_mib = static_cast<double>(usage.rss_bytes) / (1 << 20);
      moment.answered = static_cast<double>(driver_->answered() - answered_before_);
      if (options_.memory_flat) moment.server_kept_mib = kept_mib();
      progress_.say("measuring: " + readable(moment.per_s) + " messages/s");
      report.moments.push_back(moment);
      sample(report, from);
    });
  }

  /// What the server has in use beside the store's caches, which fill as far as they may.
  double kept_mib() const {
    const auto metrics = metrics_of(target_.url());
    const auto bytes = value_of(metrics, "inboxd_allocated_bytes") -
                       value_of(metrics, "inboxd_store_memory_bytes");
    return bytes / (1 << 20);
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
  std::uint64_t answered_before_ = 0;
  Progress progress_;
  client::Loop loop_;
  Target target_;
  Failures failures_;
  InboundWork work_;
  Watching watching_;
  Session admin_;
  std::unique_ptr<Driver> driver_;
  std::unique_ptr<AgentWork> agent_work_;
  std::unique_ptr<Driver> agents_;
  std::unique_ptr<Taker> taker_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  client::Loop::TimerId sampler_ = 0;
};

void add_ratios(Report& report, const IngestOptions& options) {
  CeilingOptions ceiling;
  ceiling.connections = options.connections;
  ceiling.depth = options.depth;
  ceiling.text_bytes = options.text_bytes;
  ceiling.seed = options.seed;
  ceiling.place = options.target.place;
  const double echo = measure_echo(ceiling, report);
  measure_append(ceiling, report);
  const auto own = std::ranges::find(report.figures, "throughput", &Report::Figure::name);
  if (own != report.figures.end()) report.figure("of the echo's rate", own->value / echo, "");
  const auto commits = std::ranges::find(report.figures, "durable commits", &Report::Figure::name);
  const auto batch = std::ranges::find(report.figures, "commits a sync", &Report::Figure::name);
  if (commits == report.figures.end() || batch == report.figures.end()) return;
  const double rate = commits->value;
  const auto batch_records = static_cast<std::size_t>(std::max(1.0, batch->value));
  report.figure("of a bare append loop's rate", rate / append_rate(ceiling, batch_records), "");
}

}  // namespace

Report run_ingest(const IngestOptions& options) {
  Report report;
  report.scenario = options.scenario;
  report.title = (options.rate > 0 ? "open loop, " + readable(options.rate) + " messages/s"
                                   : "closed loop, depth " + std::to_string(options.depth)) +
                 ", " + std::to_string(options.connections) + " connections, " +
                 readable(options.contacts) + " contacts, " + std::to_string(options.text_bytes) +
                 "-byte messages, " + std::to_string(options.watchers) + " watching";
  report.options = {
      {"connections", std::to_string(options.connections)},
      {"depth", std::to_string(options.depth)},
      {"rate", readable(options.rate)},
      {"daily_curve", options.daily_curve ? "true" : "false"},
      {"burst", readable(options.burst_mean)},
      {"think_s", readable(std::chrono::duration<double>(options.think).count())},
      {"warm_up_s", readable(std::chrono::duration<double>(options.warm_up).count())},
      {"duration_s", readable(std::chrono::duration<double>(options.duration).count())},
      {"contacts", std::to_string(options.contacts)},
      {"assigned", readable(options.assigned)},
      {"bytes", std::to_string(options.text_bytes)},
      {"watchers", std::to_string(options.watchers)},
      {"rows", std::to_string(options.rows)},
      {"agent_rate", readable(options.agent_rate)},
      {"seed", std::to_string(options.seed)}};
  Ingest(options).run(report);
  if (options.ceiling) add_ratios(report, options);
  return report;
}

}  // namespace inboxd::bench
