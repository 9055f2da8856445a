// The people of a simulation and what they do: two contact centres on one engine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/client.hpp"
#include "tests/sim/reference.hpp"
#include "tests/sim/world.hpp"

namespace inboxd::sim {

class Office {
 public:
  explicit Office(std::uint64_t seed);

  struct Kind {
    std::string_view name;
    unsigned weight;  // how often
    void (Office::*act)(Random&);
  };
  static const std::vector<Kind>& kinds();

  /// Everything comes to rest, then all that is known is looked at. Throws a Violation.
  void audit(Random& random);

  World world;
  std::uint64_t audits = 0;

 private:
  void found();
  Client& add(const std::string& workspace, model::PrincipalKind kind, const std::string& id,
              model::Role role, const std::string& channel = "");

  // office_people.cpp: what clients ask for
  void customer_writes(Random& random);
  void platform_reports(Random& random);
  void connector_works(Random& random);
  void try_again(Client& by, const std::string& text, std::int64_t retry_after);
  void agent_answers(Random& random);
  void agent_comments(Random& random);
  void agent_handles(Random& random);
  void agent_snoozes(Random& random);
  void agent_edits(Random& random);
  void agent_creates(Random& random);
  void agent_merges(Random& random);
  void agent_looks(Random& random);
  void agent_watches(Random& random);
  void agent_moves_window(Random& random);
  void agent_leaves(Random& random);
  void agent_shows(Random& random);
  void admin_changes(Random& random);
  void view_changes(Random& random);
  void several_at_once(Random& random);
  void nonsense(Random& random);

  // office_nature.cpp: what happens to them
  void connects(Random& random);
  void disconnects(Random& random);
  void reads_slowly(Random& random);
  void wakes(Random& random);
  void time_passes(Random& random);
  void hours_pass(Random& random);
  void clock_is_set(Random& random);
  void snooze_storm(Random& random);
  void saves(Random& random);
  void restarts_cleanly(Random& random);
  void is_killed(Random& random);
  void loses_power(Random& random);
  void disk_fills(Random& random);
  void fail_soon(Random& random);
  void disk_breaks(Random& random);
  void is_audited(Random& random);

  Client& somebody(Random& random, bool connector);
  Client* agent(Random& random) { return online(random, false); }
  Client* connector(Random& random) { return online(random, true); }
  Client* online(Random& random, bool connector);
  std::string contact(Random& random) const;
  Client::Request command(Random& random);
  json filter(Random& random, int depth);
  std::string text(const char* of) { return of + std::to_string(++texts_); }
  void start(Random& random);
  static void connect(Client& client, Random& random);

  // audit.cpp
  void rest(Random& random);
  Truth find_truth(Client& auditor, Random& random);
  std::vector<json> ask(Client& client, std::vector<Client::Request> requests, Random& random);
  void check_ledger(const std::vector<Truth>& truths) const;
  void check_outbox(const Truth& truth) const;
  void check_snoozes(const Sub& sub) const;
  void check_clients(const Truth& truth, Random& random);
  void check_history(const Truth& truth) const;

  std::vector<Client*> auditors_, bosses_;
  std::uint64_t texts_ = 0;
};

}  // namespace inboxd::sim
