#include "bench/inbox_bench/recovery.hpp"

#include <charconv>
#include <chrono>
#include <fcntl.h>
#include <random>
#include <stdexcept>
#include <thread>
#include <unistd.h>

#include "bench/inbox_bench/driver.hpp"
#include "bench/inbox_bench/http.hpp"
#include "bench/inbox_bench/inbound_frame.hpp"
#include "bench/inbox_bench/progress.hpp"
#include "bench/inbox_bench/texts.hpp"
#include "model/json.hpp"

namespace inboxd::bench {
namespace {

using client::Clock;
namespace fs = std::filesystem;

constexpr unsigned connections = 20;
constexpr unsigned depth = 32;
constexpr double mib = 1 << 20;

double seconds_since(Clock::time_point from) {
  return std::chrono::duration<double>(Clock::now() - from).count();
}

// One more message from customers at random; counts what each was acknowledged.
class TailWork final : public Work {
 public:
  TailWork(const PastOptions& past, Failures& failures)
      : past_(past),
        failures_(failures),
        texts_(past.seed),
        frame_(past.seed),
        random_(past.seed) {}

  void write(std::string& frame, std::uint64_t id, std::uint32_t& subject,
             Clock::time_point) override {
    subject = static_cast<std::uint32_t>(random_() % past_.contacts);
    frame_.write(frame, id, subject, ++sent_, texts_.next(past_.text_bytes));
  }
  std::optional<std::uint64_t> read(std::string_view text) override {
    constexpr std::string_view id_key = "\"id\":", offset_key = "\"offset\":";
    const auto at = text.find(id_key);
    const auto offset = text.find(offset_key);
    if (at == std::string_view::npos || offset == std::string_view::npos) {
      failures_.add("not taken: " + std::string(text));
      return std::nullopt;
    }
    std::uint64_t id = 0, value = 0;
    const auto* end = text.data() + text.size();
    std::from_chars(text.data() + at + id_key.size(), end, id);
    std::from_chars(text.data() + offset + offset_key.size(), end, value);
    last_offset = std::max(last_offset, value);
    return id;
  }
  void answered(std::uint32_t) override {}

  std::uint64_t last_offset = 0;  // acknowledged

 private:
  const PastOptions& past_;
  Failures& failures_;
  Texts texts_;
  InboundFrame frame_;
  std::mt19937_64 random_;
  // Provider ids that no earlier run on the directory has used.
  std::uint64_t sent_ =
      static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
};

std::uint64_t bytes_in(const fs::path& directory) {
  std::uint64_t sum = 0;
  for (const auto& file : fs::recursive_directory_iterator(directory)) {
    if (file.is_regular_file()) sum += file.file_size();
  }
  return sum;
}

/// Takes the files out of the page cache, as after a reboot.
void forget_pages(const fs::path& directory) {
  for (const auto& file : fs::recursive_directory_iterator(directory)) {
    if (!file.is_regular_file()) continue;
    const int fd = ::open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    ::fdatasync(fd);  // only clean pages can go
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    ::close(fd);
  }
}

class RecoveryRun {
 public:
  explicit RecoveryRun(const RecoveryOptions& options) : options_(options) {}

  Report run() {
    auto target = options_.target;
    target.prepare = [this](const fs::path& data) { fill(data); };
    progress_.say("starting on " + readable(options_.past.contacts) + " contacts");
    Target engine(target);
    report_.figure("start after a flush", start_seconds(engine), "s", false);
    add_tail(engine);
    engine.engine().kill();
    if (options_.cold) forget_pages(engine.engine().data());
    restart(engine);
    check(engine);
    report_.failures = failures_.texts();
    return std::move(report_);
  }

 private:
  void fill(const fs::path& data) {
    if (fs::exists(data / "store")) return;
    const auto from = Clock::now();
    const auto past = make_past(data, options_.past, [this](std::uint64_t done) {
      progress_.say("filling: " + readable(static_cast<double>(done)) + " contacts");
    });
    report_.figure("filling", seconds_since(from), "s", false);
    report_.figure("contacts", static_cast<double>(past.contacts), "");
    report_.figure("entries", static_cast<double>(past.entries), "");
    report_.figure("store", static_cast<double>(bytes_in(data / "store")) / mib, "MiB", false);
  }

