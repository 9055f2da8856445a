#include "bench/inbox_bench/snooze.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "bench/inbox_bench/checkpoints.hpp"
#include "bench/inbox_bench/driver.hpp"
#include "bench/inbox_bench/inbound_work.hpp"
#include "bench/inbox_bench/progress.hpp"
#include "bench/inbox_bench/timelines.hpp"
#include "bench/inbox_bench/watcher.hpp"
#include "model/json.hpp"

namespace inboxd::bench {
namespace {

using client::Clock;
using model::json::Object;

constexpr unsigned fill_depth = 64;
constexpr std::uint32_t timelines_checked = 50;
constexpr unsigned rows = 50;
constexpr std::chrono::seconds watchers_open{1};  // the time it may take
constexpr auto rough_snoozes_per_s = 2500;  // on a slow machine; only decides for when they are set

std::int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// The counters of `snoozed` and `unassigned`, live.
class CounterWatch {
 public:
  CounterWatch(client::Loop& loop, const Target& target, Failures& failures)
      : loop_(loop),
        failures_(failures),
        rpc_(loop, {[this] { subscribe(); },
                    [this](std::string_view method, simdjson::dom::element params) {
                      if (method == "counters.delta") take(params);
                    },
                    [this](const client::CloseReason& why) {
                      failures_.add("counters closed: " + why.reason);
                    }}) {
    rpc_.open(target.url(), target.admin());
    loop_.run_until([this] { return ready_ || failures_.count() > 0; },
                    Clock::now() + target.patience());
    if (!ready_) throw std::runtime_error("counters.subscribe was not answered");
  }

  std::uint64_t snoozed() const { return snoozed_; }
  std::uint64_t unassigned() const { return unassigned_; }
  /// When the first was seen to be snoozed no more; nothing: none was.
  std::optional<Clock::time_point> first_wake() const { return first_wake_; }

 private:
  void subscribe() {
    rpc_.call("counters.subscribe", R"({"views":["snoozed","unassigned"]})",
              [this](const client::Reply& reply) {
                if (!reply.ok) return failures_.add(reply.error_text());
                take(reply.body);
                ready_ = true;
              });
  }

  void take(simdjson::dom::element body) {
    simdjson::dom::element counters = body["counters"].value();
    std::uint64_t count = 0;
    if (counters["snoozed"]["contacts"].get(count) == simdjson::SUCCESS) {
      if (count < snoozed_ && !first_wake_) first_wake_ = Clock::now();
      snoozed_ = count;
    }
    if (counters["unassigned"]["contacts"].get(count) == simdjson::SUCCESS) unassigned_ = count;
  }

  client::Loop& loop_;
  Failures& failures_;
  client::Rpc rpc_;
  bool ready_ = false;
  std::uint64_t snoozed_ = 0, unassigned_ = 0;
  std::optional<Clock::time_point> first_wake_;
};

class Snooze {
 public:
  explicit Snooze(const SnoozeOptions& options)
      : options_(options),
        target_(options.target),
        work_({.seed = options.seed,
               .text_bytes = options.text_bytes,
               .customers = options.snoozed + options.live,
               .quiet = options.snoozed},
              failures_),
        watching_{.sent = work_.times(), .failures = failures_, .patience = target_.patience()},
        admin_(target_.admin_session(loop_)),
        checkpoints_(loop_, watchers_, watching_, options.seed) {}

  void run(Report& report) {
    fill();
    snooze();
    counters_ = std::make_unique<CounterWatch>(loop_, target_, failures_);
    if (counters_->snoozed() != options_.snoozed)
      throw std::runtime_error(std::to_string(counters_->snoozed()) +
                               " contacts are snoozed, not " + std::to_string(options_.snoozed));
    watch();
    measure(report);
    check(report);
  }

