#include "persistence/search/words.hpp"

#include <algorithm>
#include <array>
#include <utf8proc.h>
#include <utility>

namespace inboxd::search {
namespace {

using CodePoint = utf8proc_int32_t;

enum class Class : std::uint8_t { separator, spaced, unspaced, pictograph };

bool within(CodePoint c, CodePoint first, CodePoint last) {
  return c >= first && c <= last;
}

/// Scripts that are written without spaces between words.
bool is_unspaced(CodePoint c) {
  if (c < 0x0E00) return false;
  return within(c, 0x0E00, 0x0EFF) ||                               // Thai, Lao
         within(c, 0x1000, 0x109F) || within(c, 0x1780, 0x17FF) ||  // Burmese, Khmer
         within(c, 0x3040, 0x30FF) || within(c, 0x31F0, 0x31FF) ||  // Kana
         within(c, 0x3400, 0x4DBF) || within(c, 0x4E00, 0x9FFF) ||  // Han
         within(c, 0xF900, 0xFAFF) || within(c, 0xFF66, 0xFF9F) || within(c, 0x20000, 0x3FFFF);
}

Class class_of(CodePoint c) {
  if (c < 0x80) {
    const bool word = within(c | 0x20, 'a', 'z') || within(c, '0', '9');
    return word ? Class::spaced : Class::separator;
  }
  const auto category = utf8proc_category(c);
  switch (category) {
    case UTF8PROC_CATEGORY_SO: return Class::pictograph;
    // Newer than the tables: in these planes it is an emoji.
    case UTF8PROC_CATEGORY_CN: return c >= 0x1F000 ? Class::pictograph : Class::separator;
    default: break;
  }
  const bool word = within(category, UTF8PROC_CATEGORY_LU, UTF8PROC_CATEGORY_NO);
  if (!word) return Class::separator;
  return is_unspaced(c) ? Class::unspaced : Class::spaced;
}

void append(std::string& out, CodePoint c) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto count = utf8proc_encode_char(c, bytes.data());
  out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(count));
}

/// Letters that decomposition leaves whole, though people write them without the stroke.
std::string_view plain_letter(CodePoint c) {
  switch (c) {
    case 0xC6:
    case 0xE6: return "ae";
    case 0xD0:
    case 0xF0:
    case 0x110:
    case 0x111: return "d";
    case 0xD8:
    case 0xF8: return "o";
    case 0xDE:
    case 0xFE: return "th";
    case 0x126:
    case 0x127: return "h";
    case 0x131: return "i";
    case 0x141:
    case 0x142: return "l";
    case 0x152:
    case 0x153: return "oe";
    default: return {};
  }
}

void fold(std::string& out, CodePoint c) {
  if (c < 0x80) {
    out += static_cast<char>(within(c, 'A', 'Z') ? c + ('a' - 'A') : c);
    return;
  }
  if (const auto plain = plain_letter(c); !plain.empty()) {
    out += plain;
    return;
  }
  std::array<CodePoint, 32> parts{};
  int boundary = 0;
  const auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
                                     UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
  const auto count = utf8proc_decompose_char(c, parts.data(), parts.size(), options, &boundary);
  if (count < 0 || static_cast<std::size_t>(count) > parts.size()) return;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    if (class_of(parts[i]) == Class::separator) continue;
    const auto plain = plain_letter(parts[i]);
    if (plain.empty()) {
      append(out, parts[i]);
    } else {
      out += plain;
    }
  }
}

/// Reads the code point at `at` and steps over it; what is no UTF-8 reads as a separator.
CodePoint next(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) {
    ++at;
    return lead;
  }
  CodePoint c = 0;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                       static_cast<utf8proc_ssize_t>(text.size() - at), &c);
  if (length <= 0) {
    ++at;
    return 0;
  }
  at += static_cast<std::size_t>(length);
  return c;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

