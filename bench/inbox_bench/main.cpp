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
#include "bench/inbox_bench/options.hpp"
#include "bench/inbox_bench/outbox.hpp"
#include "bench/inbox_bench/recovery.hpp"
#include "bench/inbox_bench/search.hpp"
#include "bench/inbox_bench/snooze.hpp"
#include "bench/inbox_bench/views.hpp"

namespace inboxd::bench {
namespace {

void add_ceiling(CLI::App& app, Output& output, std::function<int()>& chosen) {
  auto options = std::make_shared<CeilingOptions>();
  CLI::App* ceiling = app.add_subcommand(
      "ceiling", "The machine's limit: a plain Beast echo, and append with fdatasync");
  add_output(*ceiling, output);
  add_number(*ceiling, "--connections", options->connections, 1, connections_max, "Of connectors");
  add_number(*ceiling, "--depth", options->depth, 1, depth_max, "In flight on each");
  add_number(*ceiling, "--bytes", options->text_bytes, 0, bytes_max, "Of a message's text");
  ceiling->add_option("--seed", options->seed, "Of all that is left to chance")
      ->capture_default_str();
  ceiling->add_option("--place", options->place, "A directory on the disk to measure");
  add_duration(*ceiling, "--warm-up", options->warm_up, "Before measuring");
  add_duration(*ceiling, "--duration", options->duration, "Of measuring");
  ceiling->callback(
      [&, options] { chosen = [&, options] { return finish(run_ceiling(*options), output); }; });
}

ActMix acts_of(const std::string& text) {
  try {
    return ActMix::parse(text);
  } catch (const std::invalid_argument& error) {
    throw CLI::ValidationError("--acts", error.what());
  }
}

// The scenarios differ in their defaults.
IngestOptions desk_defaults() {
  IngestOptions options;
  options.scenario = "desk";
  options.connections = 50;
  options.rate = 5000;
  options.agent_rate = 1500;
  options.agent_connections = 100;
  options.counters = true;
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
  add_number(*recovery, "--contacts", options->past.contacts, 1, contacts_max, "Customers");
  add_number(*recovery, "--tail", options->tail, 0, messages_max,
             "Messages that only the journal has");
  recovery->add_flag("--cold", options->cold, "With none of the directory's files in memory");
  recovery->add_option("--seed", options->past.seed, "Of all that is left to chance")
      ->capture_default_str();
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
  add_number(*outbox, "--contacts", options->contacts, 1, contacts_max, "Customers");
  add_number(*outbox, "--messages", options->messages, 1, messages_max, "In all");
  add_number(*outbox, "--depth", options->depth, 1, depth_max,
             "Closed loop: sends not answered yet");
  add_number(*outbox, "--rate", options->rate, 0, rate_max,
             "Open loop: messages a second; 0: closed loop");
  add_number(*outbox, "--held", options->held, 1, 10'000,
             "Deliveries that the connector has at once");
  add_number(*outbox, "--bytes", options->text_bytes, 1, bytes_max, "Of a message's text");
  outbox->add_flag("--late", options->late,
                   "The connector comes only when all is written: what waits costs memory");
  outbox->add_option("--seed", options->seed, "Of all that is left to chance")
      ->capture_default_str();
  outbox->callback(
      [&, options] { chosen = [&, options] { return finish(run_outbox(*options), output); }; });
}

void add_snooze(CLI::App& app, Output& output, std::function<int()>& chosen) {
  auto options = std::make_shared<SnoozeOptions>();
  CLI::App* snooze =
      app.add_subcommand("snooze", "Many contacts come due at one moment, under live traffic");
  add_output(*snooze, output);
  add_target(*snooze, options->target);
  add_number(*snooze, "--snoozed", options->snoozed, 1, contacts_max,
             "Contacts that come due at once");
  add_number(*snooze, "--contacts", options->live, 1, contacts_max, "Contacts that go on writing");
  add_number(*snooze, "--rate", options->rate, 0, rate_max,
             "Open loop: live messages a second; 0: closed loop");
  add_number(*snooze, "--depth", options->depth, 1, depth_max,
             "Closed loop: in flight on each connection");
  add_number(*snooze, "--connections", options->connections, 1, connections_max, "Of connectors");
  add_number(*snooze, "--watchers", options->watchers, 1, connections_max,
             "Agents who watch `unassigned`");
  add_number(*snooze, "--bytes", options->text_bytes, 0, bytes_max, "Of a message's text");
  snooze->add_option("--seed", options->seed, "Of all that is left to chance")
      ->capture_default_str();
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
  views->add_option("--seed", options->seed, "Of all that is left to chance")
      ->capture_default_str();
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
  add_number(*search, "--connections", options->connections, 1, connections_max, "Of connectors");
  add_number(*search, "--contacts", options->contacts, 1, contacts_max, "Customers");
  add_number(*search, "--messages", options->messages, 1, messages_max,
             "In all, at least one from each contact");
  search->add_flag("--through-store", options->through_store,
                   "Fill the state store before the start, instead of by clients: for millions");
  add_number(*search, "--rate", options->rate, 0, rate_max,
             "Open loop: messages a second that come in while it is searched");
  add_number(*search, "--queries", options->queries, 1, 1'000'000, "Of each kind");
  add_number(*search, "--searchers", options->searchers, 1, connections_max,
             "Agents who search; closed loop: each as soon as it has its answer");
  add_number(*search, "--search-rate", options->search_rate, 0, rate_max,
             "Open loop: searches a second in all; 0: closed loop");
  search->add_option("--seed", options->seed, "Of all that is left to chance")
      ->capture_default_str();
  add_duration(*search, "--quiet", options->quiet, "Of messages without searches, to compare with");
  add_duration(*search, "--patience", options->patience, "For the index to catch up");
  search->callback([&, options] {
    options->messages = std::max<std::uint64_t>(options->messages, options->contacts);
    chosen = [&, options] { return finish(run_search(*options), output); };
  });
}

void add_agents(CLI::App& app, const std::shared_ptr<IngestOptions>& options) {
  add_number(app, "--agent-rate", options->agent_rate, 0, rate_max,
             "Open loop: what agents do, a second in all; 0: nothing, or closed loop");
  add_duration(
      app, "--agent-think", options->agent_think,
      "Closed loop instead of --agent-rate: mean time from an answer to an agent's next act");
  add_number(app, "--agent-connections", options->agent_connections, 1, connections_max,
             "Of agents who act");
  app.add_option_function<std::string>(
         "--acts", [options](const std::string& text) { options->acts = acts_of(text); },
         "What agents do, by weight")
      ->default_str(options->acts.str());
}

void add_ingest(CLI::App& app, const IngestOptions& defaults, const std::string& help,
                Output& output, std::function<int()>& chosen) {
  auto options = std::make_shared<IngestOptions>(defaults);
  CLI::App* ingest = app.add_subcommand(defaults.scenario, help);
  add_output(*ingest, output);
  add_target(*ingest, options->target);
  add_number(*ingest, "--connections", options->connections, 1, connections_max, "Of connectors");
  add_number(*ingest, "--depth", options->depth, 1, depth_max,
             "Closed loop: in flight on each connection");
  add_number(*ingest, "--rate", options->rate, 0, rate_max,
             "Open loop: messages a second in all; 0: closed loop");
  add_duration(*ingest, "--think", options->think,
               "Closed loop: mean time from an answer to the next message");
  ingest->add_flag(
      "--daily-curve", options->daily_curve,
      "Open loop: the run is a day, with its quiet night and its peaks, and --rate its mean");
  add_number(*ingest, "--burst", options->burst_mean, 1, 100,
             "Messages that a customer writes in a row, on average");
  add_number(*ingest, "--contacts", options->contacts, 1, contacts_max, "Customers");
  add_number(*ingest, "--assigned", options->assigned, 0, 1,
             "Share of contacts assigned to agents");
  add_number(*ingest, "--bytes", options->text_bytes, 0, bytes_max, "Of a message's text");
  add_number(*ingest, "--watchers", options->watchers, 0, connections_max,
             options->one_window ? "Agents who watch, all of them the same window"
                                 : "Agents who watch, a third each on all, unassigned, mine");
  add_number(*ingest, "--rows", options->rows, 1, rows_max, "That each agent sees");
  ingest->add_flag("--counters,!--no-counters", options->counters,
                   std::string("Who watches has the counters of all its views open, too; here: ") +
                       (options->counters ? "yes" : "no"));
  add_agents(*ingest, options);
  ingest->add_option("--seed", options->seed, "Of all that is left to chance")
      ->capture_default_str();
  if (defaults.memory_flat)
    ingest
        ->add_option("--leak-bytes", options->leak_bytes,
                     "Growth of memory, a message, that counts as a leak; in a run of seconds, in "
                     "which what is bounded still fills, a few hundred")
        ->capture_default_str();
  ingest->add_flag("--ceiling", options->ceiling,
                   "Also measure the machine's limit, for the ratio");
  add_duration(*ingest, "--warm-up", options->warm_up, "Before measuring");
  add_duration(*ingest, "--duration", options->duration, "Of measuring");
  ingest->callback([&, options] {
    if (options->agent_think.count() > 0) options->agent_rate = 0;
    chosen = [&, options] { return finish(run_ingest(*options), output); };
  });
}

void add_crowd(CLI::App& app, const std::string& name, const std::string& help,
               Report (*run)(const CrowdOptions&), Output& output, std::function<int()>& chosen) {
  auto options = std::make_shared<CrowdOptions>();
  CLI::App* crowd = app.add_subcommand(name, help);
  add_output(*crowd, output);
  add_target(*crowd, options->target);
  add_number(*crowd, "--sessions", options->sessions, 1, 1'000'000, "Of agents");
  add_number(*crowd, "--agents", options->agents, 1, connections_max, "Whose sessions these are");
  add_number(*crowd, "--contacts", options->contacts, 1, contacts_max, "Customers");
  add_number(*crowd, "--rows", options->rows, 1, rows_max, "Of each list");
  crowd->add_option("--seed", options->seed, "Of all that is left to chance")
      ->capture_default_str();
  if (name == "idle") {
    add_duration(*crowd, "--duration", options->duration, "Of doing nothing");
  } else {
    add_duration(*crowd, "--work", options->work, "Of who stays, before the others are cut off");
    add_duration(*crowd, "--within", options->within, "In which all come back");
    add_number(*crowd, "--stayed", options->stayed, 1, connections_max,
               "Connections that go on with their work");
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
    inboxd::bench::know_scenario(app, argc, argv);
    app.parse(argc, argv);
    return chosen();
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    std::cerr << "inbox-bench: " << error.what() << '\n';
    return 1;
  }
}
