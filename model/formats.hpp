// What single values look like: telephone numbers, e-mail addresses, languages, countries, URLs.
// Shape only: nothing is looked up. Each takes valid UTF-8 of any length.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace inboxd::model {

/// An international number as E.164 (`+` and 7 to 15 digits). Takes `+` or `00` or nothing before
/// the country code, and spaces, dots, dashes, slashes and parentheses between digits. A number
/// that starts with a single 0 is national and refused: nobody said which country.
/// docs/decisions/0010-phone-numbers.md.
std::optional<std::string> phone_e164(std::string_view text);

/// `local@domain`, with the sizes of RFC 5321 and no white space, quotes or comments. Letters of
/// all scripts are taken (RFC 6531).
bool is_email(std::string_view text);

/// A language tag (BCP 47: language, script, region, variants, extensions, private use) in the
/// case that RFC 5646 recommends: `pt-BR`, `zh-Hant-TW`. Takes platforms' `pt_BR` too.
std::optional<std::string> language_tag(std::string_view text);

/// An ISO 3166-1 alpha-2 code, in upper case.
std::optional<std::string> country_code(std::string_view text);

/// An absolute http or https URL with a host, without white space, controls, quotes or angle
/// brackets.
bool is_url(std::string_view text);

}  // namespace inboxd::model
