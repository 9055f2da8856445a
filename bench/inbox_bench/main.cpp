// inbox-bench: options and the choice of scenario.
#include <algorithm>
#include <exception>
#include <functional>
#include <iostream>

#include <CLI/CLI.hpp>

#include "bench/inbox_bench/ceiling.hpp"
#include "bench/inbox_bench/compare.hpp"
#include "bench/inbox_bench/crowd.hpp"
#include "bench/inbox_bench/ingest.hpp"
#include "bench/inbox_bench/outbox.hpp"
#include "bench/inbox_bench/recovery.hpp"
#include "bench/inbox_bench/report_page.hpp"
#include "bench/inbox_bench/search.hpp"
#include "bench/inbox_bench/snooze.hpp"
#include "bench/inbox_bench/views.hpp"

namespace inboxd::bench {
namespace {

struct Output {
  std::string json, html;
};

void add_output(CLI::App& app, Output& output) {
  app.add_option("--json", output.json, "Also write the result to this file");
  app.add_option("--html", output.html, "Also write the result, with plots, as one page");
}

CLI::Option* add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& value,
                          const std::string& help) {
  const double shown = std::chrono::duration<double>(value).count();
  return app
      .add_option_function<double>(
          name,
          [&value](double seconds) {
            value = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
          },
          help + ", in seconds")
      ->check(CLI::NonNegativeNumber)
      ->default_str(CLI::detail::to_string(shown));
}

// Prints the result; 1 when a check failed.
int finish(const Report& report, const Output& output) {
  std::cout << as_table(report);
  if (!output.json.empty()) write_file(output.json, as_json(report));
  if (!output.html.empty()) write_file(output.html, as_page(report));
  return report.failures.empty() ? 0 : 1;
}

void add_ceiling(CLI::App& app, Output& output, std::function<int()>& chosen) {
  auto options = std::make_shared<CeilingOptions>();
  CLI::App* ceiling = app.add_subcommand(
      "ceiling", "The machine's limit: a plain Beast echo, and append with fdatasync");
  add_output(*ceiling, output);
  ceiling->add_option("--connections", options->connections)->capture_default_str();
  ceiling->add_option("--depth", options->depth)->capture_default_str();
  ceiling->add_option("--bytes", options->text_bytes, "Of a message's text")->capture_default_str();
  ceiling->add_option("--seed", options->seed)->capture_default_str();
  ceiling->add_option("--place", options->place, "A directory on the disk to measure");
  add_duration(*ceiling, "--warm-up", options->warm_up, "Before measuring");
  add_duration(*ceiling, "--duration", options->duration, "Of measuring");
  ceiling->callback(
      [&, options] { chosen = [&, options] { return finish(run_ceiling(*options), output); }; });
}

void add_target(CLI::App& app, TargetOptions& target) {
  app.add_option("--url", target.url, "A running engine (ws://…); without, one is started");
  app.add_option("--data", target.data, "The running engine's data directory, for its signing key");
  app.add_option("--workspace", target.workspace)->capture_default_str();
  app.add_option("--pid", target.pid,
                 "The running engine's process, to measure its CPU and memory");
  app.add_option("--place", target.place, "Where the started engine's directory is made");
  app.add_option("--engine-option", target.engine_options,
                 "An option for the started engine, as --engine-option=--sync=none");
}

// The scenarios differ in their defaults.
IngestOptions desk_defaults() {
  IngestOptions options;
  options.scenario = "desk";
  options.connections = 50;
  options.rate = 5000;
  options.agent_rate = 1500;
  options.agent_connections = 100;
  options.watchers = 200;
  options.resets_fail = true;
  options.burst_mean = 2;
  return options;
}

IngestOptions soak_defaults() {
  IngestOptions options = desk_defaults();
  options.scenario = "soak";
  options.rate = 1000;
  options.agent_rate = 500;
  options.warm_up = std::chrono::seconds{30};
  options.duration = std::chrono::hours{1};
  options.memory_flat = true;
  return options;
}

IngestOptions fanout_defaults() {
  IngestOptions options;
  options.scenario = "fanout";
  options.connections = 20;
  options.rate = 1000;
  options.contacts = 10'000;
  options.watchers = 1000;
  options.one_window = true;
  return options;
}

void add_recovery(CLI::App& app, Output& output, std::function<int()>& chosen) {
  auto options = std::make_shared<RecoveryOptions>();
  CLI::App* recovery = app.add_subcommand(
      "recovery", "Kill -9 on many contacts and a journal's tail: how long the next start takes");
  add_output(*recovery, output);
  recovery->add_option("--contacts", options->past.contacts)
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  recovery->add_option("--tail", options->tail, "Messages that only the journal has")
      ->capture_default_str();
  recovery->add_flag("--cold", options->cold, "With none of the directory's files in memory");
  recovery->add_option("--seed", options->past.seed)->capture_default_str();
  recovery->add_option("--place", options->target.place, "Where the engine's directory is made");
  recovery->add_option("--data", options->target.data,
                       "A directory to keep: filled by the first run, used again by the next");
  recovery->add_option("--engine-option", options->target.engine_options,
                       "An option for the engine, as --engine-option=--threads=4");
  recovery->callback(
      [&, options] { chosen = [&, options] { return finish(run_recovery(*options), output); }; });
}

void add_compare(CLI::App& app, std::function<int()>& chosen) {
  auto files = std::make_shared<std::pair<std::string, std::string>>();
  CLI::App* both = app.add_subcommand("compare", "Two results, written with --json, side by side");
  both->add_option("A", files->first)->required()->check(CLI::ExistingFile);
  both->add_option("B", files->second)->required()->check(CLI::ExistingFile);
  both->callback([&, files] {
    chosen = [files] {
      std::cout << compare(files->first, files->second);
      return 0;
    };
  });
}

void add_outbox(CLI::App& app, Output& output, std::function<int()>& chosen) {
  auto options = std::make_shared<OutboxOptions>();
  CLI::App* outbox = app.add_subcommand(
      "outbox", "Messages out through one connector, three statuses each, out of order");
  add_output(*outbox, output);
  add_target(*outbox, options->target);
  outbox->add_option("--contacts", options->contacts)->capture_default_str();
  outbox->add_option("--messages", options->messages, "In all")->capture_default_str();
  outbox->add_option("--depth", options->depth, "Sends not answered yet")->capture_default_str();
  outbox->add_option("--held", options->held, "Deliveries that the connector has at once")
      ->capture_default_str();
  outbox->add_option("--bytes", options->text_bytes, "Of a message's text")->capture_default_str();
  outbox->add_flag("--late", options->late,
                   "The connector comes only when all is written: what waits costs memory");
  outbox->add_option("--seed", options->seed)->capture_default_str();
  outbox->callback(
      [&, options] { chosen = [&, options] { return finish(run_outbox(*options), output); }; });
}

void add_snooze(CLI::App& app, Output& output, std::function<int()>& chosen) {
  auto options = std::make_shared<SnoozeOptions>();
  CLI::App* snooze =
      app.add_subcommand("snooze", "Many contacts come due at one moment, under live traffic");
  add_output(*snooze, output);
  add_target(*snooze, options->target);
  snooze->add_option("--snoozed", options->snoozed, "Contacts that come due at once")
      ->capture_default_str();
  snooze->add_option("--contacts", options->live, "Contacts that go on writing")
      ->capture_default_str();
  snooze->add_option("--rate", options->rate, "Live messages a second")->capture_default_str();
  snooze->add_option("--connections", options->connections)->capture_default_str();
  snooze->add_option("--watchers", options->watchers, "Agents who watch `unassigned`")
      ->capture_default_str();
  snooze->add_option("--bytes", options->text_bytes, "Of a message's text")->capture_default_str();
  snooze->add_option("--seed", options->seed)->capture_default_str();
  add_duration(*snooze, "--warm-up", options->warm_up, "Before measuring");
  add_duration(*snooze, "--duration", options->duration, "Of measuring before they come due");
  snooze->callback(
      [&, options] { chosen = [&, options] { return finish(run_snooze(*options), output); }; });
}

void add_views(CLI::App& app, Output& output, std::function<int()>& chosen) {
  auto options = std::make_shared<ViewsOptions>();
  CLI::App* views = app.add_subcommand(
      "views",
      "CPU of a change by live custom views and contacts; naive way and PostgreSQL beside");
  add_output(*views, output);
  views->add_option("--contacts", options->contacts, "Sizes")->capture_default_str();
  views->add_option("--idle", options->idle, "Numbers of views that no change matches, ascending")
      ->capture_default_str();
  views
      ->add_option("--matching", options->matching,
                   "Numbers of watched views that every change matches, ascending")
      ->capture_default_str();
  views->add_option("--subscribers", options->subscribers, "Of one window, against one")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  views->add_option("--seconds", options->seconds, "Of CPU for each figure of the engine")
      ->capture_default_str();
  views->add_option("--other-seconds", options->other_seconds, "For each of the others, at least")
      ->capture_default_str();
  views->add_flag("!--no-naive", options->naive, "Leave out the naive way");
  views->add_flag("!--no-sql", options->sql, "Leave out PostgreSQL");
  views->add_option("--seed", options->seed)->capture_default_str();
  views->add_option("--place", options->place, "Where PostgreSQL's directory is made");
  views->callback(
      [&, options] { chosen = [&, options] { return finish(run_views(*options), output); }; });
}

void add_search(CLI::App& app, Output& output, std::function<int()>& chosen) {
  auto options = std::make_shared<SearchOptions>();
  CLI::App* search =
      app.add_subcommand("search", "Search over many contacts and messages while more come in");
  add_output(*search, output);
  add_target(*search, options->target);
  search->add_option("--connections", options->connections)->capture_default_str();
  search->add_option("--contacts", options->contacts)->capture_default_str();
  search->add_option("--messages", options->messages, "In all, at least one from each contact")
      ->capture_default_str();
  search->add_flag("--through-store", options->through_store,
                   "Fill the state store before the start, instead of by clients: for millions");
  search->add_option("--rate", options->rate, "Messages a second that come in while it is searched")
      ->capture_default_str();
  search->add_option("--queries", options->queries, "Of each kind")->capture_default_str();
  search->add_option("--seed", options->seed)->capture_default_str();
  add_duration(*search, "--patience", options->patience, "For the index to catch up");
  search->callback([&, options] {
    options->messages = std::max<std::uint64_t>(options->messages, options->contacts);
    chosen = [&, options] { return finish(run_search(*options), output); };
  });
}

void add_ingest(CLI::App& app, const IngestOptions& defaults, const std::string& help,
                Output& output, std::function<int()>& chosen) {
  auto options = std::make_shared<IngestOptions>(defaults);
  CLI::App* ingest = app.add_subcommand(defaults.scenario, help);
  add_output(*ingest, output);
  add_target(*ingest, options->target);
  ingest->add_option("--connections", options->connections)->capture_default_str();
  ingest->add_option("--depth", options->depth, "Closed loop: in flight on each connection")
      ->capture_default_str();
  ingest->add_option("--rate", options->rate, "Open loop: messages a second in all; 0: closed loop")
      ->capture_default_str();
  add_duration(*ingest, "--think", options->think,
               "Closed loop: mean time from an answer to the next message");
  ingest->add_flag(
      "--daily-curve", options->daily_curve,
      "Open loop: the run is a day, with its quiet night and its peaks, and --rate its mean");
  ingest
      ->add_option("--burst", options->burst_mean,
                   "Messages that a customer writes in a row, on average")
      ->check(CLI::Range(1.0, 100.0))
      ->capture_default_str();
  ingest->add_option("--agent-rate", options->agent_rate, "What agents do, a second in all")
      ->capture_default_str();
  ingest->add_option("--contacts", options->contacts)->capture_default_str();
  ingest->add_option("--assigned", options->assigned, "Share of contacts assigned to agents")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  ingest->add_option("--bytes", options->text_bytes, "Of a message's text")->capture_default_str();
  ingest
      ->add_option("--watchers", options->watchers,
                   "Agents who watch, a third each on all, unassigned, mine")
      ->capture_default_str();
  ingest->add_option("--rows", options->rows, "That each agent sees")->capture_default_str();
  ingest->add_option("--seed", options->seed)->capture_default_str();
  ingest->add_flag("--ceiling", options->ceiling,
                   "Also measure the machine's limit, for the ratio");
  add_duration(*ingest, "--warm-up", options->warm_up, "Before measuring");
  add_duration(*ingest, "--duration", options->duration, "Of measuring");
  ingest->callback(
      [&, options] { chosen = [&, options] { return finish(run_ingest(*options), output); }; });
}

void add_crowd(CLI::App& app, const std::string& name, const std::string& help,
               Report (*run)(const CrowdOptions&), Output& output, std::function<int()>& chosen) {
  auto options = std::make_shared<CrowdOptions>();
  CLI::App* crowd = app.add_subcommand(name, help);
  add_output(*crowd, output);
  add_target(*crowd, options->target);
  crowd->add_option("--sessions", options->sessions)
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  crowd->add_option("--agents", options->agents, "Whose sessions these are")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  crowd->add_option("--contacts", options->contacts)
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  crowd->add_option("--rows", options->rows, "Of each list")->capture_default_str();
  crowd->add_option("--seed", options->seed)->capture_default_str();
  if (name == "idle") {
    add_duration(*crowd, "--duration", options->duration, "Of doing nothing");
  } else {
    add_duration(*crowd, "--within", options->within, "In which all come back");
    crowd->add_option("--stayed", options->stayed, "Connections that go on with their work")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
  }
  crowd->callback(
      [&, options, run] { chosen = [&, options, run] { return finish(run(*options), output); }; });
}

}  // namespace
}  // namespace inboxd::bench

