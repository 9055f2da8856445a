#include "bench/inbox_bench/child.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace inboxd::bench {
namespace {

constexpr int stop_patience_ms = 30'000;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::string end_of(const std::filesystem::path& log) {
  std::ostringstream text;
  text << std::ifstream(log).rdbuf();
  const std::string all = text.str();
  constexpr std::size_t shown = 2000;
  return all.size() > shown ? all.substr(all.size() - shown) : all;
}

std::filesystem::path beside_this_program(const std::string& name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

}  // namespace

TempDir::TempDir(const std::filesystem::path& parent) {
  const auto place = parent.empty() ? std::filesystem::temp_directory_path() : parent;
  std::string name = (place / "inbox-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) fail(name.c_str());
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Child::Child(const std::vector<std::string>& command, const std::filesystem::path& log) {
  std::vector<std::string> words = command;
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) fail("pipe2");
  const int errors = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (errors < 0) fail(log.c_str());
  pid_ = ::fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(pipe[1], STDOUT_FILENO);
    ::dup2(errors, STDERR_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(pipe[1]);
  ::close(errors);
  output_ = pipe[0];
}

Child::Child(const std::function<void(int)>& body) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) fail("pipe2");
  pid_ = ::fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(pipe[0]);
    body(pipe[1]);
    ::_exit(0);
  }
  ::close(pipe[1]);
  output_ = pipe[0];
}

Child::~Child() {
  stop();
  ::close(output_);
}

std::string Child::wait_line(std::string_view text, const std::function<void()>& meanwhile) {
  constexpr int step_ms = 20;
  std::string line;
  for (char c = 0;;) {
    if (pollfd waiting{output_, POLLIN, 0}; meanwhile && ::poll(&waiting, 1, step_ms) == 0) {
      meanwhile();
      continue;
    }
    const auto size = ::read(output_, &c, 1);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return "";
    if (c != '\n') {
      line += c;
      continue;
    }
    if (line.find(text) != std::string::npos) return line;
    line.clear();
  }
}

int Child::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int Child::stop() {
  if (pid_ < 0) return 0;
  // glibc 2.36 declares pidfd_open without extern "C".
  const int end = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  ::kill(pid_, SIGTERM);
  pollfd waiting{end, POLLIN, 0};
  if (::poll(&waiting, 1, stop_patience_ms) != 1) ::kill(pid_, SIGKILL);
  ::close(end);
  return wait();
}

void Child::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  wait();
}

EngineProcess::EngineProcess(std::filesystem::path data, std::vector<std::string> options)
    : data_(std::move(data)), options_(std::move(options)) {
  start();
}

void EngineProcess::start(const std::function<void()>& meanwhile) {
  const auto log = data_.parent_path() / (data_.filename().string() + ".log");
  std::vector<std::string> command{beside_this_program("inboxd").string(), "--data", data_.string(),
                                   "--listen", "127.0.0.1:0"};
  command.insert(command.end(), options_.begin(), options_.end());
  child_ = std::make_unique<Child>(command, log);
  const std::string announcement = "listening on http://127.0.0.1:";
  const std::string line = child_->wait_line(announcement, meanwhile);
  if (line.empty()) throw std::runtime_error("inboxd did not start:\n" + end_of(log));
  const auto from = line.find(announcement) + announcement.size();
  port_ = line.substr(from, line.find_first_not_of("0123456789", from) - from);
}

std::string EngineProcess::url() const {
  return "ws://127.0.0.1:" + port_ + "/ws";
}

}  // namespace inboxd::bench
