// Walks over sorted lists of document numbers: a term's, any of several, all of several. Ascending,
// lazily: what is found first ends the walk, so that a common word costs no more than a rare one.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <xapian.h>

namespace inboxd::search {

using DocId = std::uint32_t;
inline constexpr DocId no_document = std::numeric_limits<DocId>::max();

class Postings {
 public:
  virtual ~Postings() = default;
  /// Where the walk stands; `no_document`: at its end.
  virtual DocId at() const = 0;
  virtual void next() = 0;
  /// To the first document at or after `id`; never back.
  virtual void skip_to(DocId id) = 0;
  /// At most so many documents.
  virtual std::uint64_t size() const = 0;
};
using PostingsPtr = std::unique_ptr<Postings>;

/// Null if no document has the term. The empty term: every document.
PostingsPtr postings_of(const Xapian::Database& database, const std::string& term);
/// Nulls are left out; null if nothing is left.
PostingsPtr any_of(std::vector<PostingsPtr> lists);
/// Null if one is.
PostingsPtr all_of(std::vector<PostingsPtr> lists);

}  // namespace inboxd::search
