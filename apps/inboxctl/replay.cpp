// `inboxctl replay`: how a contact, or a view, stood at an earlier moment, as lines of JSON.
#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "apps/inboxctl/progress.hpp"
#include "apps/inboxctl/subcommands.hpp"
#include "model/entry_json.hpp"
#include "model/filter_eval.hpp"
#include "model/row_json.hpp"
#include "model/view_scope.hpp"
#include "model/views/sort_key.hpp"
#include "persistence/state_json.hpp"
#include "persistence/tools/replay_until.hpp"

namespace inboxd::inboxctl {
namespace {

struct Options {
  std::string data, contact, view, agent, workspace = "default";
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

model::Viewer viewer_of(const Options& options, const model::Workspace& workspace) {
  if (options.agent.empty()) {
    return {.kind = model::PrincipalKind::service, .id = {}, .role = model::Role::admin};
  }
  const model::AgentId id(options.agent);
  const auto* record = workspace.agent(id);
  if (record == nullptr) throw std::runtime_error("there was no agent " + options.agent + '.');
  return {
      .kind = model::PrincipalKind::agent, .id = id, .role = record->role, .name = options.agent};
}

/// The rows of a list, in its order, as a client would have seen them.
void print_view(const persistence::ReplayedState& state, const Options& options) {
  const auto found = state.workspaces.find(model::WorkspaceId(options.workspace));
  if (found == state.workspaces.end()) {
    throw std::runtime_error("there was no workspace " + options.workspace + '.');
  }
  const auto& workspace = found->second;
  const model::ViewId name(options.view);
  const auto view = model::resolve_view(workspace, viewer_of(options, workspace), name);
  if (!view) throw std::runtime_error("there was no view " + options.view + " for this viewer.");
  const model::Predicate filter(view->filter);
  std::vector<std::pair<model::SortKey, model::Row>> rows;
  for (const auto& [id, contact] : state.contacts) {
    if (contact.first != workspace.id || contact.second.merged_into) continue;
    auto row = model::make_row(contact.second, workspace.channels);
    if (!filter.match(row, state.at)) continue;
    const auto key = model::sort_key(view->sort, row);
    rows.emplace_back(key, std::move(row));
  }
  std::ranges::sort(rows, {}, &std::pair<model::SortKey, model::Row>::first);
  std::string json;
  std::uint64_t unread_contacts = 0, unread_messages = 0;
  for (const auto& [key, row] : rows) {
    json.clear();
    model::write_row(json, row);
    std::cout << json << '\n';
    unread_contacts += row.unread > 0 ? 1 : 0;
    unread_messages += row.unread;
  }
  std::cerr << "view " << options.view << ": " << rows.size() << " contacts, " << unread_contacts
            << " with unread messages, " << unread_messages << " unread messages\n";
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
  } else if (!options.view.empty()) {
    print_view(state, options);
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
  auto* contact = command->add_option("--contact", options->contact,
                                      "Only this contact, and its entries after it");
  auto* view = command
                   ->add_option("--view", options->view,
                                "The rows of this view, in its order (all, team:ID, …)")
                   ->excludes(contact);
  command->add_option("--agent", options->agent, "As this agent saw it; without: as an admin")
      ->needs(view);
  command->add_option("--workspace", options->workspace, "Of the view")
      ->needs(view)
      ->capture_default_str();
  command->callback([options] { run(*options); });
}

}  // namespace inboxd::inboxctl
