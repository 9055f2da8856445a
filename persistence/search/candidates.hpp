// From a query to the documents of the index on disk that may match it.
#pragma once

#include <vector>

#include <xapian.h>

#include "persistence/search/postings.hpp"
#include "persistence/search/query.hpp"

namespace inboxd::search {

struct Candidates {
  PostingsPtr list;                  // null: nothing matches
  std::vector<PostingsPtr> without;  // documents to leave out; a null is nothing to leave out
  bool exact = true;                 // false: each candidate's text has to be looked at

  /// True if one of `without` stands at `id`. Ascending ids.
  bool left_out(DocId id);
};

enum class Where : std::uint8_t { contacts, names, entries };

/// `more`: further lists that a document must be in (conditions).
Candidates candidates_of(const Query& query, Where where, const Xapian::Database& database,
                         std::vector<PostingsPtr> more);

/// Contacts or entries with a word that begins so; for conditions on tags.
PostingsPtr beginning_with(const Xapian::Database& database, Where where, const Word& word);

}  // namespace inboxd::search
