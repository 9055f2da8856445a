// Single values: telephone numbers, e-mail, languages, countries, URLs, and text as such.
#include "model/formats.hpp"

#include "model/text.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;

TEST_CASE("telephone numbers come out as E.164") {
  CHECK(phone_e164("+1 (555) 010-0100") == "+15550100100");
  CHECK(phone_e164("0044 20.7946/0000") == "+442079460000");
  CHECK(phone_e164("5215512345678") == "+5215512345678");
  CHECK(phone_e164("+1234567") == "+1234567");
  CHECK(phone_e164("+123456789012345") == "+123456789012345");
}

TEST_CASE("what is no international telephone number is refused") {
  for (const auto* text : {"", "+", "+123456", "+1234567890123456", "020 7946 0000", "+0123456789",
                           "+1 555 CALL", "++15550100", "1+5550100",
                           "+1555\xC2\xA0"
                           "0100"}) {
    CAPTURE(text);
    CHECK_FALSE(phone_e164(text));
  }
}

TEST_CASE("e-mail addresses are told from what is none") {
  for (const auto* text : {"eva@example.com", "e.v+a@sub.example.org", "o'neil@x.ie", "a@localhost",
                           "\xC3\xA9va@ex\xC3\xA4mple.de"}) {
    CAPTURE(text);
    CHECK(is_email(text));
  }
  for (const auto* text :
       {"", "eva", "@example.com", "eva@", "eva@-x.com", "eva@x..com", ".eva@x.com", "e va@x.com",
        "eva@x.com\n", "eva@@x.com", "<eva@x.com>"}) {
    CAPTURE(text);
    CHECK_FALSE(is_email(text));
  }
  CHECK_FALSE(is_email(std::string(65, 'a') + "@x.com"));
  CHECK(is_email(std::string(64, 'a') + "@x.com"));
}

TEST_CASE("language tags come out in the case of RFC 5646") {
  CHECK(language_tag("ES") == "es");
  CHECK(language_tag("pt-br") == "pt-BR");
  CHECK(language_tag("en_us") == "en-US");
  CHECK(language_tag("zh-hANT-tw") == "zh-Hant-TW");
  CHECK(language_tag("es-419") == "es-419");
  CHECK(language_tag("de-CH-1996") == "de-CH-1996");
  CHECK(language_tag("sl-rozaj-biske") == "sl-rozaj-biske");
  CHECK(language_tag("en-u-ca-gregory") == "en-u-ca-gregory");
  CHECK(language_tag("zh-cmn-Hans-CN") == "zh-cmn-Hans-CN");
  CHECK(language_tag("x-klingon") == "x-klingon");
  for (const auto* text : {"", "e", "en_", "en-", "-en", "en--US", "123", "en-US-US", "en-u",
                           "toolonglanguage", "x", "es-x"}) {
    CAPTURE(text);
    CHECK_FALSE(language_tag(text));
  }
}

TEST_CASE("country codes are ISO 3166-1's") {
  CHECK(country_code("mx") == "MX");
  CHECK(country_code("ES") == "ES");
  for (const auto* text : {"", "M", "MEX", "XX", "UK", "DA", "12"}) CHECK_FALSE(country_code(text));
}

TEST_CASE("URLs are http or https, with a host") {
  for (const auto* text : {"http://x", "HTTPS://example.com:8443/a?b=c#d", "https://[::1]/x",
                           "https://ex\xC3\xA4mple.de/\xC3\xBC"}) {
    CAPTURE(text);
    CHECK(is_url(text));
  }
  for (const auto* text :
       {"", "example.com", "ftp://x", "javascript:alert(1)", "http://", "http:///x", "http://a b",
        "https://x/\"><script>", "https://u@/", "https://:80/"}) {
    CAPTURE(text);
    CHECK_FALSE(is_url(text));
  }
}

TEST_CASE("UTF-8 is valid as RFC 3629 says") {
  for (const auto* text : {"", "plain", "\xC3\xA9", "\xE2\x82\xAC", "\xED\x9F\xBF", "\xEE\x80\x80",
                           "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CHECK(is_utf8(text));
  }
  for (const auto* text : {"\x80", "\xC3", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xE2\x82",
                           "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80",
                           "\xF5\x80\x80\x80", "\xFF", "a\xC3(", "\xE2(\xA1"}) {
    CHECK_FALSE(is_utf8(text));
  }
}

TEST_CASE("control characters are found in ASCII and beyond") {
  CHECK(has_control("a\tb"));
  CHECK(has_control("\x7F"));
  CHECK(has_control("a\xC2\x85"));
  CHECK_FALSE(has_control("a \xC2\xA0\xE2\x82\xAC"));
}

TEST_CASE("trimming takes white space of all scripts from both ends, and from nowhere else") {
  CHECK(trimmed(" \t\xE3\x80\x80 a b\xC2\xA0\r\n") == "a b");
  CHECK(trimmed(" \xE2\x80\xA8 ").empty());
  CHECK(trimmed("\xE2\x82\xAC") == "\xE2\x82\xAC");
}
