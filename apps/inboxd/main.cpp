// inboxd: reads its settings, recovers the engine, serves until a signal says stop.
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <iterator>
#include <optional>
#include <sys/resource.h>
#include <sys/stat.h>

#include <boost/asio.hpp>
#include <spdlog/spdlog.h>

#include "apps/demo/demo.hpp"
#include "apps/inboxd/logging.hpp"
#include "apps/inboxd/settings.hpp"
#include "apps/inboxd/start_progress.hpp"
#include "net/server.hpp"
#include "persistence/journal.hpp"

namespace inboxd::app {
namespace {

/// Every connection is a descriptor: take what the system gives without asking.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void make_data_directory(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return;
  ::umask(S_IRWXG | S_IRWXO);
  if (!std::filesystem::create_directories(path, error)) {
    throw std::runtime_error("The data directory " + path.string() +
                             " cannot be made: " + error.message() + ".");
  }
}

net::TokenKeys read_keys(const Settings& settings, const std::string& secret) {
  net::TokenKeys keys(secret);
  for (const auto& item : settings.token_keys) {
    const auto equals = item.find('=');
    if (equals == 0 || equals == std::string::npos) {
      throw std::runtime_error("--token-key " + item + " is not KID=FILE.");
    }
    std::ifstream file(item.substr(equals + 1));
    if (!file)
      throw std::runtime_error("Cannot read the key file " + item.substr(equals + 1) + ".");
    keys.add(item.substr(0, equals), {std::istreambuf_iterator<char>(file), {}});
  }
  return keys;
}

bool is_loopback(const std::string& address) {
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(address, error);
  return !error && parsed.is_loopback();
}

std::string url_of(const net::Options& options, std::uint16_t port) {
  const bool v6 = options.address.find(':') != std::string::npos;
  const auto host = v6 ? "[" + options.address + "]" : options.address;
  return (options.tls_cert_file.empty() ? "http://" : "https://") + host + ":" +
         std::to_string(port);
}

/// The process from its settings to its exit code.
class Inboxd {
 public:
  explicit Inboxd(Settings settings) : settings_(std::move(settings)) {}

  int run() {
    // A file size limit is a write error like others, not the end.
    std::signal(SIGXFSZ, SIG_IGN);
    make_data_directory(settings_.engine.data);
    secret_ = net::load_or_make_signing_key(settings_.engine.data);
    net::Server server(settings_.net, read_keys(settings_, secret_));
    settings_.engine.on_failure = [this, &server](const std::string& reason) {
      spdlog::critical("{}", reason);
      failed_ = true;
      server.stop();
    };
    const auto port = server.listen();
    // From here on /healthz and /readyz answer.
    auto serving = std::async(std::launch::async, [&server] { server.run(); });
    std::optional<actors::Engine> engine;
    const Ender ender{server, serving};
    start(engine, server, port);
    boost::asio::signal_set ends(server.context(), SIGTERM, SIGINT);
    boost::asio::signal_set reloads(server.context(), SIGHUP);
    boost::asio::post(server.context(), [&] {
      wait_end(ends, server);
      wait_reload(reloads, server);
    });
    announce(port);
    std::optional<demo::Demo> demo;
    if (settings_.demo) start_demo(demo, port);

    serving.wait();
    if (demo) demo->stop();
    engine->stop();
    serving.get();  // throws what ended it, if that was an error
    spdlog::info("stopped");
    return failed_ ? 1 : 0;
  }

 private:
  /// Whatever ends the start or the run: the server has ended before what it serves is gone.
  struct Ender {
    net::Server& server;
    std::future<void>& serving;
    ~Ender() {
      server.stop();
      if (serving.valid()) serving.wait();
    }
  };

  /// Recovers the engine while the server says how far it is.
  void start(std::optional<actors::Engine>& engine, net::Server& server, std::uint16_t port) {
    std::cout << "starting on " << url_of(settings_.net, port) << std::endl;
    StartProgress progress([&server](std::string what) { server.report_start(std::move(what)); });
    progress.report("opening the state store", 0, 0);
    settings_.engine.progress = [&progress](std::string_view phase, std::uint64_t done,
                                            std::uint64_t total) {
      progress.report(phase, done, total);
    };
    engine.emplace(settings_.engine, server);
    server.attach(*engine);
  }

  static void wait_end(boost::asio::signal_set& signals, net::Server& server) {
    signals.async_wait([&](boost::system::error_code error, int number) {
      if (error) return;
      spdlog::info("{}: finishing what is in flight", number == SIGTERM ? "SIGTERM" : "SIGINT");
      server.stop();
    });
  }

  static void wait_reload(boost::asio::signal_set& signals, net::Server& server) {
    signals.async_wait([&](boost::system::error_code error, int) {
      if (error) return;
      const auto problem = server.reload_tls();
      if (problem.empty()) {
        spdlog::info("SIGHUP: the TLS files were read again");
      } else {
        spdlog::error("SIGHUP: the old TLS certificate stays: {}", problem);
      }
      wait_reload(signals, server);
    });
  }

  void announce(std::uint16_t port) const {
    const auto url = url_of(settings_.net, port);
    if (settings_.net.tls_cert_file.empty() && !is_loopback(settings_.net.address)) {
      spdlog::warn(
          "serving {} in plain text to other machines: use --tls-cert and --tls-key, or a "
          "proxy that speaks TLS",
          url);
    }
    std::cout << "listening on " << url << '\n';
    const auto& engine = settings_.engine;
    std::cout << "sync " << persistence::name_of(engine.sync) << ": "
              << persistence::loss_of(engine.sync, engine.sync_interval) << '\n';
    if (!settings_.demo) {
      std::cout << "next: inboxctl token --data " << settings_.engine.data.string()
                << " --sub ana --role admin\n"
                   "      prints a token: open "
                << url << "/#token=TOKEN, or send it with session.open\n";
    }
    std::cout << std::flush;
  }

  void start_demo(std::optional<demo::Demo>& demo, std::uint16_t port) {
    demo::DemoOptions options;
    auto url = url_of(settings_.net, port);
    options.url = "ws" + url.substr(4) + "/ws";
    options.mint = [secret = secret_](const client::TokenClaims& claims) {
      return client::make_token(claims, secret);
    };
    options.workspace = settings_.engine.workspaces.front();
    options.contacts = settings_.demo_contacts;
    options.pace = settings_.demo_pace;
    for (const auto& link : demo::links(options, url)) {
      std::cout << link.name << " (" << link.role << "): " << link.url << '\n';
    }
    std::cout << std::flush;
    demo.emplace(std::move(options)).start();
  }

  Settings settings_;
  std::string secret_;
  std::atomic<bool> failed_{false};
};

}  // namespace
}  // namespace inboxd::app

int main(int argc, char** argv) {
  int exit_code = 0;
  auto settings = inboxd::app::read_settings(argc, argv, exit_code);
  if (!settings) return exit_code;
  inboxd::app::set_up_logging(settings->log_level, settings->log_format);
  std::signal(SIGPIPE, SIG_IGN);
  inboxd::app::raise_descriptor_limit();
  try {
    return inboxd::app::Inboxd(std::move(*settings)).run();
  } catch (const std::exception& e) {
    spdlog::critical("{}", e.what());
    return 1;
  }
}
