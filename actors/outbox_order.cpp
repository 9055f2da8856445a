// Which message goes next, to which connector, and what is tried again when.
#include <algorithm>
#include <utility>

#include "actors/outbox.hpp"
#include "model/json.hpp"

namespace inboxd::actors {
namespace {

constexpr std::uint32_t doublings_max = 20;

model::Duration doubled(model::Duration first, std::uint32_t times, model::Duration at_most) {
  const auto longer = first.ms << std::min(times, doublings_max);
  return {std::min(longer, at_most.ms)};
}

}  // namespace

// A line is in `ready` exactly when its first message may go as far as the line itself is
// concerned.
void Outbox::place_line(Lane& lane, model::ContactId contact, Line& line) const {
  std::optional<std::pair<model::Offset, model::ContactId>> key;
  const bool free = !line.blocked_until && !line.parked && !line.given_up;
  if (free && !line.waiting.empty() && line.holders.size() <= 1) {
    const auto& first = by_place_.at({.contact = contact, .seq = *line.waiting.begin()});
    key.emplace(first.offset, contact);
  }
  if (key == line.ready) return;
  if (line.ready) lane.ready.erase(*line.ready);
  if (key) lane.ready.insert(*key);
  line.ready = key;
}

void Outbox::block(Lane& lane, model::ContactId contact, model::Timestamp until) {
  auto& line = lane.lines.at(contact);
  line.blocked_until = std::max(line.blocked_until.value_or(until), until);
  dues_.insert({.at = *line.blocked_until,
                .channel = lane.settings.id,
                .place = {.contact = contact, .seq = {}}});
  place_line(lane, contact, line);
}

// What a customer's bucket owes is remembered until it is paid.
void Outbox::drop_if_idle(Lane& lane, model::ContactId contact, model::Timestamp now) {
  const auto known = lane.lines.find(contact);
  if (known == lane.lines.end()) return;
  auto& line = known->second;
  if (!line.waiting.empty() || !line.held.empty() || line.given_up) return;
  if (const auto full_at = line.bucket.full_at(); full_at > now) {
    dues_.insert(
        {.at = full_at, .channel = lane.settings.id, .place = {.contact = contact, .seq = {}}});
  } else {
    for (auto& [id, reader] : lane.readers) reader.parked.erase(contact);
    if (line.ready) lane.ready.erase(*line.ready);
    lane.lines.erase(known);
  }
}

bool Outbox::unpark_one(Lane& lane) {
  for (auto& [id, reader] : lane.readers) {
    if (reader.parked.empty() || reader.held >= reader.held_max) continue;
    const auto contact = *reader.parked.begin();
    reader.parked.erase(reader.parked.begin());
    auto& line = lane.lines.at(contact);
    line.parked = false;
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
  if (const auto at = customer_rate ? line.bucket.ready_at(*customer_rate) : now; at > now) {
    line.limited = true;
    block(lane, contact, at);
    return true;
  }
  // Who has messages of this line goes on with it.
  auto reader = line.holders.empty() ? reader_with_room(lane, contact)
                                     : std::optional(line.holders.begin()->first);
  if (!reader) return false;  // whoever reports on something makes room
  if (auto& holder = lane.readers.at(*reader); holder.held >= holder.held_max) {
    holder.parked.insert(contact);
    line.parked = true;
    place_line(lane, contact, line);
    return true;
  }
  const Place place{.contact = contact, .seq = *line.waiting.begin()};
  hold(lane, place, *reader, now);
  if (rate) lane.bucket.take(*rate, now);
  if (customer_rate) line.bucket.take(*customer_rate, now);
  auto parcel = std::find_if(parcels.begin(), parcels.end(),
                             [&](const Parcel& p) { return p.reader == *reader; });
  if (parcel == parcels.end()) {
    parcel = parcels.insert(parcels.end(), Parcel{.reader = *reader, .deliveries = {}});
  } else {
    parcel->deliveries += ',';
  }
  const auto& delivery = by_place_.at(place);
  model::json::Object object(parcel->deliveries);
  object("contact", place.contact)("seq", place.seq)("external_id", delivery.external_id);
  if (delivery.attempts > 0) object("attempts", delivery.attempts);
  object.key("entry") += delivery.text;
  return true;
}

void Outbox::hold(Lane& lane, const Place& place, ReaderId reader, model::Timestamp now) {
  auto& delivery = by_place_.at(place);
  auto& line = lane.lines.at(place.contact);
  line.waiting.erase(place.seq);
  line.held.insert(place.seq);
  ++line.holders[reader];
  ++lane.readers.at(reader).held;
  delivery.reader = reader;
  const auto retry = lane.settings.retry.value_or(model::Redelivery{});
  delivery.deadline = now + doubled(retry.ack_timeout, delivery.attempts,
                                    std::max(retry.delay_max, retry.ack_timeout));
  dues_.insert({.at = delivery.deadline, .channel = delivery.channel, .place = place});
  place_line(lane, place.contact, line);
}

void Outbox::let_go(Lane& lane, const Place& place, Delivery& delivery) {
  dues_.erase({.at = delivery.deadline, .channel = delivery.channel, .place = place});
  auto& line = lane.lines.at(place.contact);
  line.held.erase(place.seq);
  if (--line.holders.at(*delivery.reader) == 0) line.holders.erase(*delivery.reader);
  --lane.readers.at(*delivery.reader).held;
  delivery.reader.reset();
  if (!line.parked || !line.holders.empty()) return;
  // It waits for room where its others are no longer: now any connector will do.
  for (auto& [id, reader] : lane.readers) reader.parked.erase(place.contact);
  line.parked = false;
}

void Outbox::take_back(Lane& lane, const Place& failed) {
  auto& line = lane.lines.at(failed.contact);
  const auto holder = by_place_.at(failed).reader;
  const auto held = line.held;
  for (const auto seq : held) {
    const Place place{.contact = failed.contact, .seq = seq};
    auto& delivery = by_place_.at(place);
    if (delivery.reader != holder) continue;
    let_go(lane, place, delivery);
    line.waiting.insert(seq);
  }
  place_line(lane, failed.contact, line);
}

std::optional<model::Timestamp> Outbox::try_again(Lane& lane, const Place& place,
                                                  const Failure& failure, model::Timestamp now) {
  auto& delivery = by_place_.at(place);
  const auto retry = lane.settings.retry.value_or(model::Redelivery{});
  take_back(lane, place);
  if (++delivery.attempts < retry.attempts) {
    ++count(lane).retries;
    const auto delay = std::max(doubled(retry.delay, delivery.attempts - 1, retry.delay_max),
                                std::min(failure.retry_after.value_or(model::Duration{}),
                                         model::Duration{model::limits::retry_delay_ms_max}));
    block(lane, place.contact, now + delay);
    return now + delay;
  }
  auto& line = lane.lines.at(place.contact);
  line.waiting.erase(place.seq);
  line.given_up = place.seq;
  place_line(lane, place.contact, line);
  const auto tries = std::to_string(delivery.attempts);
  given_up_.push_back(
      {.place = place,
       .channel = delivery.channel,
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
  if (line.blocked_until && *line.blocked_until <= now) {
    line.blocked_until.reset();
    line.limited = false;
  }
  place_line(lane, due.place.contact, line);
  drop_if_idle(lane, due.place.contact, now);
}

}  // namespace inboxd::actors
