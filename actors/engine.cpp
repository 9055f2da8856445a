#include "actors/engine.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <utility>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <spdlog/spdlog.h>

#include "actors/agent_actor.hpp"
#include "actors/aggregator_actor.hpp"
#include "actors/answer.hpp"
#include "actors/desk_actors.hpp"
#include "actors/directory_actor.hpp"
#include "actors/metric_text.hpp"
#include "actors/release_pipeline.hpp"
#include "actors/request_router.hpp"
#include "actors/search_desk.hpp"
#include "actors/start_times.hpp"
#include "actors/startup.hpp"
#include "actors/timer_actor.hpp"
#include "model/overload.hpp"
#include "persistence/recovery.hpp"
#include "persistence/state_json.hpp"

namespace inboxd::actors {
namespace {

constexpr std::size_t messages_per_turn = 64;  // an actor yields to the others after as many
constexpr model::Duration retry_after{1'000};

model::Timestamp system_now() {
  return {std::chrono::duration_cast<std::chrono::milliseconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

void write_journal_metrics(std::string& out, const persistence::JournalStats& journal) {
  constexpr std::string_view gauge = "gauge", counter = "counter";
  const auto one = [&](std::string_view name, std::string_view type, std::string_view help,
                       std::uint64_t value) { write_metric(out, name, type, help, value); };
  one("inboxd_commits_total", counter, "Commits in the journal.", journal.records);
  one("inboxd_commit_batches_total", counter, "Batches released, empty ones included.",
      journal.batches);
  one("inboxd_journal_bytes_total", counter, "Bytes of commits.", journal.bytes);
  one("inboxd_journal_syncs_total", counter, "Syncs of the journal.", journal.syncs);
  write_histogram(out, "inboxd_journal_sync_seconds", "A sync of the journal.", journal.sync_us,
                  1e-6);
  write_histogram(out, "inboxd_commit_batch_size", "Commits written together.",
                  journal.batch_records, 1);
  one("inboxd_journal_queued", gauge, "Commits and answers that wait for the disk.",
      journal.queued);
  one("inboxd_journal_segments", gauge, "Segment files.", journal.segments);
}

void write_outbox_metrics(std::string& out,
                          const std::array<OutboxStats, model::channel_kinds>& outbox) {
  using Member = std::atomic<std::uint64_t> OutboxStats::*;
  const auto one = [&](std::string_view name, std::string_view type, std::string_view help,
                       Member member) {
    write_metric_head(out, name, type, help);
    for (std::size_t kind = 0; kind < outbox.size(); ++kind) {
      std::string labels = "{kind=\"";
      labels.append(model::name_of(static_cast<model::ChannelKind>(kind))) += "\"}";
      write_sample(out, name, labels, (outbox.at(kind).*member).load(std::memory_order_relaxed));
    }
  };
  one("inboxd_outbox_pending", "gauge", "Messages that no connector has reported on.",
      &OutboxStats::pending);
  one("inboxd_outbox_connectors", "gauge", "Connectors that take what is to be sent.",
      &OutboxStats::connectors);
  one("inboxd_outbox_sent_total", "counter", "Messages that a platform took.", &OutboxStats::sent);
  one("inboxd_outbox_failed_total", "counter", "Messages refused or given up.",
      &OutboxStats::failed);
  one("inboxd_outbox_retries_total", "counter", "Attempts that failed and are made again.",
      &OutboxStats::retries);
}

/// CAF.md "Scheduler": `sharing`, and a bound on an actor's turn.
caf::actor_system_config& configure(caf::actor_system_config& config,
                                    const EngineOptions& options) {
  config.set("scheduler.policy",
             options.ground.driven ? caf::atom("testing") : caf::atom("sharing"));
  config.set("scheduler.max-threads", options.scheduler_threads);
  config.set("scheduler.max-throughput", messages_per_turn);
  return config;
}

}  // namespace

class Engine::Impl final : public Driver {
 public:
  Impl(EngineOptions options, Outlet& outlet);
  ~Impl() override { stop(); }

  void open(const ClientPtr& client);
  void close(const ClientPtr& client);
  void submit(std::vector<Submission> batch);
  void reset_view(const ClientPtr& client, SubId sub);
  std::string metrics() const;
  void stop();

  const std::string& epoch() const { return store_.epoch(); }
  model::Offset released() const { return pipeline_.released(); }
  bool has_workspace(const model::WorkspaceId& id) const { return actors_.contains(id); }
  std::vector<WorkspacePtr> workspaces() const { return pipeline_.workspaces(); }

  bool driven() const { return options_.ground.driven; }
  std::size_t ready() const override { return coordinator().jobs.size(); }
  void run(std::size_t which) override;
  std::optional<model::Duration> until_timer() const override;
  void pass(model::Duration time) override;
  std::size_t commit() override { return journal_.pump(); }
  void checkpoint(bool durable) override { checkpointer_.checkpoint(durable); }
  void die() override;

 private:
  struct WorkspaceActors {
    caf::actor directory, outbox, presence, timer;
    std::vector<caf::actor> aggregators;
  };

  persistence::Recovered recover();
  void create_missing_workspaces();
  void start_workspace(const model::WorkspaceId& id, StartingWorkspace starting);
  void connect_followers();
  void start_search(const std::map<model::WorkspaceId, StartingWorkspace>& starting);
  caf::actor agent(const ClientPtr& client);
  /// Who serves a request; null: the directory.
  caf::actor server_of(const Submission& submission, const WorkspaceActors& actors);
  std::optional<model::Error> refusal(const Submission& submission) const;
  void fail(const std::string& reason);
  caf::scheduler::test_coordinator& coordinator() const { return *coordinator_; }
  void run_all();
  /// Ends an actor and returns when it has taken all that it was sent before.
  void end(const caf::actor& actor);
  void end_actors();
  model::ViewOptions view_options() const;

  const EngineOptions options_;
  Outlet& outlet_;
  StartTimes start_;
  persistence::DataDirectory directory_;
  persistence::StateStore store_;
  persistence::Recovered recovered_;
  const std::shared_ptr<EngineStats> stats_ = std::make_shared<EngineStats>();
  ReleasePipeline pipeline_;
  persistence::Journal journal_;
  persistence::Checkpointer checkpointer_;
  Services services_;
  ContactIds ids_;
  Residency residency_;
  std::unique_ptr<SearchDesk> search_;  // null: switched off
  caf::actor_system_config config_;
  std::optional<caf::actor_system> system_;
  caf::scheduler::test_coordinator* coordinator_ = nullptr;  // of a driven engine
  std::map<model::WorkspaceId, WorkspaceActors> actors_;
  SubscriptionRoutes routes_;
  std::atomic<bool> stopping_{false}, failed_{false}, low_space_{false};
  std::once_flag stopped_;
};

Engine::Impl::Impl(EngineOptions options, Outlet& outlet)
    : options_(std::move(options)),
      outlet_(outlet),
      directory_(options_.data, persistence::DataDirectory::Mode::create),
      store_({.path = directory_.store(), .env = options_.ground.store_disk}),
      recovered_(recover()),
      pipeline_(outlet, stats_),
      journal_({.directory = directory_.journal(),
                .epoch = recovered_.epoch,
                .last = recovered_.last,
                .last_at = recovered_.at,
                .sync = options_.sync,
                .sync_interval = options_.sync_interval,
                .segment_bytes = options_.journal_segment_bytes,
                .retention_bytes = options_.journal_retention_bytes,
                .low_space_bytes = options_.low_space_bytes,
                .threaded = !options_.ground.driven,
                .files = options_.ground.journal_disk},
               {.release =
                    [this](std::vector<persistence::Released>&& items) {
                      pipeline_.release(std::move(items));
                    },
                .failed = [this](const std::string& reason) { fail(reason); },
                .low_space =
                    [this](bool low) {
                      low_space_ = low;
                      spdlog::warn("event=low_space low={}", low);
                    }}),
      checkpointer_(store_, &journal_,
                    {.every = options_.checkpoint_every,
                     .files_bytes_min = options_.store_files_bytes,
                     .flush_every = options_.flush_every,
                     .threaded = !options_.ground.driven},
                    {.saved = [](model::Offset) {},
                     .failed = [this](const std::string& reason) { fail(reason); }}),
      services_{.log = pipeline_,
                .store = store_,
                .outlet = outlet_,
                .now = options_.clock ? options_.clock : system_now,
                .stats = stats_},
      ids_({recovered_.contact_ids + 1}) {
  residency_.contacts_max = options_.resident_contacts_max;
  pipeline_.connect(journal_, checkpointer_, recovered_.last, recovered_.at);
  create_missing_workspaces();
  start_.finished("journal");
  const auto report = [this](std::string_view phase, std::uint64_t done, std::uint64_t total) {
    if (options_.progress) options_.progress(phase, done, total);
  };
  auto starting = read_workspaces(recovered_.workspaces, store_, options_.scheduler_threads,
                                  [&](std::uint64_t done, std::uint64_t total) {
                                    report("reading the contacts", done, total);
                                  });
  start_.finished("contacts");
  std::size_t woken = 0;
  for (auto& [id, workspace] : starting) woken += wake_overdue(workspace, services_);
  journal_.flush();
  // The cells that woke are gone: what they wrote is read from the store from here on.
  checkpointer_.checkpoint(false);
  if (woken > 0) spdlog::info("event=woke_overdue contacts={}", woken);
  start_.finished("wakes");

  report("making the lists", 0, 0);
  start_search(starting);
  configure(config_, options_);
  system_.emplace(config_);
  if (driven())
    coordinator_ = static_cast<caf::scheduler::test_coordinator*>(&system_->scheduler());
  for (auto& [id, workspace] : starting) start_workspace(id, std::move(workspace));
  connect_followers();
  start_.finished("views");
  spdlog::info("event=ready start_s={:.2f}", start_.total_s());
}

persistence::Recovered Engine::Impl::recover() {
  start_.finished("store");
  persistence::RecoveryOptions how{.sync = options_.sync};
  how.progress = options_.progress;
  how.files = options_.ground.journal_disk;
  how.new_epoch = options_.ground.new_epoch;
  auto recovered = persistence::recover(directory_, store_, how);
  if (!recovered.note.empty()) spdlog::warn("event=recovery note=\"{}\"", recovered.note);
  spdlog::info("event=recovered offset={} replayed={} workspaces={}", recovered.last.value,
               recovered.replayed, recovered.workspaces.size());
  start_.finished("replay");
  return recovered;
}

void Engine::Impl::create_missing_workspaces() {
  for (const auto& name : options_.workspaces) {
    const model::WorkspaceId id(name);
    if (recovered_.workspaces.contains(id)) continue;
    recovered_.workspaces[id].id = id;
    auto commit = std::make_unique<Commit>();
    commit->workspace = id;
    commit->at = services_.now();
    commit->recorded = true;
    commit->workspace_created = true;
    pipeline_.submit(persistence::write_record_body(id, model::WorkspaceCreated{}),
                     std::move(commit));
  }
}

model::ViewOptions Engine::Impl::view_options() const {
  model::ViewOptions options;
  options.conflation_min = options_.conflation_min;
  options.conflation_max = options_.conflation_max;
  options.conflation_per_subscriber_us = options_.conflation_per_subscriber_us;
  options.progress_interval = options_.view_progress;
  return options;
}

void Engine::Impl::start_search(const std::map<model::WorkspaceId, StartingWorkspace>& starting) {
  if (!options_.search.on || driven()) return;  // it has threads of its own
  search_ = std::make_unique<SearchDesk>(options_.search, options_.data, services_);
  for (const auto& [id, workspace] : starting) {
    search_->feed().load(workspace.workspace, workspace.rows, workspace.contacts,
                         pipeline_.released(), pipeline_.released_at());
  }
  pipeline_.set_search([this](const CommitBatch& batch) { search_->feed().follow(batch); });
  search_->start();
}

void Engine::Impl::start_workspace(const model::WorkspaceId& id, StartingWorkspace starting) {
  auto& actors = actors_[id];
  pipeline_.set_workspace(starting.workspace);
  const auto offset = pipeline_.released();
  const auto at = pipeline_.released_at();
  for (std::size_t i = 0; i < options_.view_aggregators; ++i) {
    actors.aggregators.push_back(system_->spawn<AggregatorActor>(
        i, std::cref(services_), view_options(), starting.workspace, offset, at, starting.rows));
  }
  actors.directory = system_->spawn<DirectoryActor>(
      starting.workspace, std::move(starting.contacts), std::cref(services_), std::ref(ids_),
      std::ref(residency_), actors.aggregators.front());
  actors.timer = system_->spawn<TimerActor>(id, std::cref(services_), std::move(starting.alarms),
                                            actors.directory);
  actors.outbox = system_->spawn<OutboxActor>(id, std::cref(services_), std::move(starting.outbox),
                                              actors.directory);
  caf::anon_send(actors.directory, msg::SetOutbox{actors.outbox});
  actors.presence = system_->spawn<PresenceActor>(starting.workspace, std::cref(services_));
  for (const auto& aggregator : actors.aggregators) {
    caf::anon_send(aggregator, AggregatorActor::SetTimer{actors.timer});
  }
}

void Engine::Impl::connect_followers() {
  std::vector<caf::actor> aggregators, others;
  for (const auto& [id, actors] : actors_) {
    aggregators.insert(aggregators.end(), actors.aggregators.begin(), actors.aggregators.end());
    others.insert(others.end(), {actors.timer, actors.outbox, actors.presence});
  }
  pipeline_.set_followers(std::move(aggregators), std::move(others));
}

caf::actor Engine::Impl::agent(const ClientPtr& client) {
  const auto workspace = client->workspace();
  const model::AgentId id(client->principal().id);
  return pipeline_.agent(workspace, id, [&] {
    auto options = view_options();
    options.only_assignee = id;
    options.keep_system_views = false;
    stats_->agents_running.fetch_add(1, std::memory_order_relaxed);
    return system_->spawn<AgentActor>(id, std::cref(services_), options,
                                      actors_.at(workspace).aggregators.front());
  });
}

void Engine::Impl::open(const ClientPtr& client) {
  const auto& actors = actors_.at(client->workspace());
  routes_.open(client);
  // S24: its record is about to be made; from now on others may name it.
  if (const auto& by = client->principal(); by.kind == model::PrincipalKind::agent) {
    const model::AgentId named(by.id);
  }
  caf::anon_send(actors.directory, msg::Open{client});
  caf::anon_send(actors.presence, msg::Open{client});
}

void Engine::Impl::close(const ClientPtr& client) {
  if (!system_) return;
  const auto& actors = actors_.at(client->workspace());
  caf::anon_send(actors.directory, msg::Close{client});
  caf::anon_send(actors.presence, msg::Close{client});
  for (const auto& server : routes_.close(client)) {
    caf::anon_send(server, msg::Leave{.client = client, .sub = std::nullopt});
  }
}

caf::actor Engine::Impl::server_of(const Submission& submission, const WorkspaceActors& actors) {
  static const model::ViewId mine("mine");
  return std::visit(
      model::overload{
          [&](const request::SubscribeView& r) {
            const bool own = r.view == mine &&
                             submission.client->principal().kind == model::PrincipalKind::agent;
            return own ? agent(submission.client)
                       : actors.aggregators[model::engine_of(r.view, actors.aggregators.size())];
          },
          [&](const request::MoveWindow& r) { return routes_.find(submission.client, r.sub); },
          [&](const request::SubscribeCounters&) { return actors.aggregators.front(); },
          [&](const request::SubscribeWorkload&) { return actors.aggregators.front(); },
          [&](const request::ListViews&) { return actors.aggregators.front(); },
          [&](const request::SubscribeNotifications&) { return agent(submission.client); },
          [&](const request::SubscribeOutbox&) { return actors.outbox; },
          [&](const request::SubscribeAgents&) { return actors.presence; },
          [&](const request::SetPresence&) { return actors.presence; },
          [](const auto&) { return caf::actor{}; },
      },
      submission.request);
}

std::optional<model::Error> Engine::Impl::refusal(const Submission& submission) const {
  const auto unavailable = [](std::string why) {
    return model::Error{.reason = model::Reason::unavailable,
                        .message = std::move(why),
                        .retry_after = retry_after};
  };
  if (failed_) return unavailable("The disk failed; the server has to be restarted.");
  if (stopping_) return unavailable("The server is stopping; connect again in a moment.");
  if (low_space_ && changes_state(submission.request))
    return unavailable("The server's disk is full.");
  if (search_ == nullptr && std::holds_alternative<request::Search>(submission.request))
    return unavailable("Search is switched off on this server.");
  return std::nullopt;
}

void Engine::Impl::submit(std::vector<Submission> batch) {
  std::map<model::WorkspaceId, std::vector<Submission>> for_directories;
  std::vector<Outgoing> refused;
  const auto released = pipeline_.released();
  for (auto& submission : batch) {
    if (const auto error = refusal(submission)) {
      refused.emplace_back(
          Answer{.client = submission.client, .tag = submission.tag, .body = error_answer(*error)});
      continue;
    }
    if (std::holds_alternative<request::Search>(submission.request)) {
      search_->ask(std::move(submission));
      continue;
    }
    const auto& actors = actors_.at(submission.client->workspace());
    if (const auto* end = std::get_if<request::Unsubscribe>(&submission.request)) {
      if (const auto server = routes_.end(submission.client, end->sub)) {
        caf::anon_send(server, msg::Leave{.client = submission.client, .sub = end->sub});
        continue;
      }
    } else if (const auto server = server_of(submission, actors)) {
      if (const auto sub = subscription_of(submission.request))
        routes_.begin(submission.client, *sub, server);
      caf::anon_send(server, msg::Ask{.submission = std::move(submission), .released = released});
      continue;
    } else if (std::holds_alternative<request::MoveWindow>(submission.request)) {
      refused.emplace_back(
          Answer{.client = submission.client,
                 .tag = submission.tag,
                 .body = error_answer(model::not_found("sub", "There is no view with this sub."))});
      continue;
    }
    auto workspace = submission.client->workspace();
    for_directories[workspace].push_back(std::move(submission));
  }
  for (auto& [workspace, submissions] : for_directories) {
    stats_->directory.send(submissions.size());
    caf::anon_send(actors_.at(workspace).directory, msg::Submit{std::move(submissions)});
  }
  if (!refused.empty()) outlet_.deliver(std::move(refused));
}

void Engine::Impl::reset_view(const ClientPtr& client, SubId sub) {
  if (const auto server = routes_.find(client, sub)) {
    caf::anon_send(server, msg::ResetView{.client = client, .sub = sub});
  }
}

void Engine::Impl::fail(const std::string& reason) {
  if (failed_.exchange(true)) return;
  spdlog::critical("event=disk_failed reason=\"{}\"", reason);
  if (options_.on_failure) options_.on_failure(reason);
}

void Engine::Impl::stop() {
  std::call_once(stopped_, [this] {
    stopping_ = true;
    if (system_) {
      // Requests that were taken reach the journal before it is flushed: the directories pass them
      // on in order, and every contact answers what it got before it quits.
      for (const auto& [id, actors] : actors_) end(actors.directory);
      journal_.flush();
      end_actors();
    }
    journal_.stop();
    if (!failed_) checkpointer_.stop();
    if (search_) search_->stop();
  });
}

void Engine::Impl::end(const caf::actor& actor) {
  if (driven()) {
    caf::anon_send(actor, msg::Stop{});
    return run_all();
  }
  caf::scoped_actor self{*system_};
  self->send(actor, msg::Stop{});
  self->wait_for(actor);
}

void Engine::Impl::end_actors() {
  for (const auto& [id, actors] : actors_) {
    for (const auto& actor : {actors.directory, actors.timer, actors.outbox, actors.presence})
      caf::anon_send(actor, msg::Stop{});
    for (const auto& actor : actors.aggregators) caf::anon_send(actor, msg::Stop{});
  }
  for (const auto& actor : pipeline_.agents()) caf::anon_send(actor, msg::Stop{});
  if (driven()) run_all();
  pipeline_.forget_actors();
  routes_.clear();
  actors_.clear();
  system_.reset();
}

void Engine::Impl::run(std::size_t which) {
  auto& jobs = coordinator().jobs;
  std::rotate(jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(which),
              jobs.begin() + static_cast<std::ptrdiff_t>(which) + 1);
  coordinator().run_once();
}

void Engine::Impl::run_all() {
  while (ready() > 0) run(0);
}

std::optional<model::Duration> Engine::Impl::until_timer() const {
  const auto& clock = coordinator().clock();
  const auto& armed = clock.schedule();
  if (armed.empty()) return std::nullopt;
  return model::Duration{
      std::chrono::ceil<std::chrono::milliseconds>(armed.begin()->first - clock.now()).count()};
}

void Engine::Impl::pass(model::Duration time) {
  coordinator().advance_time(std::chrono::milliseconds(time.ms));
}

void Engine::Impl::die() {
  std::call_once(stopped_, [this] { end_actors(); });
}

std::string Engine::Impl::metrics() const {
  constexpr std::string_view gauge = "gauge", counter = "counter";
  std::string out;
  const auto one = [&](std::string_view name, std::string_view type, std::string_view help,
                       std::uint64_t value) { write_metric(out, name, type, help, value); };
  write_journal_metrics(out, journal_.stats());
  one("inboxd_offset_released", gauge, "The last offset on disk and told.",
      pipeline_.released().value);

  const auto saved = checkpointer_.stats();
  one("inboxd_offset_saved", gauge, "The last offset in the state store.", saved.saved.value);
  one("inboxd_checkpoints_total", counter, "Writes of the state store.", saved.checkpoints);
  one("inboxd_checkpoint_pending_commits", gauge, "Commits that the state store lacks.",
      saved.pending_commits);
  one("inboxd_checkpoint_pending_bytes", gauge, "What they take in memory, roughly.",
      saved.pending_bytes);
  one("inboxd_checkpoint_cpu_microseconds_total", counter, "CPU time of the checkpointer.",
      static_cast<std::uint64_t>(saved.cpu_us));
  const auto store = store_.stats();
  one("inboxd_checkpoint_waited_microseconds_total", counter,
      "That commits waited for the state store to catch up.",
      static_cast<std::uint64_t>(saved.waited_us));
  one("inboxd_store_cpu_microseconds_total", counter,
      "CPU time of the state store's own threads: flushes and compactions.",
      store.background_cpu_us);
  one("inboxd_store_disk_bytes", gauge, "The state store's files.", store.disk_bytes);
  one("inboxd_store_memory_bytes", gauge, "The state store's memory.", store.memory_bytes);

  write_histogram(out, "inboxd_view_update_seconds",
                  "A batch of commits through an aggregator's or agent's views.",
                  stats_->view_update_us.counts(), 1e-6);
  one("inboxd_view_changes_total", counter, "Rows that changed, of each aggregator and agent.",
      stats_->view_changes.load(std::memory_order_relaxed));
  one("inboxd_view_deltas_total", counter,
      "Deltas of lists and counters made; fewer than changes: conflation.",
      stats_->view_deltas.load(std::memory_order_relaxed));
  one("inboxd_view_resets_total", counter, "Lists sent anew.",
      stats_->view_resets.load(std::memory_order_relaxed));

  write_metric_head(out, "inboxd_mailbox", gauge, "What waits for actors of a kind.");
  write_sample(out, "inboxd_mailbox", "{of=\"directory\"}", stats_->directory.depth());
  write_sample(out, "inboxd_mailbox", "{of=\"views\"}", stats_->views.depth());
  write_sample(out, "inboxd_mailbox", "{of=\"agents\"}", stats_->agents.depth());
  write_sample(out, "inboxd_mailbox", "{of=\"followers\"}", stats_->followers.depth());
  one("inboxd_contacts_resident", gauge, "Contacts' actors in memory.", residency_.resident.load());
  one("inboxd_agents_resident", gauge, "Agents' actors in memory.",
      stats_->agents_running.load(std::memory_order_relaxed));
  write_metric_head(out, "inboxd_names", gauge, "Different ids and tags that the process keeps.");
  write_sample(out, "inboxd_names", "{of=\"agents\"}", model::AgentId::count());
  write_sample(out, "inboxd_names", "{of=\"teams\"}", model::TeamId::count());
  write_sample(out, "inboxd_names", "{of=\"channels\"}", model::ChannelId::count());
  write_sample(out, "inboxd_names", "{of=\"fields\"}", model::FieldId::count());
  write_sample(out, "inboxd_names", "{of=\"views\"}", model::ViewId::count());
  write_sample(out, "inboxd_names", "{of=\"tags\"}", model::Tag::count());
  write_outbox_metrics(out, stats_->outbox);
  if (search_) search_->write_metrics(out);
  one("inboxd_start_replayed_records", gauge, "Records that the last start read from the journal.",
      recovered_.replayed);
  write_metric_head(out, "inboxd_start_microseconds", gauge,
                    "Where the last start spent its time.");
  for (const auto& [part, seconds] : start_.parts()) {
    write_sample(out, "inboxd_start_microseconds", fmt::format("{{part=\"{}\"}}", part),
                 static_cast<std::uint64_t>(seconds * 1e6));
  }
  return out;
}

Engine::Engine(EngineOptions options, Outlet& outlet)
    : impl_(std::make_unique<Impl>(std::move(options), outlet)) {}
Engine::~Engine() = default;
void Engine::open(const ClientPtr& client) {
  impl_->open(client);
}
void Engine::close(const ClientPtr& client) {
  impl_->close(client);
}
void Engine::submit(std::vector<Submission> batch) {
  impl_->submit(std::move(batch));
}
void Engine::reset_view(const ClientPtr& client, SubId sub) {
  impl_->reset_view(client, sub);
}
const std::string& Engine::epoch() const {
  return impl_->epoch();
}
model::Offset Engine::released() const {
  return impl_->released();
}
bool Engine::has_workspace(const model::WorkspaceId& id) const {
  return impl_->has_workspace(id);
}
std::vector<std::shared_ptr<const model::Workspace>> Engine::workspaces() const {
  return impl_->workspaces();
}
std::string Engine::metrics() const {
  return impl_->metrics();
}
void Engine::stop() {
  impl_->stop();
}
Driver* Engine::driver() {
  return impl_->driven() ? impl_.get() : nullptr;
}

}  // namespace inboxd::actors
