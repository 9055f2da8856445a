// `inboxctl backup` and `inboxctl restore`.
#include "persistence/tools/backup.hpp"

#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "apps/inboxctl/progress.hpp"
#include "apps/inboxctl/subcommands.hpp"

namespace inboxd::inboxctl {
namespace {

struct Places {
  std::string data, backup;
};

void run_backup(const Places& places) {
  const auto report = persistence::backup(places.data, places.backup, show_progress);
  end_progress();
  std::cout << "backed up to offset " << report.offset << ": " << report.copied_bytes
            << " bytes copied, " << report.kept_bytes << " kept from the backup before\n";
}

void run_restore(const Places& places) {
  const auto last = persistence::restore(places.backup, places.data, show_progress);
  end_progress();
  std::cout << "restored " << places.data << " to offset " << last
            << ", with a new epoch: clients start afresh\n";
}

}  // namespace

void add_backup(CLI::App& app) {
  auto places = std::make_shared<Places>();
  auto* command =
      app.add_subcommand("backup", "Copies a data directory, in use or not, to a place of its own");
  command->add_option("--data", places->data, "The data directory")->required();
  command
      ->add_option("--to", places->backup,
                   "A new directory, or an earlier backup, which is brought up to date")
      ->required();
  command->callback([places] { run_backup(*places); });
}

void add_restore(CLI::App& app) {
  auto places = std::make_shared<Places>();
  auto* command = app.add_subcommand("restore", "Makes a data directory from a backup");
  command->add_option("--from", places->backup, "The backup")->required();
  command->add_option("--data", places->data, "The data directory to make")->required();
  command->callback([places] { run_restore(*places); });
}

}  // namespace inboxd::inboxctl
