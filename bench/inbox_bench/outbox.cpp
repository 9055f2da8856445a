#include "bench/inbox_bench/outbox.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <unordered_map>
#include <vector>

#include "apps/client/rpc.hpp"
#include "bench/inbox_bench/driver.hpp"
#include "bench/inbox_bench/http.hpp"
#include "bench/inbox_bench/progress.hpp"
#include "bench/inbox_bench/session.hpp"
#include "model/json.hpp"

namespace inboxd::bench {
namespace {

using client::Clock;
using model::json::Object;

constexpr unsigned fill_depth = 64;
constexpr std::size_t reports_shuffled = 600;  // statuses that overtake one another
constexpr unsigned reports_in_flight_max = 200;
constexpr std::chrono::seconds until_saved{12};  // more than twice the engine's checkpoint interval

/// The platform and its connector: takes each delivery once, and reports `sent`, `delivered` and
/// `read` of it, each a while later and in any order.
class Connector {
 public:
  Connector(client::Loop& loop, const OutboxOptions& options, Failures& failures)
      : options_(options),
        failures_(failures),
        random_(options.seed),
        rpc_(loop, {[this] { subscribe(); },
                    [this](std::string_view method, simdjson::dom::element params) {
                      if (method == "outbox.deliver") take(params);
                    },
                    [this](const client::CloseReason& why) {
                      failures_.add("the connector's line closed: " + why.reason);
                    }}) {}

  void open(const client::Url& url, std::string token) { rpc_.open(url, std::move(token)); }
  bool ready() const { return ready_; }
  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t reported() const { return reported_; }
  /// Nothing more comes: the rest is reported too.
  void finish() {
    finishing_ = true;
    report_some();
  }
  std::function<void(std::uint64_t message)> on_delivery;

 private:
  void subscribe() {
    std::string params;
    Object{params}("in_flight", options_.held);
    rpc_.call("outbox.subscribe", params, [this](const client::Reply& reply) {
      if (!reply.ok) return failures_.add(reply.error_text());
      ready_ = true;
      take(reply.body);
    });
  }

  void take(simdjson::dom::element params) {
    simdjson::dom::array deliveries;
    if (params["deliveries"].get(deliveries) != simdjson::SUCCESS) return;
    for (const auto delivery : deliveries) {
      const std::string contact(std::string_view(delivery["contact"].get_string().value()));
      const std::uint64_t seq = delivery["seq"].get_uint64().value();
      auto& last = last_seq_[contact];
      if (seq <= last)
        failures_.add("contact " + contact + ": " + std::to_string(seq) + " was delivered after " +
                      std::to_string(last));
      last = seq;
      ++delivered_;
      const std::string_view client_id = delivery["entry"]["client_id"].get_string().value();
      if (on_delivery) on_delivery(std::stoull(std::string(client_id)));
      const auto provider_id = contact + "-" + std::to_string(seq);
      std::string sent;
      Object{sent}("contact", contact)("seq", seq)("provider_id", provider_id);
      call("outbox.sent", sent);
      for (const std::string_view status : {"sent", "delivered", "read"}) {
        std::string report;
        Object{report}("provider_id", provider_id)("status", status);
        reports_.push_back(std::move(report));
      }
    }
    report_some();
  }

  void report_some() {
    const std::size_t kept = finishing_ ? 0 : reports_shuffled;
    while (reports_.size() > kept && in_flight_ < reports_in_flight_max) {
      std::swap(reports_[random_() % reports_.size()], reports_.back());
      call("inbound.status", reports_.back());
      reports_.pop_back();
    }
  }

  void call(std::string_view method, const std::string& params) {
    ++in_flight_;
    rpc_.call(method, params, [this, status = method == "inbound.status"](const auto& reply) {
      --in_flight_;
      if (!reply.ok) return failures_.add(reply.error_text());
      reported_ += status ? 1 : 0;
      report_some();
    });
  }

  const OutboxOptions& options_;
  Failures& failures_;
  std::mt19937_64 random_;
  client::Rpc rpc_;
  bool ready_ = false, finishing_ = false;
  std::uint64_t delivered_ = 0, reported_ = 0;
  unsigned in_flight_ = 0;
  std::vector<std::string> reports_;
  std::unordered_map<std::string, std::uint64_t> last_seq_;
};

class Outbox {
 public:
  explicit Outbox(const OutboxOptions& options)
      : options_(options),
        target_(options.target),
        admin_(target_.admin_session(loop_)),
        connector_(loop_, options_, failures_),
        sender_(loop_, {[this] { sending_ = true; },
                        {},
                        [this](const client::CloseReason& why) {
                          failures_.add("the sender's line closed: " + why.reason);
                        }}) {}

