// Outbound messages on their way to the platforms: what is pending, and which connector has been
// given it (S40).
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "actors/commit.hpp"
#include "actors/contact_task.hpp"
#include "actors/outlet.hpp"

namespace inboxd::actors {

/// One workspace's. One thread at a time.
class Outbox {
 public:
  /// At start, for each message that was pending; `text` is the entry's wire form.
  void load(model::ContactId contact, const model::Entry& entry);

  /// After each released commit; what is to be delivered is added to `out`.
  void follow(const Commit& commit, std::vector<Outgoing>& out);

  /// `outbox.subscribe`: the answer's result and the subscription itself.
  std::string subscribe(const Origin& origin, SubId sub, std::optional<model::Offset> after,
                        const std::string& epoch, model::Offset offset);
  /// A connector went, or ended a subscription: what it had is given to another.
  void leave(const ClientPtr& client, std::optional<SubId> sub, std::vector<Outgoing>& out);

  std::size_t pending() const { return by_place_.size(); }

 private:
  struct Place {
    model::ContactId contact;
    model::Seq seq;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct Reader {
    ClientPtr client;
    SubId sub;
    friend bool operator==(const Reader&, const Reader&) = default;
  };
  struct Delivery {
    model::Offset offset;  // of the entry's last change
    model::ChannelId channel;
    std::string external_id;
    std::string text;
    std::optional<Reader> reader;  // who has been given it
  };
  struct Lane {
    std::vector<Reader> readers;
    std::map<model::Offset, std::vector<Place>> order;
  };

  void put(const Place& place, Delivery delivery);
  void remove(const Place& place);
  void move(const persistence::EntriesMoved& moved);
  /// A contact's messages go to one reader as long as it stays, so that they keep their order.
  static const Reader* reader_for(const Lane& lane, model::ContactId contact);
  static void write(std::string& out, const Place& place, const Delivery& delivery);

  std::map<Place, Delivery> by_place_;
  std::map<model::ChannelId, Lane> lanes_;
};

}  // namespace inboxd::actors
