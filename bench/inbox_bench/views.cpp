#include "bench/inbox_bench/views.hpp"

#include <algorithm>
#include <ctime>
#include <memory>
#include <stdexcept>

#include "bench/inbox_bench/progress.hpp"
#include "bench/inbox_bench/usage.hpp"
#include "bench/inbox_bench/views_figures.hpp"
#include "bench/inbox_bench/views_inbox.hpp"
#include "bench/inbox_bench/views_naive.hpp"
#include "bench/inbox_bench/views_sql.hpp"
#include "model/row_json.hpp"

namespace inboxd::bench {
namespace {

using namespace inboxd::model;

constexpr std::size_t block_updates = 500;
constexpr std::size_t build_rows = 50'000;

double cpu_us() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

/// The engine with `all` watched and the counters of every view subscribed to, so that every view
/// is live.
class Subject {
 public:
  Subject(ViewsInbox& inbox, ViewOptions options)
      : inbox_(inbox),
        workspace_(std::make_shared<const Workspace>(views_workspace())),
        engine_(options, workspace_) {
    admin_ =
        viewer_of({.kind = PrincipalKind::agent, .id = "admin", .role = Role::admin}, Role::admin);
    engine_.load(++offset_, inbox_.now(), inbox_.rows());
    watch("all");
    (void)*engine_.subscribe_counters(next_token(), admin_, std::nullopt);
    settle();
  }

  /// Adds views until there are so many; the matching ones are watched, too.
  void grow(std::size_t idle, std::size_t matching) {
    auto after = *workspace_;
    std::vector<WorkspaceEvent> events;
    const auto add = [&](ViewDefinition view) {
      events.emplace_back(PutView{std::move(view), true});
      model::apply(after, events.back());
    };
    for (; idle_ < idle; ++idle_) add(idle_view(idle_));
    const auto first = matching_;
    for (; matching_ < matching; ++matching_) add(matching_view(matching_));
    workspace_ = std::make_shared<const Workspace>(std::move(after));
    engine_.apply(++offset_, inbox_.now(), events, workspace_);
    for (auto i = first; i < matching_; ++i) watch(matching_view(i).id.str());
    settle();
  }

  void watch(const std::string& view, std::size_t times = 1) {
    for (; times > 0; --times) {
      (void)*engine_.subscribe(next_token(), admin_, {.view = ViewId(view)});
    }
  }

  void update(const ViewsInbox::Change& change) {
    engine_.apply(++offset_, change.at, std::span(&change.row, 1));
    for (const auto& delivery : engine_.flush(change.at)) {
      ++encoded_;
      sent_ += delivery.tokens.size();
    }
  }

  /// µs of CPU an update: the median of blocks.
  double measure(double seconds) {
    std::vector<double> blocks;
    double spent = 0;
    for (std::size_t block = 0; spent < seconds * 1e6 || blocks.size() < 3; ++block) {
      const auto changes = inbox_.changes(block_updates);
      const auto from = cpu_us();
      for (const auto& change : changes) update(change);
      const auto cpu = cpu_us() - from;
      spent += cpu;
      if (block > 0) blocks.push_back(cpu / block_updates);  // the first warms up
    }
    std::nth_element(blocks.begin(),
                     blocks.begin() + static_cast<std::ptrdiff_t>(blocks.size() / 2), blocks.end());
    return blocks[blocks.size() / 2];
  }

  /// The rows of a view as somebody who comes now gets them.
  std::string rows_of(const std::string& view) {
    const auto token = next_token();
    const auto answer = engine_.subscribe(token, admin_, {.view = ViewId(view)});
    if (!answer || !*answer) throw std::runtime_error("no snapshot of " + view);
    engine_.unsubscribe(token);
    const std::string& text = **answer;
    const auto from = text.find("\"rows\":") + 7;
    return text.substr(from, text.find(",\"counters\":", from) - from);
  }

  ViewStats stats() const { return engine_.stats(); }
  std::uint64_t encoded() const { return encoded_; }
  std::uint64_t sent() const { return sent_; }

