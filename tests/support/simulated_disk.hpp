// A disk in memory that can do what real ones do at the worst moment: take half a write, fail, be
// full, and at a crash lose or reorder whatever was not synced, sector by sector. Seeded, so that a
// failure can be seen again.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "persistence/file.hpp"

namespace inboxd::tests {

class SimulatedDisk final : public persistence::FileSystem {
 public:
  explicit SimulatedDisk(std::uint64_t seed = 1) : random_(seed) {}

  // What goes wrong.
  bool short_writes = false;      // each write takes a random part
  int writes_until_failure = -1;  // counts down; at 0 every write fails with ENOSPC
  int syncs_until_failure = -1;   // likewise with EIO
  std::uint64_t free = std::uint64_t{1} << 40;

  /// Power fails: of what was not synced, each sector stays or goes by chance; so do names that
  /// were not synced.
  void crash() {
    const std::lock_guard lock(mutex_);
    for (auto& [path, before] : unsynced_names_) {
      if (random_() % 2 == 0) continue;
      ++names_lost_;
      if (before) {
        files_[path] = before;
      } else {
        files_.erase(path);
      }
    }
    unsynced_names_.clear();
    for (auto& [path, content] : files_) lose_unsynced(*content);
    writes_until_failure = syncs_until_failure = -1;
  }

  /// What would be left if everything unsynced were lost.
  std::string durable(const std::filesystem::path& path) {
    const std::lock_guard lock(mutex_);
    return at(path)->synced;
  }
  std::string& bytes(const std::filesystem::path& path) { return at(path)->now; }
  std::size_t writes() const { return writes_; }
  std::size_t syncs() const { return syncs_; }
  /// What never got to the disk, at crashes and at syncs that failed.
  std::size_t sectors_lost() const { return sectors_lost_; }
  std::size_t names_lost() const { return names_lost_; }

