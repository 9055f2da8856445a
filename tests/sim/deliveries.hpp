// Which connector has which outbound message, told from outside the engine (S40): noted when the
// engine decides, so that slow readers and the way of a frame do not blur it. While a connector
// has a message nobody is given it, until the connector's time is over, it says that it failed, or
// its session ends; and at rest nothing waits without a reason.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace inboxd::sim {

/// What a channel's record says of deliveries, in milliseconds.
struct Terms {
  std::int64_t ack_timeout = 120'000, delay = 2'000, delay_max = 600'000;
  std::uint32_t attempts = 8;
  std::int64_t interval = 0, customer_interval = 0;  // between two; 0: no limit
};
/// Of the simulation's channels; they stay as they are.
Terms terms_of(std::string_view channel);
/// `record` with these terms, for `channel.put`.
nlohmann::json with_terms(nlohmann::json record);

/// All times are those of a clock that nobody sets (`World::elapsed`).
class Deliveries {
 public:
  /// The engine gave this to a connector's session. Throws a Violation if another has it.
  void given(const std::string& workspace, std::size_t client, const nlohmann::json& delivery,
             std::int64_t now);
  /// A connector asks to try it again.
  void failed(std::size_t client, const std::string& text, std::int64_t retry_after);
  /// It has read the answer to that.
  void failure_answered(std::size_t client, const std::string& workspace,
                        const nlohmann::json& place);
  /// It was told that the message is sent, or has failed for good.
  void done(const std::string& workspace, const nlohmann::json& place, std::int64_t now);
  /// A session ended, or its subscription: what it has may be given to others from now on.
  void gone(std::size_t client);
  /// Contacts of the workspace may have become one: which lines those were is not known.
  void merged(const std::string& workspace) { merges_.insert(workspace); }
  /// Nothing in the engine has anything to do: all that was due has happened.
  void rested(std::int64_t now);

  /// A contact's outbound messages on a channel.
  struct Line {
    std::vector<std::string> pending;  // texts, by seq
    std::vector<std::string> others;   // sent or failed
  };
  struct Channel {
    std::string workspace, name;
    std::map<std::size_t, std::size_t> readers;  // sessions, and how many each takes at once
    std::vector<Line> lines;
  };
  /// A channel that is not paused, at rest. Throws a Violation if something that is pending could
  /// be with a connector and is not.
  void check(const Channel& channel, std::int64_t now) const;

 private:
  struct Record {
    std::string workspace, channel, contact;
    std::uint64_t seq = 0;
    std::size_t client = 0;
    std::int64_t at = 0;
    std::uint32_t attempts = 0;
    bool back = false;  // waits again
    bool free = false;  // may wait again
    bool told = false;  // that it failed
    bool crossed =
        false;  // given again before a failure was answered: whether it is back is unknown
    unsigned unanswered = 0;  // failures that its connector told and has no answer to
    bool done = false;        // not pending any more
    bool unsettled = false;   // came back; whether by time is seen at rest
    std::int64_t retry_after = 0;
    std::int64_t again_by = 0;  // it, and what is behind it, may wait until then

    bool due(std::int64_t now) const;
    std::int64_t delay() const;
  };
  void free_with(const Record& one);
  void take_back(Record& one);
  bool has_reason(const Channel& channel, const Line& line, const std::set<std::size_t>& holders,
                  std::int64_t now) const;

  std::map<std::string, Record> records_;  // by text, which names a message
  std::set<std::string> merges_;
  std::map<std::pair<std::string, std::string>, std::int64_t> last_given_;  // workspace, channel
};

}  // namespace inboxd::sim
