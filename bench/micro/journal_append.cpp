// What a durable commit costs: the journal against the bare loop of append and fdatasync, on the
// same disk in the same run, with the same records a sync. Compare items_per_second at equal
// arguments; `cpu_us` is of all threads, per record.
#include <fcntl.h>
#include <filesystem>
#include <stdlib.h>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

#include <benchmark/benchmark.h>

#include "model/entry_json.hpp"
#include "persistence/checksum.hpp"
#include "persistence/journal.hpp"
#include "persistence/state_json.hpp"

namespace {

using namespace inboxd;

std::filesystem::path make_directory() {
  auto name = (std::filesystem::temp_directory_path() / "inboxd-journal-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  return name;
}

double cpu_us() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  const auto us = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return us(use.ru_utime) + us(use.ru_stime);
}

model::ContactsChanged message() {
  model::Message message;
  message.channel = model::ChannelId("whatsapp-1");
  message.content.text = std::string(120, 'x');
  message.provider_id = "wamid.0123456789abcdef";
  model::Entry entry;
  entry.seq = {42};
  entry.at = {1'700'000'000'000};
  entry.author = {model::AuthorKind::contact, "c00000000001"};
  entry.body = message;
  return {{{model::ContactId{1}, {model::EntryAppended{entry}}}}};
}

void report(benchmark::State& state, double cpu_before) {
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["cpu_us"] =
      (cpu_us() - cpu_before) / static_cast<double>(state.iterations() * state.range(0));
}

void journal_append(benchmark::State& state) {
  const auto directory = make_directory();
  {
    persistence::JournalOptions options;
    options.directory = directory;
    options.threaded = false;
    persistence::Journal journal(options, {});
    const auto payload = persistence::write_record_body(model::WorkspaceId("default"), message());
    const auto before = cpu_us();
    for (auto _ : state) {
      for (auto i = state.range(0); i > 0; --i) journal.submit({payload, {0}, nullptr});
      journal.pump();
    }
    report(state, before);
    journal.drop_up_to(journal.last());
  }
  std::filesystem::remove_all(directory);
}
BENCHMARK(journal_append)->Arg(1)->Arg(45)->Arg(1024)->UseRealTime();

void journal_bare(benchmark::State& state) {
  const auto directory = make_directory();
  const int file = ::open((directory / "bare").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const auto payload = persistence::write_record_body(model::WorkspaceId("default"), message());
  std::string batch;
  for (auto i = state.range(0); i > 0; --i) batch += std::string(32, ' ') + payload;
  const auto before = cpu_us();
  for (auto _ : state) {
    if (::write(file, batch.data(), batch.size()) < 0 || ::fdatasync(file) != 0) std::abort();
  }
  report(state, before);
  ::close(file);
  std::filesystem::remove_all(directory);
}
BENCHMARK(journal_bare)->Arg(1)->Arg(45)->Arg(1024)->UseRealTime();

void record_encode(benchmark::State& state) {
  const auto body = message();
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto payload = persistence::write_record_body(model::WorkspaceId("default"), body);
    bytes = payload.size();
    benchmark::DoNotOptimize(payload.data());
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(record_encode);

void record_read(benchmark::State& state) {
  const auto payload = persistence::write_record_body(model::WorkspaceId("default"), message());
  for (auto _ : state) benchmark::DoNotOptimize(persistence::read_record(payload, {1}, {1}));
}
BENCHMARK(record_read);

void checksum(benchmark::State& state) {
  const std::string bytes(420, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(persistence::crc32c(bytes));
  state.SetBytesProcessed(state.iterations() * 420);
}
BENCHMARK(checksum);

}  // namespace