  void run(Report& report) {
    fill();
    connector_.on_delivery = [this](std::uint64_t message) {
      if (message < sent_at_.size()) latency_.record(Clock::now() - sent_at_[message]);
    };
    sender_.open(target_.url(), target_.agent("sender", "admin"));
    wait([this] { return sending_; });
    if (options_.late) {
      pile_up(report);
    } else {
      connector_.open(target_.url(), target_.connector("bench", 0));
      wait([this] { return connector_.ready(); });
    }
    measure(report);
    check(report);
  }

 private:
  void fill() {
    progress_.say("filling " + readable(options_.contacts) + " contacts");
    set_up_desk(admin_, 1);
    Session inbound(loop_, target_.url(), target_.connector("bench", 1), target_.patience());
    inbound.must_all(options_.contacts, fill_depth, [](std::uint64_t i) {
      std::string params;
      Object{params}("external_id", "customer-" + std::to_string(i))(
          "provider_id", "first-" + std::to_string(i))("type", "text")("text", "hello");
      return std::pair<std::string_view, std::string>("inbound.receive", params);
    });
    for (std::uint32_t i = 0; i < options_.contacts; ++i) {
      std::string params;
      Object{params}("external_id", "customer-" + std::to_string(i))(
          "provider_id", "first-" + std::to_string(i))("type", "text")("text", "hello");
      inbound.must("inbound.receive", params, [this](simdjson::dom::element result) {
        contacts_.emplace_back(std::string_view(result["contact"].get_string().value()));
      });
    }
  }

  /// Writes all of it for a connector that is not there, and waits until the store has it.
  void pile_up(Report& report) {
    const auto settle = [this] {
      loop_.run_until([] { return false; }, Clock::now() + until_saved);
      return kept_bytes(metrics_of(target_.url()));
    };
    progress_.say("what the contacts cost");
    const auto before = settle();
    progress_.say("writing " + readable(options_.messages));
    const auto begin = Clock::now();
    write_all();
    wait([this] { return !left() && in_flight_ == 0; });
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    progress_.say("what waits in the outbox costs");
    const auto grown = settle() - before;
    report.figure("messages written", options_.messages / seconds, "/s");
    if (before <= 0) return;  // it does not say
    report.figure("server keeps, before", before / (1 << 20), "MiB", false);
    report.figure("kept for a waiting message", grown / options_.messages, "bytes", false);
  }

  void write_all() {
    const auto now = Clock::now();
    if (options_.rate > 0) {
      due_ = now;
      return send_due();
    }
    while (in_flight_ < options_.depth && left()) send(now);
  }
  bool left() const { return sent_at_.size() < options_.messages; }

  void send_due() {
    const auto now = Clock::now();
    const auto step = std::chrono::duration<double>(1 / options_.rate);
    for (; due_ <= now && left(); due_ += std::chrono::duration_cast<Clock::duration>(step))
      send(due_);
    if (left() && failures_.count() == 0) loop_.at(due_, [this] { send_due(); });
  }

  void measure(Report& report) {
    constexpr std::chrono::milliseconds step{200};
    MomentTaker course(
        loop_, report.course, progress_,
        {.what = "messages delivered",
         .done = [this] { return connector_.delivered(); },
         .latencies = options_.late
                          ? std::vector<MomentTaker::Latency>{}
                          : std::vector<MomentTaker::Latency>{{"send to delivery", {&latency_}}},
         .server = target_.pid(),
         .step = step});
    const Costs costs(target_.pid());
    const auto begin = Clock::now();
    if (options_.late) {
      course.phase("the connector comes");
      connector_.open(target_.url(), target_.connector("bench", 0));
    } else {
      course.phase("sending");
      write_all();
    }
    wait([this] { return connector_.delivered() >= options_.messages; });
    course.phase("the last statuses");
    connector_.finish();
    wait([this] { return connector_.reported() >= 3ULL * options_.messages; });
    course.take();
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    report.figure("messages out", options_.messages / seconds, "/s");
    report.figure("statuses", 3 * options_.messages / seconds, "/s");
    report.figure("commits", 4 * options_.messages / seconds, "/s");
    costs.report(report, seconds, options_.messages);
    if (!options_.late) report.latencies = {{"send to delivery", latency_}};
  }

