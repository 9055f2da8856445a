#include "apps/inboxd/settings.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "persistence/journal.hpp"

namespace inboxd::app {
namespace {

constexpr int exit_usage = 2;

/// What CLI11 reads and is only then a setting.
struct Raw {
  std::string data, listen = "127.0.0.1:8080", sync = "always", search = "on";
};

/// `ADDR:PORT`, `[::1]:PORT`.
void split_listen(const std::string& text, net::Options& options) {
  const auto colon = text.rfind(':');
  const auto bad = [&] { return CLI::ValidationError("--listen", text + " is not ADDR:PORT"); };
  if (colon == std::string::npos) throw bad();
  options.address = text.substr(0, colon);
  if (options.address.size() > 2 && options.address.front() == '[') {
    options.address = options.address.substr(1, options.address.size() - 2);
  }
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, options.port);
  if (options.address.empty() || error != std::errc() || stop != end) throw bad();
}

std::string env_name(const std::string& option) {
  std::string name = "INBOXD_";
  for (const char c : option) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

/// Says in --help which variable an option has.
void name_environment(CLI::App& app) {
  for (auto* option : app.get_options()) {
    const auto name = option->get_single_name();
    if (name != "help") option->envname(env_name(name));
  }
}

/// CLI11 lets the file win over the environment; here it is the other way round: what the
/// environment says becomes arguments, unless the command line says it too.
std::vector<std::string> arguments(const CLI::App& app, int argc, const char* const* argv) {
  std::vector<std::string> all(argv + 1, argv + argc);
  const auto given = [&](const std::string& name) {
    return std::any_of(argv + 1, argv + argc, [&](const std::string& argument) {
      return argument == name || argument.starts_with(name + "=");
    });
  };
  std::vector<std::string> more;
  for (const auto* option : app.get_options()) {
    const auto name = option->get_single_name();
    const auto* value = name == "help" ? nullptr : std::getenv(env_name(name).c_str());
    if (value != nullptr && !given("--" + name)) more.push_back("--" + name + "=" + value);
  }
  all.insert(all.begin(), more.begin(), more.end());
  std::reverse(all.begin(), all.end());  // as CLI11 wants a vector
  return all;
}

void add_serving(CLI::App& app, Settings& s, Raw& raw) {
  app.add_option("--data", raw.data, "Data directory; made, with mode 0700, if it is missing")
      ->required();
  app.add_option("--listen", raw.listen, "ADDR:PORT to serve on; port 0 picks a free one")
      ->capture_default_str();
  app.add_flag("--demo", s.demo,
               "Adds a small contact centre with agents, channels and simulated customers, and "
               "prints a link for each agent");
  app.add_option("--demo-contacts", s.demo_contacts, "Contacts that the demo begins with")
      ->capture_default_str();
  app.add_option("--demo-pace", s.demo_pace, "How much the demo's customers write; 0: nothing")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.set_config("--config", "", "TOML file with these options as keys (`listen = \"…\"`)");
  app.allow_config_extras(false);
}

void add_access(CLI::App& app, Settings& s) {
  auto* cert = app.add_option("--tls-cert", s.net.tls_cert_file,
                              "TLS certificate chain, PEM; read again on SIGHUP");
  auto* key = app.add_option("--tls-key", s.net.tls_key_file, "Its private key, PEM");
  cert->needs(key);
  key->needs(cert);
  app.add_option(
      "--origin", s.net.origins,
      "Origin whose pages may connect, or POST to /rpc, besides the server's own; * is any; "
      "may be given several times");
  app.add_option("--token-key", s.token_keys,
                 "KID=FILE: public key, PEM (Ed25519 or RSA), whose tokens are accepted; may be "
                 "given several times");
  app.add_option("--workspace", s.engine.workspaces,
                 "Workspace to make if it is missing; may be given several times")
      ->capture_default_str();
}

void add_limits(CLI::App& app, Settings& s) {
  app.add_option("--max-connections", s.net.connections_max, "Connections at once")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--commands-per-s", s.net.commands_per_s, "Requests a second of one session")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--principal-commands-per-s", s.net.principal_commands_per_s,
                 "Requests a second of one principal, over all its sessions")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--in-flight", s.net.in_flight_max, "Requests of a session not answered yet")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--in-flight-total", s.net.in_flight_total_max,
                 "Requests not answered yet of all sessions; beyond it busy sessions are read from "
                 "only as they get answers")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--queue-bytes", s.net.queue_bytes_max,
                 "Bytes that may wait for a client before it counts as slow")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option(
         "--queue-bytes-total", s.net.queue_bytes_total_max,
         "Bytes that may wait for all clients; beyond it those who are behind count as slow "
         "sooner")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--handshake-timeout-ms", s.net.handshake_timeout.ms,
                 "For TLS, for a request's head and body, and of an idle HTTP connection")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--open-timeout-ms", s.net.open_timeout.ms, "For a WebSocket's session.open")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--ping-after-ms", s.net.ping_after.ms, "Of silence, a WebSocket is pinged")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--idle-timeout-ms", s.net.idle_timeout.ms,
                 "Without a byte, pongs included, a WebSocket is closed")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--stuck-timeout-ms", s.net.stuck_timeout.ms,
                 "Without taking a byte of what waits for it, a client is closed with 4430")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--deflate", s.net.deflate, "Offers permessage-deflate to WebSocket clients");
}

