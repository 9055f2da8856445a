#include "bench/inbox_bench/ceiling.hpp"

#include <algorithm>
#include <charconv>
#include <fcntl.h>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <unistd.h>

#include "bench/inbox_bench/child.hpp"
#include "bench/inbox_bench/driver.hpp"
#include "bench/inbox_bench/echo_server.hpp"
#include "bench/inbox_bench/inbound_frame.hpp"
#include "bench/inbox_bench/progress.hpp"
#include "bench/inbox_bench/texts.hpp"

namespace inboxd::bench {
namespace {

using client::Clock;

// The frames that `ingest` sends, and back.
class EchoWork final : public Work {
 public:
  explicit EchoWork(const CeilingOptions& options)
      : options_(options), texts_(options.seed), frame_(options.seed) {}

  void write(std::string& frame, std::uint64_t id, std::uint32_t&, Clock::time_point) override {
    const auto n = ++sent_;
    frame_.write(frame, id, static_cast<std::uint32_t>(n % 100'000), n,
                 texts_.next(options_.text_bytes));
  }
  std::optional<std::uint64_t> read(std::string_view text) override {
    constexpr std::string_view key = "\"id\":";
    const auto at = text.find(key);
    if (at == std::string_view::npos) return std::nullopt;
    std::uint64_t id = 0;
    std::from_chars(text.data() + at + key.size(), text.data() + text.size(), id);
    return id;
  }
  void answered(std::uint32_t) override {}

 private:
  const CeilingOptions& options_;
  Texts texts_;
  InboundFrame frame_;
  std::uint64_t sent_ = 0;
};

class AppendFile {
 public:
  explicit AppendFile(const std::filesystem::path& path)
      : fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), path.string());
  }
  ~AppendFile() { ::close(fd_); }
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  void append(std::string_view bytes) {
    if (::write(fd_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
        ::fdatasync(fd_) != 0)
      throw std::system_error(errno, std::generic_category(), "append");
  }

 private:
  int fd_;
};

/// Adds its figures to `report` and returns the echo's rate per second.
double measure_echo(const CeilingOptions& options, Report& report) {
  Child server([](int output) { serve_echo(output); });
  const std::string line = server.wait_line("port ");
  if (line.empty()) throw std::runtime_error("the echo server did not start");
  const Progress progress;
  progress.say("a plain echo");
  client::Loop loop;
  EchoWork work(options);
  Failures failures;
  const auto url = client::Url::parse("ws://127.0.0.1:" + line.substr(line.rfind(' ') + 1) + "/");
  Driver driver(loop, work, options.connections, {url, {}}, failures);
  driver.open();
  driver.start_closed(options.depth);
  loop.run_until([] { return false; }, Clock::now() + options.warm_up);

  Histogram latencies;
  driver.measure(&latencies);
  std::optional<MomentTaker> course;  // of ingest, there is one already
  if (report.course.moments.empty())
    course.emplace(loop, report.course, progress,
                   MomentTaker::Plan{.what = "frames echoed",
                                     .done = [&driver] { return driver.answered(); },
                                     .latencies = {{"echo", {&latencies}}},
                                     .server = server.pid()});
  const auto from = Clock::now();
  const auto before = driver.answered();
  const Usage server_before = usage_of(server.pid());
  const Usage own_before = usage_of(0);
  loop.run_until([] { return false; }, from + options.duration);
  const double seconds = std::chrono::duration<double>(Clock::now() - from).count();
  const auto done = static_cast<double>(driver.answered() - before);
  driver.measure(nullptr);
  course.reset();
  report.figure("echo", done / seconds, "frames/s");
  report.usage("echo server", server_before, usage_of(server.pid()), seconds, done);
  report.usage("echo generator", own_before, usage_of(0), seconds, done);
  report.latencies.emplace_back("echo", latencies);
  driver.stop();
  if (failures.count() == 0)
    report.checks.push_back(readable(static_cast<double>(driver.answered())) +
                            " frames, each echoed once");
  for (auto& text : failures.texts()) report.failures.push_back("echo: " + text);
  return done / seconds;
}

/// Records a second of a bare loop that appends `batch` records and syncs, on the same disk.
double append_rate(const CeilingOptions& options, std::size_t batch, Histogram& syncs) {
  constexpr std::size_t envelope_bytes = 120;  // what a journal record holds besides the text
  const TempDir dir(options.place);
  AppendFile file(dir.path() / std::to_string(batch));
  const std::string bytes(batch * (options.text_bytes + envelope_bytes), 'x');
  const auto from = Clock::now();
  auto now = from;
  for (const auto until = from + options.duration / 3; now < until;) {
    const auto began = now;
    file.append(bytes);
    now = Clock::now();
    syncs.record(now - began);
  }
  const double seconds = std::chrono::duration<double>(now - from).count();
  return static_cast<double>(syncs.count() * batch) / seconds;
}

/// Appends records of this size, one and many a sync.
void measure_append(const CeilingOptions& options, Report& report) {
  const Progress progress;
  for (const std::size_t batch : {std::size_t{1}, std::size_t{45}, std::size_t{1024}}) {
    const auto name = "append, " + std::to_string(batch) + " a sync";
    progress.say(name);
    Histogram syncs;
    report.figure(name, append_rate(options, batch, syncs), "records/s");
    report.latencies.emplace_back(name, syncs);
  }
}

}  // namespace

void add_ratios(const CeilingOptions& options, Report& report) {
  const double echo = measure_echo(options, report);
  measure_append(options, report);
  const auto of_report = [&](const char* name) -> std::optional<double> {
    const auto found = std::ranges::find(report.figures, name, &Report::Figure::name);
    return found == report.figures.end() ? std::nullopt : std::optional(found->value);
  };
  if (const auto own = of_report("throughput"))
    report.figure("of the echo's rate", *own / echo, "");
  const auto commits = of_report("durable commits"), batch = of_report("commits a sync");
  if (!commits || !batch) return;
  const auto batch_records = static_cast<std::size_t>(std::max(1.0, *batch));
  Histogram syncs;
  report.figure("of a bare append loop's rate",
                *commits / append_rate(options, batch_records, syncs), "");
}

Report run_ceiling(const CeilingOptions& options) {
  Report report;
  report.scenario = "ceiling";
  report.title = "plain Beast echo over " + std::to_string(options.connections) +
                 " connections at depth " + std::to_string(options.depth) +
                 "; append and fdatasync";
  report.options = {{"connections", std::to_string(options.connections)},
                    {"depth", std::to_string(options.depth)},
                    {"bytes", std::to_string(options.text_bytes)},
                    {"warm_up_s", readable_s(options.warm_up)},
                    {"duration_s", readable_s(options.duration)},
                    {"seed", std::to_string(options.seed)}};
  measure_echo(options, report);
  measure_append(options, report);
  return report;
}

}  // namespace inboxd::bench
