// What must hold of an engine that was started after a crash, whatever it was doing then.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/crash/ledger.hpp"
#include "tests/support/rpc_client.hpp"

namespace inboxd::tests {

/// All that the engine has, as it says when asked.
struct Found {
  std::map<std::string, Json> contacts;  // by their own ids
  std::map<std::string, std::vector<Json>> timelines;
  std::map<std::string, std::string> leads_to;  // each id that was heard of: the contact's own

  /// Where the entry that this contact had under this seq is now (S23).
  std::int64_t place(const std::string& contact, std::int64_t seq) const;
};
Found find_all(RpcClient& service, const Ledger& ledger);
/// Entries that came with one merge, at most.
std::int64_t longest_merge(const Found& found);

/// Seqs without gap, each id at most once, each acknowledged entry where it was acknowledged, each
/// acknowledged merge, no offset or version back before one that was told.
void check_acknowledged(const Found& found, const Ledger& ledger, RpcClient& service);
/// A contact is what its timeline says: nothing is half-applied.
void check_states(const Found& found);
/// Lists and their counters are what the contacts, asked one by one, say they should be.
void check_views(RpcClient& service, const Found& found);
/// What was acknowledged is known when it comes again, also of contacts that were merged.
void check_repeats(RpcClient& connector, const Found& found, const Ledger& ledger);

/// A client that follows one contact through all restarts, and what it is merged into.
class Follower {
 public:
  explicit Follower(std::string contact) : contact_(std::move(contact)) {}

  void subscribe(RpcClient& client);
  void fold(RpcClient& client);
  /// Everything from the first entry that it knows on is as the timeline says.
  void check(const Found& found) const;

 private:
  void take(const Json& from);

  std::string contact_, epoch_, sub_;
  std::int64_t offset_ = 0;
  std::map<std::int64_t, Json> entries_;
};

}  // namespace inboxd::tests
