// The terms under which documents stand in the index on disk. Words are found by any beginning, so
// beginnings of some lengths are terms themselves; a beginning of another length is looked up as
// its continuations of the next length, of which there are as many as letters.
//
//   w<word>      a whole word; of entries not if it is as long as one of their beginnings
//   p<n><begin>  its first n code points
//   n<n><begin>  contacts: likewise, of the name alone
//   d<run>       contacts: 2, 3, 4 and 6 digits in a row of a number
//   z<stem>      entries: a stem that differs from its word
//   b<hash>      entries: two short words in a row, by a hash of 16 bits; long ones are rare enough
//                without (phrases are then checked by text)
//   c<channel>   messages
//   kc           comments
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/search/document.hpp"

namespace inboxd::search::terms {

inline constexpr std::array<std::size_t, 8> contact_beginnings{1, 2, 3, 4, 5, 6, 7, 8};
inline constexpr std::array<std::size_t, 3> entry_beginnings{1, 3, 5};
inline constexpr std::size_t pair_points_max = 5;  // of each of the two words
inline constexpr std::array<std::size_t, 4> digit_runs{2, 3, 4, 6};

/// Entries' words of so many code points stand under `beginning` alone.
bool is_entry_beginning(std::size_t points);
std::string word(std::string_view word);
/// `family` is `p` or `n`.
std::string beginning(char family, std::size_t points, std::string_view begin);
std::string digits(std::string_view run);
std::string stem(std::string_view stem);
/// Empty: these two have none.
std::string pair(std::string_view first, std::string_view second);
std::string channel(std::string_view channel);
inline constexpr const char* comment = "kc";

/// All terms of a document, sorted, each once.
std::vector<std::string> of(const Document& document);

}  // namespace inboxd::search::terms