void add_views(CLI::App& app, Settings& s) {
  app.add_option("--conflation-min-ms", s.engine.conflation_min.ms,
                 "Between two deltas of a window with one subscriber; a change after a quiet time "
                 "goes at once")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--conflation-per-subscriber-us", s.engine.conflation_per_subscriber_us,
                 "Added for each subscriber of the window")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--conflation-max-ms", s.engine.conflation_max.ms,
                 "Between two deltas, however many subscribers there are")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--view-progress-ms", s.engine.view_progress.ms,
                 "Between two notes to who waits for a list that is being built")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--view-aggregators", s.engine.view_aggregators,
                 "Actors that keep the lists of a workspace, spread over them by view")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
}

void add_engine(CLI::App& app, Settings& s, Raw& raw) {
  app.add_option("--sync", raw.sync,
                 "When commits are on disk: always (before they are answered), interval, none")
      ->check(CLI::IsMember({"always", "interval", "none"}))
      ->capture_default_str();
  app.add_option("--sync-interval-ms", s.engine.sync_interval.ms, "With --sync interval")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--journal-retention", s.engine.journal_retention_bytes,
                 "Bytes of journal to keep beyond what a restart needs, for `inboxctl replay`")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  app.add_option("--journal-segment", s.engine.journal_segment_bytes,
                 "Bytes of a journal segment, reserved at its beginning")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(std::uint64_t{64} << 10, std::uint64_t{1} << 32))
      ->capture_default_str();
  app.add_option("--checkpoint-every-ms", s.engine.checkpoint_every.ms,
                 "Between writes of the state store")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--flush-every-ms", s.engine.flush_every.ms,
                 "Between flushes of the state store; journal segments go after one")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option(
         "--store-files", s.engine.store_files_bytes,
         "Bytes of changes from which on they go to the state store as sorted files, durable "
         "at once")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  app.add_option("--low-space", s.engine.low_space_bytes,
                 "Free bytes of the disk below which commands are refused")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  app.add_option("--threads", s.engine.scheduler_threads, "Threads of the actors")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--resident-contacts", s.engine.resident_contacts_max,
                 "Contacts kept in memory before idle ones are let go")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--log-level", s.log_level, "What is logged to standard error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  app.add_option("--log-format", s.log_format, "text, or json: an object a line")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
}

void add_search(CLI::App& app, Settings& s, Raw& raw) {
  app.add_option("--search", raw.search,
                 "on, or off: no index is kept and `search` answers `unavailable`")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  app.add_option("--search-memory", s.engine.search.recent_max,
                 "Documents that are searched in memory (about 1 KB each) before they are written "
                 "to the index on disk")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--search-write-every-ms", s.engine.search.write_every.ms,
                 "Or when the oldest of them is so old")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

}  // namespace

std::optional<Settings> read_settings(int argc, const char* const* argv, int& exit_code) {
  Settings settings;
  Raw raw;
  CLI::App app("inboxd: the engine behind a contact centre's inbox", "inboxd");
  app.get_formatter()->column_width(34);
  add_serving(app, settings, raw);
  add_access(app, settings);
  add_limits(app, settings);
  add_views(app, settings);
  add_engine(app, settings, raw);
  add_search(app, settings, raw);
  name_environment(app);
  try {
    app.parse(arguments(app, argc, argv));
    split_listen(raw.listen, settings.net);
  } catch (const CLI::ParseError& e) {
    exit_code = app.exit(e) == 0 ? 0 : exit_usage;
    return std::nullopt;
  }
  settings.engine.data = raw.data;
  settings.engine.search.on = raw.search == "on";
  settings.engine.sync =
      persistence::sync_policy_of(raw.sync).value_or(persistence::SyncPolicy::always);
  return settings;
}

}  // namespace inboxd::app
