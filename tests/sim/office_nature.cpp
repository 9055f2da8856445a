// What happens to the people of a simulation and to the machine: the network, time, the disk.
#include "tests/sim/office.hpp"

namespace inboxd::sim {
namespace {

constexpr std::int64_t second_ms = 1'000, hour_ms = 3'600'000;
constexpr std::uint64_t plenty = std::uint64_t{1} << 40;

}  // namespace

Office::Office(std::uint64_t seed) : world(seed) {
  using Kind = model::PrincipalKind;
  using model::Role;
  for (const std::string workspace : {"default", "other"}) {
    bosses_.push_back(&add(workspace, Kind::service, "boss", Role::admin));
    add(workspace, Kind::agent, "ana", Role::agent);
    add(workspace, Kind::agent, "ana", Role::agent);  // from two places
    add(workspace, Kind::agent, "luis", Role::agent);
    add(workspace, Kind::agent, "eva", Role::manager);
    add(workspace, Kind::agent, "tom", Role::agent);
    add(workspace, Kind::service, "bot", Role::agent);
    add(workspace, Kind::connector, "c1", Role::agent, "wa");
    add(workspace, Kind::connector, "c2", Role::agent, "wa");
    add(workspace, Kind::connector, "c3", Role::agent, "web");
    add(workspace, Kind::connector, "c4", Role::agent, "msg");
    auto& auditor = add(workspace, Kind::service, "auditor", Role::admin);
    auditor.keep_results = true;
    auditors_.push_back(&auditor);
  }
  for (auto& client : world.clients) client->connect();
  found();
}

Client& Office::add(const std::string& workspace, model::PrincipalKind kind, const std::string& id,
                    model::Role role, const std::string& channel) {
  model::Principal principal{.kind = kind, .id = id, .role = role};
  if (!channel.empty()) principal.channel = model::ChannelId(channel);
  world.clients.push_back(
      std::make_unique<Client>(world, world.clients.size(), workspace, principal));
  return *world.clients.back();
}

void Office::found() {
  Random random(1);
  for (auto* boss : bosses_) {
    boss->request("channel.put",
                  with_terms({{"id", "wa"}, {"kind", "whatsapp"}, {"name", "WhatsApp"}}));
    boss->request("channel.put", with_terms({{"id", "web"}, {"kind", "webchat"}, {"name", "Web"}}));
    boss->request("channel.put",
                  with_terms({{"id", "msg"}, {"kind", "wechat"}, {"name", "WeChat"}}));
    boss->request("team.put", {{"id", "t1"}, {"name", "One"}});
    boss->request("team.put", {{"id", "t2"}, {"name", "Two"}});
    boss->request("field.put", {{"id", "score"}, {"name", "Score"}, {"type", "number"}});
    boss->request("field.put", {{"id", "vip"}, {"name", "VIP"}, {"type", "bool"}});
    boss->request("agent.put",
                  {{"id", "ana"}, {"name", "Ana"}, {"role", "agent"}, {"teams", {"t1"}}});
  }
  world.settle(random);
}

/// The next process; most clients are back at once.
void Office::start(Random& random) {
  world.start();
  for (auto& client : world.clients) {
    client->wake();
    if (random.chance(75)) connect(*client, random);
  }
}

void Office::connect(Client& client, Random& random) {
  client.connect();
  if (random.chance(75)) {
    client.resume();
  } else {
    client.lost_subs.clear();
  }
}

void Office::connects(Random& random) {
  auto& client = somebody(random, random.chance(30));
  if (!client.connected()) connect(client, random);
}

void Office::disconnects(Random& random) {
  auto& client = somebody(random, random.chance(30));
  if (client.connected()) client.lost_subs.clear();
  client.lose_connection();
}

void Office::reads_slowly(Random& random) {
  auto& client = somebody(random, random.chance(10));
  if (client.awake()) {
    ++world.met["readers gone slow"];
    client.sleep();
  } else {
    client.read(1 + random.below(10));
  }
}

void Office::wakes(Random& random) {
  auto& client = somebody(random, random.chance(10));
  client.wake();
  client.read();
}

void Office::time_passes(Random& random) {
  const std::vector<std::int64_t> lengths{1, 5, 30, 300, second_ms, 20 * second_ms};
  world.advance(1 + random.between(0, random.pick(lengths)), random);
}

void Office::hours_pass(Random& random) {
  world.advance(random.between(second_ms, 2 * hour_ms), random);
}

void Office::clock_is_set(Random& random) {
  world.step_clock(random.chance(50) ? random.between(1, hour_ms)
                                     : -random.between(1, 5 * second_ms));
}

void Office::snooze_storm(Random& random) {
  const auto until = world.now() + random.between(10, 60 * second_ms);
  ++world.met["snooze storms"];
  for (auto* boss : bosses_) {
    if (!boss->connected()) continue;
    for (std::uint64_t id = 1; id <= world.ledger.contacts(); ++id) {
      boss->request("contact.snooze", {{"contact", model::ContactId{id}.str()}, {"until", until}});
    }
  }
  if (random.chance(60)) world.run(random.below(500), random);
  if (random.chance(50)) world.advance(until - world.now() + random.between(-1, 1), random);
}

void Office::saves(Random& random) {
  world.checkpoint(random.chance(40));
}

void Office::restarts_cleanly(Random& random) {
  world.stop();
  if (random.chance(30)) world.advance(random.between(1, hour_ms), random);
  start(random);
}

void Office::is_killed(Random& random) {
  world.crash(false);
  if (random.chance(30)) world.advance(random.between(1, hour_ms), random);
  start(random);
}

/// Between two steps, or in the middle of a commit, a checkpoint or the change to another segment.
void Office::loses_power(Random& random) {
  if (random.chance(60)) {
    fail_soon(random);
    for (int i = 0; i < 8 && !world.failed(); ++i) {
      customer_writes(random);
      world.run(random.below(60), random);
      if (random.chance(20)) saves(random);
    }
  }
  if (world.failed()) ++world.met["power cuts in the middle of a write or sync"];
  world.crash(true);
  if (random.chance(30)) world.advance(random.between(1, hour_ms), random);
  start(random);
}

/// No space: commands are refused, reads go on; later there is space again.
void Office::disk_fills(Random& random) {
  const bool fills = world.disk().free == plenty && random.chance(40);
  if (fills) ++world.met["full disks"];
  world.disk().free = fills ? 1'000'000 : plenty;
  world.commit();
}

/// The first of the next few writes or syncs fails, and all after it.
void Office::fail_soon(Random& random) {
  const int countdown = 1 + static_cast<int>(random.below(4));
  if (random.chance(50)) {
    world.disk().syncs_until_failure = countdown;
  } else {
    world.disk().writes_until_failure = countdown;
  }
}

/// A write or a sync fails: fail-stop, and the next process finds what is there.
void Office::disk_breaks(Random& random) {
  fail_soon(random);
  for (int i = 0; i < 8; ++i) customer_writes(random), world.run(random.below(60), random);
  if (!world.failed()) {
    world.disk().writes_until_failure = world.disk().syncs_until_failure = -1;
    return;
  }
  ++world.met["broken disks"];
  world.crash(random.chance(50));
  start(random);
}

void Office::is_audited(Random& random) {
  audit(random);
}

const std::vector<Office::Kind>& Office::kinds() {
  static const std::vector<Kind> all{
      {"customer_writes", 160, &Office::customer_writes},
      {"platform_reports", 50, &Office::platform_reports},
      {"connector_works", 60, &Office::connector_works},
      {"agent_answers", 110, &Office::agent_answers},
      {"agent_comments", 30, &Office::agent_comments},
      {"agent_handles", 130, &Office::agent_handles},
      {"agent_snoozes", 30, &Office::agent_snoozes},
      {"agent_edits", 60, &Office::agent_edits},
      {"agent_creates", 10, &Office::agent_creates},
      {"agent_merges", 4, &Office::agent_merges},
      {"agent_looks", 30, &Office::agent_looks},
      {"agent_watches", 60, &Office::agent_watches},
      {"agent_moves_window", 25, &Office::agent_moves_window},
      {"agent_leaves", 15, &Office::agent_leaves},
      {"agent_shows", 25, &Office::agent_shows},
      {"admin_changes", 15, &Office::admin_changes},
      {"view_changes", 20, &Office::view_changes},
      {"several_at_once", 25, &Office::several_at_once},
      {"nonsense", 6, &Office::nonsense},
      {"connects", 50, &Office::connects},
      {"disconnects", 15, &Office::disconnects},
      {"reads_slowly", 40, &Office::reads_slowly},
      {"wakes", 30, &Office::wakes},
      {"time_passes", 120, &Office::time_passes},
      {"hours_pass", 12, &Office::hours_pass},
      {"clock_is_set", 3, &Office::clock_is_set},
      {"snooze_storm", 2, &Office::snooze_storm},
      {"saves", 12, &Office::saves},
      {"restarts_cleanly", 2, &Office::restarts_cleanly},
      {"is_killed", 2, &Office::is_killed},
      {"loses_power", 3, &Office::loses_power},
      {"disk_fills", 4, &Office::disk_fills},
      {"disk_breaks", 1, &Office::disk_breaks},
      {"is_audited", 14, &Office::is_audited},
  };
  return all;
}

}  // namespace inboxd::sim
