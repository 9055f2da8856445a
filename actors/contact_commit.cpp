// From a contact's events to one commit: the record, and everything that others will see of it once
// it is durable.
#include <algorithm>
#include <atomic>
#include <utility>

#include "actors/contact_cell.hpp"
#include "actors/offset_mark.hpp"
#include "model/contact_json.hpp"
#include "model/entry_json.hpp"
#include "model/json.hpp"
#include "model/limits.hpp"
#include "model/overload.hpp"
#include "model/renumber.hpp"
#include "persistence/state_json.hpp"

namespace inboxd::actors {
namespace {

/// Apart from its count, so that its memory is free when it is saved, though the timeline still
/// knows that it was there.
std::shared_ptr<model::Entry> shared_entry(model::Entry entry) {
  return std::shared_ptr<model::Entry>(new model::Entry(std::move(entry)));
}

/// With the entry's wire form, and a mark where its offset goes.
EntryChange change_of(model::ContactId contact, std::shared_ptr<model::Entry> entry) {
  EntryChange change{
      .contact = contact, .entry = std::move(entry), .text = std::make_shared<std::string>()};
  auto& text = *change.text;
  constexpr std::size_t beside_text_bytes = 400;
  const auto* message = change.entry->message();
  text.reserve(beside_text_bytes + (message != nullptr ? message->content.text.size() : 0));
  model::write_entry_open(text, contact, *change.entry);
  change.open_size = text.size();
  text += ",\"offset\":";
  text += offset_mark;
  text += '}';
  return change;
}

/// S31: these subscriptions are over, and `contact` is where to go on.
void send_on(const std::vector<Subscriber>& subscribers, model::ContactId contact,
             std::vector<Outgoing>& out) {
  auto tail = std::make_shared<std::string>("\"reason\":\"merged\",\"contact\":");
  model::json::write(*tail, contact);
  for (const auto& subscriber : subscribers) {
    out.emplace_back(Push{.client = subscriber.client,
                          .sub = subscriber.sub,
                          .method = "subscription.ended",
                          .tail = tail});
  }
}

}  // namespace

model::Contact& ContactCell::own() {
  if (contact_.use_count() > 1) {
    contact_ = std::make_shared<model::Contact>(*contact_);
  } else {
    // The last other owner, on another thread, has read it and let go before.
#ifdef __SANITIZE_THREAD__
    const auto again = contact_;  // it knows no fences: the same, by the count itself
#else
    std::atomic_thread_fence(std::memory_order_acquire);
#endif
  }
  return *contact_;
}

void ContactCell::commit(std::vector<model::Event> events, const Origin& origin,
                         const AnswerShape& shape, const HandedOver* taken) {
  const auto now = services_.now();
  const auto before = row_;
  const auto base = contact_->last_seq;
  auto commit = std::make_unique<Commit>();
  commit->workspace = workspace_->id;
  commit->at = now;
  commit->recorded = true;

  // The offset is known only once the commit has its place; until then the state carries the last
  // one.
  model::apply(own(), events, contact_->changed_at);
  row_ = std::make_shared<const model::Row>(model::make_row(*contact_, workspace_->channels));
  commit->rows.push_back({.contact = contact_->id, .before = before, .after = row_});
  commit->states.push_back(contact_);
  if (taken != nullptr) add_moved(*taken, base, *commit);
  add_entries(events, *commit);
  add_notices(origin.by, *commit);
  if (origin.client) {
    std::string_view named;
    for (const auto& change : commit->entries) {
      if (shape.entry && change.entry->seq == *shape.entry) named = *change.text;
    }
    commit->out.emplace_back(
        Answer{.client = origin.client,
               .tag = origin.tag,
               .body = answer_of_commit(shape, *contact_, named, *workspace_, now)});
  }
  add_deltas(*commit);

  auto payload = payload_of(events, *commit);
  // Kept here until they are in the timeline, which only knows them.
  std::vector<std::shared_ptr<const model::Entry>> changed;
  changed.reserve(commit->entries.size());
  for (const auto& change : commit->entries) {
    if (!change.moved) changed.push_back(change.entry);
  }
  const auto offset =
      services_.log.submit(std::move(payload), std::move(commit));  // set in entries
  if (taken != nullptr)
    timeline_.take(base, taken->contact.last_seq.value, offset, taken->timeline);
  for (const auto& entry : changed) timeline_.put(entry);
}

std::string ContactCell::payload_of(const std::vector<model::Event>& events,
                                    const Commit& commit) const {
  persistence::RecordWriter record(workspace_->id);
  record.contact(contact_->id);
  auto appended =
      std::find_if(commit.entries.begin(), commit.entries.end(),
                   [](const EntryChange& change) { return change.appended && !change.moved; });
  for (const auto& event : events) {
    if (std::holds_alternative<model::EntryAppended>(event)) {
      record.entry(std::string_view(*appended->text).substr(0, appended->open_size));
      ++appended;
    } else {
      record.event(event);
    }
  }
  if (commit.moved) {
    record.contact(commit.moved->secondary);
    record.event(model::MergedInto{.primary = commit.moved->primary, .base = commit.moved->base});
  }
  return std::move(record).finish();
}

/// Takes the entries out of the events.
void ContactCell::add_entries(std::vector<model::Event>& events, Commit& commit) const {
  commit.entries.reserve(commit.entries.size() + events.size());
  for (auto& event : events) {
    if (auto* appended = std::get_if<model::EntryAppended>(&event)) {
      commit.entries.push_back(change_of(contact_->id, shared_entry(std::move(appended->entry))));
      commit.entries.back().appended = true;
    } else if (const auto* reported = std::get_if<model::StatusReported>(&event)) {
      auto entry = shared_entry(*timeline_.find(reported->seq));
      model::report(std::get<model::Message>(entry->body), reported->report, reported->provider_id);
      commit.entries.push_back(change_of(contact_->id, std::move(entry)));
    }
  }
}

/// The entries that somebody must see now under their new seqs: all of a short timeline, for those
/// who follow the primary; of a long one what the outbox holds.
void ContactCell::add_moved(const HandedOver& taken, model::Seq base, Commit& commit) const {
  const auto last = taken.contact.last_seq;
  for (const auto& entry : last.value <= model::limits::page_rows_max
                               ? taken.timeline->entries({1}, last)
                               : taken.timeline->pending()) {
    auto moved = std::make_shared<model::Entry>(*entry);
    model::renumber(*moved, base);
    commit.entries.push_back(change_of(contact_->id, std::move(moved)));
    commit.entries.back().appended = commit.entries.back().moved = true;
  }
  commit.moved = {.primary = contact_->id,
                  .secondary = taken.contact.id,
                  .base = base,
                  .count = taken.contact.last_seq.value};
  auto secondary = std::make_shared<model::Contact>(taken.contact);
  model::apply(*secondary, {model::MergedInto{.primary = contact_->id, .base = base}},
               contact_->changed_at);
  commit.states.push_back(std::move(secondary));
  commit.rows.push_back(
      {.contact = taken.contact.id, .before = taken.row, .after = nullptr, .into = contact_->id});
  send_on(taken.subscribers, contact_->id, commit.out);
}

void ContactCell::add_notices(const model::Principal& by, Commit& commit) const {
  const auto notify = [&](const model::AgentId& agent, Notice::Kind kind,
                          const model::Entry& entry) {
    // S41: never for the agent's own act.
    if (by.kind == model::PrincipalKind::agent && by.id == agent.str()) return;
    commit.notices.push_back(
        {.agent = agent, .kind = kind, .contact = contact_->id, .seq = entry.seq, .at = entry.at});
  };
  for (const auto& change : commit.entries) {
    if (!change.appended || change.moved) continue;
    const auto& entry = *change.entry;
    if (const auto* message = entry.message()) {
      const bool inbound = message->direction == model::Direction::in;
      if (inbound && contact_->assignment.assignee && !contact_->blocked) {
        notify(*contact_->assignment.assignee, Notice::Kind::inbound, entry);
      }
    } else if (const auto* comment = entry.comment()) {
      for (const auto& agent : comment->mentions) notify(agent, Notice::Kind::mention, entry);
    } else if (const auto* assigned = std::get_if<model::Assigned>(&entry.event()->data)) {
      // S21: of a blocked contact nothing is told.
      if (assigned->to.assignee && assigned->to.assignee != assigned->from.assignee &&
          !contact_->blocked) {
        notify(*assigned->to.assignee, Notice::Kind::assigned, entry);
      }
    }
  }
}

void ContactCell::add_deltas(Commit& commit) {
  if (subscribers_.empty()) return;
  end_unseen(commit.out);
  if (commit.moved && commit.moved->count > model::limits::page_rows_max) {
    // More than a delta carries: whoever follows this contact begins anew with it.
    send_on(subscribers_, contact_->id, commit.out);
    subscribers_.clear();
  }
  if (subscribers_.empty()) return;
  auto tail = std::make_shared<std::string>("\"offset\":");
  *tail += offset_mark;
  *tail += ",\"contact\":";
  *tail += contact_json();
  *tail += ",\"entries\":";
  model::json::write_each(*tail, commit.entries,
                          [&](const EntryChange& change) { *tail += *change.text; });
  for (const auto& subscriber : subscribers_) {
    commit.out.emplace_back(Push{.client = subscriber.client,
                                 .sub = subscriber.sub,
                                 .method = "contact.delta",
                                 .tail = tail});
  }
  commit.unplaced.push_back(std::move(tail));
}

}  // namespace inboxd::actors
