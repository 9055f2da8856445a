// What the contact centres were at every offset, read off the journal as it grows: so what a client
// is shown at an offset can be looked at then and there, by the reference (reference.hpp). Of the
// engine's code it uses what reads a record and folds it into a contact; that this is right, too,
// is seen at each audit: contacts must be what their timelines say and what is told of them.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/workspace.hpp"
#include "persistence/journal_reader.hpp"
#include "tests/sim/reference.hpp"

namespace inboxd::sim {

class History final : private persistence::PriorState {
 public:
  History(persistence::FileSystem& disk, std::filesystem::path journal)
      : disk_(disk), journal_(std::move(journal)) {}

  /// Reads on, up to this offset: what is on disk for good.
  void follow(std::uint64_t released);
  /// Reads all that the next process will find.
  void follow_all();
  /// A process has begun with what was read: its lists are as of the last record of all (S2).
  void started();
  /// The last offset that was read.
  std::uint64_t last() const { return last_; }

  /// The workspace as it was; null: that is forgotten.
  const Truth* at(const std::string& workspace, std::uint64_t offset) const;
  /// The entry, unless it has changed since that offset. Throws a Violation if there is none.
  std::optional<json> entry_at(const std::string& contact, std::uint64_t seq,
                               std::uint64_t offset) const;
  /// Nobody will be shown anything older any more.
  void forget_before(std::uint64_t offset);

 private:
  using Versions = std::map<std::uint64_t, Truth>;  // by offset
  struct Place {
    model::Workspace workspace;
    Versions versions;
  };

  void take(const persistence::Frame& frame);
  void take(Truth& truth, const Place& place, const persistence::Change& change);
  std::shared_ptr<const Known> known(const model::Contact& contact, const Place& place) const;
  std::optional<model::Contact> contact(model::ContactId id) override;
  std::optional<model::Entry> entry(model::ContactId contact, model::Seq seq) override;

  persistence::FileSystem& disk_;
  const std::filesystem::path journal_;
  std::uint64_t last_ = 0;
  std::int64_t last_at_ = 0;
  std::map<std::string, Place> places_;
  std::map<model::ContactId, std::shared_ptr<const model::Contact>> contacts_;
  std::map<std::pair<model::ContactId, model::Seq>, std::shared_ptr<const model::Entry>> entries_;
};

}  // namespace inboxd::sim
