#include "tests/support/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
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
#include <utility>

#include "tests/support/temp_dir.hpp"

namespace inboxd::tests {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// Between fork and exec only calls that are safe in a signal handler are allowed.
[[noreturn]] void become(char* const* argv, int output, int errors) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  ::execv(argv[0], argv);
  ::_exit(127);
}

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

Process::Process(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                 const std::filesystem::path& error_log) {
  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) fail("pipe2");
  int errors = ::open(error_log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (errors < 0) fail(error_log.c_str());

  pid_ = ::fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) become(argv.data(), pipe[1], errors);
  ::close(pipe[1]);
  ::close(errors);
  // glibc 2.36 declares pidfd_open without extern "C".
  pid_fd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (pid_fd_ < 0) fail("pidfd_open");
  reader_ = std::thread([this, fd = pipe[0]] { read_output(fd); });
}

Process::~Process() {
  if (!ended()) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  reader_.join();
  ::close(pid_fd_);
}

void Process::read_output(int fd) {
  std::array<char, 4096> piece{};
  std::string line;
  for (ssize_t size = 0; (size = ::read(fd, piece.data(), piece.size())) > 0;) {
    std::lock_guard lock(mutex_);
    for (char c : std::string_view(piece.data(), static_cast<std::size_t>(size))) {
      if (c != '\n') {
        line += c;
        continue;
      }
      lines_.push_back(std::exchange(line, {}));
    }
    changed_.notify_all();
  }
  ::close(fd);
  std::lock_guard lock(mutex_);
  if (!line.empty()) lines_.push_back(line);
  output_ended_ = true;
  changed_.notify_all();
}

std::optional<std::string> Process::wait_line(const std::function<bool(const std::string&)>& wanted,
                                              std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::unique_lock lock(mutex_);
  for (std::size_t next = 0;; ++next) {
    changed_.wait_until(lock, deadline, [&] { return output_ended_ || next < lines_.size(); });
    if (next >= lines_.size()) return std::nullopt;
    if (wanted(lines_[next])) return lines_[next];
  }
}

std::string Process::output() const {
  std::lock_guard lock(mutex_);
  std::string all;
  for (const std::string& line : lines_) all += line + '\n';
  return all;
}

void Process::signal(int number) {
  if (!ended()) ::kill(pid_, number);
}

int Process::wait(std::chrono::milliseconds timeout) {
  if (status_) return *status_;
  pollfd end{pid_fd_, POLLIN, 0};
  if (::poll(&end, 1, static_cast<int>(timeout.count())) != 1)
    throw std::runtime_error("process " + std::to_string(pid_) + " did not end in time");
  int status = 0;
  ::waitpid(pid_, &status, 0);
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return *status_;
}

std::string run_program(const std::filesystem::path& program,
                        const std::vector<std::string>& arguments,
                        std::chrono::milliseconds timeout) {
  TempDir dir;
  std::string output;
  int status = 0;
  {
    Process process(program, arguments, dir / "stderr");
    status = process.wait(timeout);
    process.wait_line([](const std::string&) { return false; }, timeout);  // to the output's end
    output = process.output();
  }
  if (status != 0)
    throw std::runtime_error(program.string() + " ended with " + std::to_string(status) + ": " +
                             output + text_of(dir / "stderr"));
  return output;
}

}  // namespace inboxd::tests
