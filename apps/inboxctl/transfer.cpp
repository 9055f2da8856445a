// `inboxctl export` and `inboxctl import`: everything as lines of JSON.
#include "persistence/tools/transfer.hpp"

#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>

#include "apps/inboxctl/progress.hpp"
#include "apps/inboxctl/subcommands.hpp"

namespace inboxd::inboxctl {
namespace {

using persistence::DataDirectory;

struct Options {
  std::string data, file;
};

void tell(const char* what, const persistence::TransferReport& report) {
  end_progress();
  std::cerr << what << ' ' << report.workspaces << " workspaces, " << report.contacts
            << " contacts, " << report.entries << " entries\n";
}

void run_export(const Options& options) {
  const DataDirectory directory(options.data, DataDirectory::Mode::existing);
  if (options.file.empty()) {
    tell("exported", persistence::export_to(std::cout, directory, show_progress));
    return;
  }
  std::ofstream out(options.file, std::ios::binary);
  if (!out) throw std::runtime_error("cannot write " + options.file + '.');
  tell("exported", persistence::export_to(out, directory, show_progress));
}

void run_import(const Options& options) {
  std::ifstream file;
  if (!options.file.empty()) {
    file.open(options.file, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + options.file + '.');
  }
  auto& in = options.file.empty() ? std::cin : file;
  const DataDirectory directory(options.data, DataDirectory::Mode::create);
  tell("imported", persistence::import_from(in, directory, show_progress));
}

}  // namespace

void add_export(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("export", "Writes workspaces, contacts and timelines as lines of JSON");
  command->add_option("--data", options->data, "The data directory, not in use")->required();
  command->add_option("--to", options->file, "The file; default: standard output");
  command->callback([options] { run_export(*options); });
}

void add_import(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("import", "Makes a data directory from an export");
  command->add_option("--data", options->data, "The data directory to make")->required();
  command->add_option("--from", options->file, "The file; default: standard input");
  command->callback([options] { run_import(*options); });
}

}  // namespace inboxd::inboxctl