  /// `when`: from then on the time to the delivery counts.
  void send(Clock::time_point when) {
    const auto number = sent_at_.size();
    sent_at_.push_back(when);
    ++in_flight_;
    std::string params;
    Object{params}("contact", contacts_[number % contacts_.size()])(
        "client_id", std::to_string(number))("text", text_);
    sender_.call("message.send", params, [this](const client::Reply& reply) {
      --in_flight_;
      if (!reply.ok) return failures_.add(reply.error_text());
      if (options_.rate <= 0 && left()) send(Clock::now());
    });
  }

  /// Until `done`; gives up when nothing moved for as long as patience lasts.
  void wait(const std::function<bool()>& done) {
    const auto moved = [this] {
      return sent_at_.size() - in_flight_ + connector_.delivered() + connector_.reported();
    };
    const auto over = [&] { return failures_.count() > 0 || done(); };
    auto seen = moved();
    while (!loop_.run_until(over, Clock::now() + target_.patience()) && moved() > seen)
      seen = moved();
    if (failures_.count() > 0) throw std::runtime_error(failures_.texts().front());
    if (done()) return;
    throw std::runtime_error("nothing came for " + std::to_string(target_.patience().count()) +
                             " ms: of " + std::to_string(options_.messages) + " messages " +
                             std::to_string(sent_at_.size() - in_flight_) + " are taken, " +
                             std::to_string(connector_.delivered()) + " delivered, " +
                             std::to_string(connector_.reported()) + " statuses reported");
  }

  void check(Report& report) {
    progress_.say("checking");
    std::uint64_t messages = 0, whole = 0;
    for (const auto& contact : contacts_) {
      std::string params;
      Object{params}("contact", contact)("limit", 200);
      admin_.must("timeline.page", params, [&](simdjson::dom::element page) {
        const simdjson::dom::array entries = page["entries"].get_array().value();
        for (const auto entry : entries) {
          std::string_view direction, status;
          if (entry["direction"].get(direction) != simdjson::SUCCESS || direction != "out")
            continue;
          ++messages;
          if (entry["status"].get(status) == simdjson::SUCCESS && status == "read" &&
              entry["statuses"].get_array().value().size() == 4) {
            ++whole;
          }
        }
      });
    }
    if (connector_.delivered() != options_.messages || messages != options_.messages) {
      failures_.add(std::to_string(connector_.delivered()) + " deliveries, " +
                    std::to_string(messages) + " messages in the timelines");
    } else {
      report.checks.push_back("each message was delivered once, each contact's in order");
    }
    if (whole == options_.messages) {
      report.checks.push_back("each message is read, with its four statuses");
    } else {
      failures_.add(std::to_string(whole) + " messages have all their statuses");
    }
    report.failures = failures_.texts();
  }

  const OutboxOptions& options_;
  Progress progress_;
  client::Loop loop_;
  Target target_;
  Failures failures_;
  Session admin_;
  Connector connector_;
  client::Rpc sender_;
  bool sending_ = false;
  std::vector<std::string> contacts_;
  std::vector<Clock::time_point> sent_at_;  // or due
  Clock::time_point due_;                   // the next, in an open loop
  unsigned in_flight_ = 0;
  Histogram latency_;
  const std::string text_ = std::string(options_.text_bytes, 'x');
};

}  // namespace

Report run_outbox(const OutboxOptions& options) {
  if (options.messages / std::max(options.contacts, 1U) > 150)
    throw std::runtime_error("at most 150 messages a contact: the check reads one page of each");
  Report report;
  report.scenario = "outbox";
  report.title = readable(options.messages) + " messages to " + readable(options.contacts) +
                 " contacts through one connector" + (options.late ? " that comes late" : "") +
                 ", three statuses each, out of order";
  report.options = {{"messages", std::to_string(options.messages)},
                    {"contacts", std::to_string(options.contacts)},
                    {"depth", std::to_string(options.depth)},
                    {"rate", readable(options.rate)},
                    {"held", std::to_string(options.held)},
                    {"bytes", std::to_string(options.text_bytes)},
                    {"late", options.late ? "yes" : "no"},
                    {"seed", std::to_string(options.seed)}};
  Outbox(options).run(report);
  return report;
}

}  // namespace inboxd::bench
