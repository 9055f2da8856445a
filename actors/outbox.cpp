#include "actors/outbox.hpp"

#include <algorithm>
#include <utility>

#include "actors/answer.hpp"
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

void Outbox::lift_limits(Lane& lane) {
  for (auto& [contact, line] : lane.lines) {
    if (!line.under_way || !line.under_way->limited) continue;
    line.under_way->limited = false;
    line.under_way->blocked_until.reset();
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

std::size_t Outbox::pending() const {
  std::size_t sum = 0;
  for (const auto& [channel, lane] : lanes_) sum += lane.pending;
  return sum;
}

bool Outbox::knows(const Place& place) const {
  return std::any_of(lanes_.begin(), lanes_.end(), [&](const auto& known) {
    const Lane& lane = known.second;
    if (lane.given.contains(place)) return true;
    const auto line = lane.lines.find(place.contact);
    return line != lane.lines.end() && line->second.waiting.has(place.seq);
  });
}

Outbox::Given* Outbox::given(Lane& lane, const Place& place) {
  const auto known = lane.given.find(place);
  return known != lane.given.end() ? &known->second : nullptr;
}

WaitingMessage* Outbox::message(Lane& lane, const Place& place) {
  if (auto* known = given(lane, place)) return &known->message;
  const auto line = lane.lines.find(place.contact);
  return line != lane.lines.end() ? line->second.waiting.find(place.seq) : nullptr;
}

std::vector<Outbox::Place> Outbox::held_by(const Lane& lane, model::ContactId contact,
                                           ReaderId reader) {
  std::vector<Place> places;
  for (auto g = lane.given.lower_bound({.contact = contact, .seq = {}});
       g != lane.given.end() && g->first.contact == contact; ++g) {
    if (g->second.reader == reader) places.push_back(g->first);
  }
  return places;
}

void Outbox::load(model::ContactId contact, const model::Entry& entry) {
  put({.contact = contact, .seq = entry.seq}, entry.message()->channel, entry.offset);
}

void Outbox::put(const Place& place, const model::ChannelId& channel, model::Offset offset) {
  auto& lane = this->lane(channel);
  auto& line = lane.lines[place.contact];
  touched_.insert(channel);
  ++lane.pending;
  ++count(lane).pending;
  line.waiting.insert({.seq = place.seq, .offset = offset});
  place_line(lane, place.contact, line);
}

void Outbox::remove(Lane& lane, const Place& place, model::Timestamp now) {
  texts_.erase(place);
  auto& line = lane.lines.at(place.contact);
  touched_.insert(lane.settings.id);
  if (const auto* known = given(lane, place)) {
    if (known->reader) let_go(lane, place);
    lane.given.erase(place);
    if (line.way().given_up == place.seq) line.way().given_up.reset();
  } else {
    line.waiting.take(place.seq);
  }
  --lane.pending;
  --count(lane).pending;
  place_line(lane, place.contact, line);
  drop_if_idle(lane, place.contact, now);
}

// What a reader was given stays given: it will report under the old name, which still leads here
// (S23).
void Outbox::move(const persistence::EntriesMoved& moved, model::Timestamp now) {
  texts_.erase_all(moved.secondary);
  for (auto& [id, lane] : lanes_) {
    const auto old = lane.lines.find(moved.secondary);
    if (old == lane.lines.end()) continue;
    auto& line = lane.lines[moved.primary];
    for (auto message : old->second.waiting) {
      message.seq = moved.base + message.seq.value;
      line.waiting.insert(message);
    }
    if (old->second.under_way) move_given(lane, old->second, moved);
    old->second.waiting.clear();
    place_line(lane, moved.secondary, old->second);
    for (auto& [reader_id, reader] : lane.readers) reader.parked.erase(moved.secondary);
    lane.lines.erase(moved.secondary);
    place_line(lane, moved.primary, line);
    drop_if_idle(lane, moved.primary, now);
    touched_.insert(id);
  }
}

void Outbox::move_given(Lane& lane, Line& old, const persistence::EntriesMoved& moved) {
  auto& line = lane.lines.at(moved.primary);
  auto& way = line.way();
  const auto& old_way = *old.under_way;
  way.bucket.join(old_way.bucket);
  std::vector<Place> places;
  for (auto g = lane.given.lower_bound({.contact = moved.secondary, .seq = {}});
       g != lane.given.end() && g->first.contact == moved.secondary; ++g)
    places.push_back(g->first);
  for (const auto& from : places) {
    const Place to{.contact = moved.primary, .seq = moved.base + from.seq.value};
    auto node = lane.given.extract(from);
    auto& given = node.mapped();
    given.message.seq = to.seq;
    if (given.reader) {
      dues_.erase({.at = given.deadline, .channel = lane.settings.id, .place = from});
      dues_.insert({.at = given.deadline, .channel = lane.settings.id, .place = to});
      ++way.holders[*given.reader];
    } else {
      // Its report is on the way under the old name; one at a time is enough to hold up a line.
      way.given_up = to.seq;
    }
    node.key() = to;
    lane.given.insert(std::move(node));
  }
  // The primary's own go first, and need not wait for what was the secondary's.
  if (line.waiting.empty() && way.holders.empty()) {
    way.blocked_until = old_way.blocked_until;
    way.limited = old_way.limited;
  }
  if (way.blocked_until) {
    dues_.insert(
        {.at = *way.blocked_until, .channel = lane.settings.id, .place = {moved.primary, {}}});
  }
}

void Outbox::follow(const Commit& commit, model::Timestamp now) {
  if (commit.moved) move(*commit.moved, now);
  if (!commit.workspace_events.empty() && commit.workspace_after) {
    configure(*commit.workspace_after);
  }
  for (const auto& change : commit.entries) {
    const auto* message = change.entry->message();
    if (message != nullptr && message->direction == model::Direction::out)
      follow_message(change, commit.offset, now);
  }
}

void Outbox::follow_message(const EntryChange& change, model::Offset offset, model::Timestamp now) {
  const auto& sent = *change.entry->message();
  const Place place{.contact = change.contact, .seq = change.entry->seq};
  auto& lane = this->lane(sent.channel);
  auto* known = message(lane, place);
  if (sent.status() != model::Status::pending) {
    if (known == nullptr) return;
    if (const auto* out = given(lane, place)) answer_asking(*out, offset);
    auto& counts = count(lane);
    ++(sent.status() == model::Status::failed ? counts.failed : counts.sent);
    remove(lane, place, now);
    return;
  }
  texts_.put(place, change.entry, change.text);
  if (known != nullptr) {
    known->offset = offset;
    place_line(lane, place.contact, lane.lines.at(place.contact));
  } else {
    put(place, sent.channel, offset);
  }
}

void Outbox::answer_asking(const Given& given, model::Offset offset) {
  if (!given.asking) return;
  std::string body = "\"result\":";
  Object{body}("offset", offset)("retry_at", nullptr)("attempts", given.message.attempts);
  answers_.emplace_back(
      Answer{.client = given.asking->client, .tag = given.asking->tag, .body = std::move(body)});
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
    while (!line.waiting.empty()) {
      const auto& first = line.waiting.front();
      if (first.withheld || first.offset > after) break;
      hold(lane, {.contact = contact, .seq = first.seq}, reader, now);
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
    for (auto& [contact, line] : lane.lines) {
      for (auto& message : line.waiting) message.withheld = true;
    }
    for (const auto id : gone) take_back_all(lane, id);
    touched_.insert(channel);
  }
  give(now, out);
}

void Outbox::take_back_all(Lane& lane, ReaderId reader) {
  for (auto& [contact, line] : lane.lines) {
    if (!line.under_way) continue;
    for (const auto& place : held_by(lane, contact, reader))
      line.waiting.insert(let_go(lane, place));
    if (lane.readers.at(reader).parked.contains(contact)) line.way().parked = false;
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
  const auto channel = origin.by.channel.value_or(model::ChannelId{});
  const auto known = lanes_.find(channel);
  auto* message = known != lanes_.end() ? this->message(known->second, place) : nullptr;
  auto* out_there = message != nullptr ? given(known->second, place) : nullptr;
  if (message == nullptr || (out_there != nullptr && out_there->asking)) {
    const auto error =
        model::not_found("seq", "No delivery of this contact and seq is waiting to be sent.");
    out.emplace_back(
        Answer{.client = origin.client, .tag = origin.tag, .body = error_answer(error)});
    return;
  }
  auto& lane = known->second;
  touched_.insert(channel);
  // One that is not held, or by another by now, was taken back meanwhile: it is tried again anyway.
  const bool held = out_there != nullptr && out_there->reader &&
                    !is_anothers(lane, *out_there->reader, origin.client);
  const auto at = held ? try_again(lane, place, failure, now)
                       : std::optional(blocked_until(lane, place.contact).value_or(now));
  if (at) {
    const auto retry_at = wall_now + model::Duration{at->ms - now.ms};
    std::string body = "\"result\":";
    Object{body}("offset", offset)("retry_at", retry_at)("attempts",
                                                         this->message(lane, place)->attempts);
    answers_.emplace_back(
        Answer{.client = origin.client, .tag = origin.tag, .body = std::move(body)});
  } else {
    given(lane, place)->asking = origin;
  }
  give(now, out);
}

}  // namespace inboxd::actors
