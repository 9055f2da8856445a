#include "bench/inbox_bench/search_work.hpp"

#include "model/json.hpp"

namespace inboxd::bench {
namespace {

namespace dom = simdjson::dom;

/// The first `count` code points of UTF-8.
std::string beginning(const std::string& text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (begins && count-- == 0) break;
  }
  return text.substr(0, at);
}

std::uint32_t anybody(SearchCorpus& corpus, std::uint32_t contacts) {
  return static_cast<std::uint32_t>(corpus.random() % contacts);
}

auto letters(std::size_t count) {
  return [count](SearchCorpus& corpus, std::uint32_t) {
    return SearchQuery{beginning(corpus.rare_word(), count)};
  };
}

}  // namespace

std::vector<SearchKind> search_kinds() {
  using Corpus = SearchCorpus;
  using Query = SearchQuery;
  return {
      {"contacts: one letter", "contacts", letters(1)},
      {"contacts: two letters", "contacts", letters(2)},
      {"contacts: a first name", "contacts",
       [](Corpus& corpus, std::uint32_t contacts) {
         return Query{corpus.first_name(anybody(corpus, contacts))};
       }},
      {"contacts: name and surname", "contacts",
       [](Corpus& corpus, std::uint32_t contacts) {
         const auto n = anybody(corpus, contacts);
         return Query{corpus.first_name(n) + " " + beginning(corpus.last_name(n), 4)};
       }},
      {"contacts: two digits", "contacts",
       [](Corpus& corpus, std::uint32_t) {
         return Query{std::to_string(10 + corpus.random() % 90)};
       }},
      {"contacts: five digits of a number", "contacts",
       [](Corpus& corpus, std::uint32_t contacts) {
         return Query{corpus.phone(anybody(corpus, contacts)).substr(5, 5)};
       }},
      {"contacts: a whole number", "contacts",
       [](Corpus& corpus, std::uint32_t contacts) {
         const auto n = anybody(corpus, contacts);
         return Query{corpus.phone(n), n};
       }},
      {"contacts: e-mail", "contacts",
       [](Corpus& corpus, std::uint32_t contacts) {
         const auto n = anybody(corpus, contacts);
         return Query{corpus.email(n), n};
       }},
      {"contacts: a host that a fifth has", "contacts",
       [](Corpus&, std::uint32_t) { return Query{"gmail.com"}; }},
      {"contacts: nobody", "contacts", [](Corpus&, std::uint32_t) { return Query{"qqxyzzy"}; },
       true},
      {"messages: two letters", "messages", letters(2)},
      {"messages: a common word", "messages",
       [](Corpus& corpus, std::uint32_t) { return Query{corpus.common_word()}; }},
      {"messages: a rare word", "messages",
       [](Corpus& corpus, std::uint32_t) { return Query{corpus.rare_word()}; }},
      {"messages: two words", "messages",
       [](Corpus& corpus, std::uint32_t) {
         return Query{corpus.word() + " " + corpus.rare_word()};
       }},
      {"messages: a phrase", "messages",
       [](Corpus& corpus, std::uint32_t) {
         return Query{"\"" + corpus.common_word() + " " + corpus.common_word() + "\""};
       }},
      {"everything: a word", "",
       [](Corpus& corpus, std::uint32_t) { return Query{corpus.word()}; }},
  };
}

void SearchWork::write(std::string& frame, std::uint64_t id, std::uint32_t& subject,
                       client::Clock::time_point) {
  subject = static_cast<std::uint32_t>(asked_.size());
  asked_.push_back(kind_->query(corpus_, contacts_));
  model::json::Object request(frame);
  request("jsonrpc", "2.0")("id", id)("method", "search");
  model::json::Object params(request.key("params"));
  params("query", asked_.back().text)("limit", 20);
  if (!kind_->scope.empty()) params.key("scope") += "[\"" + kind_->scope + "\"]";
}

std::optional<std::uint64_t> SearchWork::read(std::string_view text) {
  dom::element message;
  std::uint64_t id = 0;
  hits_.reset();
  if (parser_.parse(text.data(), text.size()).get(message) != simdjson::SUCCESS ||
      message["id"].get(id) != simdjson::SUCCESS) {
    failures_.add("not an answer: " + std::string(text));
    return std::nullopt;
  }
  dom::array hits;
  if (message["result"]["hits"].get(hits) == simdjson::SUCCESS) {
    hits_ = hits;
  } else {
    failures_.add("search refused: " + std::string(text));
  }
  return id;
}

void SearchWork::answered(std::uint32_t subject) {
  if (hits_) check(asked_[subject], *hits_);
}

/// The customer meant is among it, a message belongs to the contact beside it, and what matched is
/// shown.
void SearchWork::check(const SearchQuery& query, dom::array hits) {
  const auto wrong = [&](const std::string& what) {
    failures_.add(kind_->name + ", '" + query.text + "': " + what);
  };
  if (kind_->finds_nothing && hits.size() > 0) wrong("found what nobody has");
  bool found = !query.customer;
  for (const auto hit : hits) {
    const std::string_view id = hit["contact"]["id"].get_string().value();
    const std::string_view name = hit["contact"]["name"].get_string().value();
    found = found || name == corpus_.name(*query.customer);
    if (hit["highlight"].get_array().value().size() == 0) wrong("a hit shows no match");
    std::string_view owner;
    if (hit["entry"]["contact"].get(owner) == simdjson::SUCCESS && owner != id)
      wrong("a message of " + std::string(owner) + " as one of " + std::string(id));
  }
  if (!found) wrong("does not lead to " + corpus_.name(*query.customer));
}

}  // namespace inboxd::bench
