#include "tests/sim/world.hpp"

#include <algorithm>
#include <ostream>
#include <utility>

#include <rocksdb/env.h>

#include "model/overload.hpp"
#include "tests/sim/client.hpp"

namespace inboxd::sim {
namespace {

const std::string secret(32, 'k');
constexpr std::uint64_t segment_bytes = 48 * 1024;
constexpr std::int64_t token_life_ms = std::int64_t{400} * 24 * 3'600'000;

net::Options net_options(const Settings& settings) {
  net::Options options;
  options.queue_bytes_max = settings.queue_bytes_max;
  return options;
}

/// Little is in the real directory, but that is synced, and a disk would be waited for.
std::filesystem::path fast_directory() {
  const std::filesystem::path memory = "/dev/shm";
  return std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
}

std::string_view text_of(const actors::Outgoing& item) {
  if (const auto* answer = std::get_if<actors::Answer>(&item)) return answer->body;
  if (const auto* push = std::get_if<actors::Push>(&item)) return *push->tail;
  return {};
}

std::uint64_t mix(std::uint64_t hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

}  // namespace

Settings::Settings(std::uint64_t seed) {
  Random random(seed ^ 0x5e77);
  aggregators = 1 + random.below(3);
  residents_max = random.chance(50) ? 3 : 1000;
  const bool at_once = random.chance(30);
  conflation_min = {at_once ? 0 : 20};
  conflation_max = {at_once ? 0 : 250};
  queue_bytes_max = random.chance(50) ? 6'000 : 200'000;
  store_files_bytes = random.chance(50) ? 20'000 : 1'000'000'000;
}

World::World(std::uint64_t seed)
    : home_(fast_directory()),
      disk_(seed),
      settings(seed),
      history(disk_, home_.path() / "journal"),
      store_disk_(rocksdb::NewMemEnv(rocksdb::Env::Default())),
      services_(net_options(settings), net::TokenKeys(secret)) {
  services_.clock = [this] { return model::Timestamp{now_ms_}; };
  services_.steady_us = [this] { return elapsed_ms_ * 1000; };
  services_.session_id = [this] { return "session-" + std::to_string(++sessions_); };
  start();
}

World::~World() {
  if (engine_) crash(false);
}

void World::start() {
  actors::EngineOptions options;
  options.data = home_.path();
  options.workspaces = {"default", "other"};
  options.journal_segment_bytes = segment_bytes;
  options.flush_every = model::seconds(1'000'000'000);
  options.store_files_bytes = settings.store_files_bytes;
  options.scheduler_threads = 1;
  options.resident_contacts_max = settings.residents_max;
  options.view_aggregators = settings.aggregators;
  options.conflation_min = settings.conflation_min;
  options.conflation_max = settings.conflation_max;
  options.clock = services_.clock;
  options.on_failure = [this](const std::string&) { failed_ = true; };
  options.ground = {.journal_disk = &disk_,
                    .store_disk = store_disk_.get(),
                    .new_epoch = [this] { return "epoch-" + std::to_string(++epochs_); },
                    .driven = true};
  failed_ = false;
  history.follow_all();
  engine_ = std::make_unique<actors::Engine>(std::move(options), *this);
  services_.engine = engine_.get();
  services_.stopping = false;
  const auto released = engine_->released().value;
  history.follow(released);
  history.started();
  ledger.started(engine_->epoch(), released);
  if (stopped_at_ && *stopped_at_ < released) starts_.emplace_back(*stopped_at_, released);
  stopped_at_.reset();
}

void World::stop() {
  ++met["clean restarts"];
  services_.stopping = true;
  commit();
  engine_->stop();
  history.follow(engine_->released().value);
  while (!outlet_.empty()) take_outlet();
  for (auto& client : clients) client->read();
  hang_up_all();
  hash_journal();
  stopped_at_ = engine_->released().value;
  engine_.reset();
}

void World::crash(bool power) {
  driver().die();
  outlet_.clear();
  for (auto& client : clients) client->lose_connection();
  engine_.reset();
  ++met[power ? "power cuts" : "kills"];
  if (power) disk_.crash();
  disk_.writes_until_failure = disk_.syncs_until_failure = -1;
  hash_journal();
}

void World::hang_up_all() {
  for (auto& client : clients) client->lose_connection();
}

void World::advance(std::int64_t ms, Random& random) {
  const auto end = elapsed_ms_ + ms;
  while (elapsed_ms_ < end) {
    const auto timer = up() ? driver().until_timer() : std::nullopt;
    const auto wait =
        std::min(end - elapsed_ms_, timer ? std::max<std::int64_t>(timer->ms, 1) : ms);
    elapsed_ms_ += wait;
    now_ms_ += wait;
    latest_ms_ = std::max(latest_ms_, now_ms_);
    if (!up()) continue;
    driver().pass({wait});
    if (elapsed_ms_ < end) run(200, random);
  }
  if (elapsed_ms_ - last_tick_ms_ < 1000) return;
  last_tick_ms_ = elapsed_ms_;
  for (auto& client : clients) client->tick();
  reap();
}

void World::step_clock(std::int64_t ms) {
  ++met[ms < 0 ? "clock set back" : "clock set forward"];
  now_ms_ += ms;
  latest_ms_ = std::max(latest_ms_, now_ms_);
}

bool World::step(Random& random) {
  const auto ready = driver().ready();
  const auto choice = random.below(ready + 2);
  if (choice < ready) {
    driver().run(choice);
    if (violation_) throw Violation(*violation_);
    return true;
  }
  if (choice == ready && !outlet_.empty()) {
    take_outlet();
    return true;
  }
  return commit() > 0;
}

std::size_t World::commit() {
  const auto commits = driver().commit();
  history.follow(engine_->released().value);
  return commits;
}

void World::checkpoint(bool durable) {
  commit();  // read before its segment can go
  driver().checkpoint(durable);
  history.follow(engine_->released().value);
}

void World::run(std::size_t steps, Random& random) {
  for (std::size_t i = 0; i < steps && up() && !failed_; ++i) step(random);
}

void World::settle(Random& random) {
  constexpr std::size_t steps_max = 2'000'000;
  for (std::size_t i = 0; i < steps_max; ++i) {
    if (!up() || failed_) return;
    if (step(random)) continue;
    if (driver().ready() > 0 || !outlet_.empty() || commit() > 0) continue;
    deliveries.rested(elapsed_ms_);
    return;
  }
  throw Violation("the engine does not come to rest");
}

void World::note_deliveries(const actors::Outgoing& item) {
  const auto note = [&](const actors::ClientPtr& client, const json& params) {
    const auto* session = static_cast<net::SessionClient&>(*client).session;
    for (const auto& reader : clients) {
      if (!reader->has(session)) continue;
      for (const auto& delivery : params.at("deliveries"))
        deliveries.given(reader->workspace, reader->index, delivery, elapsed_ms_);
      if (reader->leaving) deliveries.gone(reader->index);
    }
  };
  if (const auto* push = std::get_if<actors::Push>(&item)) {
    if (push->method == "outbox.deliver") note(push->client, json::parse("{" + *push->tail + "}"));
  } else if (const auto* answer = std::get_if<actors::Answer>(&item)) {
    if (answer->body.find("\"deliveries\":") == std::string::npos) return;
    note(answer->client, json::parse("{" + answer->body + "}").at("result"));
  }
}

void World::check_released(std::string_view text) const {
  const auto released = engine_ ? engine_->released().value : 0;
  if (released == 0) return;  // still starting
  for_each_offset(text, [&](std::uint64_t offset) {
    must(offset <= released, "a client is told of offset " + std::to_string(offset) +
                                 ", but only what is up to " + std::to_string(released) +
                                 " is on disk: " + std::string(text.substr(0, 200)));
  });
}

void World::deliver(std::vector<actors::Outgoing> batch) {
  // In the middle of an actor, which would end of it.
  try {
    for (const auto& item : batch) {
      check_released(text_of(item));
      note_deliveries(item);
    }
  } catch (const Violation& violation) {
    if (!violation_) violation_ = violation.what();
  }
  outlet_.push_back(std::move(batch));
}

/// As net::Server does.
void World::take_outlet() {
  const auto session_of = [](const actors::ClientPtr& client) {
    return static_cast<net::SessionClient&>(*client).session;
  };
  auto batch = std::move(outlet_.front());
  outlet_.pop_front();
  for (auto& item : batch) {
    std::visit(model::overload{
                   [&](const actors::Answer& a) {
                     if (auto* s = session_of(a.client)) s->on_answer(a.tag, a.body);
                   },
                   [&](const actors::Push& p) {
                     if (auto* s = session_of(p.client)) s->on_push(p);
                   },
                   [&](const actors::Hangup& h) {
                     if (auto* s = session_of(h.client)) s->on_hangup(h.code, h.reason);
                   },
               },
               item);
  }
  for (auto& client : clients) {
    if (client->awake()) client->read();
  }
  reap();
}

void World::reap() {
  for (auto& client : clients) client->reap();
}

void World::note_frame(std::size_t client, std::string_view text) {
  ++frames_;
  hash_ = mix(hash_ ^ client, text);
  if (trace != nullptr) *trace << "  " << client << " < " << text << '\n';
}

void World::note_request(std::size_t client, std::string_view text) const {
  if (trace != nullptr) *trace << "  " << client << " > " << text << '\n';
}

void World::hash_journal() {
  const auto directory = home_.path() / "journal";
  for (const auto& name : disk_.list(directory)) {
    hash_ = mix(mix(hash_, name), disk_.bytes(directory / name));
  }
}

std::uint64_t World::fingerprint() {
  hash_journal();
  return hash_;
}

std::string World::token(const model::WorkspaceId& workspace,
                         const model::Principal& principal) const {
  return net::sign_token(secret, workspace, principal, {latest_ms_ + token_life_ms});
}

}  // namespace inboxd::sim
