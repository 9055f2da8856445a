#include "actors/search_page.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "actors/answer.hpp"
#include "model/entry_json.hpp"
#include "model/json.hpp"
#include "model/row_json.hpp"

namespace inboxd::actors {
namespace {

using Scope = request::Search::Scope;

constexpr std::size_t scope_count = 3;
constexpr auto contacts_scope = static_cast<std::size_t>(Scope::contacts);
constexpr auto comments_scope = static_cast<std::size_t>(Scope::comments);

std::string result(std::string_view hits, const std::string& rest) {
  return std::string("\"result\":{\"hits\":").append(hits).append(rest) + '}';
}

/// Takes a whole number and the character after it.
template <class Number>
bool take_number(std::string_view& text, Number& number, char after) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto used = static_cast<std::size_t>(end - text.data());
  if (error != std::errc() || used >= text.size() || text[used] != after) return false;
  text.remove_prefix(used + 1);
  return true;
}

/// How many of each scope fit a page of `limit`: the same for all, and what one leaves the others
/// get.
std::array<std::size_t, scope_count> share(const std::array<std::size_t, scope_count>& found,
                                           std::size_t limit) {
  std::array<std::size_t, scope_count> counts{};
  for (bool more = true; more && limit > 0;) {
    more = false;
    for (std::size_t i = 0; i < scope_count && limit > 0; ++i) {
      if (counts[i] == found[i]) continue;
      ++counts[i];
      --limit;
      more = true;
    }
  }
  return counts;
}

}  // namespace

SearchCursor SearchCursor::begin(const std::vector<Scope>& asked) {
  SearchCursor cursor;
  for (std::size_t i = 0; i < scope_count; ++i) {
    cursor.scopes[i].asked = asked.empty() || std::find(asked.begin(), asked.end(),
                                                        static_cast<Scope>(i)) != asked.end();
  }
  return cursor;
}

std::string SearchCursor::write() const {
  std::string text = "1.";
  for (const auto& scope : scopes) {
    if (!scope.asked || scope.done) {
      text += "x.";
    } else if (scope.contact) {
      text += 'c' + std::to_string(scope.contact->by_name ? 1 : 0) + '.' +
              std::to_string(scope.contact->recency.ms) + '.' +
              std::to_string(scope.contact->contact.value) + '.';
    } else {
      text += 'e' + std::to_string(scope.number) + '.';
    }
  }
  return text;
}

std::optional<SearchCursor> SearchCursor::read(std::string_view text) {
  if (!text.starts_with("1.")) return std::nullopt;
  text.remove_prefix(2);
  SearchCursor cursor;
  for (std::size_t i = 0; i < cursor.scopes.size(); ++i) {
    auto& scope = cursor.scopes[i];
    if (text.empty()) return std::nullopt;
    const char kind = text.front();
    text.remove_prefix(1);
    scope.asked = kind != 'x';
    if (kind == 'c' && i == contacts_scope) {
      search::ContactHit last;
      int by_name = 0;
      if (!take_number(text, by_name, '.') || !take_number(text, last.recency.ms, '.') ||
          !take_number(text, last.contact.value, '.')) {
        return std::nullopt;
      }
      last.by_name = by_name != 0;
      scope.contact = last;
    } else if (kind == 'e') {
      if (!take_number(text, scope.number, '.')) return std::nullopt;
    } else if (kind == 'x' && text.starts_with('.')) {
      text.remove_prefix(1);
    } else {
      return std::nullopt;
    }
  }
  if (!text.empty()) return std::nullopt;
  return cursor;
}

bool SearchCursor::done() const {
  return std::all_of(scopes.begin(), scopes.end(),
                     [](const Place& scope) { return !scope.asked || scope.done; });
}

std::string SearchPager::answer(const Submission& submission) {
  const auto& request = std::get<request::Search>(submission.request);
  const auto query = search::parse_query(request.query, services_.now());
  if (!query) return error_answer(query.error());
  const auto progress = feed_.progress();
  auto page =
      feed_.with_rows([&](const SearchRows& rows) { return find(submission, *query, rows); });
  if (!page) return error_answer(page.error());
  page->progress = progress;
  return write(*page, *query);
}

