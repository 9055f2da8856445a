#include "bench/inbox_bench/ingest.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>

#include "bench/inbox_bench/agent_work.hpp"
#include "bench/inbox_bench/ceiling.hpp"
#include "bench/inbox_bench/driver.hpp"
#include "bench/inbox_bench/inbound_frame.hpp"
#include "bench/inbox_bench/progress.hpp"
#include "bench/inbox_bench/texts.hpp"
#include "bench/inbox_bench/watcher.hpp"
#include "model/json.hpp"

namespace inboxd::bench {
namespace {

using client::Clock;

constexpr unsigned fill_depth = 64;
constexpr std::uint32_t contacts_checked = 50;  // whose timelines are read at the end

// Messages to random contacts; knows what each contact must hold in the end.
class InboundWork final : public Work {
 public:
  InboundWork(const IngestOptions& options, Failures& failures)
      : options_(options),
        failures_(failures),
        texts_(options.seed),
        frame_(options.seed),
        random_(options.seed),
        customers_(options.contacts) {}

  void write(std::string& frame, std::uint64_t id, std::uint32_t& subject,
             Clock::time_point when) override {
    // First one message to each, in order, then at random.
    const auto n = ++sent_;
    subject = n <= customers_.size() ? static_cast<std::uint32_t>(n - 1)
                                     : static_cast<std::uint32_t>(random_() % customers_.size());
    frame_.write(frame, id, subject, n, texts_.next(options_.text_bytes));
    times_.set(n, when);
  }

  std::optional<std::uint64_t> read(std::string_view text) override {
    try {
      return read_answer(text);
    } catch (const simdjson::simdjson_error&) {
      failures_.add("not an answer: " + std::string(text));
      return std::nullopt;
    }
  }

  void answered(std::uint32_t subject) override {
    if (!ok_) return;
    Customer& customer = customers_[subject];
    ++customer.answered;
    customer.last_seq = std::max(customer.last_seq, seq_);
    if (customer.contact.empty()) {
      customer.contact = contact_;
    } else if (customer.contact != contact_) {
      failures_.add("customer " + std::to_string(subject) + " is " + customer.contact + " and " +
                    contact_);
    }
  }

  const SendTimes& times() const { return times_; }
  const std::string& contact(std::uint32_t subject) const { return customers_[subject].contact; }
  std::uint32_t messages(std::uint32_t subject) const { return customers_[subject].answered; }

  /// In an engine that was empty, a contact's last seq follows from what was sent to it.
  void check_seqs(std::uint32_t assigned) {
    for (std::uint32_t i = 0; i < customers_.size(); ++i) {
      const Customer& customer = customers_[i];
      const std::uint64_t events = i < assigned ? 2 : 1;  // opened, assigned
      // An assignment may be the last entry of a contact that was written to only once.
      if (customer.last_seq != customer.answered + events && customer.answered > 1)
        failures_.add("contact " + customer.contact + " took " + std::to_string(customer.answered) +
                      " messages, but its last one has seq " + std::to_string(customer.last_seq));
    }
  }

 private:
  struct Customer {
    std::string contact;
    std::uint32_t answered = 0;
    std::uint64_t last_seq = 0;
  };

  std::optional<std::uint64_t> read_answer(std::string_view text) {
    auto document =
        parser_.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING).value();
    auto message = document.get_object().value();
    std::uint64_t id = 0;
    if (message["id"].get(id) != simdjson::SUCCESS) {
      failures_.add("not an answer: " + std::string(text));
      return std::nullopt;
    }
    simdjson::ondemand::object result;
    ok_ = message["result"].get(result) == simdjson::SUCCESS;
    if (!ok_) {
      failures_.add("refused: " + std::string(text));
      return id;
    }
    contact_ = std::string_view(result["contact"].get_string().value());
    seq_ = result["seq"].get_uint64().value();
    bool duplicate = false;
    if (result["duplicate"].get(duplicate) == simdjson::SUCCESS && duplicate)
      failures_.add("a new message was taken for a duplicate: " + std::string(text));
    return id;
  }

  const IngestOptions& options_;
  Failures& failures_;
  Texts texts_;
  InboundFrame frame_;
  std::mt19937_64 random_;
  std::vector<Customer> customers_;
  SendTimes times_;
  std::uint64_t sent_ = 0;
  simdjson::ondemand::parser parser_;
  bool ok_ = false;
  std::string contact_;
  std::uint64_t seq_ = 0;
};

class Ingest {
 public:
  explicit Ingest(const IngestOptions& options)
      : options_(options),
        target_(options.target),
        work_(options_, failures_),
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
          loop_, Watcher::Plan{target_.url(), target_.agent(agent_id(i)), view, options_.rows},
          watching_));
    }
    open_all(loop_, watchers_, failures_);
  }

  // The agents begin to work on what comes in.
  void start_agents() {
    if (options_.agent_rate <= 0) return;
    agent_work_ = std::make_unique<AgentWork>(
        AgentWork::Plan{options_.contacts, options_.watchers, options_.text_bytes, options_.seed,
                        [this](std::uint32_t n) -> const std::string& { return work_.contact(n); }},
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
    if (options_.rate > 0) {
      driver_->start_open(options_.rate);
    } else {
      driver_->start_closed(options_.depth);
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
    const auto before = driver_->answered();
    const auto deltas_before = received();
    const Usage server_before = usage_of_server();
    const Usage own_before = usage_of(0);
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

  void check(Report& report) {
    progress_.say("checking");
    if (agents_) agents_->stop();
    driver_->stop();
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
    report.failures = failures_.texts();
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

  // A point for the plots twice a second.
  void sample(Report& report, Clock::time_point from) {
    constexpr std::chrono::milliseconds step{500};
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
      progress_.say("measuring: " + readable(moment.per_s) + " messages/s");
      report.moments.push_back(moment);
      sample(report, from);
    });
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
  Session admin_;
  std::unique_ptr<Driver> driver_;
  std::unique_ptr<AgentWork> agent_work_;
  std::unique_ptr<Driver> agents_;
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
  report.options = {{"connections", std::to_string(options.connections)},
                    {"depth", std::to_string(options.depth)},
                    {"rate", readable(options.rate)},
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
