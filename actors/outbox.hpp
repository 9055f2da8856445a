// Outbound messages on their way to the platforms: what is pending, which connector has been given
// it, and when it may go (S40). docs/CONNECTORS.md says what a connector sees of it.
//
//   waiting ──(limits allow, a connector has room)──► held ──sent, failed──► gone
//      ▲                                                │
//      └──── after a delay: told that it failed for now, or not told anything ◄─┘
//
// A contact's messages on a channel form a line: they are given out in the order of their seq, all
// to one connector as long as it holds any, and the first that has to be tried again holds up those
// behind it. Lines that may go wait in the order of their first message's offset.
#pragma once

#include <array>
#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "actors/commit.hpp"
#include "actors/contact_task.hpp"
#include "actors/outlet.hpp"
#include "model/bucket.hpp"
#include "model/limits.hpp"

namespace inboxd::actors {

/// One workspace's. One thread at a time. Time is an input: that of a clock that nobody sets, or
/// else setting it would take everything from connectors that are at work, or hold up what is due.
class Outbox {
 public:
  struct Place {
    model::ContactId contact;
    model::Seq seq;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  /// A message that is not tried any more: to be reported as `failed`.
  struct GivenUp {
    Place place;
    model::ChannelId channel;
    model::PlatformError error;
  };
  struct Subscription {
    SubId sub;
    std::optional<model::Offset> after;  // up to there the connector has them already
    std::size_t held_max = model::limits::deliveries_held_default;
  };
  /// `outbox.failed` with `retry`.
  struct Failure {
    std::optional<model::PlatformError> error;
    std::optional<model::Duration> retry_after;  // the platform's own word
  };

  /// At start, for each message that was pending.
  void load(model::ContactId contact, const model::Entry& entry);
  /// The channels' records, at start and whenever one changed.
  void configure(const model::Workspace& workspace);

  /// After each released commit; then, after a batch of them, `give`.
  void follow(const Commit& commit, model::Timestamp now);
  /// Adds what may go now, one push a connector.
  void give(model::Timestamp now, std::vector<Outgoing>& out);

  /// `outbox.subscribe`: adds the answer, with what waits now.
  void subscribe(const Origin& origin, const Subscription& subscription, const std::string& epoch,
                 model::Offset offset, model::Timestamp now, std::vector<Outgoing>& out);
  /// A connector went, or ended a subscription: what it had is given to another.
  void leave(const ClientPtr& client, std::optional<SubId> sub, model::Timestamp now,
             std::vector<Outgoing>& out);
  /// A connector could not hand a delivery over for now. Everything of the contact that it has
  /// comes again, after a delay; the answer says when. After the last attempt the answer
  /// comes with the commit that says `failed`. `wall_now`: what the connector's clock says.
  void fail(const Origin& origin, Place place, const Failure& failure, model::Offset offset,
            model::Timestamp now, model::Timestamp wall_now, std::vector<Outgoing>& out);

  /// When `on_time` has something to do.
  std::optional<model::Timestamp> next_due() const;
  void on_time(model::Timestamp now, std::vector<Outgoing>& out);

  /// Of the channels of one kind: deliveries without a word yet, connectors that are subscribed,
  /// and what became of deliveries since the start.
  struct Counts {
    std::uint64_t pending = 0, connectors = 0, sent = 0, failed = 0, retries = 0;
  };
  const std::array<Counts, model::channel_kinds>& counts() const { return counts_; }

  std::vector<GivenUp> take_given_up() { return std::exchange(given_up_, {}); }
  std::size_t pending() const { return by_place_.size(); }
  bool knows(const Place& place) const { return by_place_.contains(place); }

