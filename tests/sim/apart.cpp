#include "tests/sim/apart.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace inboxd::sim {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

std::string text_of(const Outcome& outcome) {
  return json{{"violation", outcome.violation ? json(*outcome.violation) : json()},
              {"done", outcome.done},
              {"fingerprint", outcome.fingerprint},
              {"simulated_ms", outcome.simulated_ms},
              {"frames", outcome.frames},
              {"commits", outcome.commits},
              {"audits", outcome.audits},
              {"exact", outcome.exact},
              {"met", outcome.met}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

Outcome outcome_of(const std::string& text) {
  const auto from = json::parse(text);
  Outcome outcome;
  if (from.at("violation").is_string()) outcome.violation = from.at("violation");
  outcome.done = from.at("done");
  outcome.fingerprint = from.at("fingerprint");
  outcome.simulated_ms = from.at("simulated_ms");
  outcome.frames = from.at("frames");
  outcome.commits = from.at("commits");
  outcome.audits = from.at("audits");
  outcome.exact = from.at("exact");
  outcome.met = from.at("met");
  return outcome;
}

[[noreturn]] void be_child(int out, std::uint64_t seed, const std::vector<Action>& actions) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto text = text_of(run(seed, actions));
  for (std::size_t at = 0; at < text.size();) {
    const auto wrote = ::write(out, text.data() + at, text.size() - at);
    if (wrote <= 0) ::_exit(1);
    at += static_cast<std::size_t>(wrote);
  }
  ::_exit(0);
}

/// What comes until the other side closes; false: not in time.
bool read_until(int in, Clock::time_point deadline, std::string& text) {
  std::array<char, 4096> bytes{};
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd ready{.fd = in, .events = POLLIN, .revents = 0};
    if (left.count() <= 0) return false;
    if (::poll(&ready, 1, static_cast<int>(left.count())) <= 0) continue;
    const auto got = ::read(in, bytes.data(), bytes.size());
    if (got <= 0) return true;
    text.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

Outcome run_apart(std::uint64_t seed, const std::vector<Action>& actions,
                  std::chrono::seconds patience) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const auto child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    ::close(pipe[0]);
    be_child(pipe[1], seed, actions);
  }
  ::close(pipe[1]);
  std::string text;
  const bool in_time = read_until(pipe[0], Clock::now() + patience, text);
  ::close(pipe[0]);
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (in_time && WIFEXITED(status) && WEXITSTATUS(status) == 0) return outcome_of(text);
  Outcome outcome;
  outcome.done = actions.size();
  if (!in_time) {
    outcome.violation = "not at its end after " + std::to_string(patience.count()) + " s";
  } else {
    outcome.violation = WIFSIGNALED(status)
                            ? "the process ended by signal " + std::to_string(WTERMSIG(status))
                            : "the process ended with status " + std::to_string(status >> 8);
  }
  return outcome;
}

}  // namespace inboxd::sim
