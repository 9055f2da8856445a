// Details, custom fields, tags and channel accounts as commands bring them: checked, and values
// put into their one form.
#include <algorithm>
#include <cmath>
#include <set>

#include "model/checks.hpp"
#include "model/details_table.hpp"
#include "model/formats.hpp"
#include "model/limits.hpp"
#include "model/overload.hpp"

namespace inboxd::model {
namespace {

/// The text in its one form, or what is wrong with it.
Result<std::string> fit_text(const std::string& field, const std::string& text,
                             DetailFormat format) {
  const auto bytes_max =
      format == DetailFormat::url ? limits::url_bytes_max : limits::name_bytes_max;
  if (auto error = check_line(field, text, bytes_max)) return *std::move(error);
  const auto fitted = [&](std::optional<std::string> form, const char* what) {
    return form ? Result<std::string>(*std::move(form))
                : Result<std::string>(invalid(field, "'" + field + "' must be " + what + "."));
  };
  const auto if_so = [&](bool good) { return good ? std::optional(text) : std::nullopt; };
  switch (format) {
    case DetailFormat::line: break;
    case DetailFormat::phone:
      return fitted(phone_e164(text), "a telephone number with its country code, 7 to 15 digits");
    case DetailFormat::email: return fitted(if_so(is_email(text)), "an e-mail address");
    case DetailFormat::language: return fitted(language_tag(text), "a language tag such as pt-BR");
    case DetailFormat::country: return fitted(country_code(text), "an ISO 3166-1 alpha-2 code");
    case DetailFormat::url: return fitted(if_so(is_url(text)), "an http or https URL");
  }
  return text;
}

Error wrong_type(const std::string& field, const char* what) {
  return invalid(field, "'" + field + "' must be " + what + ".");
}

Checked check_option(const std::string& path, const std::string& text, const CustomField& field) {
  const auto& options = field.options;
  if (options.empty() || std::find(options.begin(), options.end(), text) != options.end()) {
    return std::nullopt;
  }
  return invalid(path, "'" + path + "' must be one of the field's options.");
}

Result<FieldValue> fit_plain_text(const std::string& path, const std::string& text,
                                  const CustomField& field) {
  if (auto error = check_text(path, text, limits::field_value_bytes_max)) return *std::move(error);
  if (auto error = check_option(path, text, field)) return *std::move(error);
  return FieldValue(text);
}

Result<FieldValue> fit_formatted(const std::string& path, const FieldValue& value,
                                 DetailFormat format) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return wrong_type(path, "a text");
  auto fitted = fit_text(path, *text, format);
  if (!fitted) return fitted.error();
  return FieldValue(*std::move(fitted));
}

Result<FieldValue> fit_date(const std::string& path, const FieldValue& value) {
  constexpr const char* wanted = "whole milliseconds since 1970 UTC, up to 2^53 - 1";
  constexpr auto max = static_cast<double>(limits::integer_max);
  if (const auto* date = std::get_if<Timestamp>(&value)) {
    if (std::abs(static_cast<double>(date->ms)) > max) return wrong_type(path, wanted);
    return value;
  }
  const auto* number = std::get_if<double>(&value);
  const bool whole = number != nullptr && std::isfinite(*number) &&
                     *number == std::trunc(*number) && std::abs(*number) <= max;
  if (!whole) return wrong_type(path, wanted);
  return FieldValue(Timestamp{static_cast<std::int64_t>(*number)});
}

Result<FieldValue> fit_list(const std::string& path, const FieldValue& value,
                            const CustomField& field) {
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  if (list == nullptr) return wrong_type(path, "a list of texts");
  if (list->size() > limits::field_options_max) {
    return too_many(path, list->size(), limits::field_options_max);
  }
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto item = item_path(path, i);
    if (auto error = check_name(item, (*list)[i], limits::name_bytes_max)) return *std::move(error);
    if (auto error = check_option(item, (*list)[i], field)) return *std::move(error);
    bytes += (*list)[i].size();
  }
  if (bytes > limits::field_value_bytes_max) {
    return too_large(path, bytes, limits::field_value_bytes_max);
  }
  return value;
}

