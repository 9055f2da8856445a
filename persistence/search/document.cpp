#include "persistence/search/document.hpp"

#include <algorithm>
#include <utility>

#include "model/overload.hpp"

namespace inboxd::search {
namespace {

constexpr std::size_t digits_min =
    5;  // a number as long as this is found by its parts, not as a word

void add(std::vector<Field>& fields, std::string name, std::string text) {
  if (!text.empty()) fields.push_back({std::move(name), std::move(text)});
}

std::string text_of(const model::FieldValue& value) {
  return std::visit(model::overload{
                        [](const std::string& text) { return text; },
                        [](double number) {
                          auto text = std::to_string(number);  // six decimals: drop the idle ones
                          text.erase(text.find_last_not_of('0') + 1);
                          if (text.ends_with('.')) text.pop_back();
                          return text;
                        },
                        [](bool) { return std::string(); },
                        [](model::Timestamp) { return std::string(); },
                        [](const std::vector<std::string>& list) {
                          std::string text;
                          for (const auto& item : list) text += item + ", ";
                          if (!text.empty()) text.resize(text.size() - 2);
                          return text;
                        },
                    },
                    value);
}

bool is_name(const Field& field) {
  return field.name == "first_name" || field.name == "last_name";
}

/// A number long enough to be searched by any run of its digits.
bool is_long_number(std::string_view text) {
  return is_number(text) && digits_of(text).size() >= digits_min;
}

bool starts_with(const std::string& word, const std::string& beginning) {
  return word.starts_with(beginning);
}

bool shares_stem(const Word& wanted, const Document& document) {
  if (document.kind == Document::Kind::contact) return false;
  const auto has_stem = [&](const std::string& stem) {
    return std::binary_search(document.stems.begin(), document.stems.end(), stem) ||
           std::find(document.words.begin(), document.words.end(), stem) != document.words.end();
  };
  return std::binary_search(document.stems.begin(), document.stems.end(), wanted.text) ||
         std::any_of(wanted.stems.begin(), wanted.stems.end(), has_stem);
}

bool has_word(const Word& wanted, const Document& document) {
  return std::any_of(document.words.begin(), document.words.end(),
                     [&](const std::string& word) { return starts_with(word, wanted.text); }) ||
         shares_stem(wanted, document);
}

/// Whether the word of a phrase stands at this place.
bool stands_at(const Word& wanted, const std::string& word, bool prefix) {
  return prefix || wanted.unspaced ? word.starts_with(wanted.text) : word == wanted.text;
}

bool has_phrase(const Term& term, const std::vector<std::string>& words) {
  for (std::size_t first = 0; first < words.size(); ++first) {
    std::size_t at = first;
    bool found = true;
    for (const auto& wanted : term.words) {
      const bool prefix = term.open && &wanted == &term.words.back();
      found = at < words.size() && stands_at(wanted, words[at], prefix);
      if (!found) break;
      at += wanted.positions;
    }
    if (found) return true;
  }
  return false;
}

void sort_unique(std::vector<std::string>& texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

}  // namespace

std::vector<Field> fields_of(const model::Details& details, const std::vector<model::Tag>& tags,
                             const std::vector<std::string>& external_ids) {
  std::vector<Field> fields;
  add(fields, "first_name", details.first_name);
  add(fields, "last_name", details.last_name);
  add(fields, "phone", details.phone);
  add(fields, "email", details.email);
  for (const auto& id : external_ids) add(fields, "external_id", id);
  for (const auto& tag : tags) add(fields, "tags", tag.str());
  for (const auto& [id, value] : details.fields) add(fields, "fields." + id.str(), text_of(value));
  return fields;
}

std::vector<std::string> external_ids_of(const model::Contact& contact) {
  std::vector<std::string> ids;
  for (const auto& identity : contact.identities) ids.push_back(identity.external_id);
  sort_unique(ids);
  return ids;
}

std::vector<Field> fields_of(const model::Entry& entry) {
  std::vector<Field> fields;
  if (const auto* comment = entry.comment()) add(fields, "text", comment->text);
  const auto* message = entry.message();
  if (message == nullptr) return fields;
  const auto& content = message->content;
  add(fields, "text", content.text);
  for (const auto& file : content.attachments) add(fields, "attachments", file.name);
  if (content.location) {
    add(fields, "location", content.location->name);
    add(fields, "location", content.location->address);
  }
  if (content.template_) {
    for (const auto& parameter : content.template_->parameters) add(fields, "template", parameter);
  }
  return fields;
}

Document contact_document(model::ContactId contact, const std::vector<Field>& fields) {
  Document document{.kind = Document::Kind::contact, .contact = contact};
  for (const auto& field : fields) {
    if (field.name == "external_id") document.external_ids.push_back(field.text);
    if (is_long_number(field.text)) {
      document.digits.push_back(digits_of(field.text));
      continue;
    }
    for (auto& word : words_of(field.text)) document.words.push_back(std::move(word.text));
    if (is_name(field)) document.name_words = document.words.size();
    document.words.emplace_back();
  }
  sort_unique(document.digits);
  return document;
}

Document contact_document(const model::Contact& contact) {
  return contact_document(contact.id,
                          fields_of(*contact.details, contact.tags, external_ids_of(contact)));
}

DocumentPtr entry_document(model::ContactId contact, const model::Entry& entry) {
  if (entry.event() != nullptr) return nullptr;
  auto document = std::make_shared<Document>();
  document->kind = entry.comment() != nullptr ? Document::Kind::comment : Document::Kind::message;
  document->contact = contact;
  document->seq = entry.seq;
  document->at = entry.at;
  if (const auto* message = entry.message()) document->channel = message->channel;
  auto& stems = Stems::here();
  for (const auto& field : fields_of(entry)) {
    for (auto& word : words_of(field.text)) {
      const auto& found = stems.of(word.text);
      document->stems.insert(document->stems.end(), found.begin(), found.end());
      document->words.push_back(std::move(word.text));
    }
    document->words.emplace_back();
  }
  sort_unique(document->stems);
  return document;
}

bool matches(const Term& term, const Document& document) {
  if (term.phrase) return has_phrase(term, document.words);
  const bool words = std::all_of(term.words.begin(), term.words.end(),
                                 [&](const Word& word) { return has_word(word, document); });
  if (words || term.digits.size() < 2) return words;
  return std::any_of(document.digits.begin(), document.digits.end(), [&](const std::string& run) {
    return run.find(term.digits) != std::string::npos;
  });
}

bool matches(const Query& query, const Document& document) {
  return std::all_of(query.terms.begin(), query.terms.end(),
                     [&](const Term& term) { return matches(term, document) != term.negated; });
}

bool matches_name(const Query& query, const Document& document) {
  const auto begin = document.words.begin();
  const auto end = begin + static_cast<std::ptrdiff_t>(document.name_words);
  return std::all_of(query.terms.begin(), query.terms.end(), [&](const Term& term) {
    if (term.negated) return true;
    return std::all_of(term.words.begin(), term.words.end(), [&](const Word& wanted) {
      return std::any_of(begin, end,
                         [&](const auto& word) { return word.starts_with(wanted.text); });
    });
  });
}

}  // namespace inboxd::search
