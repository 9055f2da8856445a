// Text as search compares it: words without case, accents and width, so that "jose" is "José" and
// "Ａ" is "a". Folding is Unicode's (compatibility decomposition, full case folding, marks dropped:
// utf8proc) and, beyond it, the Latin letters whose stroke is no mark (ø, ł, đ …).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace inboxd::search {

inline constexpr std::size_t word_bytes_max = 64;       // longer words count by their beginning
inline constexpr std::size_t unspaced_points_max = 12;  // likewise, of scripts without spaces

struct Word {
  std::string text;                // folded
  std::uint32_t begin = 0;         // bytes of the original text
  std::uint32_t end = 0;           // past the last
  std::uint32_t positions = 1;     // how many places on the next word stands
  bool unspaced = false;           // of a script that puts no spaces between words
  std::vector<std::string> stems;  // of a query's word: that differ from it (document.hpp)
};

/// The words of a text that is searched. Letters, digits and marks make words; each pictograph
/// (emoji) is one. In scripts without spaces (Chinese, Japanese, Thai …) a word begins at every
/// character and goes on to the end of the run, so that any part of the run is some word's prefix.
std::vector<Word> words_of(std::string_view text);

/// The same for a text to search by: a run without spaces is one word.
std::vector<Word> query_words_of(std::string_view text);

/// The words of `words_of`, one space between them: to compare short values such as tags.
std::string folded(std::string_view text);

/// The first `points` code points.
std::string_view first_points(std::string_view text, std::size_t points);
std::size_t count_points(std::string_view text);

/// How many bytes of `original` fold to the first `folded_bytes` bytes of its folded form.
std::size_t original_bytes(std::string_view original, std::size_t folded_bytes);

/// The ASCII digits of a text.
std::string digits_of(std::string_view text);

/// Digits with nothing but spaces and `+ - . ( ) /` around them: a number as people write it.
bool is_number(std::string_view text);

}  // namespace inboxd::search