 private:
  void fill() {
    progress_.say("filling " + readable(options_.snoozed + options_.live) + " contacts");
    set_up_desk(admin_, options_.watchers);
    driver_ = std::make_unique<Driver>(loop_, work_, options_.connections, target_.connectors(),
                                       failures_);
    driver_->open();
    driver_->do_all(options_.snoozed + options_.live, fill_depth);
    stop_if_failed("filling");
  }

  void snooze() {
    progress_.say("snoozing " + readable(options_.snoozed));
    const auto lead = options_.warm_up + options_.duration + watchers_open +
                      std::chrono::milliseconds(1000 * options_.snoozed / rough_snoozes_per_s);
    due_ = Clock::now() + lead;
    due_ms_ = wall_ms() + 1 + lead.count();  // not before `due_`, though it has no fraction
    admin_.must_all(options_.snoozed, fill_depth, [this](std::uint64_t i) {
      std::string params;
      Object{params}("contact", work_.contact(static_cast<std::uint32_t>(i)))("until", due_ms_);
      return std::pair<std::string_view, std::string>("contact.snooze", params);
    });
    if (Clock::now() + options_.warm_up + options_.duration > due_)
      throw std::runtime_error(
          "snoozing took so long that they come due before --warm-up and --duration are over");
  }

  void watch() {
    for (unsigned i = 0; i < options_.watchers; ++i)
      watchers_.push_back(std::make_unique<Watcher>(
          loop_, Seat{target_.url(), target_.agent(agent_id(i)), "unassigned", rows}, watching_));
    open_all(loop_, watchers_, watching_);
  }

  void run_for(
      Clock::time_point until, const std::function<bool()>& done = [] { return false; }) {
    loop_.run_until([&] { return failures_.count() > 0 || done(); }, until);
    stop_if_failed("measuring");
  }

  /// Of what customers write; from its sending to the answer and to each watcher's delta.
  struct Live {
    Histogram answers, deltas;
  };
  void begin(Live* live) {
    driver_->measure(live == nullptr ? nullptr : &live->answers);
    watching_.latencies.begin(live == nullptr ? nullptr : &live->deltas);
  }

  void measure(Report& report) {
    progress_.say("warming up");
    if (options_.rate > 0) {
      driver_->start_open(options_.rate);
    } else {
      driver_->start_closed(options_.depth);
    }
    run_for(due_ - options_.duration);
    begin(&before_);
    constexpr std::chrono::milliseconds step{200};
    MomentTaker course(
        loop_, report.course, progress_,
        {.what = "messages",
         .done = [this] { return driver_->answered(); },
         .latencies = {{"to answer", {&before_.answers, &during_.answers, &after_.answers}},
                       {"to delta", {&before_.deltas, &during_.deltas, &after_.deltas}}},
         .server = target_.pid(),
         .step = step});
    course.phase("live traffic alone");
    checkpoints_.start();
    run_for(due_);
    // By when it was seen: on a busy machine we may be late to look.
    if (const auto first = counters_->first_wake(); first && *first < due_)
      failures_.add("some woke before their time");

    course.phase("they come due");
    const Costs costs(target_.pid());
    begin(&during_);
    wait_for_wakes();
    const double back_s = std::chrono::duration<double>(Clock::now() - due_).count();
    report.figure("all back after", back_s, "s", false);
    report.figure("wakes", options_.snoozed / back_s, "/s");
    costs.report(report, back_s, options_.snoozed);
    begin(&after_);
    course.phase("all are back");
    run_for(Clock::now() + options_.duration);
    begin(nullptr);
    checkpoints_.stop();
  }

  /// Until all are back, or none came for as long as patience lasts.
  void wait_for_wakes() {
    while (counters_->snoozed() > 0) {
      const auto left = counters_->snoozed();
      run_for(Clock::now() + target_.patience(), [&] { return counters_->snoozed() == 0; });
      if (counters_->snoozed() < left) continue;
      return failures_.add(std::to_string(left) + " never woke");
    }
  }

