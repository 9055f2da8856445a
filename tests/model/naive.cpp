#include "tests/model/naive.hpp"

#include <algorithm>

namespace inboxd::model {
namespace {

template <class Data>
const Data* data_of(const Entry& entry) {
  return entry.event() == nullptr ? nullptr : std::get_if<Data>(&entry.event()->data);
}

bool is_message(const Entry& entry, Direction direction) {
  return entry.message() != nullptr && entry.message()->direction == direction;
}

/// What the contact's own events say; entries that a merge brought say nothing about it.
void read_own_event(Naive& naive, const Entry& entry) {
  if (data_of<Opened>(entry) != nullptr) naive.conversation.opened_at = entry.at;
  if (data_of<Reopened>(entry) != nullptr) {
    naive.status = ContactStatus::open;
    naive.conversation = {naive.conversation.number + 1, entry.at, {}, {}};
  }
  if (data_of<Done>(entry) != nullptr) {
    naive.status = ContactStatus::done;
    naive.snooze.reset();
    naive.conversation.done_at = entry.at;
  }
  if (const auto* assigned = data_of<Assigned>(entry)) naive.assignment = assigned->to;
  if (const auto* unassigned = data_of<Unassigned>(entry)) naive.assignment = unassigned->to;
  if (const auto* snoozed = data_of<Snoozed>(entry)) {
    naive.snooze = Snooze{snoozed->to, snoozed->wake_on_inbound};
  }
  if (data_of<Woke>(entry) != nullptr) naive.snooze.reset();
  if (data_of<Blocked>(entry) != nullptr) naive.blocked = true;
  if (data_of<Unblocked>(entry) != nullptr) naive.blocked = false;
}

void read_tags(std::set<std::string>& tags, const Entry& entry) {
  const auto* tagged = data_of<Tagged>(entry);
  if (tagged == nullptr) return;
  for (const auto& tag : tagged->removed) tags.erase(tag.str());
  for (const auto& tag : tagged->added) tags.insert(tag.str());
}

/// S9, for entries of its own and moved ones alike.
Timestamp latest_activity(const std::vector<Entry>& timeline) {
  Timestamp latest;
  for (const auto& entry : timeline) {
    if (entry.message() != nullptr || data_of<Opened>(entry) != nullptr) {
      latest = std::max(latest, entry.at);
    }
    if (const auto* woke = data_of<Woke>(entry)) {
      latest = std::max(latest, entry.event()->cause == Cause::timer ? woke->from : entry.at);
    }
  }
  return latest;
}

std::optional<Timestamp> waiting_since(const std::vector<Entry>& timeline) {
  std::optional<Timestamp> since;
  for (auto entry = timeline.rbegin(); entry != timeline.rend(); ++entry) {
    if (is_message(*entry, Direction::out) || data_of<Done>(*entry) != nullptr) break;
    if (is_message(*entry, Direction::in)) since = entry->at;
  }
  return since;
}

/// S3: commits with anything but messages, comments, reads and statuses.
std::uint64_t version_of(const std::vector<Commit>& commits) {
  static const std::set<std::string> quiet{"read", "status"};
  std::uint64_t version = 0;
  for (const auto& commit : commits) {
    version += std::any_of(commit.events.begin(), commit.events.end(), [](const Event& event) {
      const auto* appended = std::get_if<EntryAppended>(&event);
      if (appended != nullptr) return appended->entry.event() != nullptr;
      return !quiet.contains(name_of(event));
    });
  }
  return version;
}

}  // namespace

Naive read_off(const Person& person) {
  Naive naive;
  std::set<std::string> moved_tags;  // the secondary's, until its `merged` joins them to the own
  for (std::size_t i = 0; i < person.timeline.size(); ++i) {
    const auto& entry = person.timeline[i];
    read_tags(person.moved[i] ? moved_tags : naive.tags, entry);
    if (!person.moved[i]) read_own_event(naive, entry);
    if (!person.moved[i] && data_of<Merged>(entry) != nullptr) {
      naive.tags.merge(moved_tags);
      moved_tags.clear();
    }
    const bool in = is_message(entry, Direction::in);
    const bool out = is_message(entry, Direction::out);
    if (in || out) naive.last_message = &entry;
    if (in) naive.last_inbound = &entry;
    if (out) naive.last_outbound = &entry;
    if (in && entry.seq > person.contact.read_seq) naive.unread.push_back(entry.seq);
    const bool answers = out && !person.moved[i] && entry.author.kind == AuthorKind::agent;
    auto& first_response = naive.conversation.first_response_at;
    if (answers && !first_response) first_response = entry.at;
  }
  naive.waiting_since = waiting_since(person.timeline);
  naive.sort_at = latest_activity(person.timeline);
  naive.version = version_of(person.commits);
  return naive;
}

std::optional<std::string> difference(const Person& person) {
  const auto& contact = person.contact;
  const auto naive = read_off(person);
  const auto at_of = [](const Entry* entry) {
    return entry == nullptr ? std::nullopt : std::optional(entry->at);
  };
  for (std::size_t i = 0; i < person.timeline.size(); ++i) {
    if (person.timeline[i].seq.value != i + 1) return "a gap in the seqs";
  }
  if (contact.last_seq.value != person.timeline.size()) return "last_seq";
  if (contact.status != naive.status) return "status";
  if (contact.assignment != naive.assignment) return "assignment";
  if (contact.snooze != naive.snooze) return "snooze";
  if (contact.blocked != naive.blocked) return "blocked";
  if (contact.conversation != naive.conversation) return "conversation";
  std::vector<Seq> unread;
  contact.unread.for_each([&](Seq seq) { unread.push_back(seq); });
  if (unread != naive.unread) return "unread";
  if (contact.waiting_since != naive.waiting_since) return "waiting_since";
  if (contact.sort_at != naive.sort_at) return "sort_at";
  if (contact.version.value != naive.version) return "version";
  if (contact.last_inbound_at != at_of(naive.last_inbound)) return "last_inbound_at";
  if (contact.last_outbound_at != at_of(naive.last_outbound)) return "last_outbound_at";
  if (contact.last_message.has_value() != (naive.last_message != nullptr)) return "last_message";
  if (naive.last_message != nullptr) {
    const auto& shown = *contact.last_message;
    const auto& message = *naive.last_message->message();
    const bool out = message.direction == Direction::out;
    const auto status = out ? std::optional(message.status()) : std::nullopt;
    if (shown.seq != naive.last_message->seq || shown.status != status ||
        shown.at != naive.last_message->at || shown.preview != message.content.text) {
      return "last_message";
    }
  }
  std::set<std::string> tags;
  for (const auto& tag : contact.tags) tags.insert(tag.str());
  if (tags != naive.tags || tags.size() != contact.tags.size()) return "tags";
  return std::nullopt;
}

}  // namespace inboxd::model
