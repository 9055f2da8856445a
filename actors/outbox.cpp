#include "actors/outbox.hpp"

#include <algorithm>
#include <utility>

#include "model/entry_json.hpp"
#include "model/json.hpp"

namespace inboxd::actors {

using model::json::Object;

namespace {

/// Pending messages grouped by who is to have them, one push a reader.
struct Parcel {
  ClientPtr client;
  SubId sub;
  std::string deliveries;
};

void send(std::vector<Parcel>& parcels, std::vector<Outgoing>& out) {
  for (auto& parcel : parcels) {
    auto tail = std::make_shared<std::string>("\"deliveries\":[");
    *tail += parcel.deliveries;
    *tail += ']';
    out.emplace_back(Push{.client = parcel.client,
                          .sub = parcel.sub,
                          .method = "outbox.deliver",
                          .tail = std::move(tail)});
  }
}

std::string& parcel_for(std::vector<Parcel>& parcels, const ClientPtr& client, SubId sub) {
  for (auto& parcel : parcels) {
    if (parcel.client == client && parcel.sub == sub) {
      parcel.deliveries += ',';
      return parcel.deliveries;
    }
  }
  return parcels.emplace_back(Parcel{.client = client, .sub = sub, .deliveries = {}}).deliveries;
}

}  // namespace

void Outbox::load(model::ContactId contact, const model::Entry& entry) {
  Delivery delivery{.offset = entry.offset,
                    .channel = entry.message()->channel,
                    .external_id = entry.message()->external_id,
                    .text = {},
                    .reader = std::nullopt};
  model::write_entry(delivery.text, contact, entry);
  put({.contact = contact, .seq = entry.seq}, std::move(delivery));
}

void Outbox::put(const Place& place, Delivery delivery) {
  remove(place);
  lanes_[delivery.channel].order[delivery.offset].push_back(place);
  by_place_.emplace(place, std::move(delivery));
}

void Outbox::remove(const Place& place) {
  const auto known = by_place_.find(place);
  if (known == by_place_.end()) return;
  auto& order = lanes_[known->second.channel].order;
  const auto at = order.find(known->second.offset);
  std::erase(at->second, place);
  if (at->second.empty()) order.erase(at);
  by_place_.erase(known);
}

void Outbox::move(const persistence::EntriesMoved& moved) {
  // What a reader was given stays given: it will report under the old name, which still leads here
  // (S23).
  const auto first = by_place_.lower_bound({.contact = moved.secondary, .seq = {}});
  std::vector<std::pair<Place, Delivery>> taken;
  for (auto d = first; d != by_place_.end() && d->first.contact == moved.secondary; ++d)
    taken.emplace_back(*d);
  for (auto& [place, delivery] : taken) {
    remove(place);
    put({.contact = moved.primary, .seq = moved.base + place.seq.value}, std::move(delivery));
  }
}

const Outbox::Reader* Outbox::reader_for(const Lane& lane, model::ContactId contact) {
  if (lane.readers.empty()) return nullptr;
  return &lane.readers[std::hash<model::ContactId>{}(contact) % lane.readers.size()];
}

void Outbox::write(std::string& out, const Place& place, const Delivery& delivery) {
  Object object(out);
  object("contact", place.contact)("seq", place.seq)("external_id", delivery.external_id);
  object.key("entry") += delivery.text;
}

void Outbox::follow(const Commit& commit, std::vector<Outgoing>& out) {
  if (commit.moved) move(*commit.moved);
  std::vector<Parcel> parcels;
  for (const auto& change : commit.entries) {
    const auto* message = change.entry->message();
    if (message == nullptr || message->direction != model::Direction::out) continue;
    const Place place{.contact = change.contact, .seq = change.entry->seq};
    const auto known = by_place_.find(place);
    if (message->status() != model::Status::pending) {
      remove(place);
    } else if (known != by_place_.end()) {
      auto delivery = known->second;
      delivery.offset = commit.offset;
      delivery.text = change.text;
      put(place, std::move(delivery));
    } else {
      Delivery delivery{.offset = commit.offset,
                        .channel = message->channel,
                        .external_id = message->external_id,
                        .text = change.text,
                        .reader = std::nullopt};
      if (const auto* reader = reader_for(lanes_[message->channel], change.contact)) {
        delivery.reader = *reader;
        write(parcel_for(parcels, reader->client, reader->sub), place, delivery);
      }
      put(place, std::move(delivery));
    }
  }
  send(parcels, out);
}

std::string Outbox::subscribe(const Origin& origin, SubId sub, std::optional<model::Offset> after,
                              const std::string& epoch, model::Offset offset) {
  auto& lane = lanes_[origin.by.channel.value_or(model::ChannelId{})];
  const Reader reader{.client = origin.client, .sub = sub};
  lane.readers.push_back(reader);
  std::string body = "\"result\":";
  Object result(body);
  result("sub", "s" + std::to_string(sub.value))("epoch", epoch)("offset", offset);
  result.key("deliveries") += '[';
  bool first = true;
  for (const auto& [at, places] : lane.order) {
    for (const auto& place : places) {
      auto& delivery = by_place_.at(place);
      if (delivery.reader) continue;
      delivery.reader = reader;
      // Up to `after` the connector says that it has them already.
      if (after && at <= *after) continue;
      if (!first) body += ',';
      first = false;
      write(body, place, delivery);
    }
  }
  body += ']';
  result.close();
  return body;
}

void Outbox::leave(const ClientPtr& client, std::optional<SubId> sub, std::vector<Outgoing>& out) {
  const auto gone = [&](const Reader& r) { return r.client == client && (!sub || r.sub == *sub); };
  std::vector<Parcel> parcels;
  for (auto& [channel, lane] : lanes_) {
    if (std::erase_if(lane.readers, gone) == 0) continue;
    for (const auto& [at, places] : lane.order) {
      for (const auto& place : places) {
        auto& delivery = by_place_.at(place);
        if (!delivery.reader || !gone(*delivery.reader)) continue;
        const auto* next = reader_for(lane, place.contact);
        delivery.reader = next != nullptr ? std::optional(*next) : std::nullopt;
        if (next != nullptr) write(parcel_for(parcels, next->client, next->sub), place, delivery);
      }
    }
  }
  send(parcels, out);
}

}  // namespace inboxd::actors