  /// What the engine itself says of its start.
  static double start_seconds(const Target& engine) {
    double sum = 0;
    for (const auto& [name, value] : metrics_of(engine.url())) {
      if (name.starts_with("inboxd_start_microseconds")) sum += value / 1e6;
    }
    return sum;
  }

  void add_tail(Target& engine) {
    progress_.say("writing the journal's tail");
    client::Loop loop;
    TailWork work(options_.past, failures_);
    Driver driver(loop, work, connections, engine.connectors(), failures_);
    driver.open();
    driver.do_all(options_.tail, depth);
    if (failures_.count() > 0) throw std::runtime_error(failures_.texts().front());
    acknowledged_ = work.last_offset;
  }

  void restart(Target& engine) {
    const auto from = Clock::now();
    client::Loop idle;
    std::unique_ptr<MomentTaker> course;
    engine.engine().start([&] {
      if (course) return course->take();
      course = std::make_unique<MomentTaker>(
          idle, report_.course, progress_,
          MomentTaker::Plan{.what = "", .done = [] { return 0; }, .server = engine.pid()});
      course->phase("recovering");
    });
    wait_ready(engine);
    if (course) course->take();
    report_.figure("kill -9 to ready", seconds_since(from), "s", false);
    const auto metrics = metrics_of(engine.url());
    constexpr std::string_view part = "inboxd_start_microseconds{part=\"";
    // In the order in which they run; the map is by name.
    for (const std::string name : {"store", "replay", "journal", "contacts", "wakes", "views"}) {
      report_.figure("  " + name, value_of(metrics, std::string(part) + name + "\"}") / 1e6, "s",
                     false);
    }
    report_.figure("replayed", value_of(metrics, "inboxd_start_replayed_records"), "records");
    const auto usage = usage_of(engine.pid());
    report_.figure("CPU of the start", usage.cpu_s, "s", false);
    report_.figure("memory, peak of the start", static_cast<double>(usage.peak_bytes) / mib, "MiB",
                   false);
    report_.figure("memory, ready", static_cast<double>(usage.rss_bytes) / mib, "MiB", false);
    report_.figure("memory a contact",
                   static_cast<double>(usage.rss_bytes) / options_.past.contacts, "bytes", false);
  }

  static void wait_ready(const Target& engine) {
    constexpr std::chrono::seconds patience{120};
    for (const auto until = Clock::now() + patience; Clock::now() < until;) {
      const auto page = get_page(engine.url(), "/readyz");
      if (page && page->status == 200) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    throw std::runtime_error("the engine did not become ready");
  }

  void check(Target& engine) {
    progress_.say("checking");
    client::Loop loop;
    Session admin = engine.admin_session(loop);
    admin.must("counters.subscribe", R"({"views":["all","blocked"]})",
               [this](simdjson::dom::element result) {
                 const auto count = [&](std::string_view view) {
                   return result["counters"][view]["contacts"].get_uint64().value();
                 };
                 const auto offset = result["offset"].get_uint64().value();
                 if (count("all") + count("blocked") != options_.past.contacts)
                   failures_.add("there are " + std::to_string(count("all") + count("blocked")) +
                                 " contacts in the lists");
                 if (offset < acknowledged_)
                   failures_.add("offset " + std::to_string(acknowledged_) +
                                 " was acknowledged, and the engine is at " +
                                 std::to_string(offset));
               });
    report_.checks.push_back("every contact is in a list, and no acknowledged offset is missing");
    report_.figure("memory, served", static_cast<double>(usage_of(engine.pid()).rss_bytes) / mib,
                   "MiB", false);
  }

  const RecoveryOptions& options_;
  Progress progress_;
  Failures failures_;
  Report report_;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace

Report run_recovery(const RecoveryOptions& options) {
  auto report = RecoveryRun(options).run();
  report.scenario = "recovery";
  report.title = "kill -9 and start with " + readable(options.past.contacts) + " contacts and " +
                 readable(static_cast<double>(options.tail)) + " messages in the journal's tail" +
                 (options.cold ? ", files not in memory" : "");
  report.options = {{"contacts", std::to_string(options.past.contacts)},
                    {"tail", std::to_string(options.tail)},
                    {"cold", options.cold ? "yes" : "no"},
                    {"seed", std::to_string(options.past.seed)}};
  return report;
}

}  // namespace inboxd::bench
