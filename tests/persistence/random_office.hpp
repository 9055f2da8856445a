// A small contact centre that makes commits by chance, through the real rules, and keeps the naive
// state beside them: every contact and every entry as they should be.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "model/command.hpp"
#include "model/contact.hpp"
#include "model/record.hpp"
#include "model/workspace.hpp"

namespace inboxd::tests {

class RandomOffice {
 public:
  explicit RandomOffice(std::uint64_t seed) : random_(seed) { workspace.id = id; }

  /// The next commit, applied to the naive state. The first ones set the workspace up.
  model::Record commit();

  const model::WorkspaceId id{"default"};
  model::Workspace workspace;
  std::map<model::ContactId, model::Contact> contacts;
  std::map<std::pair<model::ContactId, model::Seq>, model::Entry> entries;
  model::Offset last;
  model::Timestamp now{1'700'000'000'000};

  std::size_t below(std::size_t n) { return random_() % n; }
  std::string text();

 private:
  model::Record setup();
  std::optional<model::Record> try_command();
  std::optional<model::Record> try_merge();
  std::optional<model::Record> change_workspace();
  model::Command command_for(const model::Contact& contact);
  model::Command inbound();
  model::Contact* any_contact();
  std::optional<model::Record> decide(model::Contact* contact, const model::Command& command);
  model::Record record(decltype(model::Record::body) body);
  void keep_entries(model::ContactId contact, const std::vector<model::Event>& events);

  std::mt19937_64 random_;
  std::uint64_t last_contact_ = 0, last_id_ = 0;
};

}  // namespace inboxd::tests
