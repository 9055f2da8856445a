#include "tests/sim/deliveries.hpp"

#include <algorithm>
#include <utility>

#include "tests/sim/violation.hpp"

namespace inboxd::sim {
namespace {

std::int64_t doubled(std::int64_t first, std::uint32_t times, std::int64_t at_most) {
  for (; times > 0 && first < at_most; --times) first *= 2;
  return std::min(first, at_most);
}

}  // namespace

Terms terms_of(std::string_view channel) {
  Terms terms;
  if (channel == "web") {
    terms.ack_timeout = 20'000;
    terms.delay = 1'000;
    terms.delay_max = 8'000;
    terms.attempts = 4;
  } else if (channel == "msg") {
    terms.interval = 200;
    terms.customer_interval = 2'000;
  }
  return terms;
}

nlohmann::json with_terms(nlohmann::json record) {
  const auto terms = terms_of(record.at("id").get<std::string>());
  record["retry"] = {{"attempts", terms.attempts},
                     {"delay_ms", terms.delay},
                     {"delay_max_ms", terms.delay_max},
                     {"ack_timeout_ms", terms.ack_timeout}};
  if (terms.interval > 0) {
    record["rate"] = {{"count", 1}, {"per_ms", terms.interval}, {"burst", 3}};
    record["customer_rate"] = {{"count", 1}, {"per_ms", terms.customer_interval}, {"burst", 2}};
  }
  return record;
}

/// Its connector had all the time that it may take.
bool Deliveries::Record::due(std::int64_t now) const {
  const auto terms = terms_of(channel);
  const auto longest = std::max(terms.ack_timeout, terms.delay_max);
  return told || now >= at + doubled(terms.ack_timeout, attempts, longest);
}

std::int64_t Deliveries::Record::delay() const {
  const auto terms = terms_of(channel);
  return std::max(retry_after, doubled(terms.delay, attempts, terms.delay_max));
}

/// All that a connector has of a contact comes back together: what may have come back with `one`
/// may be given out. (Where contacts were merged it is not known which are one.)
void Deliveries::free_with(const Record& one) {
  for (auto& [text, record] : records_) {
    if (record.client == one.client && record.workspace == one.workspace &&
        record.channel == one.channel &&
        (record.contact == one.contact || merges_.contains(one.workspace))) {
      record.free = true;
    }
  }
}

void Deliveries::take_back(Record& one) {
  free_with(one);
  one.back = true;
}

void Deliveries::given(const std::string& workspace, std::size_t client,
                       const nlohmann::json& delivery, std::int64_t now) {
  const auto& entry = delivery.at("entry");
  const std::string text = entry.at("text");
  if (const auto known = records_.find(text); known != records_.end()) {
    for (auto& [other, record] : records_) {
      if (record.back || record.done) continue;
      if (record.crossed) free_with(record);
      if (!record.due(now)) continue;
      take_back(record);
      record.unsettled = true;
    }
    const auto& had = known->second;
    must(had.back || had.free, "\"" + text + "\" was given to connector session " +
                                   std::to_string(client) + " while session " +
                                   std::to_string(had.client) + " held it, for " +
                                   std::to_string(now - had.at) + " ms: " + delivery.dump());
  }
  last_given_[{workspace, entry.at("channel")}] = now;
  // A failure told of the last delivery may come to the engine before this or after it, which takes
  // it for one of this, if it is the same session's.
  const auto before = records_.find(text);
  const bool same = before != records_.end() && before->second.client == client;
  const auto unanswered = same ? before->second.unanswered : 0;
  const auto retry_after = same ? before->second.retry_after : 0;
  records_[text] = {.workspace = workspace,
                    .channel = entry.at("channel"),
                    .contact = delivery.at("contact"),
                    .seq = delivery.at("seq"),
                    .client = client,
                    .at = now,
                    .attempts = delivery.value("attempts", 0U),
                    .crossed = unanswered > 0,
                    .unanswered = unanswered,
                    .retry_after = unanswered > 0 ? retry_after : 0};
}

void Deliveries::failed(std::size_t client, const std::string& text, std::int64_t retry_after) {
  const auto known = records_.find(text);
  if (known == records_.end() || known->second.client != client) return;
  ++known->second.unanswered;
  if (known->second.back) return;
  known->second.told = true;
  known->second.retry_after = retry_after;
}

void Deliveries::failure_answered(std::size_t client, const std::string& workspace,
                                  const nlohmann::json& place) {
  for (auto& [text, record] : records_) {
    const bool meant = record.client == client && record.workspace == workspace &&
                       record.contact == place.at("contact") && record.seq == place.at("seq");
    if (meant && record.unanswered > 0) --record.unanswered;
  }
}

void Deliveries::done(const std::string& workspace, const nlohmann::json& place, std::int64_t now) {
  for (auto& [text, record] : records_) {
    if (record.workspace != workspace || record.contact != place.at("contact") ||
        record.seq != place.at("seq")) {
      continue;
    }
    record.done = true;
    if (record.back || !record.due(now)) continue;
    take_back(record);  // its connector's time was over before
    record.unsettled = true;
  }
}

void Deliveries::gone(std::size_t client) {
  for (auto& [text, record] : records_) {
    if (record.client == client) record.unanswered = 0;
    if (record.client == client && !record.back) record.back = record.unsettled = true;
  }
}

void Deliveries::rested(std::int64_t now) {
  for (auto& [text, record] : records_) {
    const bool unsettled = std::exchange(record.unsettled, false);
    const bool had = !record.back && !record.done;
    if ((!had && !unsettled) || !record.due(now)) continue;
    record.again_by = now + record.delay();
    take_back(record);
  }
}

/// Why the first of a line that is not with a connector may wait.
bool Deliveries::has_reason(const Channel& channel, const Line& line,
                            const std::set<std::size_t>& holders, std::int64_t now) const {
  // What two connectors have, after a merge, is waited for.
  if (holders.size() > 1) return true;
  const auto terms = terms_of(channel.name);
  const auto last = last_given_.find({channel.workspace, channel.name});
  if (last != last_given_.end() && now - last->second <= terms.interval) return true;
  for (const auto* texts : {&line.pending, &line.others}) {
    for (const auto& text : *texts) {
      const auto known = records_.find(text);
      if (known == records_.end()) continue;
      if (known->second.crossed && !known->second.back) return true;
      if (known->second.again_by > now) return true;
      if (now - known->second.at <= terms.customer_interval) return true;
    }
  }
  return false;
}

void Deliveries::check(const Channel& channel, std::int64_t now) const {
  struct Waiting {
    const Line* line;
    std::string first;
    std::set<std::size_t> holders;
  };
  std::vector<Waiting> waiting;
  std::map<std::size_t, std::size_t> held;
  for (const auto& line : channel.lines) {
    Waiting one{.line = &line, .first = {}, .holders = {}};
    for (const auto& text : line.pending) {
      const auto known = records_.find(text);
      if (known != records_.end() && !known->second.back) {
        one.holders.insert(known->second.client);
        ++held[known->second.client];
      } else if (one.first.empty()) {
        one.first = text;
      }
    }
    if (!one.first.empty()) waiting.push_back(std::move(one));
  }
  for (const auto& [line, first, holders] : waiting) {
    bool room = false;
    for (const auto& [reader, at_once] : channel.readers) {
      if (!holders.empty() && !holders.contains(reader)) continue;
      room |= held[reader] < at_once;
    }
    must(!room || has_reason(channel, *line, holders, now),
         "nobody was given the pending \"" + first + "\" of channel " + channel.name);
  }
}

}  // namespace inboxd::sim
