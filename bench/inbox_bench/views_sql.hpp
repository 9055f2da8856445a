// The views of `inbox-bench views` as queries on PostgreSQL, re-run at each change: a table with an
// index for each shape of filter and sort, in a server of our own on a temporary directory and a
// unix socket. All loops run inside the server (PL/pgSQL, prepared plans), so that no round trip
// and no result on its way is counted; nothing is synced to disk.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/inbox_bench/child.hpp"

namespace inboxd::bench {

class SqlViews {
 public:
  /// Nothing if PostgreSQL is not installed.
  static std::optional<std::filesystem::path> installed();

  /// Starts a server with the contacts of a ViewsInbox of this size. Throws std::runtime_error,
  /// with the end of the server's log.
  SqlViews(const std::filesystem::path& binaries, const std::filesystem::path& place,
           std::size_t contacts);

  std::string version();
  struct Cost {
    double cpu_us = 0;  // of the server's process that ran it, an update
    std::size_t updates = 0;
  };
  /// Updates contacts, each time re-running the queries of so many views, until `seconds` are over;
  /// at least one.
  Cost measure(std::size_t idle, std::size_t matching, double seconds);

 private:
  std::vector<std::string> command(const std::string& program,
                                   const std::vector<std::string>& arguments) const;
  /// Runs psql and returns the last line of its output.
  std::string run(const std::vector<std::string>& arguments);
  void start(std::size_t contacts);

  const std::filesystem::path binaries_;
  TempDir dir_;
  std::vector<std::string> as_other_;  // PostgreSQL refuses to run as root
  std::unique_ptr<Child> server_;
};

}  // namespace inboxd::bench
