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
//
// While no connector comes, as many may wait as there are customers: then each is some tens of
// bytes (outbox_messages.hpp), and what a line needs only once it is under way is not there.
#pragma once

#include <array>
#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/commit.hpp"
#include "actors/contact_task.hpp"
#include "actors/outbox_messages.hpp"
#include "actors/outlet.hpp"
#include "model/bucket.hpp"
#include "model/limits.hpp"

namespace inboxd::actors {

/// One workspace's. One thread at a time. Time is an input: that of a clock that nobody sets, or
/// else setting it would take everything from connectors that are at work, or hold up what is due.
class Outbox {
 public:
  using Place = MessagePlace;
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

  explicit Outbox(MessageTexts::Stored stored) : texts_(std::move(stored)) {}

  /// At start, for each message that was pending. The store has it.
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

  /// The store has everything up to there: the texts are read from it from now on.
  void forget_saved(model::Offset saved) { texts_.forget_saved(saved); }
  std::size_t texts_in_memory() const { return texts_.in_memory(); }

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
  std::size_t pending() const;
  bool knows(const Place& place) const;

 private:
  using ReaderId = std::uint64_t;
  struct Reader {
    ClientPtr client;
    SubId sub;
    std::size_t held = 0, held_max = 0;
    std::set<model::ContactId> parked;  // lines that wait for room here
  };
  /// A message that is in its line no longer: a connector has it, or it is not tried any more and
  /// the commit that says so is on its way.
  struct Given {
    WaitingMessage message;
    std::optional<ReaderId> reader;     // who has it
    model::Timestamp deadline = {};     // for a word from the reader
    std::optional<Origin> asking = {};  // waits for the last failure's commit
  };
  /// What only a line needs of which something was given out, or is held up.
  struct UnderWay {
    std::map<ReaderId, std::size_t> holders;  // more than one after a merge: then nothing is given
    std::optional<model::Seq> given_up;       // its commit is on the way; what is behind it waits
    model::Bucket bucket;
    std::optional<model::Timestamp> blocked_until;
    bool limited = false;  // blocked by the customer's rate
    bool parked = false;
  };
  struct Line {
    WaitingMessages waiting;
    std::unique_ptr<UnderWay> under_way = nullptr;
    std::optional<model::Offset> ready = {};  // its key in Lane::ready, with the contact

    UnderWay& way() {
      if (!under_way) under_way = std::make_unique<UnderWay>();
      return *under_way;
    }
    bool may_go() const {
      const auto* way = under_way.get();
      return !waiting.empty() && (way == nullptr || (!way->blocked_until && !way->parked &&
                                                     !way->given_up && way->holders.size() <= 1));
    }
  };
  struct Lane {
    model::Channel settings;
    std::size_t pending = 0;
    model::Bucket bucket;
    std::map<ReaderId, Reader> readers;
    std::map<model::ContactId, Line> lines;
    std::map<Place, Given> given;                                // as many as the readers take
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
  static void lift_limits(Lane& lane);
  void put(const Place& place, const model::ChannelId& channel, model::Offset offset);
  void follow_message(const EntryChange& change, model::Offset offset, model::Timestamp now);
  void answer_asking(const Given& given, model::Offset offset);
  void remove(Lane& lane, const Place& place, model::Timestamp now);
  void move(const persistence::EntriesMoved& moved, model::Timestamp now);
  void move_given(Lane& lane, Line& old, const persistence::EntriesMoved& moved);
  static std::optional<model::Timestamp> blocked_until(const Lane& lane, model::ContactId contact);
  /// Null: it is not given to anybody.
  static Given* given(Lane& lane, const Place& place);
  /// Given out or waiting; null: neither.
  static WaitingMessage* message(Lane& lane, const Place& place);
  /// The places of the contact's messages that `reader` has.
  static std::vector<Place> held_by(const Lane& lane, model::ContactId contact, ReaderId reader);
  static void push(const Lane& lane, const Parcel& parcel, std::vector<Outgoing>& out);
  void claim(Lane& lane, ReaderId reader, model::Offset after, model::Timestamp now);
  void take_back_all(Lane& lane, ReaderId reader);
  static bool is_anothers(const Lane& lane, ReaderId holder, const ClientPtr& client);

  // outbox_order.cpp: what goes when, and to whom
  static void place_line(Lane& lane, model::ContactId contact, Line& line);
  void block(Lane& lane, model::ContactId contact, model::Timestamp until);
  void drop_if_idle(Lane& lane, model::ContactId contact, model::Timestamp now);
  bool unpark_one(Lane& lane);
  std::optional<ReaderId> reader_with_room(const Lane& lane, model::ContactId contact) const;
  Parcels pump(Lane& lane, model::Timestamp now);
  bool give_first(Lane& lane, model::Timestamp now, Parcels& parcels);
  static std::string& parcel_for(Parcels& parcels, ReaderId reader);
  void hold(Lane& lane, const Place& place, ReaderId reader, model::Timestamp now);
  /// Out of its reader's hands; what becomes of it is for the caller.
  WaitingMessage let_go(Lane& lane, const Place& place);
  /// All that the holder of `failed` has of the line waits again.
  void take_back(Lane& lane, const Place& failed);
  /// Another attempt failed: later again, or given up. When it is tried again; nothing: never.
  std::optional<model::Timestamp> try_again(Lane& lane, const Place& place, const Failure& failure,
                                            model::Timestamp now);
  void ring(const Due& due, model::Timestamp now);

  MessageTexts texts_;
  std::map<model::ChannelId, Lane> lanes_;
  std::set<Due> dues_;
  std::set<model::ChannelId> touched_;  // lanes in which something may go since the last `give`
  std::vector<Outgoing> answers_;       // go before the next deliveries
  ReaderId last_reader_ = 0;
  std::array<Counts, model::channel_kinds> counts_{};
  std::vector<GivenUp> given_up_;
};

}  // namespace inboxd::actors
