// The details that are one text each, once for all who go through them: checks, changes, fills.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "model/command.hpp"
#include "model/contact.hpp"

namespace inboxd::model {

/// What a text detail has to look like.
enum class DetailFormat : std::uint8_t { line, phone, email, language, country, url };

struct TextDetail {
  std::string_view key;  // as in `contact.update`
  std::string Details::*value;
  Patch<std::string> DetailsPatch::*patch;
  DetailFormat format;
};

inline constexpr std::array text_details{
    TextDetail{"first_name", &Details::first_name, &DetailsPatch::first_name, DetailFormat::line},
    TextDetail{"last_name", &Details::last_name, &DetailsPatch::last_name, DetailFormat::line},
    TextDetail{"phone", &Details::phone, &DetailsPatch::phone, DetailFormat::phone},
    TextDetail{"email", &Details::email, &DetailsPatch::email, DetailFormat::email},
    TextDetail{"language", &Details::language, &DetailsPatch::language, DetailFormat::language},
    TextDetail{"country", &Details::country, &DetailsPatch::country, DetailFormat::country},
    TextDetail{"avatar", &Details::avatar, &DetailsPatch::avatar, DetailFormat::url},
    TextDetail{"lifecycle", &Details::lifecycle, &DetailsPatch::lifecycle, DetailFormat::line},
};

/// Keys of `DetailChange` that are no text detail.
inline constexpr std::string_view priority_key = "priority";
inline constexpr std::string_view field_key_prefix = "fields.";

/// Takes over from `source` what `details` lacks (S16, S23).
void fill_empty(Details& details, const Details& source);

}  // namespace inboxd::model
