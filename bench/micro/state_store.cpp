// What the state store costs: writing a checkpoint (a message to a random contact and its state,
// coalesced), and reading all contacts at a start.
#include <array>
#include <atomic>
#include <filesystem>
#include <random>
#include <stdlib.h>
#include <string>
#include <time.h>

#include <benchmark/benchmark.h>

#include "model/entry_json.hpp"
#include "persistence/store.hpp"

namespace {

using namespace inboxd;
using persistence::Change;
using persistence::StateStore;

std::filesystem::path make_directory() {
  auto name = (std::filesystem::temp_directory_path() / "inboxd-store-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  return name;
}

std::shared_ptr<model::Contact> some_contact(std::uint64_t id) {
  auto contact = std::make_shared<model::Contact>();
  contact->id = {id};
  contact->version = {3};
  contact->created_at = contact->sort_at = {1'700'000'000'000};
  model::Details details;
  details.first_name = "Contact";
  details.last_name = std::to_string(id);
  details.phone = "+3491" + std::to_string(1'000'000 + id);
  details.email = "contact" + std::to_string(id) + "@example.org";
  details.language = "es";
  contact->details = std::make_shared<const model::Details>(std::move(details));
  contact->tags = {model::Tag("lead"), model::Tag("vip")};
  model::Identity identity;
  identity.channel = model::ChannelId("whatsapp-1");
  identity.external_id = contact->details->phone;
  contact->identities = {identity};
  contact->assignment.assignee = model::AgentId("agent-" + std::to_string(id % 100));
  contact->last_seq = {12};
  contact->read_seq = {10};
  contact->unread = {{11}, {12}};
  contact->last_inbound_seq = {12};
  contact->last_inbound_channel = identity.channel;
  model::LastMessage last;
  last.seq = {12};
  last.preview = "Hola, ¿me pueden decir dónde está mi pedido?";
  contact->last_message = last;
  return contact;
}

/// Some 300 bytes that a compression does not make nothing of.
std::string some_words(std::uint64_t seed) {
  constexpr std::array words{"hola",    "pedido", "mañana", "gracias",   "where",   "is",
                             "parcel",  "my",     "could",  "you",       "please",  "dónde",
                             "invoice", "number", "today",  "Barcelona", "returns", "quiero"};
  std::mt19937_64 random(seed);
  std::string text;
  while (text.size() < 300) {
    text += words[random() % words.size()];
    text += ' ';
    if (random() % 6 == 0) text += std::to_string(random() % 100'000) + ' ';
  }
  return text;
}

Change message_to(std::uint64_t id, std::uint64_t offset) {
  Change change;
  change.offset = {offset};
  change.workspace = model::WorkspaceId("default");
  auto contact = some_contact(id);
  contact->changed_at = change.offset;
  change.contacts.push_back(contact);
  model::Message message;
  message.channel = model::ChannelId("whatsapp-1");
  message.content.text = some_words(offset);
  message.provider_id = "wamid." + std::to_string(offset);
  model::Entry entry;
  entry.seq = {offset};
  entry.offset = change.offset;
  entry.author = {model::AuthorKind::contact, contact->id.str()};
  entry.body = message;
  std::string json;
  write_entry(json, contact->id, entry);
  change.entries.push_back({contact->id, std::make_shared<const model::Entry>(std::move(entry)),
                            std::make_shared<const std::string>(std::move(json)), true});
  return change;
}

/// Of the whole process, so that flushes and compactions count, or of the calling thread.
double cpu_us(clockid_t whose) {
  timespec t{};
  ::clock_gettime(whose, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

/// As the checkpointer does at full load: 64,000 commits a write, as sorted files (`durably`) or
/// through the memtables, flushed after every other write.
void checkpoint_write(benchmark::State& state) {
  const auto directory = make_directory();
  const bool durably = state.range(1) == 1;
  {
    StateStore store({.path = directory});
    std::mt19937_64 random(1);
    constexpr std::uint64_t commits = 64'000;
    std::uint64_t offset = 0;
    double making = 0;
    const auto others_before = store.stats().background_cpu_us;
    const auto before = cpu_us(CLOCK_PROCESS_CPUTIME_ID);
    for (auto _ : state) {
      state.PauseTiming();
      const auto from = cpu_us(CLOCK_THREAD_CPUTIME_ID);
      std::vector<Change> changes;
      for (std::uint64_t i = 0; i < commits; ++i) {
        changes.push_back(
            message_to(1 + random() % static_cast<std::uint64_t>(state.range(0)), ++offset));
      }
      making += cpu_us(CLOCK_THREAD_CPUTIME_ID) - from;
      state.ResumeTiming();
      if (durably) {
        store.write_durably(changes);
      } else {
        store.write(changes);
        if (offset % (2 * commits) == 0) store.flush();
      }
    }
    const auto items = state.iterations() * static_cast<std::int64_t>(commits);
    const auto cpu = cpu_us(CLOCK_PROCESS_CPUTIME_ID) - before - making;
    state.SetItemsProcessed(items);
    state.counters["cpu_us"] = cpu / static_cast<double>(items);
    state.counters["of_others"] =
        static_cast<double>(store.stats().background_cpu_us - others_before) /
        static_cast<double>(items);
    state.counters["disk_bytes"] =
        static_cast<double>(store.stats().disk_bytes) / static_cast<double>(items);
  }
  std::filesystem::remove_all(directory);
}
BENCHMARK(checkpoint_write)
    ->ArgNames({"contacts", "durably"})
    ->ArgsProduct({{10'000, 100'000, 1'000'000}, {0, 1}})
    ->Iterations(50)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

/// One page of 50 of a contact with so many entries: the first of all, or the last.
void timeline_page(benchmark::State& state) {
  const auto directory = make_directory();
  const auto entries = static_cast<std::uint64_t>(state.range(0));
  const bool first = state.range(1) == 1;
  {
    StateStore store({.path = directory});
    std::vector<Change> changes;
    for (std::uint64_t n = 1; n <= entries; ++n) {
      changes.push_back(message_to(1, n));
      if (n % 50'000 != 0 && n != entries) continue;
      store.write(changes);
      changes.clear();
    }
    store.flush();
    constexpr std::size_t limit = 50;
    for (auto _ : state) {
      const auto page = store.page({1}, model::Seq{first ? limit + 1 : entries + 1}, limit);
      if (page.entries.size() != limit || page.more == first) state.SkipWithError("a wrong page");
    }
  }
  std::filesystem::remove_all(directory);
}
BENCHMARK(timeline_page)
    ->ArgNames({"entries", "first"})
    ->ArgsProduct({{1'000, 1'000'000}, {0, 1}})
    ->Unit(benchmark::kMicrosecond);

void contacts_at_start(benchmark::State& state) {
  const auto directory = make_directory();
  const auto contacts = static_cast<std::uint64_t>(state.range(0));
  {
    StateStore store({.path = directory});
    std::vector<Change> changes;
    for (std::uint64_t id = 1; id <= contacts; ++id) {
      Change change;
      change.offset = {id};
      change.workspace = model::WorkspaceId("default");
      change.contacts.push_back(some_contact(id));
      changes.push_back(std::move(change));
      if (changes.size() == 50'000 || id == contacts) {
        store.write(changes);
        changes.clear();
      }
    }
    store.flush();
  }
  for (auto _ : state) {
    const StateStore store({.path = directory, .mode = persistence::StoreOptions::Mode::existing});
    std::atomic<std::uint64_t> seen{0};
    store.for_each_contact(2, [&](std::size_t, persistence::StoredContact&&) { ++seen; });
    if (seen != contacts) state.SkipWithError("contacts are missing");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  std::filesystem::remove_all(directory);
}
BENCHMARK(contacts_at_start)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1);

}  // namespace
