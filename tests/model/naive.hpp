// The independent model of the properties: what a contact must be, read off its timeline alone, by
// looking at every entry each time. No line is shared with `apply`.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/model/scene.hpp"

namespace inboxd::model {

struct Naive {
  ContactStatus status = ContactStatus::open;
  Assignment assignment;
  std::optional<Snooze> snooze;
  bool blocked = false;
  std::set<std::string> tags;
  Conversation conversation;
  std::vector<Seq> unread;  // inbound messages after read_seq
  std::optional<Timestamp> waiting_since;
  Timestamp sort_at;
  const Entry* last_message = nullptr;
  const Entry* last_inbound = nullptr;
  const Entry* last_outbound = nullptr;
  std::uint64_t version = 0;
};

Naive read_off(const Person& person);

/// Where `contact` and the naive model differ, in words; nothing if they do not.
std::optional<std::string> difference(const Person& person);

}  // namespace inboxd::model