model::Result<SearchPager::Page> SearchPager::find(const Submission& submission,
                                                   const search::Query& query,
                                                   const SearchRows& rows) {
  const auto& request = std::get<request::Search>(submission.request);
  Page page{.cursor = SearchCursor::begin(request.scopes), .released = rows.offset()};
  if (request.cursor) {
    const auto cursor = SearchCursor::read(*request.cursor);
    if (!cursor) return model::invalid("cursor", "This is not a cursor of a search.");
    page.cursor = *cursor;
  }
  auto judge = SearchJudge::make(rows, services_.store, submission, query);
  if (!judge) return judge.error();
  if (query.empty()) {
    for (auto& scope : page.cursor.scopes) scope.done = true;
    return page;
  }
  std::array<Found, scope_count> found;
  std::array<std::size_t, scope_count> sizes{};
  for (std::size_t i = 0; i < scope_count; ++i) {
    if (!page.cursor.scopes[i].asked) continue;
    found[i] = find(i, query, page.cursor, request.limit + 1, **judge, page.cut_short);
    sizes[i] = found[i].size();
  }
  const auto counts = share(sizes, request.limit);
  for (std::size_t i = 0; i < scope_count; ++i) take(i, found[i], counts[i], **judge, page);
  return page;
}

SearchPager::Found SearchPager::find(std::size_t scope, const search::Query& query,
                                     const SearchCursor& cursor, std::size_t limit,
                                     SearchJudge& judge, bool& cut_short) {
  Found found;
  const auto& from = cursor.scopes[scope];
  if (scope == contacts_scope) {
    auto contacts = index_.contacts(query, from.contact, limit, judge);
    found.contacts = std::move(contacts.hits);
    cut_short |= contacts.cut_short;
  } else {
    const auto kind =
        scope == comments_scope ? search::Document::Kind::comment : search::Document::Kind::message;
    auto entries = index_.entries(query, kind, judge.channels(), from.number, limit, judge);
    found.entries = std::move(entries.hits);
    cut_short |= entries.cut_short;
  }
  return found;
}

void SearchPager::take(std::size_t scope, const Found& found, std::size_t count,
                       const SearchJudge& judge, Page& page) {
  auto& position = page.cursor.scopes[scope];
  position.done = count == found.size();
  const auto first = page.hits.size();
  for (std::size_t i = 0; i < count; ++i) {
    Hit hit;
    if (scope == contacts_scope) {
      const auto& one = found.contacts[i];
      position.contact = one;
      hit.row = judge.row(one.contact);
    } else {
      const auto& one = found.entries[i];
      position.number = one.number;
      hit.value = one.entry;
      hit.entry = judge.entry(one.entry);
      if (hit.entry == nullptr) continue;  // between the rows and the store: the next search has it
      hit.row = judge.row_of(one.entry);
    }
    if (hit.row != nullptr) page.hits.push_back(std::move(hit));
  }
  if (scope == contacts_scope) return;
  // Numbers follow the time but for what was indexed late; the cursor goes by them.
  std::stable_sort(page.hits.begin() + static_cast<std::ptrdiff_t>(first), page.hits.end(),
                   [](const Hit& a, const Hit& b) { return a.value->at > b.value->at; });
}

std::string SearchPager::write(const Page& page, const search::Query& query) {
  std::string hits;
  model::json::write_each(hits, page.hits, [&](const Hit& hit) {
    model::json::Object object(hits);
    model::write_row(object.key("contact"), *hit.row);
    if (hit.entry != nullptr) model::write_entry(object.key("entry"), hit.row->id, *hit.entry);
    write_highlight(object.key("highlight"), hit, query);
  });
  const auto& progress = page.progress;
  const auto offset = std::min(progress.offset, page.released);
  std::string rest = ",\"cursor\":";
  model::json::write(rest, page.cursor.done() ? std::nullopt : std::optional(page.cursor.write()));
  rest += ",\"offset\":";
  model::json::write(rest, offset);
  rest += ",\"behind\":";
  model::json::write(rest, page.released.value - offset.value);
  rest += ",\"partial\":";
  model::json::write(rest, progress.partial || page.cut_short || index_.is_damaged());
  if (progress.partial) {
    rest += ",\"progress\":";
    model::json::write(rest, progress.done);
  }
  return result(hits, rest);
}

void SearchPager::write_highlight(std::string& out, const Hit& hit, const search::Query& query) {
  std::vector<search::Field> fields;
  if (hit.entry != nullptr) {
    fields = search::fields_of(*hit.entry);
  } else {
    // The name in one piece, as the lists show it.
    fields.push_back({"name", hit.row->name});
    for (auto& field :
         search::fields_of(*hit.row->details, hit.row->tags, index_.external_ids(hit.row->id))) {
      if (field.name != "first_name" && field.name != "last_name")
        fields.push_back(std::move(field));
    }
  }
  std::vector<std::pair<std::string, std::vector<std::string>>> marked;
  for (const auto& field : fields) {
    auto parts = search::highlight(query, field, hit.entry == nullptr);
    if (parts.size() > 1) marked.emplace_back(field.name, std::move(parts));
  }
  model::json::write_each(out, marked, [&](const auto& one) {
    model::json::Object object(out);
    object("field", one.first);
    model::json::write_each(object.key("parts"), one.second,
                            [&](const std::string& part) { model::json::write(out, part); });
  });
}

}  // namespace inboxd::actors
