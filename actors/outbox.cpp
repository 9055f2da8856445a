#include "actors/outbox.hpp"

#include <algorithm>
#include <utility>

#include "actors/answer.hpp"
#include "model/entry_json.hpp"
#include "model/json.hpp"

namespace inboxd::actors {

using model::json::Object;

Outbox::Lane& Outbox::lane(const model::ChannelId& channel) {
  auto& lane = lanes_[channel];
  lane.settings.id = channel;
  return lane;
}

void Outbox::configure(const model::Workspace& workspace) {
  for (const auto& [id, channel] : workspace.channels) {
    auto& lane = this->lane(id);
    if (lane.settings == channel) continue;
    // What waits for the old limit is looked at again.
    if (lane.settings.rate != channel.rate) lane.blocked_until.reset();
    if (lane.settings.customer_rate != channel.customer_rate) lift_limits(lane);
    set_up(lane, channel);
    touched_.insert(id);
  }
}

void Outbox::lift_limits(Lane& lane) const {
  for (auto& [contact, line] : lane.lines) {
    if (!line.limited) continue;
    line.limited = false;
    line.blocked_until.reset();
    place_line(lane, contact, line);
  }
}

// What is counted by kind goes with the channel to its new kind.
void Outbox::set_up(Lane& lane, const model::Channel& settings) {
  count(lane).pending -= lane.pending;
  count(lane).connectors -= lane.readers.size();
  lane.settings = settings;
  count(lane).pending += lane.pending;
  count(lane).connectors += lane.readers.size();
}

void Outbox::load(model::ContactId contact, const model::Entry& entry) {
  Delivery delivery{.offset = entry.offset,
                    .channel = entry.message()->channel,
                    .external_id = entry.message()->external_id,
                    .text = {}};
  model::write_entry(delivery.text, contact, entry);
  put({.contact = contact, .seq = entry.seq}, std::move(delivery));
}

void Outbox::put(const Place& place, Delivery delivery) {
  auto& lane = this->lane(delivery.channel);
  auto& line = lane.lines[place.contact];
  touched_.insert(delivery.channel);
  ++lane.pending;
  ++count(lane).pending;
  by_place_.insert_or_assign(place, std::move(delivery));
  line.waiting.insert(place.seq);
  place_line(lane, place.contact, line);
}

void Outbox::remove(const Place& place, model::Timestamp now) {
  const auto known = by_place_.find(place);
  if (known == by_place_.end()) return;
  auto& delivery = known->second;
  auto& lane = this->lane(delivery.channel);
  auto& line = lane.lines.at(place.contact);
  touched_.insert(delivery.channel);
  if (delivery.reader) let_go(lane, place, delivery);
  line.waiting.erase(place.seq);
  if (line.given_up == place.seq) line.given_up.reset();
  --lane.pending;
  --count(lane).pending;
  by_place_.erase(known);
  place_line(lane, place.contact, line);
  drop_if_idle(lane, place.contact, now);
}

// What a reader was given stays given: it will report under the old name, which still leads here
// (S23).
void Outbox::move(const persistence::EntriesMoved& moved, model::Timestamp now) {
  std::vector<Place> places;
  const auto first = by_place_.lower_bound({.contact = moved.secondary, .seq = {}});
  for (auto d = first; d != by_place_.end() && d->first.contact == moved.secondary; ++d)
    places.push_back(d->first);
  for (const auto& from : places) {
    move_delivery(lane(by_place_.at(from).channel), from,
                  {.contact = moved.primary, .seq = moved.base + from.seq.value});
  }
  for (auto& [id, lane] : lanes_) {
    const auto old = lane.lines.find(moved.secondary);
    if (old == lane.lines.end()) continue;
    auto& line = lane.lines[moved.primary];
    line.bucket.join(old->second.bucket);
    // The primary's own go first, and need not wait for what was the secondary's.
    if (line.waiting.empty() && line.held.empty()) {
      line.blocked_until = old->second.blocked_until;
      line.limited = old->second.limited;
    }
    if (line.blocked_until) {
      dues_.insert({.at = *line.blocked_until, .channel = id, .place = {moved.primary, {}}});
    }
    old->second.waiting.clear();
    old->second.held.clear();
    old->second.holders.clear();
    old->second.given_up.reset();
    place_line(lane, moved.secondary, old->second);
    for (auto& [reader_id, reader] : lane.readers) reader.parked.erase(moved.secondary);
    lane.lines.erase(moved.secondary);
    place_line(lane, moved.primary, lane.lines.at(moved.primary));
    drop_if_idle(lane, moved.primary, now);
    touched_.insert(id);
  }
}

void Outbox::move_delivery(Lane& lane, const Place& from, const Place& to) {
  auto node = by_place_.extract(from);
  auto& old = lane.lines.at(from.contact);
  auto& line = lane.lines[to.contact];
  auto& delivery = node.mapped();
  if (delivery.reader) {
    dues_.erase({.at = delivery.deadline, .channel = delivery.channel, .place = from});
    dues_.insert({.at = delivery.deadline, .channel = delivery.channel, .place = to});
    line.held.insert(to.seq);
    ++line.holders[*delivery.reader];
  } else if (old.given_up == from.seq) {
    // Its report is on the way under the old name; one at a time is enough to hold up a line.
    line.given_up = to.seq;
  } else {
    line.waiting.insert(to.seq);
  }
  node.key() = to;
  by_place_.insert(std::move(node));
}

void Outbox::follow(const Commit& commit, model::Timestamp now) {
  if (commit.moved) move(*commit.moved, now);
  if (!commit.workspace_events.empty() && commit.workspace_after) {
    configure(*commit.workspace_after);
  }
  for (const auto& change : commit.entries) {
    const auto* message = change.entry->message();
    if (message == nullptr || message->direction != model::Direction::out) continue;
    const Place place{.contact = change.contact, .seq = change.entry->seq};
    const auto known = by_place_.find(place);
    if (message->status() != model::Status::pending) {
      if (known != by_place_.end() && known->second.asking) {
        const auto& origin = *known->second.asking;
        std::string body = "\"result\":";
        Object{body}("offset", commit.offset)("retry_at", nullptr)("attempts",
                                                                   known->second.attempts);
        answers_.emplace_back(
            Answer{.client = origin.client, .tag = origin.tag, .body = std::move(body)});
      }
      if (known != by_place_.end()) {
        auto& counts = count(lane(known->second.channel));
        ++(message->status() == model::Status::failed ? counts.failed : counts.sent);
      }
      remove(place, now);
    } else if (known != by_place_.end()) {
      known->second.offset = commit.offset;
      known->second.text = *change.text;
      auto& lane = this->lane(message->channel);
      place_line(lane, place.contact, lane.lines.at(place.contact));
    } else {
      put(place, {.offset = commit.offset,
                  .channel = message->channel,
                  .external_id = message->external_id,
                  .text = *change.text});
    }
  }
}

void Outbox::give(model::Timestamp now, std::vector<Outgoing>& out) {
  std::move(answers_.begin(), answers_.end(), std::back_inserter(out));
  answers_.clear();
  for (const auto& channel : std::exchange(touched_, {})) {
    auto& lane = lanes_.at(channel);
    for (const auto& parcel : pump(lane, now)) push(lane, parcel, out);
  }
}

void Outbox::push(const Lane& lane, const Parcel& parcel, std::vector<Outgoing>& out) {
  const auto& reader = lane.readers.at(parcel.reader);
  auto tail = std::make_shared<std::string>("\"deliveries\":[");
  *tail += parcel.deliveries;
  *tail += ']';
  out.emplace_back(Push{.client = reader.client,
                        .sub = reader.sub,
                        .method = "outbox.deliver",
                        .tail = std::move(tail)});
}

void Outbox::subscribe(const Origin& origin, const Subscription& subscription,
                       const std::string& epoch, model::Offset offset, model::Timestamp now,
                       std::vector<Outgoing>& out) {
  auto& lane = this->lane(origin.by.channel.value_or(model::ChannelId{}));
  const bool first = lane.readers.empty();
  const auto id = ++last_reader_;
  lane.readers.emplace(
      id,
      Reader{.client = origin.client, .sub = subscription.sub, .held_max = subscription.held_max});
  ++count(lane).connectors;
  // What waits although there are connectors was never given to anybody.
  if (subscription.after && first) claim(lane, id, *subscription.after, now);
  const auto parcels = pump(lane, now);
  std::string body = "\"result\":";
  Object result(body);
  result("sub", "s" + std::to_string(subscription.sub.value))("epoch", epoch)("offset", offset);
  result.key("deliveries") += '[';
  for (const auto& parcel : parcels) {
    if (parcel.reader == id) body += parcel.deliveries;
  }
  body += ']';
  result.close();
  out.emplace_back(Answer{.client = origin.client, .tag = origin.tag, .body = std::move(body)});
  for (const auto& parcel : parcels) {
    if (parcel.reader != id) push(lane, parcel, out);
  }
}

// Up to `after` the connector says that it has them already: they are its own, and not sent.
void Outbox::claim(Lane& lane, ReaderId reader, model::Offset after, model::Timestamp now) {
  for (auto& [contact, line] : lane.lines) {
    const auto waiting = line.waiting;
    for (const auto seq : waiting) {
      const Place place{.contact = contact, .seq = seq};
      const auto& delivery = by_place_.at(place);
      if (delivery.withheld || delivery.offset > after) break;
      hold(lane, place, reader, now);
    }
    place_line(lane, contact, line);
  }
}

void Outbox::leave(const ClientPtr& client, std::optional<SubId> sub, model::Timestamp now,
                   std::vector<Outgoing>& out) {
  for (auto& [channel, lane] : lanes_) {
    std::vector<ReaderId> gone;
    for (const auto& [id, reader] : lane.readers) {
      if (reader.client == client && (!sub || reader.sub == *sub)) gone.push_back(id);
    }
    if (gone.empty()) continue;
    for (const auto& [contact, line] : lane.lines) {
      for (const auto seq : line.waiting)
        by_place_.at({.contact = contact, .seq = seq}).withheld = true;
    }
    for (const auto id : gone) take_back_all(lane, id);
    touched_.insert(channel);
  }
  give(now, out);
}

void Outbox::take_back_all(Lane& lane, ReaderId reader) {
  for (auto& [contact, line] : lane.lines) {
    const auto held = line.held;
    for (const auto seq : held) {
      const Place place{.contact = contact, .seq = seq};
      auto& delivery = by_place_.at(place);
      if (delivery.reader != reader) continue;
      let_go(lane, place, delivery);
      line.waiting.insert(seq);
    }
    if (lane.readers.at(reader).parked.contains(contact)) line.parked = false;
    place_line(lane, contact, line);
  }
  lane.readers.erase(reader);
  --count(lane).connectors;
}

// Whoever has no subscription here (a post over HTTP) speaks for who holds it.
bool Outbox::is_anothers(const Lane& lane, ReaderId holder, const ClientPtr& client) {
  if (lane.readers.at(holder).client == client) return false;
  return std::any_of(lane.readers.begin(), lane.readers.end(),
                     [&](const auto& reader) { return reader.second.client == client; });
}

void Outbox::fail(const Origin& origin, Place place, const Failure& failure, model::Offset offset,
                  model::Timestamp now, model::Timestamp wall_now, std::vector<Outgoing>& out) {
  const auto known = by_place_.find(place);
  const bool own = known != by_place_.end() && known->second.channel == origin.by.channel;
  if (!own || known->second.asking) {
    const auto error =
        model::not_found("seq", "No delivery of this contact and seq is waiting to be sent.");
    out.emplace_back(
        Answer{.client = origin.client, .tag = origin.tag, .body = error_answer(error)});
    return;
  }
  auto& delivery = known->second;
  auto& lane = this->lane(delivery.channel);
  touched_.insert(delivery.channel);
  // One that is not held, or by another by now, was taken back meanwhile: it is tried again anyway.
  const auto at = delivery.reader && !is_anothers(lane, *delivery.reader, origin.client)
                      ? try_again(lane, place, failure, now)
                      : std::optional(lane.lines.at(place.contact).blocked_until.value_or(now));
  if (at) {
    const auto retry_at = wall_now + model::Duration{at->ms - now.ms};
    std::string body = "\"result\":";
    Object{body}("offset", offset)("retry_at", retry_at)("attempts", delivery.attempts);
    answers_.emplace_back(
        Answer{.client = origin.client, .tag = origin.tag, .body = std::move(body)});
  } else {
    delivery.asking = origin;
  }
  give(now, out);
}

}  // namespace inboxd::actors
