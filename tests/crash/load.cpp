#include "tests/crash/load.hpp"

#include <stdexcept>
#include <utility>
#include <vector>

namespace inboxd::tests {
namespace {

constexpr std::uint64_t customers = 30;  // at a time; merges make fewer of them

/// Far enough that none ends while something is checked.
constexpr std::int64_t days_away_ms = std::int64_t{4'000'000'000'000};

}  // namespace

Load::Load(const Server& server, Ledger& ledger, int number, std::uint64_t seed, std::uint64_t life)
    : ledger_(ledger),
      random_(seed * 1000 + static_cast<std::uint64_t>(number)),
      life_(life),
      prefix_(std::to_string(life) + "-" + std::to_string(number) + "-"),
      connector_(server.connector(channel)),
      agent_(server.agent("agent-" + std::to_string(number), "manager")) {}

void Load::run() {
  try {
    for (;;) step();
  } catch (const std::runtime_error&) {
    // The engine is gone.
  }
}

void Load::step() {
  const auto dice = random_() % 200;
  const auto contact = ledger_.any_contact(random_());
  if (dice < 70 || contact.empty()) return customer_writes();
  if (dice < 73) return customer_writes_a_lot();
  if (dice < 150) return agent_writes(contact);
  if (dice < 191) return agent_handles(contact);
  if (dice < 196) return agent_merges(contact);
  agent_creates();
}

std::string Load::customer() {
  return "customer-" + std::to_string(life_ * customers / 4 + random_() % customers);
}

Json Load::inbound(const std::string& customer) {
  const auto id = prefix_ + std::to_string(++last_);
  return {
      {"external_id", customer}, {"provider_id", id}, {"type", "text"}, {"text", "text of " + id}};
}

void Load::customer_writes() {
  const auto params = inbound(customer());
  const auto reply = connector_.call("inbound.receive", params);
  if (!reply.ok()) return;
  ledger_.acknowledged(reply.result.at("contact"), reply.result.at("seq"),
                       {params.at("provider_id"), params.at("text")});
}

/// A hundred in one frame: a few of these make a timeline of more than one slice of a merge.
void Load::customer_writes_a_lot() {
  constexpr int pile = 100;
  const auto who = "long-" + std::to_string(life_ / 4) + "-" + std::to_string(random_() % 2);
  Json batch = Json::array();
  std::vector<Json> all;
  for (int i = 0; i < pile; ++i) {
    all.push_back(inbound(who));
    batch.push_back({{"jsonrpc", "2.0"},
                     {"id", "pile-" + std::to_string(i)},
                     {"method", "inbound.receive"},
                     {"params", all.back()}});
  }
  connector_.send_text(batch.dump());
  const auto answers = connector_.wait_stray();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!answers.at(i).contains("result")) continue;
    const auto& result = answers.at(i).at("result");
    ledger_.acknowledged(result.at("contact"), result.at("seq"),
                         {all[i].at("provider_id"), all[i].at("text")});
    ledger_.is_long(result.at("contact"));
  }
}

void Load::agent_writes(const std::string& contact) {
  const auto id = prefix_ + std::to_string(++last_);
  const auto text = "text of " + id;
  const auto* method = random_() % 4 == 0 ? "comment.add" : "message.send";
  const auto reply = agent_.call(method, {{"contact", contact}, {"text", text}, {"client_id", id}});
  if (!reply.ok()) return;
  const auto& entry = reply.result.at("entry");
  ledger_.acknowledged(entry.at("contact"), entry.at("seq"), {id, text});
}

void Load::agent_handles(const std::string& contact) {
  Json params{{"contact", contact}};
  std::string method;
  switch (random_() % 9) {
    case 0:
    case 1: method = "contact.done"; break;
    case 2: method = "contact.reopen"; break;
    case 3: method = random_() % 3 == 0 ? "contact.block" : "contact.unblock"; break;
    case 4:
      method = "contact.assign";
      params["assignee"] = random_() % 3 == 0 ? Json() : Json("agent-0");
      break;
    case 5:
      method = "contact.snooze";
      params["until"] = days_away_ms + static_cast<std::int64_t>(random_() % 1000);
      break;
    case 6: method = "contact.wake"; break;
    case 7:
      method = "contact.update";
      params["set"] = {{"priority", random_() % 2 == 0 ? "high" : "low"}};
      params["tags_add"] = {"tag-" + std::to_string(random_() % 4)};
      break;
    default: method = "contact.read"; break;
  }
  const auto reply = agent_.call(method, params);
  if (reply.ok()) ledger_.reached(contact, reply.result);
}

/// Of any two that were heard of, merged ones too; often of one with many entries.
void Load::agent_merges(const std::string& contact) {
  auto from = random_() % 2 == 0 ? ledger_.any_long_contact(random_()) : "";
  if (from.empty()) from = ledger_.any_contact(random_());
  const auto reply = agent_.call("contact.merge", {{"contact", contact}, {"from", from}});
  if (!reply.ok()) return;
  ledger_.reached(contact, reply.result);
  ledger_.merged({contact, from});
}

void Load::agent_creates() {
  const auto id = prefix_ + std::to_string(++last_);
  const auto reply = agent_.call(
      "contact.create",
      {{"first_name", "Made"}, {"channels", {{{"channel", channel}, {"external_id", id}}}}});
  if (reply.ok()) ledger_.made(reply.result.at("contact").at("id"));
}

}  // namespace inboxd::tests
