// `inboxctl replay`: how a contact, or a view, stood at an earlier moment, as lines of JSON.
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>

#include "apps/inboxctl/progress.hpp"
#include "apps/inboxctl/subcommands.hpp"
#include "model/entry_json.hpp"
#include "persistence/state_json.hpp"
#include "persistence/tools/replay_until.hpp"

namespace inboxd::inboxctl {
namespace {

struct Options {
  std::string data, contact;
  std::optional<std::uint64_t> until;
  std::optional<std::int64_t> until_at;
};

void print_contact(const persistence::ReplayedState& state, model::ContactId id) {
  const auto found = state.contacts.find(id);
  if (found == state.contacts.end()) {
    throw std::runtime_error("there was no contact " + id.str() + " at offset " +
                             std::to_string(state.offset.value) + ".");
  }
  std::string json;
  persistence::write_contact_state(json, found->second.first, found->second.second);
  std::cout << json << '\n';
  const auto timeline = state.timelines.find(id);
  if (timeline == state.timelines.end()) return;
  for (const auto& [seq, entry] : timeline->second) {
    json.clear();
    write_entry(json, id, entry);
    std::cout << json << '\n';
  }
}

void print_all(const persistence::ReplayedState& state) {
  std::string json;
  for (const auto& [id, contact] : state.contacts) {
    json.clear();
    persistence::write_contact_state(json, contact.first, contact.second);
    std::cout << json << '\n';
  }
}

void run(const Options& options) {
  std::optional<model::ContactId> contact;
  if (!options.contact.empty()) {
    contact = model::ContactId::parse(options.contact);
    if (!contact) throw std::runtime_error(options.contact + " is not a contact's id.");
  }
  persistence::ReplayOptions until;
  if (options.until) until.until = model::Offset{*options.until};
  if (options.until_at) until.until_at = model::Timestamp{*options.until_at};
  const persistence::DataDirectory directory(options.data,
                                             persistence::DataDirectory::Mode::existing);
  const auto state = persistence::replay_until(directory, until, contact, show_progress);
  end_progress();
  std::cerr << "at offset " << state.offset << ", time " << state.at << ", "
            << state.contacts.size() << " contacts\n";
  if (contact) {
    print_contact(state, *contact);
  } else {
    print_all(state);
  }
}

}  // namespace

void add_replay(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "replay", "Prints contacts as they stood at an earlier offset or time, a line each");
  command->add_option("--data", options->data, "The data directory (not in use), or a backup")
      ->required();
  auto* until = command->add_option("--until", options->until, "The last offset that counts");
  command->add_option("--until-time", options->until_at, "The last time that counts, ms UTC")
      ->excludes(until);
  command->add_option("--contact", options->contact, "Only this contact, and its entries after it");
  command->callback([options] { run(*options); });
}

}  // namespace inboxd::inboxctl
