#include "actors/search_desk.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "actors/answer.hpp"
#include "actors/metric_text.hpp"

namespace inboxd::actors {
namespace {

constexpr std::size_t waiting_max = 64;
constexpr model::Duration retry_after{200};

search::IndexOptions index_options(const SearchOptions& options, const std::filesystem::path& data,
                                   const std::string& epoch) {
  return {.path = SearchDesk::path_in(data),
          .epoch = epoch,
          .recent_max = options.recent_max,
          .write_every = std::chrono::milliseconds(options.write_every.ms)};
}

}  // namespace

SearchDesk::SearchDesk(const SearchOptions& options, const std::filesystem::path& data,
                       const Services& services)
    : index_(index_options(options, data, services.store.epoch())),
      feed_(index_, services.store, services.outlet),
      pager_(index_, feed_, services),
      outlet_(services.outlet) {}

void SearchDesk::start() {
  feed_.start();
  thread_ = std::thread([this] { run(); });
}

void SearchDesk::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  asked_.notify_all();
  if (thread_.joinable()) thread_.join();
  feed_.stop();
}

void SearchDesk::ask(Submission submission) {
  std::optional<Submission> given_up;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= waiting_max) {
      const auto older = std::find_if(waiting_.begin(), waiting_.end(), [&](const Submission& s) {
        return s.client == submission.client;
      });
      given_up = older == waiting_.end() ? submission : *older;
      if (older != waiting_.end()) waiting_.erase(older);
    }
    if (waiting_.size() < waiting_max) waiting_.push_back(std::move(submission));
  }
  asked_.notify_one();
  if (given_up) refuse(*given_up, "Too many searches wait; search again in a moment.");
}

void SearchDesk::refuse(const Submission& submission, std::string why) {
  ++refused_;
  const model::Error error{
      .reason = model::Reason::unavailable, .message = std::move(why), .retry_after = retry_after};
  outlet_.deliver(
      {Answer{.client = submission.client, .tag = submission.tag, .body = error_answer(error)}});
}

void SearchDesk::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    asked_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const auto submission = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    const auto begun = std::chrono::steady_clock::now();
    std::string body;
    try {
      body = pager_.answer(submission);
    } catch (const std::exception& problem) {
      spdlog::error("event=search_failed reason=\"{}\"", problem.what());
      body = error_answer({.reason = model::Reason::internal_error,
                           .message = "The search failed; the server's log says why."});
    }
    outlet_.deliver(
        {Answer{.client = submission.client, .tag = submission.tag, .body = std::move(body)}});
    ++answered_;
    busy_us_ += static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                               std::chrono::steady_clock::now() - begun)
                                               .count());
    lock.lock();
  }
}

void SearchDesk::write_metrics(std::string& out) const {
  constexpr std::string_view gauge = "gauge", counter = "counter";
  const auto one = [&](std::string_view name, std::string_view type, std::string_view help,
                       std::uint64_t value) {
    write_metric(out, fmt::format("inboxd_search_{}", name), type, help, value);
  };
  const auto index = index_.stats();
  const auto feed = feed_.stats();
  const auto progress = feed_.progress();
  constexpr double percent = 100;
  one("queries_total", counter, "Searches answered.", answered_.load());
  one("queries_refused_total", counter, "Searches refused because too many waited.",
      refused_.load());
  one("query_microseconds_total", counter, "Time spent answering searches.", busy_us_.load());
  one("offset_indexed", gauge, "Every commit up to here can be found.", progress.offset.value);
  one("partial", gauge, "1 while the index is made anew or catches up after a start.",
      progress.partial ? 1 : 0);
  one("rebuild_percent", gauge, "How far that is.",
      static_cast<std::uint64_t>(progress.done * percent));
  one("documents_contacts", gauge, "Contacts in the index on disk.", index.contacts);
  one("documents_entries", gauge, "Messages and comments in the index on disk.", index.entries);
  one("documents_in_memory", gauge, "Documents that wait to be written to disk.", index.recent);
  one("disk_bytes", gauge, "Size of the index on disk.", index.bytes);
  one("writes_total", counter, "Times the index was written to disk.", index.writes);
  one("commits_taken_total", counter, "Commits indexed as they came.", feed.commits);
  one("contacts_missed_total", counter,
      "Contacts that had to be brought in from the state store later.", feed.missed);
  one("commits_waiting", gauge, "Commits that wait in memory to be indexed.", feed.waiting);
  one("rebuilds_total", counter, "Times the index was begun anew.", feed.rebuilds);
  one("cpu_microseconds_total", counter, "Processor time of the indexing thread.",
      static_cast<std::uint64_t>(feed.cpu_us));
}

}  // namespace inboxd::actors
