#include "tests/model/play.hpp"

#include <algorithm>
#include <array>
#include <random>

#include "tests/model/naive.hpp"

namespace inboxd::model {
namespace {

using Story = std::vector<std::string>;

/// What must come of a command: these new entries, or this error.
struct Expected {
  std::optional<Reason> error = std::nullopt;
  Story entries = {};
  std::optional<Seq> read_seq = std::nullopt;  // nothing: as it was
  bool duplicate = false;
};

Expected refused(Reason reason) {
  return {.error = reason};
}

class Game {
 public:
  explicit Game(const std::vector<Step>& play) : play_(play) {
    // The first step sets the policy, so that it is one for the whole play.
    const auto bits = play.empty() ? 0 : play.front().a;
    scene_.workspace.policy = {.unassign_on_done = (bits & 1U) == 0,
                               .assign_on_reply = (bits & 2U) == 0,
                               .reopen_on_inbound = (bits & 4U) == 0,
                               .wake_on_inbound = (bits & 8U) == 0};
  }

  std::optional<std::string> run() {
    for (std::size_t i = 0; i < play_.size(); ++i) {
      if (auto wrong = take(play_[i])) return "step " + std::to_string(i) + ": " + *wrong;
    }
    for (const auto* person : {&scene_.person, &other_}) {
      if (auto wrong = refold(*person)) return wrong;
    }
    return std::nullopt;
  }

 private:
  std::optional<std::string> take(const Step& step);
  std::optional<std::string> perform(Person& who, const Command& command, const Principal& by,
                                     const Expected& expected);
  std::optional<std::string> merge(const Principal& by);
  static std::optional<std::string> refold(const Person& person);
  std::optional<std::string> invariants(const Person& person) const;

  Expected on_inbound(const Person& who) const;
  Expected on_send(const Person& who, const SendMessage& command, const Principal& by) const;
  std::optional<std::string> move_time(const Step& step);

  std::optional<std::string> inbound(Person& who, const Step& step);
  std::optional<std::string> send(Person& who, const Step& step, const Principal& by);
  std::optional<std::string> assign(Person& who, const Step& step, const Principal& by);
  std::optional<std::string> snooze(Person& who, const Step& step, const Principal& by);
  std::optional<std::string> read(Person& who, const Step& step, const Principal& by);
  std::optional<std::string> status(Person& who, const Step& step);
  std::optional<std::string> tag(Person& who, const Step& step, const Principal& by);
  std::optional<std::string> simple(Person& who, const Step& step, const Principal& by);

