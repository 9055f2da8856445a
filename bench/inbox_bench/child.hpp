// Servers that the bench starts: the engine itself, and what it is compared with, each in its own
// process, so that their CPU and memory are told apart from the generator's.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace inboxd::bench {

/// A directory that goes away at the end.
class TempDir {
 public:
  /// Under `parent`, or the system's place for temporary files if it is empty.
  explicit TempDir(const std::filesystem::path& parent = {});
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class Child {
 public:
  /// Starts a program with its standard error appended to `log`. It dies with this process.
  Child(const std::vector<std::string>& command, const std::filesystem::path& log);
  /// Runs `body` in a forked copy of this process; what it writes to the descriptor that it is
  /// given is the child's standard output.
  explicit Child(const std::function<void(int output)>& body);
  /// SIGTERM, then SIGKILL if that does not help.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  /// Waits for a line of its output that contains `text`; "" when it ended before. `meanwhile` is
  /// called some fifty times a second.
  std::string wait_line(std::string_view text, const std::function<void()>& meanwhile = {});
  /// SIGTERM and wait: the exit code, or minus the signal.
  int stop();
  /// SIGKILL and wait.
  void kill();
  /// Until it ends by itself: the exit code, or minus the signal.
  int wait();

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

/// An inboxd on a free port, next to this program.
class EngineProcess {
 public:
  /// Throws std::runtime_error, with the end of its log, when it does not come up.
  EngineProcess(std::filesystem::path data, std::vector<std::string> options);

  std::string url() const;
  pid_t pid() const { return child_->pid(); }
  const std::filesystem::path& data() const { return data_; }
  int stop() { return child_->stop(); }
  void kill() { child_->kill(); }
  /// After `stop` or `kill`; on another port. `meanwhile` is called some fifty times a second, when
  /// the process is there.
  void start(const std::function<void()>& meanwhile = {});

 private:
  std::filesystem::path data_;
  std::vector<std::string> options_;
  std::unique_ptr<Child> child_;
  std::string port_;
};

}  // namespace inboxd::bench
