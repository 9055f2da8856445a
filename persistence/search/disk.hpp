// The index on disk: two Xapian databases, one of contacts (its documents change; numbered by the
// contact's id) and one of entries (which never change; numbered so that the newest come first).
// Both are derived data: what is damaged, of another version or of another data directory is made
// anew from the store.
//
// Beside the documents each keeps, in the same atomic commit, how far it has come with every
// contact: the contacts their version, the entries their seq (`Stamp`).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <xapian.h>

#include "model/ids.hpp"
#include "persistence/search/document.hpp"
#include "persistence/search/postings.hpp"

namespace inboxd::search {

/// How much of a contact is in the index: its details as of `version`, its entries up to `through`.
struct Stamp {
  std::uint32_t version = 0;
  std::uint32_t through = 0;
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

/// What is kept of an entry beside its words.
struct EntryValue {
  Document::Kind kind = Document::Kind::message;
  model::ContactId contact;
  model::Seq seq;
  model::Timestamp at;
};

/// Entries written while the index follows the commits are numbered down from the middle, entries
/// found when it is made anew, newest first, up from it: ascending numbers are descending times.
inline constexpr DocId middle = 1U << 31U;

/// One thread. Throws Xapian::Error.
class DiskWriter {
 public:
  DiskWriter(std::filesystem::path path, std::string epoch);

  /// Opens what is there. False, and says why: it cannot be used.
  bool open(std::string& why);
  /// Begins again with nothing.
  void create();

  std::vector<Stamp> stamps() const;
  /// Up to where every commit is in the index; 0: not known, look at the stamps.
  model::Offset offset() const { return offset_; }
  /// It was begun, and is not whole yet: found so after a restart, it has to be begun again.
  bool rebuilding() const { return rebuilding_; }

  /// Documents until `commit`. An entry's number is given by `number_next`, or `number_older` for
  /// those found in a rebuild.
  void put_contact(const Document& document);
  void put_entry(const Document& document, DocId number);
  DocId number_next() { return --front_; }
  DocId number_older() { return back_++; }

  /// Keeps it, together with the stamps of the blocks named, the offset, and whether the rebuild
  /// goes on; durable unless it does.
  void commit(const std::vector<Stamp>& stamps, const std::vector<std::size_t>& blocks,
              model::Offset offset, bool rebuilding);

  static constexpr std::size_t block_contacts = 256;  // stamps that are written together

  std::uint64_t contacts() const { return contacts_->get_doccount(); }
  std::uint64_t entries() const { return entries_->get_doccount(); }
  std::uint64_t bytes() const;

 private:
  void open_both(int flags, int entries_flags);

  std::filesystem::path path_;
  std::string epoch_;
  std::optional<Xapian::WritableDatabase> contacts_, entries_;
  model::Offset offset_;
  bool rebuilding_ = false;
  DocId front_ = middle, back_ = middle;
};

/// One thread, another than the writer's. Throws Xapian::Error.
class DiskReader {
 public:
  explicit DiskReader(std::filesystem::path path) : path_(std::move(path)) {}

  /// Sees the last commit from here on. False: there is nothing on disk yet.
  bool refresh();
  void close();

  const Xapian::Database& contacts() const { return *contacts_; }
  const Xapian::Database& entries() const { return *entries_; }
  bool is_open() const { return contacts_ && entries_; }

  std::vector<std::string> external_ids(model::ContactId contact) const;
  /// Of ascending numbers.
  class Values;

 private:
  std::filesystem::path path_;
  std::optional<Xapian::Database> contacts_, entries_;
};

/// Reads entries' values along with a walk.
class DiskReader::Values {
 public:
  explicit Values(const Xapian::Database& entries);
  std::optional<EntryValue> at(DocId number);

 private:
  Xapian::ValueIterator at_, end_;
};

}  // namespace inboxd::search