void cut(std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return;
  while (bytes_max > 0 && is_continuation(text[bytes_max])) --bytes_max;
  text.resize(bytes_max);
}

/// Splits a text into words: one state, the word or run that is open.
class Splitter {
 public:
  Splitter(std::string_view text, bool every_beginning)
      : text_(text), every_beginning_(every_beginning) {}

  std::vector<Word> split() {
    for (std::size_t at = 0; at < text_.size();) {
      const auto begin = static_cast<std::uint32_t>(at);
      const auto c = next(text_, at);
      take(c, begin, static_cast<std::uint32_t>(at));
    }
    close();
    return std::move(words_);
  }

 private:
  struct Letter {
    std::string text;
    std::uint32_t begin;
  };

  void take(CodePoint c, std::uint32_t begin, std::uint32_t end) {
    const auto kind = class_of(c);
    if (kind != open_ || kind == Class::pictograph) {
      // A mark after a run of another script belongs to it.
      if (kind == Class::spaced && open_ != Class::separator && fold_to_scratch(c).empty()) return;
      close();
      open_ = kind;
      word_.begin = begin;
    }
    if (kind == Class::separator) return;
    if (kind == Class::unspaced) {
      const auto& letter = fold_to_scratch(c);
      if (!letter.empty()) letters_.push_back({letter, begin});
    } else {
      fold(word_.text, c);
    }
    word_.end = end;
  }

  const std::string& fold_to_scratch(CodePoint c) {
    scratch_.clear();
    fold(scratch_, c);
    return scratch_;
  }

  void close() {
    if (open_ == Class::unspaced) {
      close_run();
    } else if (open_ != Class::separator && !word_.text.empty()) {
      cut(word_.text, word_bytes_max);
      words_.push_back(word_);
    }
    word_ = {};
    letters_.clear();
    open_ = Class::separator;
  }

  void close_run() {
    const std::size_t beginnings = every_beginning_ ? letters_.size() : letters_.empty() ? 0 : 1;
    for (std::size_t first = 0; first < beginnings; ++first) {
      const auto last = std::min(letters_.size(), first + unspaced_points_max);
      Word word{.begin = letters_[first].begin, .end = word_.end, .unspaced = true};
      for (std::size_t i = first; i < last; ++i) word.text += letters_[i].text;
      if (!every_beginning_) word.positions = static_cast<std::uint32_t>(letters_.size());
      words_.push_back(std::move(word));
    }
  }

  std::string_view text_;
  bool every_beginning_;
  std::vector<Word> words_;
  Class open_ = Class::separator;
  Word word_;
  std::vector<Letter> letters_;
  std::string scratch_;
};

}  // namespace

std::vector<Word> words_of(std::string_view text) {
  return Splitter(text, true).split();
}

std::vector<Word> query_words_of(std::string_view text) {
  return Splitter(text, false).split();
}

std::string folded(std::string_view text) {
  std::string out;
  for (const auto& word : query_words_of(text)) {
    if (!out.empty()) out += ' ';
    out += word.text;
  }
  return out;
}

std::string_view first_points(std::string_view text, std::size_t points) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (!is_continuation(text[at]) && points-- == 0) break;
  }
  return text.substr(0, at);
}

std::size_t count_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::size_t original_bytes(std::string_view original, std::size_t folded_bytes) {
  std::string out;
  std::size_t at = 0;
  while (at < original.size() && out.size() < folded_bytes) fold(out, next(original, at));
  // Marks that follow belong to the last letter.
  while (at < original.size()) {
    auto after = at;
    const auto c = next(original, after);
    std::string more;
    fold(more, c);
    if (c < 0x80 || !more.empty()) break;
    at = after;
  }
  return at;
}

std::string digits_of(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](char c) { return c >= '0' && c <= '9'; });
  return digits;
}

bool is_number(std::string_view text) {
  bool any = false;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      any = true;
    } else if (std::string_view(" +-.()/").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return any;
}

}  // namespace inboxd::search
