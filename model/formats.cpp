#include "model/formats.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace inboxd::model {
namespace {

// ASCII only, whatever the locale.
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_alphanumeric(char c) {
  return is_digit(c) || is_letter(c);
}
bool is_beyond_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
template <class Predicate>
bool all(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

/// Parts between separators, empty ones too.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool is_domain_label(std::string_view label) {
  constexpr std::size_t bytes_max = 63;
  return !label.empty() && label.size() <= bytes_max && label.front() != '-' &&
         label.back() != '-' &&
         all(label, [](char c) { return is_alphanumeric(c) || c == '-' || is_beyond_ascii(c); });
}

bool is_domain(std::string_view domain) {
  constexpr std::size_t bytes_max = 255;
  if (domain.size() > bytes_max) return false;
  const auto labels = split(domain, '.');
  return std::all_of(labels.begin(), labels.end(), is_domain_label);
}

/// RFC 5322's dot-atom, beyond ASCII as RFC 6531 allows.
bool is_local_part(std::string_view local) {
  constexpr std::size_t bytes_max = 64;
  constexpr std::string_view marks = "!#$%&'*+-/=?^_`{|}~";
  if (local.size() > bytes_max) return false;
  const auto atoms = split(local, '.');
  return std::all_of(atoms.begin(), atoms.end(), [&](std::string_view atom) {
    return !atom.empty() && all(atom, [&](char c) {
      return is_alphanumeric(c) || is_beyond_ascii(c) || marks.find(c) != std::string_view::npos;
    });
  });
}

// ISO 3166-1, officially assigned alpha-2 codes, in order.
constexpr std::string_view countries =
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCM"
    "CN"
    "COCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHK"
    "HM"
    "HNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMH"
    "MK"
    "MLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRU"
    "RW"
    "SASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVG"
    "VI"
    "VNVUWFWSYEYTZAZMZW";
static_assert(countries.size() == std::size_t{2} * 249);

/// Walks the subtags of a language tag in RFC 5646's order (section 2.1).
class LanguageParser {
 public:
  explicit LanguageParser(std::string_view text) : subtags_(split(text, '-')) {}

  std::optional<std::string> parse() {
    const bool well_formed = std::all_of(subtags_.begin(), subtags_.end(), [](auto subtag) {
      return !subtag.empty() && subtag.size() <= 8 && all(subtag, is_alphanumeric);
    });
    if (!well_formed) return std::nullopt;
    if (!is_private() && !language()) return std::nullopt;
    script();
    region();
    while (variant()) {
    }
    while (extension()) {
    }
    private_use();
    if (next_ != subtags_.size() || out_.empty()) return std::nullopt;
    return out_;
  }

 private:
  std::string_view peek() const {
    return next_ < subtags_.size() ? subtags_[next_] : std::string_view();
  }
  template <class Case>
  bool take(Case letter_case) {
    if (!out_.empty()) out_ += '-';
    const auto subtag = peek();
    for (std::size_t i = 0; i < subtag.size(); ++i) out_ += letter_case(subtag[i], i);
    ++next_;
    return true;
  }
  bool take_lower() {
    return take([](char c, std::size_t) { return lower(c); });
  }
  bool is_private() const { return peek().size() == 1 && lower(peek().front()) == 'x'; }

  bool language() {
    if (peek().size() < 2 || !all(peek(), is_letter)) return false;
    const bool may_extend = peek().size() <= 3;
    take_lower();
    for (int i = 0; may_extend && i < 3 && peek().size() == 3 && all(peek(), is_letter); ++i) {
      take_lower();
    }
    return true;
  }
  void script() {
    if (peek().size() != 4 || !all(peek(), is_letter)) return;
    take([](char c, std::size_t i) { return i == 0 ? upper(c) : lower(c); });
  }
  void region() {
    const bool letters = peek().size() == 2 && all(peek(), is_letter);
    const bool digits = peek().size() == 3 && all(peek(), is_digit);
    if (letters || digits) take([](char c, std::size_t) { return upper(c); });
  }
  bool variant() {
    const bool is_long = peek().size() >= 5;
    const bool dated = peek().size() == 4 && is_digit(peek().front());
    return (is_long || dated) && take_lower();
  }
  bool extension() {
    if (peek().size() != 1 || is_private() || next_ + 1 == subtags_.size()) return false;
    if (subtags_[next_ + 1].size() < 2) return false;
    take_lower();
    while (peek().size() >= 2) take_lower();
    return true;
  }
  void private_use() {
    if (!is_private() || next_ + 1 == subtags_.size()) return;
    take_lower();
    while (!peek().empty()) take_lower();
  }

  std::vector<std::string_view> subtags_;
  std::size_t next_ = 0;
  std::string out_;
};

}  // namespace

std::optional<std::string> phone_e164(std::string_view text) {
  constexpr std::size_t digits_min = 7;
  constexpr std::size_t digits_max = 15;
  constexpr std::string_view separators = " .-/()";
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  } else if (text.starts_with("00")) {
    text.remove_prefix(2);
  }
  std::string number = "+";
  for (const char c : text) {
    if (is_digit(c)) {
      number += c;
    } else if (separators.find(c) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  const auto digits = number.size() - 1;
  if (digits < digits_min || digits > digits_max || number[1] == '0') return std::nullopt;
  return number;
}

bool is_email(std::string_view text) {
  constexpr std::size_t bytes_max = 254;
  if (text.size() > bytes_max) return false;
  const auto at = text.rfind('@');
  return at != std::string_view::npos && is_local_part(text.substr(0, at)) &&
         is_domain(text.substr(at + 1));
}

std::optional<std::string> language_tag(std::string_view text) {
  std::string hyphened(text);
  std::replace(hyphened.begin(), hyphened.end(), '_', '-');
  return LanguageParser(hyphened).parse();
}

std::optional<std::string> country_code(std::string_view text) {
  if (text.size() != 2) return std::nullopt;
  const std::string code{upper(text[0]), upper(text[1])};
  for (std::size_t i = 0; i < countries.size(); i += 2) {
    if (countries.substr(i, 2) == code) return code;
  }
  return std::nullopt;
}

bool is_url(std::string_view text) {
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return false;
  std::string scheme;
  for (const char c : text.substr(0, scheme_end)) scheme += lower(c);
  if (scheme != "http" && scheme != "https") return false;
  const auto rest = text.substr(scheme_end + 3);
  const auto host = rest.substr(0, rest.find_first_of("/?#"));
  return !host.empty() && host.front() != ':' && host.back() != '@' && all(rest, [](char c) {
    constexpr std::string_view refused = "\"<>\\^`{|}";
    return (c > ' ' && c != 0x7F && refused.find(c) == std::string_view::npos) ||
           is_beyond_ascii(c);
  });
}

}  // namespace inboxd::model