  void report_live(Report& report) const {
    const auto compare = [&](const char* what, const Histogram& before, const Histogram& during) {
      if (before.count() == 0 || during.count() == 0) return;
      report.figure(what,
                    static_cast<double>(during.percentile(99).count()) /
                        static_cast<double>(before.percentile(99).count()),
                    "×", false);
    };
    compare("live p99 to answer, during / before", before_.answers, during_.answers);
    compare("live p99 to delta, during / before", before_.deltas, during_.deltas);
    report.latencies = {
        {"to answer, before", before_.answers}, {"to answer, during", during_.answers},
        {"to answer, after", after_.answers},   {"to delta, before", before_.deltas},
        {"to delta, during", during_.deltas},   {"to delta, after", after_.deltas}};
  }

  void check(Report& report) {
    progress_.say("checking");
    driver_->stop();
    if (check_lists(loop_, watchers_, watching_))
      report.checks.push_back(lists_checked(watching_, watchers_.size()));
    report_live(report);
    if (counters_->unassigned() != options_.snoozed + options_.live)
      failures_.add(std::to_string(counters_->unassigned()) +
                    " contacts are in `unassigned`, not " +
                    std::to_string(options_.snoozed + options_.live));
    const auto before = failures_.count();
    const auto checked = std::min(timelines_checked, options_.snoozed);
    for (std::uint32_t k = 0; k < checked; ++k)
      check_timeline(static_cast<std::uint32_t>(std::uint64_t{k} * options_.snoozed / checked));
    if (failures_.count() == before)
      report.checks.push_back(std::to_string(checked) + " timelines hold one wake, by the timer");
    report.failures = failures_.texts();
  }

  void check_timeline(std::uint32_t subject) {
    int wakes = 0;
    for_each_entry(admin_, work_.contact(subject), [&](simdjson::dom::element entry) {
      std::string_view event, cause;
      if (entry["event"].get(event) == simdjson::SUCCESS && event == "woke" &&
          entry["cause"].get(cause) == simdjson::SUCCESS && cause == "timer")
        ++wakes;
    });
    if (wakes != 1)
      failures_.add("contact " + work_.contact(subject) + " woke " + std::to_string(wakes) +
                    " times");
  }

  void stop_if_failed(const std::string& phase) const {
    if (failures_.count() > 0)
      throw std::runtime_error(phase + " failed: " + failures_.texts().front());
  }

  const SnoozeOptions& options_;
  Progress progress_;
  client::Loop loop_;
  Target target_;
  Failures failures_;
  InboundWork work_;
  Watching watching_;
  Session admin_;
  std::unique_ptr<Driver> driver_;
  std::unique_ptr<CounterWatch> counters_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  Checkpoints checkpoints_;
  Live before_, during_, after_;
  std::int64_t due_ms_ = 0;
  Clock::time_point due_;
};

}  // namespace

Report run_snooze(const SnoozeOptions& options) {
  Report report;
  report.scenario = "snooze";
  report.title = readable(options.snoozed) + " snoozes end at once, live messages (" +
                 (options.rate > 0 ? "open loop, " + readable(options.rate) + "/s"
                                   : "closed loop, depth " + std::to_string(options.depth)) +
                 ") to " + readable(options.live) + " contacts, " +
                 std::to_string(options.watchers) + " watching";
  report.options = {{"snoozed", std::to_string(options.snoozed)},
                    {"contacts", std::to_string(options.live)},
                    {"rate", readable(options.rate)},
                    {"depth", std::to_string(options.depth)},
                    {"connections", std::to_string(options.connections)},
                    {"watchers", std::to_string(options.watchers)},
                    {"bytes", std::to_string(options.text_bytes)},
                    {"warm_up_s", readable_s(options.warm_up)},
                    {"duration_s", readable_s(options.duration)},
                    {"seed", std::to_string(options.seed)}};
  Snooze(options).run(report);
  return report;
}

}  // namespace inboxd::bench