  const std::vector<Step>& play_;
  Scene scene_;
  Person other_;
  std::uint64_t others_ = 0;  // how many others there were: each has accounts of its own
};

Principal actor_of(const Step& step) {
  constexpr std::array names{"ana", "ben", "cleo"};
  const auto which = step.who / 2U % 4U;
  return which == 3 ? Scene::service() : Scene::agent(names.at(which));
}

bool counts_as_reader(const Principal& by, const Naive& naive) {
  return by.kind == PrincipalKind::agent &&
         (!naive.assignment.assignee || naive.assignment.assignee->str() == by.id);
}

/// The account that a send goes to, and what its window says, by looking through the timeline.
struct NaiveRoute {
  std::string channel;
  bool open = true;
};
std::optional<NaiveRoute> route_of(const Person& who, Timestamp now) {
  const auto naive = read_off(who);
  if (naive.last_inbound == nullptr) return std::nullopt;
  NaiveRoute route{naive.last_inbound->message()->channel.str()};
  const auto on_channel = [&](const Entry& entry, Direction direction) {
    return entry.message() != nullptr && entry.message()->direction == direction &&
           entry.message()->channel.str() == route.channel;
  };
  const Entry* heard = nullptr;
  for (const auto& entry : who.timeline) {
    if (on_channel(entry, Direction::in) && (heard == nullptr || entry.at > heard->at)) {
      heard = &entry;
    }
  }
  const auto sends = std::count_if(who.timeline.begin(), who.timeline.end(), [&](const Entry& e) {
    return on_channel(e, Direction::out) && e.at > heard->at &&
           e.message()->external_id == heard->message()->external_id;
  });
  if (route.channel == "whatsapp") route.open = now < heard->at + hours(24);
  if (route.channel == "wechat") route.open = now < heard->at + hours(48) && sends < 5;
  return route;
}

Expected Game::on_inbound(const Person& who) const {
  if (!who.contact.exists()) return {.entries = {"opened/inbound", "message"}};
  const auto naive = read_off(who);
  const auto& policy = scene_.workspace.policy;
  Expected expected;
  if (!naive.blocked) {
    if (naive.status == ContactStatus::done && policy.reopen_on_inbound) {
      expected.entries.emplace_back("reopened/inbound");
    }
    if (naive.snooze && naive.snooze->wake_on_inbound && policy.wake_on_inbound) {
      expected.entries.emplace_back("woke/inbound");
    }
  }
  expected.entries.emplace_back("message");
  return expected;
}

Expected Game::on_send(const Person& who, const SendMessage& command, const Principal& by) const {
  const auto naive = read_off(who);
  const auto route = route_of(who, scene_.now);
  if (!route) return refused(Reason::invalid_params);
  const bool repeated =
      !command.client_id.empty() &&
      std::any_of(who.timeline.begin(), who.timeline.end(), [&](const Entry& entry) {
        return entry.message() != nullptr && entry.message()->client_id == command.client_id &&
               entry.author.id == by.id;
      });
  if (repeated) return {.duplicate = true};
  if (command.expect_seq && command.expect_seq->value != who.timeline.size()) {
    return refused(Reason::conflict);
  }
  if (naive.blocked) return refused(Reason::blocked);
  if (!route->open) return refused(Reason::window_closed);
  Expected expected;
  if (by.kind == PrincipalKind::agent) {
    if (naive.status == ContactStatus::done) expected.entries.emplace_back("reopened/reply");
    if (!naive.assignment.assignee && scene_.workspace.policy.assign_on_reply) {
      expected.entries.emplace_back("assigned/reply");
    }
  }
  expected.entries.emplace_back("message");
  return expected;
}

std::optional<std::string> Game::inbound(Person& who, const Step& step) {
  constexpr std::array channels{"whatsapp", "wechat", "sms"};
  const auto& identities = who.contact.identities;
  ReceiveInbound command;
  if (identities.empty()) {
    const auto* const name = &who == &other_ ? "other" : "main";
    command =
        scene_.inbound("in", channels.at(step.a % channels.size()), name + std::to_string(others_));
  } else {
    const auto& identity = identities[step.a % identities.size()];
    command = scene_.inbound("in", identity.channel.str(), identity.external_id);
  }
  return perform(who, command, Scene::connector(command.channel.str()), on_inbound(who));
}

std::optional<std::string> Game::send(Person& who, const Step& step, const Principal& by) {
  auto command = Scene::message("out");
  if (step.a % 4 == 0) command.client_id = "c" + std::to_string(step.b % 4);
  if (step.a % 8 == 1) command.expect_seq = who.contact.last_seq - step.b % 2;
  return perform(who, command, by, on_send(who, command, by));
}

std::optional<std::string> Game::assign(Person& who, const Step& step, const Principal& by) {
  constexpr std::array<const char*, 4> agents{nullptr, "ana", "ben", "nobody"};
  const auto* const agent = agents.at(step.a % 8 == 7 ? 3 : step.a % 3);
  Assignment to;
  if (agent != nullptr) to.assignee = AgentId(agent);
  if (step.b % 2 != 0) to.team = TeamId("sales");
  const auto naive = read_off(who);
  Expected expected;
  if (agent == agents[3]) {
    expected = refused(Reason::not_found);
  } else {
    const bool to_somebody = to.assignee || to.team;
    if (to_somebody && naive.status == ContactStatus::done) {
      expected.entries.emplace_back("reopened/manual");
    }
    if (to != naive.assignment) {
      expected.entries.emplace_back(to_somebody ? "assigned/manual" : "unassigned/manual");
    }
  }
  return perform(who, AssignContact{to}, by, expected);
}

std::optional<std::string> Game::snooze(Person& who, const Step& step, const Principal& by) {
  const auto naive = read_off(who);
  const Snooze wanted{scene_.now + minutes(step.a % 4 * 30), step.b % 2 == 0};
  Expected expected;
  if (step.a % 4 == 0) {
    expected = refused(Reason::invalid_params);
  } else if (naive.status == ContactStatus::done) {
    expected = refused(Reason::conflict);
  } else if (naive.snooze != wanted) {
    expected.entries = {"snoozed/manual"};
  }
  return perform(who, SnoozeContact{wanted.until, wanted.wake_on_inbound}, by, expected);
}

std::optional<std::string> Game::read(Person& who, const Step& step, const Principal& by) {
  const auto naive = read_off(who);
  const auto& contact = who.contact;
  Expected expected;
  if (step.b % 4 == 0) {
    const bool acts = naive.unread.empty() && naive.last_inbound != nullptr;
    if (acts && counts_as_reader(by, naive)) expected.read_seq = naive.last_inbound->seq - 1;
    return perform(who, MarkUnread{}, by, expected);
  }
  MarkRead command;
  if (step.b % 4 != 1) command.up_to = Seq{step.a % (who.timeline.size() + 2)};
  const auto up_to = command.up_to.value_or(Seq{who.timeline.size()});
  if (up_to.value > who.timeline.size()) {
    expected = refused(Reason::invalid_params);
  } else if (counts_as_reader(by, naive)) {
    expected.read_seq = std::max(contact.read_seq, up_to);
  }
  return perform(who, command, by, expected);
}

std::optional<std::string> Game::status(Person& who, const Step& step) {
  const Seq seq{step.a % (who.timeline.size() + 2)};
  const ReportStatus command{.seq = seq,
                             .status = static_cast<Status>(step.b % 5),
                             .at = scene_.now - minutes(step.b / 5 % 4)};
  std::string channel = "sms";
  Expected expected = refused(Reason::not_found);
  if (seq.value > 0 && seq.value <= who.timeline.size()) {
    const auto* message = who.entry(seq.value).message();
    if (message == nullptr || message->direction == Direction::in) {
      expected = refused(Reason::invalid_params);
    } else {
      channel = message->channel.str();
      const auto reports = scene_.workspace.channels.at(message->channel).reports();
      expected = command.status == Status::pending || !reports.has(command.status)
                     ? refused(Reason::invalid_params)
                     : Expected();
    }
  }
  return perform(who, command, Scene::connector(channel), expected);
}

std::optional<std::string> Game::tag(Person& who, const Step& step, const Principal& by) {
  constexpr std::array names{"a", "b", "c"};
  const auto naive = read_off(who);
  UpdateContact command;
  std::set<std::string> after = naive.tags;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if ((step.a >> i & 1U) != 0) {
      command.tags_add.emplace_back(names.at(i));
      after.insert(names.at(i));
    } else if ((step.b >> i & 1U) != 0) {
      command.tags_remove.emplace_back(names.at(i));
      after.erase(names.at(i));
    }
  }
  Expected expected;
  if (step.a % 16 == 15) {
    command.set.first_name.emplace("n" + std::to_string(step.b));
    if (who.contact.details->first_name != **command.set.first_name) {
      expected.entries.emplace_back("updated/manual");
    }
  }
  if (after != naive.tags) expected.entries.emplace_back("tagged/manual");
  return perform(who, command, by, expected);
}

std::optional<std::string> Game::simple(Person& who, const Step& step, const Principal& by) {
  const auto naive = read_off(who);
  const auto only = [](bool acts, const char* entry) {
    return acts ? Expected{.entries = {entry}} : Expected();
  };
  switch (step.what % 16) {
    case 6: {
      auto expected = only(naive.status == ContactStatus::open, "done/manual");
      if (expected.entries.empty()) return perform(who, MarkDone{}, by, expected);
      if (naive.assignment.assignee && scene_.workspace.policy.unassign_on_done) {
        expected.entries.emplace_back("unassigned/done");
      }
      expected.read_seq = Seq{who.timeline.size() + expected.entries.size()};
      return perform(who, MarkDone{}, by, expected);
    }
    case 7:
      return perform(who, ReopenContact{}, by,
                     only(naive.status == ContactStatus::done, "reopened/manual"));
    case 8: return perform(who, WakeContact{}, by, only(naive.snooze.has_value(), "woke/manual"));
    case 9: return perform(who, BlockContact{}, by, only(!naive.blocked, "blocked/manual"));
    case 10: return perform(who, UnblockContact{}, by, only(naive.blocked, "unblocked/manual"));
    default: return perform(who, AddComment{"note", {}, ""}, by, {.entries = {"comment"}});
  }
}

std::optional<std::string> Game::move_time(const Step& step) {
  scene_.pass(step.b % 4 == 0 ? hours(step.a % 30) : minutes(step.a % 60));
  for (auto* person : {&scene_.person, &other_}) {
    if (!wake_is_due(person->contact, scene_.now)) continue;
    const auto entries = person->timeline.size();
    scene_.wake_if_due(*person);
    if (person->story(entries + 1) != Story{"woke/timer"}) return "a due wake";
    if (auto wrong = invariants(*person)) return wrong;
  }
  return std::nullopt;
}

std::optional<std::string> Game::take(const Step& step) {
  scene_.pass(Duration{1});
  if (auto wrong = move_time({.what = 0, .who = 0, .a = 0, .b = 1})) return wrong;
  auto& who = step.who % 4 == 0 ? other_ : scene_.person;
  const auto by = actor_of(step);
  const auto what = step.what % 16;
  if (what == 0) return move_time(step);
  if (what == 15) return step.b % 4 == 0 ? merge(by) : std::nullopt;
  if (what <= 2 || !who.contact.exists()) return inbound(who, step);
  switch (what) {
    case 3:
    case 4: return send(who, step, by);
    case 5: return assign(who, step, by);
    case 11: return snooze(who, step, by);
    case 12: return read(who, step, by);
    case 13: return status(who, step);
    case 14: return tag(who, step, by);
    default: return simple(who, step, by);
  }
}

std::optional<std::string> Game::perform(Person& who, const Command& command, const Principal& by,
                                         const Expected& expected) {
  const auto before = who.contact;
  const auto entries = who.timeline.size();
  const auto commits = who.commits.size();
  const auto decision = scene_.run(who, command, by);
  if (decision.has_value() == expected.error.has_value()) return "accepted or refused wrongly";
  if (!decision) {
    if (decision.error().reason != *expected.error) return "refused with another reason";
    if (!(who.contact == before) || who.commits.size() != commits)
      return "an error wrote something";
    return std::nullopt;
  }
  if (decision->duplicate != expected.duplicate) return "duplicate";
  if (who.story(entries + 1) != expected.entries) return "other entries than expected";
  if (who.contact.read_seq != expected.read_seq.value_or(before.read_seq)) return "read_seq";
  if (decision->events.empty() && !(who.contact == before)) return "a no-op changed something";
  return invariants(who);
}

std::optional<std::string> Game::merge(const Principal& by) {
  auto& primary = scene_.person;
  if (!primary.contact.exists() || !other_.contact.exists()) return std::nullopt;
  const auto unread_before = primary.contact.unread;
  const auto read_before = primary.contact.read_seq;
  const Seq base{primary.timeline.size()};
  const auto others_read = other_.contact.read_seq;
  const auto entries = other_.timeline.size();
  if (!scene_.merge(primary, other_, by)) return "a merge was refused";
  if (primary.timeline.size() != base.value + entries + 1) return "entries got lost";
  const auto read_seq = unread_before.empty() ? base + others_read.value : read_before;
  if (primary.contact.read_seq != read_seq) return "read_seq after a merge";
  if (other_.contact.merged_into != primary.contact.id) return "merged_into";
  if (auto wrong = refold(other_)) return wrong;
  other_ = Person();
  ++others_;
  return invariants(primary);
}

std::optional<std::string> Game::invariants(const Person& person) const {
  if (auto wrong = difference(person)) return wrong;
  const auto& contact = person.contact;
  if (contact.status == ContactStatus::done) {
    if (contact.snooze) return "done and snoozed";
    const bool unassigns = scene_.workspace.policy.unassign_on_done;
    if (unassigns && contact.assignment.assignee) return "done and assigned";
  }
  return std::nullopt;
}

/// The state is the fold of its events.
std::optional<std::string> Game::refold(const Person& person) {
  Contact contact;
  for (const auto& commit : person.commits) {
    apply(contact, commit.events, commit.offset);
  }
  if (contact == person.contact) return std::nullopt;
  return "folded again from its events, the contact is another";
}

}  // namespace