  std::unique_ptr<persistence::File> open(const std::filesystem::path& path) override {
    const std::lock_guard lock(mutex_);
    auto& content = files_[path];
    if (!content) {
      content = std::make_shared<Content>();
      unsynced_names_.emplace(path, nullptr);
    }
    return std::make_unique<OpenFile>(*this, content);
  }
  std::string read(const std::filesystem::path& path) override {
    const std::lock_guard lock(mutex_);
    return at(path)->now;
  }
  std::vector<std::string> list(const std::filesystem::path& directory) override {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [path, content] : files_) {
      if (path.parent_path() == directory) names.push_back(path.filename().string());
    }
    return names;
  }
  bool exists(const std::filesystem::path& path) override {
    const std::lock_guard lock(mutex_);
    return files_.contains(path);
  }
  std::uint64_t size(const std::filesystem::path& path) override {
    const std::lock_guard lock(mutex_);
    return at(path)->now.size();
  }
  void make_directory(const std::filesystem::path&) override {}
  void rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    const std::lock_guard lock(mutex_);
    const auto content = at(from);
    remember(to);
    remember(from);
    files_.erase(from);
    files_[to] = content;
  }
  void remove(const std::filesystem::path& path) override {
    const std::lock_guard lock(mutex_);
    remember(path);
    files_.erase(path);
  }
  void sync_directory(const std::filesystem::path& directory) override {
    const std::lock_guard lock(mutex_);
    if (fails(syncs_until_failure)) {
      throw std::system_error(EIO, std::generic_category(), "cannot sync the directory");
    }
    std::erase_if(unsynced_names_,
                  [&](const auto& item) { return item.first.parent_path() == directory; });
  }
  std::uint64_t free_bytes(const std::filesystem::path&) override { return free; }

 private:
  static constexpr std::size_t sector = 512;

  struct Content {
    std::string now, synced;
    std::set<std::size_t> dirty;  // sectors
  };
  using ContentPtr = std::shared_ptr<Content>;

  class OpenFile final : public persistence::File {
   public:
    OpenFile(SimulatedDisk& disk, ContentPtr content) : disk_(disk), content_(std::move(content)) {}
    std::size_t write(std::uint64_t position, std::string_view bytes) override {
      return disk_.write(*content_, position, bytes);
    }
    void sync() override { disk_.sync(*content_); }
    void allocate(std::uint64_t bytes) override {
      const std::lock_guard lock(disk_.mutex_);
      if (bytes > disk_.free) {
        throw std::system_error(ENOSPC, std::generic_category(), "cannot reserve space");
      }
      if (content_->now.size() < bytes) content_->now.resize(bytes);
    }
    void truncate(std::uint64_t bytes) override {
      const std::lock_guard lock(disk_.mutex_);
      content_->now.resize(bytes);
      content_->synced.resize(std::min<std::size_t>(content_->synced.size(), bytes));
    }

   private:
    SimulatedDisk& disk_;
    ContentPtr content_;
  };

  ContentPtr at(const std::filesystem::path& path) {
    const auto found = files_.find(path);
    if (found == files_.end()) {
      throw std::system_error(ENOENT, std::generic_category(), "cannot open " + path.string());
    }
    return found->second;
  }

  void remember(const std::filesystem::path& path) {
    const auto found = files_.find(path);
    unsynced_names_.emplace(path, found == files_.end() ? nullptr : found->second);
  }

  static bool fails(int& countdown) {
    return countdown == 0 || (countdown > 0 && --countdown == 0);
  }

  std::size_t write(Content& content, std::uint64_t position, std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    ++writes_;
    if (fails(writes_until_failure)) {
      // Part of it may have got there.
      put(content, position, bytes.substr(0, random_() % (bytes.size() + 1)));
      throw std::system_error(ENOSPC, std::generic_category(), "cannot write");
    }
    if (short_writes) bytes = bytes.substr(0, 1 + random_() % bytes.size());
    put(content, position, bytes);
    return bytes.size();
  }

  static void put(Content& content, std::uint64_t position, std::string_view bytes) {
    if (bytes.empty()) return;
    const auto end = position + bytes.size();
    if (content.now.size() < end) content.now.resize(end);
    std::copy(bytes.begin(), bytes.end(),
              content.now.begin() + static_cast<std::ptrdiff_t>(position));
    for (auto s = position / sector; s <= (end - 1) / sector; ++s) content.dirty.insert(s);
  }

  void sync(Content& content) {
    const std::lock_guard lock(mutex_);
    ++syncs_;
    if (fails(syncs_until_failure)) {
      lose_unsynced(content, false);
      throw std::system_error(EIO, std::generic_category(), "cannot sync");
    }
    content.synced.resize(content.now.size());
    for (const auto s : content.dirty) copy_sector(content.synced, content.now, s);
    content.dirty.clear();
  }

  static void copy_sector(std::string& to, const std::string& from, std::size_t s) {
    const auto begin = std::min(s * sector, to.size());
    const auto end = std::min(begin + sector, to.size());
    to.replace(begin, end - begin, from, begin, end - begin);
  }

  /// Decides sector by sector what of the unsynced reached the disk.
  /// After a failed sync the kernel still shows what was written; after a crash it does not.
  void lose_unsynced(Content& content, bool forget = true) {
    auto left = content.synced;
    left.resize(content.now.size());
    for (const auto s : content.dirty) {
      if (random_() % 2 == 0) {
        ++sectors_lost_;
        continue;
      }
      copy_sector(left, content.now, s);
    }
    content.synced = left;
    content.dirty.clear();
    if (forget) content.now = std::move(left);
  }

  std::mutex mutex_;
  std::mt19937_64 random_;
  std::map<std::filesystem::path, ContentPtr> files_;
  std::map<std::filesystem::path, ContentPtr> unsynced_names_;  // what the name stood for before
  std::size_t writes_ = 0, syncs_ = 0, sectors_lost_ = 0, names_lost_ = 0;
};

}  // namespace inboxd::tests
