// Answers `search`: a small queue, one thread, the index and the live state.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "actors/outlet.hpp"
#include "actors/request.hpp"
#include "actors/search_feed.hpp"
#include "actors/search_options.hpp"
#include "actors/search_page.hpp"
#include "actors/services.hpp"
#include "persistence/search/index.hpp"

namespace inboxd::actors {

class SearchDesk {
 public:
  /// Nothing is read yet: `feed().load`, then `start`.
  SearchDesk(const SearchOptions& options, const std::filesystem::path& data,
             const Services& services);
  ~SearchDesk() { stop(); }
  SearchDesk(const SearchDesk&) = delete;
  SearchDesk& operator=(const SearchDesk&) = delete;

  SearchFeed& feed() { return feed_; }
  void start();
  /// Answers what was asked, and brings the index to disk.
  void stop();

  /// Any thread, never waits; answered through the outlet. When too many wait, the oldest of the
  /// same client is given up for its newer one, else the new one is refused (`unavailable`).
  void ask(Submission submission);

  /// Prometheus text lines.
  void write_metrics(std::string& out) const;

  /// Where the index is in a data directory.
  static std::filesystem::path path_in(const std::filesystem::path& data) {
    return data / "search";
  }

 private:
  void run();
  void refuse(const Submission& submission, std::string why);

  search::Index index_;
  SearchFeed feed_;
  SearchPager pager_;
  Outlet& outlet_;

  mutable std::mutex mutex_;
  std::condition_variable asked_;
  std::deque<Submission> waiting_;
  bool stopping_ = false;
  std::atomic<std::uint64_t> answered_{0}, refused_{0}, busy_us_{0};
  std::thread thread_;
};

}  // namespace inboxd::actors
