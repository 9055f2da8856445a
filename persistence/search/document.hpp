// What is searched of a contact, and of a message or comment; and whether a query matches it. The
// meaning of a search is defined here, by looking at one document; the index on disk only finds the
// candidates faster.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/contact.hpp"
#include "model/entry.hpp"
#include "model/ids.hpp"
#include "model/time.hpp"
#include "persistence/search/query.hpp"

namespace inboxd::search {

/// One text of a contact or entry. `name` is how the answer calls it.
struct Field {
  std::string
      name;  // first_name … as in `contact.update`, `fields.<id>`, `tags`, `external_id`, `text`
  std::string text;
};

/// Names first, then what else identifies a contact. Without external ids if they are not known.
std::vector<Field> fields_of(const model::Details& details, const std::vector<model::Tag>& tags,
                             const std::vector<std::string>& external_ids);
std::vector<std::string> external_ids_of(const model::Contact& contact);

/// The words of a message (text, names of attachments and places, template parameters) or comment.
std::vector<Field> fields_of(const model::Entry& entry);

/// A document ready to be matched or indexed.
struct Document {
  enum class Kind : std::uint8_t { contact, message, comment };
  Kind kind = Kind::contact;
  model::ContactId contact;
  model::Seq seq;                   // entries: as it was when it was written (a merge renumbers)
  model::Timestamp at;              // entries
  model::ChannelId channel;         // messages
  std::vector<std::string> words;   // in order; an empty one between two fields
  std::size_t name_words = 0;       // contacts: so many of them are the name's
  std::vector<std::string> digits;  // contacts: of telephone numbers and the like
  std::vector<std::string> stems;   // entries: sorted, each once
  std::vector<std::string> external_ids;  // contacts
};
using DocumentPtr = std::shared_ptr<const Document>;

Document contact_document(model::ContactId contact, const std::vector<Field>& fields);
Document contact_document(const model::Contact& contact);
/// Null for entries that are not searched: events.
DocumentPtr entry_document(model::ContactId contact, const model::Entry& entry);

/// All positive terms are there and no negated one is. Conditions are not looked at.
bool matches(const Query& query, const Document& document);
bool matches(const Term& term, const Document& document);
/// Every positive term is in the contact's name.
bool matches_name(const Query& query, const Document& document);

/// Pieces of a text, plain and matched by turns, the first plain (it may be empty): joined they are
/// the text. Long texts are cut around the first match, `…` standing for what is left out.
std::vector<std::string> highlight(const Query& query, const Field& field, bool is_contact);

/// The Spanish and English stems of a folded word, where they differ from it. None for short words
/// and for what is not Latin letters. Not thread-safe across one `Stems`.
class Stems {
 public:
  Stems();
  ~Stems();
  Stems(const Stems&) = delete;
  Stems& operator=(const Stems&) = delete;
  const std::vector<std::string>& of(const std::string& word);
  /// One for each thread.
  static Stems& here();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inboxd::search
