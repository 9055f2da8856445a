// A small contact centre on which tests play: what the actors do around `decide` and `apply`
// (offsets, duplicates, due wakes, merges), in the plainest way.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/decide.hpp"
#include "model/event.hpp"
#include "model/row.hpp"

namespace inboxd::model {

/// One commit of one contact, as the journal keeps it.
struct Commit {
  std::vector<Event> events;
  Offset offset;
  Timestamp at;
};

/// A contact with its whole timeline and history.
struct Person {
  Contact contact;
  std::vector<Entry> timeline;
  std::vector<bool> moved;  // by entry: a merge brought it
  std::vector<Commit> commits;

  const Entry& entry(std::uint64_t seq) const { return timeline.at(seq - 1); }
  const Entry& last() const { return timeline.back(); }
  const Message& message(std::uint64_t seq) const { return *entry(seq).message(); }
  /// `opened/inbound`, `message`, `comment` …, from entry `first` on.
  std::vector<std::string> story(std::uint64_t first = 1) const;
};

struct Expect {
  std::optional<Version> version = std::nullopt;
};

/// Agents ana and ben (team sales), cleo (no team), mia (a manager), root (an admin); a service
/// bot; a channel of each kind, named after it; custom fields, one of each type, named after it.
class Scene {
 public:
  Scene();

  Workspace workspace;
  Timestamp now{1'000'000'000'000};
  Offset offset;
  Person person;  // whom the verbs below are about

  static Principal agent(std::string_view id, Role role = Role::agent);
  static Principal service(Role role = Role::admin);
  static Principal connector(std::string_view channel);

  /// Decides and, if that is a yes with events, commits. Applies a due wake before (S19).
  Result<Decision> run(Person& who, const Command& command, const Principal& by,
                       Expect expect = {});
  Result<Decision> run(const Command& command, const Principal& by, Expect expect = {}) {
    return run(person, command, by, expect);
  }
  void wake_if_due(Person& who);
  /// Both halves of a merge.
  Result<Decision> merge(Person& primary, Person& secondary, const Principal& by,
                         Expect expect = {});

  // Verbs: each asserts success (Catch2 REQUIRE) and gives back what was decided.
  Decision receive(std::string_view text = "hello", std::string_view channel = "whatsapp",
                   std::string_view external_id = "+15550100");
  Decision send(std::string_view agent, std::string_view text = "hi");
  Decision comment(std::string_view agent, std::string_view text = "note");
  Decision assign(std::optional<std::string_view> agent,
                  std::optional<std::string_view> team = std::nullopt);
  Decision done(std::string_view agent = "ana");
  Decision snooze(Duration length, bool wake_on_inbound = true);
  Decision must(const Command& command, const Principal& by);
  /// The error that must come.
  Error refused(const Command& command, const Principal& by, Expect expect = {});

  void pass(Duration length) { now = now + length; }
  Row row() const { return make_row(person.contact, workspace.channels); }
  ReceiveInbound inbound(std::string_view text, std::string_view channel,
                         std::string_view external_id);
  static SendMessage message(std::string_view text);

 private:
  void commit(Person& who, const std::vector<Event>& events);

  std::uint64_t next_id_ = 1;
  std::uint64_t next_provider_id_ = 1;
};

std::string name_of(const Event& event);

}  // namespace inboxd::model
