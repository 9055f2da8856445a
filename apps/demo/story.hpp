// Persons and their histories, made of the content: the same for the same number, so that a demo
// that is started again finds everybody as they were. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/demo/content.hpp"

namespace inboxd::demo {

struct ChannelRecord {
  std::string_view id, kind, name;
};
struct TeamRecord {
  std::string_view id, name;
};
struct AgentRecord {
  std::string_view id, name, email, role, visibility, team;
  Language language;
};

std::span<const ChannelRecord> channels();
std::span<const TeamRecord> teams();
std::span<const AgentRecord> agents();

/// A customer. Everything follows from `number`.
struct Person {
  std::uint32_t number = 0;
  Language language = Language::spanish;
  std::size_t channel = 0;  // of channels()
  std::string external_id;  // as the channel's platform names people
  std::string first_name, last_name, phone, email, country, city;
  const Script* script = nullptr;
  /// Fills in the braces of a line.
  std::string say(std::string_view line, std::string_view agent_name = "") const;
  std::string order, product, day, amount;
};

Person person(std::uint32_t number);

/// One step of a history: who does what. `agent` is an index of agents(); none: the customer.
struct Step {
  enum class What : std::uint8_t {
    write,    // the customer: text
    reply,    // message.send: text
    comment,  // text; mentions the manager if it has an @
    tag,      // the script's tags and priority, some details
    read,
    assign,       // to the agent named in `text`
    assign_team,  // to the team that speaks the customer's language
    snooze,       // for `minutes`
    done,         // with the closing note
    block,
  };
  What what = What::write;
  std::optional<std::size_t> agent;
  std::string text;
  std::uint32_t minutes = 0;
};

/// What happened to a person before the demo's visitor comes. How far the conversation got, who has
/// it and how it ended varies.
std::vector<Step> history(const Person& person);

/// The script's lines of the customer from line `from` on until the agent's turn.
std::vector<std::string> next_lines(const Person& person, std::size_t& from);

}  // namespace inboxd::demo