 private:
  ViewToken next_token() { return {++last_token_}; }
  void settle() {
    while (engine_.building()) engine_.build_step(build_rows);
    (void)engine_.flush(inbox_.now());
  }

  ViewsInbox& inbox_;
  std::shared_ptr<const Workspace> workspace_;
  ViewEngine engine_;
  Viewer admin_;
  Offset offset_;
  std::uint64_t last_token_ = 0, encoded_ = 0, sent_ = 0;
  std::size_t idle_ = 0, matching_ = 0;
};

class Scenario {
 public:
  explicit Scenario(const ViewsOptions& options) : options_(options) {}

  Report run() {
    describe();
    const auto postgres = options_.sql ? SqlViews::installed() : std::nullopt;
    figures_.sql_version = !options_.sql ? "(left out)" : !postgres ? "(not installed)" : "";
    for (const auto contacts : options_.contacts) {
      const bool largest = contacts == options_.contacts.back();
      add_cells(contacts);
      const auto resident = usage_of(0).rss_bytes;
      ViewsInbox inbox(contacts, options_.seed);
      const auto rows = usage_of(0).rss_bytes - resident;
      measure_engine(inbox, largest, rows);
      measure_conflated(inbox);
      if (options_.naive) measure_naive(inbox);
      if (postgres) measure_sql(*postgres, contacts);
    }
    add_tables(figures_, report_);
    add_ratios(figures_, report_);
    add_plots(figures_, report_);
    return std::move(report_);
  }

 private:
  void describe() {
    report_.scenario = "views";
    report_.title =
        "CPU of one change to one contact, by contacts and live custom views; the view engine in "
        "process, as an aggregator drives it, 1,000 changes a second";
    report_.options = {{"subscribers", std::to_string(options_.subscribers)},
                       {"seconds", readable(options_.seconds)},
                       {"other_seconds", readable(options_.other_seconds)},
                       {"seed", std::to_string(options_.seed)}};
  }

  void add_cells(std::size_t contacts) {
    first_ = figures_.cells.size();
    for (const auto idle : options_.idle) {
      figures_.cells.push_back({.contacts = contacts, .idle = idle, .matching = 0});
    }
    const auto most = options_.idle.empty() ? 0 : options_.idle.back();
    for (const auto matching : options_.matching) {
      figures_.cells.push_back({.contacts = contacts, .idle = most, .matching = matching});
    }
  }

  template <class Each>
  void for_cells(const char* way, Each each) {
    for (auto i = first_; i < figures_.cells.size(); ++i) {
      auto& cell = figures_.cells[i];
      progress_.say(std::string(way) + ": " + readable(static_cast<double>(cell.contacts)) +
                    " contacts, " + readable(static_cast<double>(cell.idle)) + " idle views, " +
                    std::to_string(cell.matching) + " matching");
      each(cell);
    }
  }

  void measure_engine(ViewsInbox& inbox, bool largest, std::uint64_t row_bytes) {
    Subject subject(inbox, {.conflation_min = {0}, .conflation_max = {0}});
    for_cells("engine", [&](ViewsCell& cell) {
      subject.grow(cell.idle, cell.matching);
      cell.engine = subject.measure(options_.seconds);
    });
    if (!options_.matching.empty()) check(subject, inbox);
    if (!largest) return;
    const auto stats = subject.stats();
    const auto rows = static_cast<double>(stats.rows);
    report_.figure("row with its details", static_cast<double>(row_bytes) / rows, "bytes", false);
    report_.figure("row's share of the table", static_cast<double>(stats.table_bytes) / rows,
                   "bytes", false);
    report_.figure("all lists' indexes", static_cast<double>(stats.list_bytes) / (1 << 20), "MiB",
                   false);
    measure_fan_out(inbox);
  }

