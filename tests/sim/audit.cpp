// Everything comes to rest, an auditor asks for all contacts and timelines, and what every client
// has folded, counted and was acknowledged is compared with them.
#include <algorithm>

#include "tests/sim/office.hpp"

namespace inboxd::sim {
namespace {

constexpr std::int64_t conflation_ms = 600;    // more than any delta waits
constexpr std::int64_t clock_look_ms = 6'000;  // a clock that was set is noticed within
constexpr std::size_t batch_max = 100;
constexpr std::uint64_t plenty = std::uint64_t{1} << 40;

json last_of(const std::vector<json>& timeline, const char* direction) {
  for (auto entry = timeline.rbegin(); entry != timeline.rend(); ++entry) {
    if (entry->at("kind") == "message" && entry->at("direction") == direction)
      return entry->at("at");
  }
  return nullptr;
}

}  // namespace

/// Every reader reads, every alarm that is due has rung, nothing waits.
void Office::rest(Random& random) {
  world.disk().free = plenty;
  world.disk().writes_until_failure = world.disk().syncs_until_failure = -1;
  // Until a round brings no commit: a snooze that ends in the last moment is not told yet.
  constexpr int rounds_min = 3, rounds_max = 40;
  auto last = world.engine().released();
  for (int round = 0; round < rounds_max; ++round) {
    for (auto& client : world.clients) client->wake(), client->read();
    world.settle(random);
    world.advance(round == 0 ? clock_look_ms : conflation_ms, random);
    world.settle(random);
    const auto before = std::exchange(last, world.engine().released());
    if (round + 1 >= rounds_min && before == last) break;
  }
  must(!world.failed(), "the engine failed on a good disk");
  for (const auto& client : world.clients) {
    for (const auto& [id, sub] : client->subs) check_snoozes(sub);
    must(!client->busy() || !client->connected(),
         "client " + std::to_string(client->index) + " was not answered");
  }
}

/// R5: nobody sleeps longer than asked for.
void Office::check_snoozes(const Sub& sub) const {
  for (const auto& row : sub.rows) {
    const auto& until = row.at("snoozed_until");
    must(until.is_null() || until > world.now(),
         "still snoozed at " + std::to_string(world.now()) + ": " + row.dump());
  }
}

std::vector<json> Office::ask(Client& client, std::vector<Client::Request> requests,
                              Random& random) {
  const bool kept = client.keep_results;
  client.keep_results = true;
  client.results.clear();
  for (std::size_t i = 0; i < requests.size(); i += batch_max) {
    const auto end =
        requests.begin() + static_cast<std::ptrdiff_t>(std::min(i + batch_max, requests.size()));
    client.batch({requests.begin() + static_cast<std::ptrdiff_t>(i), end});
    world.settle(random);
  }
  client.keep_results = kept;
  must(client.results.size() == requests.size(),
       "client " + std::to_string(client.index) + " was given " +
           std::to_string(client.results.size()) + " answers to " +
           std::to_string(requests.size()) + " questions");
  return std::exchange(client.results, {});
}

Truth Office::find_truth(Client& auditor, Random& random) {
  if (!auditor.connected()) auditor.connect();
  Truth truth{.workspace = auditor.workspace, .contacts = {}, .agents = {}};
  std::map<std::string, json> contacts;
  std::vector<Client::Request> requests{{"agent.list", json::object(), {}, {}},
                                        {"channel.list", json::object(), {}, {}}};
  // A few more than anybody was told of: a command may be carried out and its answer lost.
  constexpr std::uint64_t unheard_of = 6;
  for (std::uint64_t id = 1; id <= world.ledger.contacts() + unheard_of; ++id) {
    requests.push_back({"contact.get", {{"contact", model::ContactId{id}.str()}}, {}, {}});
  }
  world.settle(random);
  for (const auto& answer : ask(auditor, std::move(requests), random)) {
    if (!answer.contains("result")) {
      must(answer.at("error").at("code") == -32003, "refused: " + answer.dump());
    } else if (answer.at("method") == "agent.list") {
      for (const auto& agent : answer.at("result").at("agents"))
        truth.agents[agent.at("id")] = agent;
    } else if (answer.at("method") == "channel.list") {
      for (const auto& channel : answer.at("result").at("channels")) {
        if (channel.value("paused", false)) truth.paused.insert(channel.at("id"));
      }
    } else {
      const auto& contact = answer.at("result").at("contact");
      contacts[contact.at("id")] = contact;
      world.ledger.knows(contact.at("id").get<std::string>());
    }
  }
  requests.clear();
  constexpr std::uint64_t page = 200;
  for (const auto& [id, contact] : contacts) {
    truth.timelines[id];
    const auto last = contact.at("last_seq").get<std::uint64_t>();
    for (std::uint64_t first = 1; first <= last; first += page) {
      const auto rows = std::min(page, last + 1 - first);
      requests.push_back({"timeline.page",
                          {{"contact", id}, {"before_seq", first + rows}, {"limit", rows}},
                          {},
                          {}});
    }
  }
  for (const auto& answer : ask(auditor, std::move(requests), random)) {
    must(answer.contains("result"), "refused: " + answer.dump());
    auto& timeline = truth.timelines[answer.at("params").at("contact")];
    for (const auto& entry : answer.at("result").at("entries")) timeline.push_back(entry);
  }
  for (const auto& [id, contact] : contacts) {
    const auto& timeline = truth.timelines.at(id);
    truth.contacts[id] = std::make_shared<const Known>(
        Known{contact, last_of(timeline, "in"), last_of(timeline, "out")});
  }
  truth.now = world.now();
  return truth;
}

/// Acknowledged means there, once.
void Office::check_ledger(const std::vector<Truth>& truths) const {
  std::map<std::string, const json*> found;
  for (const auto& truth : truths) {
    for (const auto& [id, timeline] : truth.timelines) {
      for (const auto& entry : timeline) {
        if (!entry.contains("text")) continue;
        const auto [at, fresh] = found.emplace(entry.at("text"), &entry);
        must(fresh, "written twice: " + entry.dump() + " and " + at->second->dump());
      }
    }
  }
  for (const auto& [text, written] : world.ledger.written()) {
    const auto at = found.find(text);
    must(at != found.end(), "\"" + text + "\" was acknowledged at offset " +
                                std::to_string(written.offset) + " and is gone");
    if (world.ledger.has_merges(written.workspace)) continue;
    must(at->second->at("contact") == written.contact && at->second->at("seq") == written.seq,
         "\"" + text + "\" is not where it was acknowledged: " + at->second->dump());
  }
}

/// S40: what is pending is with a reader of its channel, if there is one.
void Office::check_outbox(const Truth& truth) const {
  std::map<std::string, Deliveries::Channel> channels;
  constexpr std::size_t at_once = 1'000;
  for (const auto& client : world.clients) {
    if (client->workspace != truth.workspace || !client->is_connector()) continue;
    for (const auto& [id, sub] : client->subs) {
      auto& channel = channels[client->principal.channel->str()];
      channel.readers[client->index] = sub.params.value("in_flight", at_once);
    }
  }
  for (auto& [name, channel] : channels) {
    if (truth.paused.contains(name)) continue;
    channel.workspace = truth.workspace;
    channel.name = name;
    for (const auto& [id, timeline] : truth.timelines) {
      Deliveries::Line line;
      for (const auto& entry : timeline) {
        if (entry.value("direction", "") != "out" || entry.at("channel") != name) continue;
        (entry.at("status") == "pending" ? line.pending : line.others).push_back(entry.at("text"));
      }
      if (!line.pending.empty()) channel.lines.push_back(std::move(line));
    }
    world.deliveries.check(channel, world.elapsed());
  }
}

void Office::check_clients(const Truth& truth, Random& random) {
  for (const auto& client : world.clients) {
    if (client->workspace != truth.workspace || !client->connected() || client->is_connector() ||
        client->subs.empty()) {
      continue;
    }
    std::map<std::string, json> views;
    for (const auto& answer : ask(*client, {{"view.list", json::object(), {}, {}}}, random)) {
      must(answer.contains("result"), "refused: " + answer.dump());
      for (const auto& view : answer.at("result").at("views")) views[view.at("view")] = view;
    }
    for (const auto& [id, sub] : client->subs) check_subscription(truth, *client, sub, views);
  }
}

/// The contacts as the journal tells them are those that clients are told of.
void Office::check_history(const Truth& truth) const {
  const auto* told = world.history.at(truth.workspace, world.history.last());
  must(told != nullptr, "the journal knows nothing of " + truth.workspace);
  must(told->contacts.size() == truth.contacts.size(),
       "the journal has " + std::to_string(told->contacts.size()) + " contacts of " +
           truth.workspace + ", there are " + std::to_string(truth.contacts.size()));
  for (const auto& [id, known] : truth.contacts) {
    auto real = known->contact, written = told->contacts.at(id)->contact;
    real.erase("channels"), written.erase("channels");  // `open` is as of the reply (S28)
    must(real == written, id + " is " + real.dump() + ", by the journal " + written.dump());
  }
}

void Office::audit(Random& random) {
  ++audits;
  rest(random);
  std::vector<Truth> truths;
  for (auto* auditor : auditors_) truths.push_back(find_truth(*auditor, random));
  for (const auto& truth : truths) {
    for (const auto& [id, known] : truth.contacts) {
      check_contact(known->contact, truth.timelines.at(id));
    }
    check_history(truth);
    for (const auto& [after, up_to] : world.starts()) check_wakes(truth, after, up_to);
  }
  check_ledger(truths);
  for (std::size_t i = 0; i < truths.size(); ++i) {
    check_outbox(truths[i]);
    if (world.clock_is_ahead()) check_clients(truths[i], random);
  }
  world.history.forget_before(world.history.last());
}

}  // namespace inboxd::sim