 private:
  using ReaderId = std::uint64_t;
  struct Reader {
    ClientPtr client;
    SubId sub;
    std::size_t held = 0, held_max = 0;
    std::set<model::ContactId> parked;  // lines that wait for room here
  };
  struct Delivery {
    model::Offset offset;  // of the entry's last change
    model::ChannelId channel;
    std::string external_id;
    std::string text;
    std::optional<ReaderId> reader = {};  // who has been given it
    model::Timestamp deadline = {};       // for a word from the reader
    std::uint32_t attempts = 0;           // that failed
    bool withheld = false;                // was not given although there were connectors
    std::optional<Origin> asking = {};    // waits for the last failure's commit
  };
  struct Line {
    std::set<model::Seq> waiting, held;
    std::map<ReaderId, std::size_t> holders;  // more than one after a merge: then nothing is given
    std::optional<model::Seq> given_up;       // its commit is on the way; what is behind it waits
    model::Bucket bucket;
    std::optional<model::Timestamp> blocked_until;
    bool limited = false;  // blocked by the customer's rate
    bool parked = false;
    std::optional<std::pair<model::Offset, model::ContactId>> ready;  // its key in Lane::ready
  };
  struct Lane {
    model::Channel settings;
    std::size_t pending = 0;
    model::Bucket bucket;
    std::map<ReaderId, Reader> readers;
    std::map<model::ContactId, Line> lines;
    std::set<std::pair<model::Offset, model::ContactId>> ready;  // lines whose first may go
    std::optional<model::Timestamp> blocked_until;               // by the channel's rate
  };
  /// What one reader is to have, in one push.
  struct Parcel {
    ReaderId reader = 0;
    std::string deliveries;
  };
  using Parcels = std::vector<Parcel>;
  /// A delivery's deadline, a line's block (seq 0) or a lane's (contact 0).
  struct Due {
    model::Timestamp at;
    model::ChannelId channel;
    Place place;
    friend auto operator<=>(const Due&, const Due&) = default;
  };

  Lane& lane(const model::ChannelId& channel);
  Counts& count(const Lane& lane) {
    return counts_.at(static_cast<std::size_t>(lane.settings.kind));
  }
  void set_up(Lane& lane, const model::Channel& settings);
  void lift_limits(Lane& lane) const;
  void put(const Place& place, Delivery delivery);
  void remove(const Place& place, model::Timestamp now);
  void move(const persistence::EntriesMoved& moved, model::Timestamp now);
  void move_delivery(Lane& lane, const Place& from, const Place& to);
  static void push(const Lane& lane, const Parcel& parcel, std::vector<Outgoing>& out);
  void claim(Lane& lane, ReaderId reader, model::Offset after, model::Timestamp now);
  void take_back_all(Lane& lane, ReaderId reader);
  static bool is_anothers(const Lane& lane, ReaderId holder, const ClientPtr& client);

  // outbox_order.cpp: what goes when, and to whom
  void place_line(Lane& lane, model::ContactId contact, Line& line) const;
  void block(Lane& lane, model::ContactId contact, model::Timestamp until);
  void drop_if_idle(Lane& lane, model::ContactId contact, model::Timestamp now);
  bool unpark_one(Lane& lane);
  std::optional<ReaderId> reader_with_room(const Lane& lane, model::ContactId contact) const;
  Parcels pump(Lane& lane, model::Timestamp now);
  bool give_first(Lane& lane, model::Timestamp now, Parcels& parcels);
  void hold(Lane& lane, const Place& place, ReaderId reader, model::Timestamp now);
  void let_go(Lane& lane, const Place& place, Delivery& delivery);
  /// All that the holder of `failed` has of the line waits again.
  void take_back(Lane& lane, const Place& failed);
  /// Another attempt failed: later again, or given up. When it is tried again; nothing: never.
  std::optional<model::Timestamp> try_again(Lane& lane, const Place& place, const Failure& failure,
                                            model::Timestamp now);
  void ring(const Due& due, model::Timestamp now);

  std::map<Place, Delivery> by_place_;
  std::map<model::ChannelId, Lane> lanes_;
  std::set<Due> dues_;
  std::set<model::ChannelId> touched_;  // lanes in which something may go since the last `give`
  std::vector<Outgoing> answers_;       // go before the next deliveries
  ReaderId last_reader_ = 0;
  std::array<Counts, model::channel_kinds> counts_{};
  std::vector<GivenUp> given_up_;
};

}  // namespace inboxd::actors
