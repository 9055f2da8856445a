// `inboxctl verify`: reads all of a data directory and says what does not fit; exit code 2 if
// anything does not.
#include "persistence/tools/verify.hpp"

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "apps/inboxctl/progress.hpp"
#include "apps/inboxctl/subcommands.hpp"

namespace inboxd::inboxctl {
namespace {

void run(const std::string& data) {
  const persistence::DataDirectory directory(data, persistence::DataDirectory::Mode::existing);
  const auto report = persistence::verify(directory, show_progress);
  end_progress();
  std::cout << "journal: " << report.records << " records in " << report.segments
            << " segments, to offset " << report.last << '\n'
            << "store: " << report.contacts << " contacts, " << report.entries
            << " entries, at offset " << report.applied << '\n';
  if (std::filesystem::exists(directory.path() / "search"))
    std::cout << "search index: not checked (derived from the store, made anew when it is bad)\n";
  if (report.torn_bytes > 0) {
    std::cout
        << "an interrupted write of " << report.torn_bytes
        << " bytes ends the journal; the next start cuts it (nothing acknowledged is in it)\n";
  }
  for (const auto& problem : report.problems) std::cout << "PROBLEM: " << problem << '\n';
  if (report.problems.empty()) {
    std::cout << "all is well\n";
    return;
  }
  std::cout << report.problems.size()
            << " problems found; restore a backup with `inboxctl restore`, or put the damaged file "
               "back from a copy\n";
  throw CLI::RuntimeError(2);
}

}  // namespace

void add_verify(CLI::App& app) {
  auto data = std::make_shared<std::string>();
  auto* command = app.add_subcommand("verify", "Checks everything in a data directory");
  command->add_option("--data", *data, "The data directory, not in use")->required();
  command->callback([data] { run(*data); });
}

}  // namespace inboxd::inboxctl
