// What the outbox keeps of messages that wait: in a line only their place, some tens of bytes,
// because there may be as many as there are customers while no connector comes; and of those that
// the store does not have yet the text that the commit and the checkpointer share.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/entry.hpp"
#include "model/ids.hpp"

namespace inboxd::actors {

/// Which message of which contact.
struct MessagePlace {
  model::ContactId contact;
  model::Seq seq;
  friend auto operator<=>(const MessagePlace&, const MessagePlace&) = default;
};

struct WaitingMessage {
  model::Seq seq;
  model::Offset offset;        // of the entry's last change
  std::uint32_t attempts = 0;  // that failed
  bool withheld = false;       // was not given although there were connectors
};

/// The messages of one line that wait, ascending by seq. Cheap at both ends: new ones come at the
/// back, and what is given out or taken back is near the front.
class WaitingMessages {
 public:
  bool empty() const { return first_ == messages_.size(); }
  std::size_t size() const { return messages_.size() - first_; }
  auto begin() { return messages_.begin() + static_cast<std::ptrdiff_t>(first_); }
  auto end() { return messages_.end(); }
  auto begin() const { return messages_.begin() + static_cast<std::ptrdiff_t>(first_); }
  auto end() const { return messages_.end(); }
  const WaitingMessage& front() const { return *begin(); }

  /// Null: no such message waits.
  WaitingMessage* find(model::Seq seq);
  bool has(model::Seq seq) const;
  /// A seq that is not there yet.
  void insert(const WaitingMessage& message);
  /// Nothing: no such message waits.
  std::optional<WaitingMessage> take(model::Seq seq);
  void clear() { *this = {}; }

 private:
  std::vector<WaitingMessage>::iterator place_of(model::Seq seq);

  std::vector<WaitingMessage> messages_;
  std::size_t first_ = 0;  // those before it are gone
};

/// The texts of messages that are not sent yet: in memory until the store has them, then from
/// there.
class MessageTexts {
 public:
  struct Text {
    std::string external_id;
    std::shared_ptr<const std::string> entry;  // in wire form
  };
  /// An entry's JSON as the store has it; nothing: it is not there.
  using Stored = std::function<std::optional<std::string>(const MessagePlace&)>;

  explicit MessageTexts(Stored stored) : stored_(std::move(stored)) {}

  /// An entry with its commit's offset, and its wire form: both shared with whoever saves them.
  void put(const MessagePlace& place, std::shared_ptr<const model::Entry> entry,
           std::shared_ptr<const std::string> text);
  void erase(const MessagePlace& place) { unsaved_.erase(place); }
  /// Its messages have other places now (S23), under which they are `put`.
  void erase_all(model::ContactId contact);
  /// Lets go of what the store holds by now.
  void forget_saved(model::Offset saved);
  /// Nothing: it is on its way from one place to another, by a merge that the store has and the
  /// outbox has not heard of.
  std::optional<Text> find(const MessagePlace& place) const;
  std::size_t in_memory() const { return unsaved_.size(); }

 private:
  struct Unsaved {
    std::shared_ptr<const model::Entry> entry;
    std::shared_ptr<const std::string> text;
  };

  Stored stored_;
  std::map<MessagePlace, Unsaved> unsaved_;
  std::deque<std::pair<model::Offset, MessagePlace>> by_offset_;  // each `put`, ascending
};

}  // namespace inboxd::actors