int main(int argc, char* argv[]) {
  CLI::App app("Load for inboxd: scenarios that measure, and check what they measure.");
  app.require_subcommand(1);
  inboxd::bench::Output output;
  std::function<int()> chosen;
  inboxd::bench::add_ingest(app, {}, "Connectors push messages while agents watch their lists",
                            output, chosen);
  inboxd::bench::add_ingest(app, inboxd::bench::desk_defaults(),
                            "A contact centre at work: customers write, agents watch and act",
                            output, chosen);
  inboxd::bench::add_ingest(app, inboxd::bench::fanout_defaults(), "Many agents look at one window",
                            output, chosen);
  inboxd::bench::add_ingest(app, inboxd::bench::soak_defaults(),
                            "desk for hours: memory must be flat", output, chosen);
  inboxd::bench::add_snooze(app, output, chosen);
  inboxd::bench::add_views(app, output, chosen);
  inboxd::bench::add_search(app, output, chosen);
  inboxd::bench::add_crowd(app, "idle", "What agents cost who have their lists open and do nothing",
                           inboxd::bench::run_idle, output, chosen);
  inboxd::bench::add_crowd(app, "reconnect",
                           "A crowd comes back at once and resumes, while others go on working",
                           inboxd::bench::run_reconnect, output, chosen);
  inboxd::bench::add_outbox(app, output, chosen);
  inboxd::bench::add_compare(app, chosen);
  inboxd::bench::add_recovery(app, output, chosen);
  inboxd::bench::add_ceiling(app, output, chosen);
  try {
    app.parse(argc, argv);
    return chosen();
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    std::cerr << "inbox-bench: " << error.what() << '\n';
    return 1;
  }
}