  void measure_conflated(ViewsInbox& inbox) {
    Subject subject(inbox, {});
    for_cells("engine, conflated", [&](ViewsCell& cell) {
      subject.grow(cell.idle, cell.matching);
      cell.conflated = subject.measure(options_.seconds);
    });
  }

  /// One window, one subscriber and many: computed and encoded once (issue's third target).
  void measure_fan_out(ViewsInbox& inbox) {
    Subject subject(inbox, {.conflation_min = {0}, .conflation_max = {0}});
    subject.grow(options_.idle.empty() ? 0 : options_.idle.front(), 0);
    const auto of = [&](const std::string& who) {
      const auto before = subject.stats();
      const auto encoded = subject.encoded(), sent = subject.sent();
      const auto from = inbox.now();
      report_.figure("CPU a change, " + who, subject.measure(options_.seconds), "µs", false);
      const auto updates = static_cast<double>(inbox.now().ms - from.ms);
      const auto after = subject.stats();
      report_.figure("lists compared a change, " + who,
                     static_cast<double>(after.scripts - before.scripts) / updates, "", false);
      report_.figure("rows encoded a change, " + who,
                     static_cast<double>(after.rows_encoded - before.rows_encoded) / updates, "",
                     false);
      report_.figure("deltas encoded a change, " + who,
                     static_cast<double>(subject.encoded() - encoded) / updates, "", false);
      report_.figure("deltas delivered a change, " + who,
                     static_cast<double>(subject.sent() - sent) / updates, "");
    };
    of("1 subscriber");
    subject.watch("all", options_.subscribers - 1);
    of(std::to_string(options_.subscribers) + " subscribers");
  }

  /// The engine's window of a view that changed all the time is what the naive way makes of it.
  void check(Subject& subject, const ViewsInbox& inbox) {
    NaiveViews naive(inbox.rows());
    naive.add(matching_view(0).filter, true);
    const auto what = "match0 holds what a recount gives, " +
                      readable(static_cast<double>(inbox.rows().size())) + " contacts";
    const bool same = subject.rows_of("match0") == naive.window(0);
    (same ? report_.checks : report_.failures).push_back(what);
  }

  void measure_naive(ViewsInbox& inbox) {
    NaiveViews naive(inbox.rows());
    Filter everything;
    everything.children.push_back(not_blocked());
    naive.add(everything, true);
    std::size_t idle = 0, matching = 0;
    for_cells("naive", [&](ViewsCell& cell) {
      for (; idle < cell.idle; ++idle) naive.add(idle_view(idle).filter, false);
      for (; matching < cell.matching; ++matching) naive.add(matching_view(matching).filter, true);
      double spent = 0;
      std::size_t updates = 0;
      for (; updates == 0 || spent < options_.other_seconds * 1e6; ++updates) {
        const auto change = inbox.changes(1).front();
        const auto from = cpu_us();
        bytes_ += naive.apply(*change.before, *change.row.after, change.at);
        spent += cpu_us() - from;
      }
      cell.naive = spent / static_cast<double>(updates);
    });
  }

  static Filter not_blocked() {
    Filter filter;
    filter.kind = Filter::Kind::leaf;
    filter.field = FilterField::blocked;
    filter.op = Operator::eq;
    filter.value = false;
    return filter;
  }

  void measure_sql(const std::filesystem::path& binaries, std::size_t contacts) {
    progress_.say("PostgreSQL: loading");
    SqlViews sql(binaries, options_.place, contacts);
    figures_.sql_version = sql.version();
    for_cells("PostgreSQL", [&](ViewsCell& cell) {
      cell.sql = sql.measure(cell.idle, cell.matching, options_.other_seconds).cpu_us;
    });
  }

  const ViewsOptions& options_;
  Report report_;
  ViewsFigures figures_;
  Progress progress_;
  std::size_t first_ = 0;  // cell of the size that is measured
  std::size_t bytes_ = 0;  // so that the naive way's work is not optimised away
};

}  // namespace

Report run_views(const ViewsOptions& options) {
  return Scenario(options).run();
}

}  // namespace inboxd::bench
