// What a message may say: each type has its part, and only that.
#include <cmath>

#include "model/checks.hpp"
#include "model/formats.hpp"
#include "model/limits.hpp"

namespace inboxd::model {
namespace {

Checked check_attachment(const std::string& path, const Attachment& attachment) {
  const auto url = path + ".url";
  if (auto error = check_line(url, attachment.url, limits::url_bytes_max)) return error;
  if (!is_url(attachment.url)) return invalid(url, "'" + url + "' must be an http or https URL.");
  if (auto error = check_line(path + ".mime_type", attachment.mime_type, limits::name_bytes_max)) {
    return error;
  }
  if (auto error = check_line(path + ".name", attachment.name, limits::name_bytes_max)) {
    return error;
  }
  const auto bytes = attachment.bytes.value_or(0);
  if (bytes >= 0 && bytes <= limits::integer_max) return std::nullopt;
  return invalid(path + ".bytes", "'" + path + ".bytes' must be from 0 to 2^53 - 1.");
}

Checked check_attachments(const std::vector<Attachment>& attachments) {
  if (attachments.size() > limits::attachments_max) {
    return too_many("attachments", attachments.size(), limits::attachments_max);
  }
  for (std::size_t i = 0; i < attachments.size(); ++i) {
    if (auto error = check_attachment(item_path("attachments", i), attachments[i])) return error;
  }
  return std::nullopt;
}

Checked check_location(const Location& location) {
  const auto within = [](double degrees, double max) {
    return std::isfinite(degrees) && std::abs(degrees) <= max;
  };
  if (!within(location.latitude, 90)) {
    return invalid("location.latitude", "'location.latitude' must be from -90 to 90 degrees.");
  }
  if (!within(location.longitude, 180)) {
    return invalid("location.longitude", "'location.longitude' must be from -180 to 180 degrees.");
  }
  if (auto error = check_line("location.name", location.name, limits::name_bytes_max)) return error;
  return check_text("location.address", location.address, limits::name_bytes_max);
}

Checked check_template(const Template& given) {
  if (auto error = check_name("template.name", given.name, limits::name_bytes_max)) return error;
  // Platforms have codes of their own here (`en_US`), so any short text will do.
  if (auto error = check_line("template.language", given.language, limits::name_bytes_max)) {
    return error;
  }
  if (given.parameters.size() > limits::template_parameters_max) {
    return too_many("template.parameters", given.parameters.size(),
                    limits::template_parameters_max);
  }
  for (std::size_t i = 0; i < given.parameters.size(); ++i) {
    if (auto error = check_text(item_path("template.parameters", i), given.parameters[i],
                                limits::field_value_bytes_max)) {
      return error;
    }
  }
  return std::nullopt;
}

Error wants(const char* type, const char* part) {
  return invalid(part, std::string("A message of type ") + type + " needs '" + part + "'.");
}

/// What the type needs is there.
Checked check_needed(const Content& content, Direction direction) {
  switch (content.type) {
    case MessageType::text:
      if (content.text.empty()) return wants("text", "text");
      break;
    case MessageType::attachment:
      if (content.attachments.empty()) return wants("attachment", "attachments");
      break;
    case MessageType::location:
      if (!content.location) return wants("location", "location");
      break;
    case MessageType::template_:
      if (!content.template_) return wants("template", "template");
      break;
    case MessageType::unsupported:
      if (direction == Direction::out) {
        return invalid("type", "'unsupported' is for what a platform brings, not for sending.");
      }
      break;
  }
  return std::nullopt;
}

/// Nothing is there that the type would not show.
Checked check_nothing_else(const Content& content) {
  const auto stray = [](const char* part) {
    return invalid(part, std::string("'") + part + "' does not go with this message's type.");
  };
  if (content.type != MessageType::attachment && !content.attachments.empty()) {
    return stray("attachments");
  }
  if (content.type != MessageType::location && content.location) return stray("location");
  if (content.type != MessageType::template_ && content.template_) return stray("template");
  return std::nullopt;
}

}  // namespace

Checked check_content(const Content& content, Direction direction) {
  if (auto error = check_needed(content, direction)) return error;
  if (auto error = check_nothing_else(content)) return error;
  if (auto error = check_text("text", content.text, limits::text_bytes_max)) return error;
  if (auto error = check_attachments(content.attachments)) return error;
  if (content.location) {
    if (auto error = check_location(*content.location)) return error;
  }
  if (content.template_) return check_template(*content.template_);
  return std::nullopt;
}

}  // namespace inboxd::model
