#include "bench/inbox_bench/past.hpp"

#include <chrono>
#include <memory>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bench/inbox_bench/inbound_frame.hpp"
#include "bench/inbox_bench/target.hpp"
#include "bench/inbox_bench/texts.hpp"
#include "model/decide.hpp"
#include "model/entry_json.hpp"
#include "persistence/data_directory.hpp"
#include "persistence/journal.hpp"
#include "persistence/recovery.hpp"
#include "persistence/store.hpp"

namespace inboxd::bench {
namespace {

using namespace model;  // the whole file is about its types

const ChannelId channel("bench");

/// One workspace's past, commit by commit.
class Writer {
 public:
  Writer(persistence::StateStore& store, const PastOptions& options)
      : store_(store),
        options_(options),
        texts_(options.seed),
        names_(options.seed),
        random_(options.seed) {
    workspace_.id = WorkspaceId("default");
    last_ = store.applied_offset();
  }

  Past write(const std::function<void(std::uint64_t)>& progress) {
    set_up();
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    constexpr std::int64_t days_ms = std::int64_t{90} * 24 * 3600 * 1000;
    for (std::uint32_t i = 0; i < options_.contacts; ++i) {
      // A week's margin: conversations last hours, snoozes days.
      now_ = {now.count() - days_ms * (options_.contacts - i) / options_.contacts - days_ms / 12};
      converse(i);
      if (changes_.size() >= batch_commits) flush();
      if (i % 10'000 == 0) progress(i);
    }
    flush();
    store_.flush();
    return past_;
  }

 private:
  static constexpr std::size_t batch_commits = 100'000;

  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  bool chance(unsigned percent) { return below(100) < percent; }
  Principal agent() {
    return {PrincipalKind::agent, agent_id(static_cast<unsigned>(below(options_.agents))),
            Role::agent, std::nullopt};
  }
  std::string id() { return "past-" + std::to_string(++id_); }

  void set_up() {
    auto created = next();
    created.workspace_created = true;
    changes_.push_back(std::move(created));
    put(PutChannel{{channel, ChannelKind::webchat, "Bench", std::nullopt, std::nullopt}});
    put(PutTeam{{TeamId("sales"), "Sales"}});
    put(PutTeam{{TeamId("support"), "Support"}});
    for (unsigned i = 0; i < options_.agents; ++i) {
      Agent agent;
      agent.id = AgentId(agent_id(i));
      agent.name = agent_id(i);
      agent.teams = {TeamId(i % 2 == 0 ? "sales" : "support")};
      put(PutAgent{std::move(agent)});
    }
  }

  void put(WorkspaceEvent event) {
    model::apply(workspace_, event);
    auto change = next();
    change.workspace_events.push_back(std::move(event));
    changes_.push_back(std::move(change));
  }

  persistence::Change next() {
    persistence::Change change;
    change.offset = ++last_;
    change.at = now_;
    change.workspace = workspace_.id;
    ++past_.commits;
    return change;
  }

  /// A customer's life so far.
  void converse(std::uint32_t number) {
    contact_ = Contact{};
    const auto writes = 1 + below(4) + below(5);
    for (std::uint64_t i = 0; i < writes; ++i) {
      now_ = now_ + Duration{static_cast<std::int64_t>(30'000 + below(7'200'000))};
      perform(inbound(number, i == 0), customer_);
      if (!chance(70)) continue;
      now_ = now_ + Duration{static_cast<std::int64_t>(20'000 + below(600'000))};
      answer();
    }
    leave_marks();
    changes_.back().contacts.push_back(std::make_shared<const Contact>(std::move(contact_)));
    ++past_.contacts;
  }

  Command inbound(std::uint32_t number, bool first) {
    ReceiveInbound in;
    in.id = {number + 1};
    in.channel = channel;
    names_.write_customer(in.external_id, number);
    in.provider_id = id();
    in.content.text = texts_.next(20 + below(2 * options_.text_bytes));
    if (first) {
      Details details;
      details.first_name = "Customer";
      details.last_name = std::to_string(number);
      details.phone = "+34" + std::to_string(600'000'000 + number);
      if (chance(60)) details.email = "customer" + std::to_string(number) + "@example.org";
      details.language = chance(70) ? "es" : "en";
      in.profile = std::move(details);
    }
    return in;
  }

  void answer() {
    const auto by = agent();
    SendMessage send;
    send.content.text = texts_.next(20 + below(2 * options_.text_bytes));
    send.client_id = id();
    perform(std::move(send), by);
    const auto sent = contact_.last_message;
    if (sent && sent->direction == Direction::out) {
      ReportStatus report;
      report.seq = sent->seq;
      report.status = Status::delivered;
      report.provider_id = id();
      perform(report, customer_);
    }
    if (chance(50)) perform(MarkRead{}, by);
    if (chance(10)) perform(AddComment{std::string(texts_.next(60)), {}, id()}, by);
    if (chance(30)) perform(MarkDone{}, by);
  }

  void leave_marks() {
    const auto by = agent();
    if (chance(25)) perform(UpdateContact{.tags_add = {"vip", "lead"}}, by);
    if (chance(40)) perform(MarkDone{}, by);
    if (chance(5)) perform(AssignContact{{std::nullopt, TeamId("sales")}}, by);
    constexpr std::int64_t month_ms = std::int64_t{30} * 24 * 3600 * 1000;
    if (chance(2)) perform(SnoozeContact{now_ + Duration{4 * month_ms}}, by);
    if (chance(1)) perform(BlockContact{}, by);
  }

  /// One commit by the rules; nothing when they refuse it.
  void perform(const Command& command, const Principal& by) {
    const Entry* subject = nullptr;
    if (const auto* report = std::get_if<ReportStatus>(&command); report != nullptr) {
      if (sent_.seq != report->seq) return;
      subject = &sent_;
    }
    const auto decision = decide(
        contact_, command, {.now = now_, .by = by, .workspace = workspace_, .subject = subject});
    if (!decision || decision->events.empty()) return;
    auto change = next();
    model::apply(contact_, decision->events, change.offset);
    for (const auto& event : decision->events) add_entry(event, change);
    changes_.push_back(std::move(change));
  }

  void add_entry(const Event& event, persistence::Change& change) {
    bool fresh = true;
    Entry entry;
    if (const auto* appended = std::get_if<EntryAppended>(&event)) {
      entry = appended->entry;
    } else if (const auto* reported = std::get_if<StatusReported>(&event)) {
      fresh = false;
      entry = sent_;
      report(std::get<Message>(entry.body), reported->report, reported->provider_id);
    } else {
      return;
    }
    entry.offset = change.offset;
    if (entry.message() != nullptr) sent_ = entry;
    change.entries.push_back(
        {contact_.id, std::make_shared<const model::Entry>(std::move(entry)), nullptr, fresh});
    past_.entries += fresh ? 1 : 0;
  }

  void flush() {
    store_.write(changes_);
    changes_.clear();
  }

  persistence::StateStore& store_;
  const PastOptions& options_;
  Texts texts_;
  InboundFrame names_;
  std::mt19937_64 random_;
  Workspace workspace_;
  const Principal customer_{PrincipalKind::connector, "connector-0", Role::agent, channel};
  Timestamp now_;
  Offset last_;
  std::uint64_t id_ = 0;
  Contact contact_;  // who is being told of
  Entry sent_;       // the last message
  std::vector<persistence::Change> changes_;
  Past past_;
};

}  // namespace

Past make_past(const std::filesystem::path& data, const PastOptions& options,
               const std::function<void(std::uint64_t done)>& progress) {
  const persistence::DataDirectory directory(data, persistence::DataDirectory::Mode::create);
  persistence::StateStore store({.path = directory.store()});
  const auto recovered = persistence::recover(directory, store, {});
  if (recovered.last.value > 0) {
    throw std::runtime_error("There is something in " + data.string() + " already.");
  }
  const auto past = Writer(store, options).write(progress);
  // The journal goes on where the store ends.
  persistence::JournalOptions journal;
  journal.directory = directory.journal();
  journal.epoch = recovered.epoch;
  journal.last = store.applied_offset();
  journal.last_at = store.applied().at;
  journal.threaded = false;
  persistence::Journal(journal, {});
  return past;
}

}  // namespace inboxd::bench
