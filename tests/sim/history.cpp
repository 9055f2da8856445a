#include "tests/sim/history.hpp"

#include <iterator>

#include "model/contact_json.hpp"
#include "model/entry_json.hpp"
#include "model/renumber.hpp"
#include "model/workspace_json.hpp"
#include "persistence/state_json.hpp"
#include "tests/sim/violation.hpp"

namespace inboxd::sim {
namespace {

template <typename Write>
json parsed(const Write& write) {
  std::string text;
  write(text);
  return json::parse(text);
}

/// Agents, teams and views, as clients see them.
void take_records(Truth& truth, const model::Workspace& workspace) {
  truth.agents.clear(), truth.teams.clear();
  for (const auto& [id, agent] : workspace.agents)
    truth.agents[id.str()] = parsed([&](std::string& out) { model::write_agent(out, agent); });
  for (const auto& [id, team] : workspace.teams) truth.teams.insert(id.str());
  auto views = std::make_shared<std::map<std::string, json>>();
  for (const auto& [id, view] : workspace.views) {
    auto& record = (*views)[id.str()];
    record = parsed([&](std::string& out) { model::write_view_definition(out, view); });
    record["kind"] = "custom";
  }
  truth.views = std::move(views);
}

}  // namespace

void History::follow(std::uint64_t released) {
  if (released <= last_) return;
  read_journal(disk_, journal_, {.after = {last_}, .until = model::Offset{released}},
               [this](const persistence::Frame& frame) { take(frame); });
  must(last_ == released, "the journal ends at " + std::to_string(last_) + ", but " +
                              std::to_string(released) + " was released");
}

void History::follow_all() {
  read_journal(disk_, journal_, {.after = {last_}},
               [this](const persistence::Frame& frame) { take(frame); });
}

void History::started() {
  for (auto& [name, place] : places_) {
    auto now = place.versions.rbegin()->second;
    now.now = last_at_;
    place.versions[last_] = std::move(now);
  }
}

const Truth* History::at(const std::string& workspace, std::uint64_t offset) const {
  const auto place = places_.find(workspace);
  if (place == places_.end()) return nullptr;
  const auto& versions = place->second.versions;
  const auto later = versions.upper_bound(offset);
  return later == versions.begin() ? nullptr : &std::prev(later)->second;
}

std::optional<json> History::entry_at(const std::string& contact, std::uint64_t seq,
                                      std::uint64_t offset) const {
  const auto id = model::ContactId::parse(contact);
  const auto found = id ? entries_.find({*id, {seq}}) : entries_.end();
  must(found != entries_.end(),
       "the journal has no entry " + std::to_string(seq) + " of " + contact);
  if (found->second->offset.value > offset) return std::nullopt;
  return parsed([&](std::string& out) { model::write_entry(out, *id, *found->second); });
}

void History::forget_before(std::uint64_t offset) {
  for (auto& [name, place] : places_) {
    auto& versions = place.versions;
    const auto later = versions.upper_bound(offset);
    if (later != versions.begin()) versions.erase(versions.begin(), std::prev(later));
  }
}

void History::take(const persistence::Frame& frame) {
  must(frame.offset.value == last_ + 1,
       "after record " + std::to_string(last_) + " comes " + std::to_string(frame.offset.value));
  const auto record = persistence::read_record(frame.payload, frame.offset, frame.at);
  const auto change = persistence::derive_change(record, *this);
  last_ = frame.offset.value;
  last_at_ = frame.at.ms;
  auto& place = places_[change.workspace.str()];
  Truth truth;
  if (!place.versions.empty()) truth = place.versions.rbegin()->second;
  if (change.workspace_created) {
    place.workspace.id = change.workspace;
    truth.workspace = change.workspace.str();
    take_records(truth, place.workspace);
  }
  take(truth, place, change);
  if (!change.workspace_events.empty()) {
    for (const auto& event : change.workspace_events) model::apply(place.workspace, event);
    take_records(truth, place.workspace);
  }
  truth.now = last_at_;
  place.versions[last_] = std::move(truth);
}

void History::take(Truth& truth, const Place& place, const persistence::Change& change) {
  for (const auto& [contact, entry, text, fresh] : change.entries)
    entries_[{contact, entry->seq}] = entry;
  if (const auto& moved = change.moved) {
    for (std::uint64_t seq = 1; seq <= moved->count; ++seq) {
      auto entry = std::make_shared<model::Entry>(*entries_.at({moved->secondary, {seq}}));
      model::renumber(*entry, moved->base);
      entry->offset = change.offset;
      entries_[{moved->primary, entry->seq}] = std::move(entry);
    }
  }
  for (const auto& contact : change.contacts) {
    contacts_[contact->id] = contact;
    if (contact->merged_into) {
      truth.contacts.erase(contact->id.str());
    } else {
      truth.contacts[contact->id.str()] = known(*contact, place);
    }
  }
}

std::shared_ptr<const Known> History::known(const model::Contact& contact,
                                            const Place& place) const {
  auto known = std::make_shared<Known>();
  known->contact = parsed([&](std::string& out) {
    model::write_contact(out, contact, place.workspace, contact.created_at);
  });
  for (auto seq = contact.last_seq; seq.value > 0; seq = seq - 1) {
    const auto& entry = *entries_.at({contact.id, seq});
    const auto* message = entry.message();
    if (message == nullptr) continue;
    auto& last = message->direction == model::Direction::in ? known->last_inbound_at
                                                            : known->last_outbound_at;
    if (last.is_null()) last = entry.at.ms;
    if (!known->last_inbound_at.is_null() && !known->last_outbound_at.is_null()) break;
  }
  return known;
}

std::optional<model::Contact> History::contact(model::ContactId id) {
  const auto known = contacts_.find(id);
  if (known == contacts_.end()) return std::nullopt;
  return *known->second;
}

std::optional<model::Entry> History::entry(model::ContactId contact, model::Seq seq) {
  const auto known = entries_.find({contact, seq});
  if (known == entries_.end()) return std::nullopt;
  return *known->second;
}

}  // namespace inboxd::sim
