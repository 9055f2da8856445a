// Which message goes next, to which connector, and what is tried again when.
#include <algorithm>
#include <utility>

#include "actors/outbox.hpp"
#include "model/json.hpp"

namespace inboxd::actors {
namespace {

constexpr std::uint32_t doublings_max = 20;
constexpr model::Duration look_again{100};

model::Duration doubled(model::Duration first, std::uint32_t times, model::Duration at_most) {
  const auto longer = first.ms << std::min(times, doublings_max);
  return {std::min(longer, at_most.ms)};
}

}  // namespace

// A line is in `ready` exactly when its first message may go as far as the line itself is
// concerned.
void Outbox::place_line(Lane& lane, model::ContactId contact, Line& line) {
  const auto key = line.may_go() ? std::optional(line.waiting.front().offset) : std::nullopt;
  if (key == line.ready) return;
  if (line.ready) lane.ready.erase({*line.ready, contact});
  if (key) lane.ready.insert({*key, contact});
  line.ready = key;
}

std::optional<model::Timestamp> Outbox::blocked_until(const Lane& lane, model::ContactId contact) {
  const auto& way = lane.lines.at(contact).under_way;
  return way ? way->blocked_until : std::nullopt;
}

void Outbox::block(Lane& lane, model::ContactId contact, model::Timestamp until) {
  auto& line = lane.lines.at(contact);
  auto& blocked = line.way().blocked_until;
  blocked = std::max(blocked.value_or(until), until);
  dues_.insert(
      {.at = *blocked, .channel = lane.settings.id, .place = {.contact = contact, .seq = {}}});
  place_line(lane, contact, line);
}

// What a customer's bucket owes is remembered until it is paid.
void Outbox::drop_if_idle(Lane& lane, model::ContactId contact, model::Timestamp now) {
  const auto known = lane.lines.find(contact);
  if (known == lane.lines.end()) return;
  auto& line = known->second;
  const auto* way = line.under_way.get();
  if (!line.waiting.empty() || (way != nullptr && (!way->holders.empty() || way->given_up))) return;
  if (way != nullptr && way->bucket.full_at() > now) {
    dues_.insert({.at = way->bucket.full_at(),
                  .channel = lane.settings.id,
                  .place = {.contact = contact, .seq = {}}});
  } else {
    for (auto& [id, reader] : lane.readers) reader.parked.erase(contact);
    if (line.ready) lane.ready.erase({*line.ready, contact});
    lane.lines.erase(known);
  }
}

bool Outbox::unpark_one(Lane& lane) {
  for (auto& [id, reader] : lane.readers) {
    if (reader.parked.empty() || reader.held >= reader.held_max) continue;
    const auto contact = *reader.parked.begin();
    reader.parked.erase(reader.parked.begin());
    auto& line = lane.lines.at(contact);
    line.way().parked = false;
    place_line(lane, contact, line);
    return true;
  }
  return false;
}

/// The one with the fewest; among equals the contact decides, so that work is divided.
std::optional<Outbox::ReaderId> Outbox::reader_with_room(const Lane& lane,
                                                         model::ContactId contact) const {
  const auto begin = std::hash<model::ContactId>{}(contact) % lane.readers.size();
  std::optional<ReaderId> best;
  std::size_t held = 0;
  const auto look = [&](auto from, auto to) {
    for (; from != to; ++from) {
      const auto& reader = from->second;
      if (reader.held >= reader.held_max || (best && reader.held >= held)) continue;
      best = from->first;
      held = reader.held;
    }
  };
  const auto middle = std::next(lane.readers.begin(), static_cast<std::ptrdiff_t>(begin));
  look(middle, lane.readers.end());
  look(lane.readers.begin(), middle);
  return best;
}

Outbox::Parcels Outbox::pump(Lane& lane, model::Timestamp now) {
  Parcels parcels;
  if (lane.settings.paused || lane.readers.empty() || lane.blocked_until) return parcels;
  // Each that has room again takes one of those that waited for it, before newer ones.
  unpark_one(lane);
  while (!lane.ready.empty() || unpark_one(lane)) {
    if (!give_first(lane, now, parcels)) break;
  }
  return parcels;
}

/// False: nothing of the lane can go now.
bool Outbox::give_first(Lane& lane, model::Timestamp now, Parcels& parcels) {
  if (lane.ready.empty()) return true;
  const auto& rate = lane.settings.rate;
  if (const auto at = rate ? lane.bucket.ready_at(*rate) : now; at > now) {
    lane.blocked_until = at;
    dues_.insert({.at = at, .channel = lane.settings.id, .place = {}});
    return false;
  }
  const auto contact = lane.ready.begin()->second;
  auto& line = lane.lines.at(contact);
  const auto& customer_rate = lane.settings.customer_rate;
  if (const auto at = customer_rate ? line.way().bucket.ready_at(*customer_rate) : now; at > now) {
    line.way().limited = true;
    block(lane, contact, at);
    return true;
  }
  // Who has messages of this line goes on with it.
  auto reader = line.way().holders.empty() ? reader_with_room(lane, contact)
                                           : std::optional(line.way().holders.begin()->first);
  if (!reader) return false;  // whoever reports on something makes room
  if (auto& holder = lane.readers.at(*reader); holder.held >= holder.held_max) {
    holder.parked.insert(contact);
    line.way().parked = true;
    place_line(lane, contact, line);
    return true;
  }
  const auto first = line.waiting.front();
  const Place place{.contact = contact, .seq = first.seq};
  const auto text = texts_.find(place);
  if (!text) {  // the merge that moved it comes any moment
    block(lane, contact, now + look_again);
    return true;
  }
  hold(lane, place, *reader, now);
  if (rate) lane.bucket.take(*rate, now);
  if (customer_rate) line.way().bucket.take(*customer_rate, now);
  auto& deliveries = parcel_for(parcels, *reader);
  model::json::Object object(deliveries);
  object("contact", place.contact)("seq", place.seq)("external_id", text->external_id);
  if (first.attempts > 0) object("attempts", first.attempts);
  object.key("entry") += *text->entry;
  return true;
}

/// The text that the next delivery is written to.
std::string& Outbox::parcel_for(Parcels& parcels, ReaderId reader) {
  const auto known = std::find_if(parcels.begin(), parcels.end(),
                                  [&](const Parcel& p) { return p.reader == reader; });
  if (known == parcels.end())
    return parcels.emplace_back(Parcel{.reader = reader, .deliveries = {}}).deliveries;
  known->deliveries += ',';
  return known->deliveries;
}

void Outbox::hold(Lane& lane, const Place& place, ReaderId reader, model::Timestamp now) {
  auto& line = lane.lines.at(place.contact);
  const auto message = line.waiting.take(place.seq).value();
  const auto retry = lane.settings.retry.value_or(model::Redelivery{});
  const auto deadline = now + doubled(retry.ack_timeout, message.attempts,
                                      std::max(retry.delay_max, retry.ack_timeout));
  lane.given.insert_or_assign(
      place, Given{.message = message, .reader = reader, .deadline = deadline, .asking = {}});
  ++line.way().holders[reader];
  ++lane.readers.at(reader).held;
  dues_.insert({.at = deadline, .channel = lane.settings.id, .place = place});
  place_line(lane, place.contact, line);
}

WaitingMessage Outbox::let_go(Lane& lane, const Place& place) {
  const auto given = lane.given.extract(place);
  const auto& [message, reader, deadline, asking] = given.mapped();
  dues_.erase({.at = deadline, .channel = lane.settings.id, .place = place});
  auto& way = lane.lines.at(place.contact).way();
  if (--way.holders.at(*reader) == 0) way.holders.erase(*reader);
  --lane.readers.at(*reader).held;
  if (way.parked && way.holders.empty()) {
    // It waits for room where its others are no longer: now any connector will do.
    for (auto& [id, other] : lane.readers) other.parked.erase(place.contact);
    way.parked = false;
  }
  return message;
}

void Outbox::take_back(Lane& lane, const Place& failed) {
  auto& line = lane.lines.at(failed.contact);
  const auto holder = lane.given.at(failed).reader.value();
  for (const auto& place : held_by(lane, failed.contact, holder))
    line.waiting.insert(let_go(lane, place));
  place_line(lane, failed.contact, line);
}

std::optional<model::Timestamp> Outbox::try_again(Lane& lane, const Place& place,
                                                  const Failure& failure, model::Timestamp now) {
  const auto retry = lane.settings.retry.value_or(model::Redelivery{});
  take_back(lane, place);
  auto& line = lane.lines.at(place.contact);
  if (++line.waiting.find(place.seq)->attempts < retry.attempts) {
    ++count(lane).retries;
    const auto attempts = line.waiting.find(place.seq)->attempts;
    const auto delay = std::max(doubled(retry.delay, attempts - 1, retry.delay_max),
                                std::min(failure.retry_after.value_or(model::Duration{}),
                                         model::Duration{model::limits::retry_delay_ms_max}));
    block(lane, place.contact, now + delay);
    return now + delay;
  }
  const auto message = line.waiting.take(place.seq).value();
  lane.given.insert_or_assign(place, Given{.message = message, .reader = {}});
  line.way().given_up = place.seq;
  place_line(lane, place.contact, line);
  const auto tries = std::to_string(message.attempts);
  given_up_.push_back(
      {.place = place,
       .channel = lane.settings.id,
       .error = failure.error.value_or(model::PlatformError{
           .code = "unacknowledged",
           .message = "No connector said what became of it, " + tries + " times."})});
  return std::nullopt;
}

std::optional<model::Timestamp> Outbox::next_due() const {
  if (dues_.empty()) return std::nullopt;
  return dues_.begin()->at;
}

void Outbox::on_time(model::Timestamp now, std::vector<Outgoing>& out) {
  while (!dues_.empty() && dues_.begin()->at <= now) {
    const auto due = *dues_.begin();
    dues_.erase(dues_.begin());
    ring(due, now);
  }
  give(now, out);
}

void Outbox::ring(const Due& due, model::Timestamp now) {
  auto& lane = this->lane(due.channel);
  touched_.insert(due.channel);
  if (due.place.contact == model::ContactId{}) {
    if (lane.blocked_until && *lane.blocked_until <= now) lane.blocked_until.reset();
    return;
  }
  if (due.place.seq.value > 0) {  // nobody said what became of it
    try_again(lane, due.place, {}, now);
    return;
  }
  const auto known = lane.lines.find(due.place.contact);
  if (known == lane.lines.end()) return;
  auto& line = known->second;
  if (auto* way = line.under_way.get();
      way != nullptr && way->blocked_until && *way->blocked_until <= now) {
    way->blocked_until.reset();
    way->limited = false;
  }
  place_line(lane, due.place.contact, line);
  drop_if_idle(lane, due.place.contact, now);
}

}  // namespace inboxd::actors