/// A value as the wire typed it, as the field's type wants it.
Result<FieldValue> fit_value(const std::string& path, const FieldValue& value,
                             const CustomField& field) {
  switch (field.type) {
    case FieldType::text: {
      const auto* text = std::get_if<std::string>(&value);
      return text != nullptr ? fit_plain_text(path, *text, field)
                             : Result<FieldValue>(wrong_type(path, "a text"));
    }
    case FieldType::number: {
      const auto* number = std::get_if<double>(&value);
      if (number == nullptr || !std::isfinite(*number)) return wrong_type(path, "a number");
      return value;
    }
    case FieldType::boolean:
      if (!std::holds_alternative<bool>(value)) return wrong_type(path, "true or false");
      return value;
    case FieldType::date: return fit_date(path, value);
    case FieldType::list: return fit_list(path, value, field);
    case FieldType::url: return fit_formatted(path, value, DetailFormat::url);
    case FieldType::email: return fit_formatted(path, value, DetailFormat::email);
    case FieldType::phone: return fit_formatted(path, value, DetailFormat::phone);
  }
  return wrong_type(path, "of a known type");
}

bool is_empty(const FieldValue& value) {
  return std::visit(overload{
                        [](const std::string& text) { return text.empty(); },
                        [](const std::vector<std::string>& list) { return list.empty(); },
                        [](const auto&) { return false; },
                    },
                    value);
}

/// An empty value clears, as null does.
Checked fit_field(const std::string& path, const FieldId& id, std::optional<FieldValue>& value,
                  const Workspace& workspace) {
  const auto* field = workspace.field(id);
  if (field == nullptr) return invalid(path, "There is no custom field '" + id.str() + "'.");
  if (value && is_empty(*value)) value.reset();
  if (!value) return std::nullopt;
  auto fitted = fit_value(path, *value, *field);
  if (!fitted) return fitted.error();
  value = *std::move(fitted);
  return std::nullopt;
}

Checked fit_detail(const std::string& path, std::optional<std::string>& value,
                   DetailFormat format) {
  if (value && value->empty()) value.reset();
  if (!value) return std::nullopt;
  auto fitted = fit_text(path, *value, format);
  if (!fitted) return fitted.error();
  value = *std::move(fitted);
  return std::nullopt;
}

}  // namespace

Result<DetailsPatch> check_patch(std::string_view prefix, const DetailsPatch& patch,
                                 const Workspace& workspace) {
  auto checked = patch;
  const std::string before(prefix);
  for (const auto& detail : text_details) {
    auto& value = checked.*detail.patch;
    if (!value) continue;
    if (auto error = fit_detail(before + std::string(detail.key), *value, detail.format)) {
      return *std::move(error);
    }
  }
  for (auto& [id, value] : checked.fields) {
    const auto path = before + std::string(field_key_prefix) + id.str();
    if (auto error = fit_field(path, id, value, workspace)) return *std::move(error);
  }
  return checked;
}

Result<Details> check_profile(const Details& profile) {
  auto checked = profile;
  for (const auto& detail : text_details) {
    auto& value = checked.*detail.value;
    if (value.empty()) continue;
    auto fitted = fit_text("profile." + std::string(detail.key), value, detail.format);
    if (!fitted) return fitted.error();
    value = *std::move(fitted);
  }
  return checked;
}

Checked check_tags(std::string_view field, const std::vector<std::string>& tags) {
  if (tags.size() > limits::tags_max) return too_many(field, tags.size(), limits::tags_max);
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (auto error = check_name(item_path(field, i), tags[i], limits::tag_bytes_max)) {
      return error;
    }
  }
  return std::nullopt;
}

Checked check_identities(std::string_view field, const std::vector<ExternalIdentity>& identities) {
  if (identities.size() > limits::identities_max) {
    return too_many(field, identities.size(), limits::identities_max);
  }
  std::set<std::pair<ChannelId, std::string>> seen;
  for (std::size_t i = 0; i < identities.size(); ++i) {
    const auto path = item_path(field, i);
    const auto& one = identities[i];
    if (auto error =
            check_name(path + ".external_id", one.external_id, limits::external_id_bytes_max)) {
      return error;
    }
    if (!seen.emplace(one.channel, one.external_id).second) {
      return invalid(path, "'" + path + "' is there twice.");
    }
  }
  return std::nullopt;
}

Checked check_channels_exist(std::string_view field,
                             const std::vector<ExternalIdentity>& identities,
                             const Workspace& workspace) {
  for (std::size_t i = 0; i < identities.size(); ++i) {
    const auto& channel = identities[i].channel;
    if (workspace.channel(channel) != nullptr) continue;
    return not_found(item_path(field, i) + ".channel",
                     "There is no channel '" + channel.str() + "'.");
  }
  return std::nullopt;
}

}  // namespace inboxd::model
