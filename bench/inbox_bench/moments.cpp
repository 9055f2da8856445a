#include "bench/inbox_bench/moments.hpp"

#include <utility>

#include "bench/inbox_bench/report.hpp"

namespace inboxd::bench {
namespace {

using client::Clock;

constexpr std::size_t moments_a_step = 600;
constexpr double mib = 1 << 20;

double ms(Histogram::Duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

double seconds(Clock::duration d) {
  return std::chrono::duration<double>(d).count();
}

Usage usage_of_server(pid_t server) {
  return server == 0 ? Usage{} : usage_of_tree(server);
}

}  // namespace

MomentTaker::MomentTaker(client::Loop& loop, Course& course, const Progress& progress, Plan plan)
    : loop_(loop),
      course_(course),
      progress_(progress),
      plan_(std::move(plan)),
      begin_(Clock::now()),
      last_(begin_),
      done_before_(plan_.done()),
      done_last_(done_before_),
      server_last_(usage_of_server(plan_.server)),
      own_last_(usage_of(0)),
      counted_(plan_.latencies.size()) {
  course_.what = plan_.what;
  for (const auto& latency : plan_.latencies) course_.latencies.push_back(latency.name);
  later();
}

void MomentTaker::phase(std::string name) {
  progress_.say(name);
  course_.phases.emplace_back(seconds(Clock::now() - begin_), std::move(name));
}

void MomentTaker::later() {
  timer_ = loop_.after(plan_.step, [this] {
    take();
    later();
  });
}

void MomentTaker::stop() {
  loop_.cancel(timer_);
  timer_ = 0;
}

void MomentTaker::take() {
  const auto now = Clock::now();
  const double step_s = seconds(now - last_);
  if (step_s <= 0) return;
  const auto done = plan_.done();
  const Usage server = usage_of_server(plan_.server);
  const Usage own = usage_of(0);
  Moment moment;
  moment.at_s = seconds(now - begin_);
  moment.per_s = static_cast<double>(done - done_last_) / step_s;
  moment.done = static_cast<double>(done - done_before_);
  moment.server_cores = (server.cpu_s - server_last_.cpu_s) / step_s;
  moment.generator_cores = (own.cpu_s - own_last_.cpu_s) / step_s;
  moment.server_rss_mib = static_cast<double>(server.rss_bytes) / mib;
  moment.generator_rss_mib = static_cast<double>(own.rss_bytes) / mib;
  if (plan_.kept_bytes) moment.server_kept_mib = plan_.kept_bytes() / mib;
  for (std::size_t i = 0; i < plan_.latencies.size(); ++i)
    moment.latencies.push_back(latency_since(i));
  last_ = now;
  done_last_ = done;
  server_last_ = server;
  own_last_ = own;
  tell(moment);
  course_.moments.push_back(std::move(moment));
  if (course_.moments.size() % moments_a_step == 0) plan_.step *= 2;
}

Moment::Latency MomentTaker::latency_since(std::size_t index) {
  Histogram all;
  for (const auto* histogram : plan_.latencies[index].of) all.merge(*histogram);
  const Histogram since = all.since(counted_[index]);
  counted_[index] = std::move(all);
  return {.count = since.count(),
          .p50_ms = ms(since.percentile(50)),
          .p99_ms = ms(since.percentile(99)),
          .max_ms = ms(since.max())};
}

void MomentTaker::tell(const Moment& moment) const {
  std::string text = course_.phases.empty() ? "measuring" : course_.phases.back().second;
  const char* before = ": ";
  const auto add = [&](const std::string& part) { text += std::exchange(before, ", ") + part; };
  if (moment.per_s > 0) add(readable(moment.per_s) + " " + plan_.what + "/s");
  for (std::size_t i = 0; i < moment.latencies.size(); ++i) {
    if (moment.latencies[i].count > 0)
      add(plan_.latencies[i].name + " p99 " + readable(moment.latencies[i].p99_ms) + " ms");
  }
  if (moment.server_rss_mib > 0) add("server " + readable(moment.server_rss_mib) + " MiB");
  progress_.say(text);
}

}  // namespace inboxd::bench
