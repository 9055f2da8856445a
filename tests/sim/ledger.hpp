// What clients were told, so that it can be asked for later: every acknowledged message and
// comment, and the highest offset that anybody saw.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace inboxd::sim {

/// The offsets that a text for clients shows, wherever they stand.
void for_each_offset(std::string_view text, const std::function<void(std::uint64_t)>& visit);

/// One entry of a client's making. Every text is written once in a run, so that it names the entry.
struct Written {
  std::string workspace, contact;
  std::uint64_t seq = 0, offset = 0;
};

class Ledger {
 public:
  /// A process is ready to serve. Throws a Violation if it forgot something.
  void started(const std::string& epoch, std::uint64_t released);
  /// An offset was in a frame to somebody.
  void saw(std::uint64_t offset);
  std::uint64_t seen() const { return seen_; }

  /// An acknowledgement of a message or comment, the first one or a repeated one. Throws a
  /// Violation if it contradicts a former one.
  void acknowledged(const std::string& text, Written written);
  const std::map<std::string, Written>& written() const { return written_; }
  /// Contacts were merged: places move.
  void merged(const std::string& workspace);
  bool has_merges(const std::string& workspace) const { return merges_.contains(workspace); }

  /// Any contact that a frame named.
  void knows(std::string_view contact);
  std::uint64_t contacts() const { return contacts_; }  // ids go up to this number

 private:
  std::string epoch_;
  std::uint64_t seen_ = 0, contacts_ = 0;
  std::map<std::string, Written> written_;
  std::map<std::uint64_t, std::string> by_offset_;
  std::set<std::string> merges_;
};

}  // namespace inboxd::sim
