// inboxctl: works on a data directory from outside the server. One file a subcommand.
#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>

#include "apps/inboxctl/subcommands.hpp"

int main(int argc, char* argv[]) {
  CLI::App app("Works on the data directory of an inboxd.");
  app.require_subcommand(1);
  for (const auto add :
       {inboxd::inboxctl::add_token, inboxd::inboxctl::add_verify, inboxd::inboxctl::add_backup,
        inboxd::inboxctl::add_restore, inboxd::inboxctl::add_replay, inboxd::inboxctl::add_export,
        inboxd::inboxctl::add_import}) {
    add(app);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    std::cerr << "inboxctl: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