std::vector<Step> random_play(std::uint64_t seed) {
  constexpr std::uint64_t steps_max = 48;
  std::mt19937_64 random(seed);
  std::vector<Step> play(1 + random() % steps_max);
  for (auto& step : play) {
    const auto bits = random();
    step = {.what = static_cast<std::uint8_t>(bits),
            .who = static_cast<std::uint8_t>(bits >> 8),
            .a = static_cast<std::uint8_t>(bits >> 16),
            .b = static_cast<std::uint8_t>(bits >> 24)};
  }
  return play;
}

std::optional<std::string> failure_of(const std::vector<Step>& play) {
  return Game(play).run();
}

std::vector<Step> shrunk(std::vector<Step> play) {
  for (std::size_t i = 0; i < play.size();) {
    auto shorter = play;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
    if (failure_of(shorter)) {
      play = std::move(shorter);
      i = 0;
    } else {
      ++i;
    }
  }
  return play;
}

std::string describe(const std::vector<Step>& play) {
  std::string text;
  for (const auto& step : play) {
    text += "{" + std::to_string(step.what % 16) + ", " + std::to_string(step.who) + ", " +
            std::to_string(step.a) + ", " + std::to_string(step.b) + "} ";
  }
  return text;
}

}  // namespace inboxd::model
