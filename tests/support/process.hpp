// A child process of a test: its standard output by lines, its error output in a file, signals, and
// its end. Waiting never sleeps: it is woken by the line or the exit, and gives up at a deadline.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace inboxd::tests {

/// How long a test waits for something that should come at once; ample for sanitizer builds on a
/// busy machine.
inline constexpr std::chrono::seconds patience{20};

class Process {
 public:
  /// Starts `program`; its standard error goes to `error_log`. It is killed when the test's process
  /// dies. Throws std::system_error when it cannot be started.
  Process(const std::filesystem::path& program, const std::vector<std::string>& arguments,
          const std::filesystem::path& error_log);
  /// Kills it, if it still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  int pid() const { return pid_; }

  /// The first line of standard output, from the start on, that `wanted` accepts; nothing if the
  /// output ended or time ran out before it came.
  std::optional<std::string> wait_line(const std::function<bool(const std::string&)>& wanted,
                                       std::chrono::milliseconds timeout = patience);

  /// Everything that it has written to standard output so far.
  std::string output() const;

  void signal(int number);

  /// Waits for its end: the exit code, or minus the signal's number. Throws std::runtime_error at
  /// the deadline.
  int wait(std::chrono::milliseconds timeout = patience);

  bool ended() const { return status_.has_value(); }

 private:
  void read_output(int fd);

  int pid_ = -1;
  int pid_fd_ = -1;
  std::optional<int> status_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
  bool output_ended_ = false;
  std::thread reader_;
};

/// Runs a program to its end. Throws std::runtime_error, with its error output, unless it exits
/// with 0; returns its standard output.
std::string run_program(const std::filesystem::path& program,
                        const std::vector<std::string>& arguments,
                        std::chrono::milliseconds timeout = patience);

}  // namespace inboxd::tests
