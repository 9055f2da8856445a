// One page of a search: from the request to the answer's JSON (docs/SEARCH.md).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/request.hpp"
#include "actors/search_feed.hpp"
#include "actors/search_judge.hpp"
#include "actors/services.hpp"
#include "model/error.hpp"
#include "persistence/search/index.hpp"

namespace inboxd::actors {

/// Where each scope goes on: opaque to clients.
struct SearchCursor {
  struct Place {
    bool asked = false, done = false;
    std::optional<search::ContactHit> contact;  // the last one given
    search::DocId number = 0;                   // likewise, of an entry; 0: none yet
  };
  std::array<Place, 3> scopes;  // by request::Search::Scope

  static SearchCursor begin(const std::vector<request::Search::Scope>& scopes);
  /// Nothing if it is none of ours.
  static std::optional<SearchCursor> read(std::string_view text);
  std::string write() const;
  bool done() const;
};

/// One thread.
class SearchPager {
 public:
  SearchPager(search::Index& index, SearchFeed& feed, const Services& services)
      : index_(index), feed_(feed), services_(services) {}

  /// `"result":{…}` or `"error":{…}`.
  std::string answer(const Submission& submission);

 private:
  /// What a scope has to give, at most one more than asked for.
  struct Found {
    std::vector<search::ContactHit> contacts;
    std::vector<search::EntryHit> entries;
    std::size_t size() const { return contacts.size() + entries.size(); }
  };
  /// A hit as the live state had it: written when the state is free again.
  struct Hit {
    model::RowPtr row;
    std::optional<search::EntryValue> value;
    std::shared_ptr<const model::Entry> entry;
  };
  struct Page {
    std::vector<Hit> hits;
    SearchCursor cursor;
    model::Offset released;
    SearchFeed::Progress progress;  // before it was looked for: what is found is at least there
    bool cut_short = false;
  };

  model::Result<Page> find(const Submission& submission, const search::Query& query,
                           const SearchRows& rows);
  Found find(std::size_t scope, const search::Query& query, const SearchCursor& cursor,
             std::size_t limit, SearchJudge& judge, bool& cut_short);
  void take(std::size_t scope, const Found& found, std::size_t count, const SearchJudge& judge,
            Page& page);
  std::string write(const Page& page, const search::Query& query);
  void write_highlight(std::string& out, const Hit& hit, const search::Query& query);

  search::Index& index_;
  SearchFeed& feed_;
  const Services& services_;
};

}  // namespace inboxd::actors
