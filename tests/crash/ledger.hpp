// What clients were acknowledged before the engine died: the messages and comments, the merges, and
// how far offsets and versions had come.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/rpc_client.hpp"

namespace inboxd::tests {

/// Clients write to it from threads of their own; what is read of all is read when none runs.
class Ledger {
 public:
  struct Entry {
    std::string id;  // client_id or provider_id
    std::string text;
  };
  struct Merge {
    std::string primary, secondary;
  };

  /// `contact`: as the answer named it, so its seqs are those of this contact.
  void acknowledged(const std::string& contact, std::int64_t seq, Entry entry) {
    note([&] {
      contacts_[contact][seq] = std::move(entry);
      know(contact);
    });
  }
  void merged(Merge merge) {
    note([&] { merges_.push_back(std::move(merge)); });
  }
  void made(const std::string& contact) {
    note([&] { know(contact); });
  }
  /// Of a command on `contact` that changes its state: what its answer said.
  void reached(const std::string& contact, const Json& answer) {
    note([&] {
      auto& version = versions_[contact];
      version = std::max(version, answer.at("version").get<std::int64_t>());
      offset_ = std::max(offset_, answer.at("offset").get<std::int64_t>());
    });
  }

  /// Any that was heard of, merged ones too; "" before the first.
  std::string any_contact(std::uint64_t random) {
    const std::lock_guard lock(mutex_);
    return names_.empty() ? "" : names_[random % names_.size()];
  }
  /// One that a pile of messages was written to.
  std::string any_long_contact(std::uint64_t random) {
    const std::lock_guard lock(mutex_);
    return long_.empty() ? "" : long_[random % long_.size()];
  }
  void is_long(const std::string& contact) {
    const std::lock_guard lock(mutex_);
    if (std::find(long_.begin(), long_.end(), contact) == long_.end()) long_.push_back(contact);
  }
  /// Waits until so many more were acknowledged.
  void wait_for(std::uint64_t more) {
    std::unique_lock lock(mutex_);
    const auto target = count_ + more;
    changed_.wait_for(lock, patience, [&] { return count_ >= target; });
  }

  const std::map<std::string, std::map<std::int64_t, Entry>>& contacts() const { return contacts_; }
  const std::vector<std::string>& names() const { return names_; }
  const std::vector<Merge>& merges() const { return merges_; }
  std::int64_t offset() const { return offset_; }
  std::int64_t version(const std::string& contact) const {
    const auto known = versions_.find(contact);
    return known == versions_.end() ? 0 : known->second;
  }
  std::uint64_t count() const { return count_; }

 private:
  template <class What>
  void note(What what) {
    {
      const std::lock_guard lock(mutex_);
      what();
      ++count_;
    }
    changed_.notify_all();
  }
  void know(const std::string& contact) {
    if (known_.insert(contact).second) names_.push_back(contact);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::map<std::int64_t, Entry>> contacts_;
  std::set<std::string> known_;
  std::vector<std::string> names_, long_;
  std::vector<Merge> merges_;
  std::map<std::string, std::int64_t> versions_;
  std::int64_t offset_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace inboxd::tests
