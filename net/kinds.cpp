#include "net/kinds.hpp"

#include <charconv>

#include "model/json.hpp"
#include "model/view_scope.hpp"

namespace inboxd::net::kinds {
namespace {

constexpr std::size_t enum_bytes_max = 64;
constexpr std::size_t id_bytes_max = 64;
constexpr std::size_t view_bytes_max = 80;  // "team:" and an id, or a custom view's id

bool missing(In& in, std::string_view what) {
  in.missing(std::string("There is no such ").append(what).append("."));
  return true;
}

/// An id's text; one that is too long to exist comes back empty.
bool read_id_text(In& in, Value& value, std::string_view& out, std::size_t bytes_max) {
  if (!read_view(in, value, out, limits::frame_bytes_max)) return false;
  if (out.size() > bytes_max) out = {};
  return true;
}

}  // namespace

std::string text_schema(std::size_t bytes_min, std::size_t bytes_max) {
  std::string out;
  {
    model::json::Object object(out);
    object("type", "string");
    if (bytes_min > 0) object("minLength", bytes_min);
    object("maxLength", bytes_max);
  }
  return out;
}

std::string integer_schema(std::int64_t min, std::int64_t max) {
  std::string out;
  model::json::Object{out}("type", "integer")("minimum", min)("maximum", max);
  return out;
}

std::string enum_schema(const std::vector<std::string_view>& names) {
  std::string out;
  {
    model::json::Object object(out);
    object("type", "string");
    model::json::write_each(object.key("enum"), names,
                            [&](std::string_view name) { model::json::write(out, name); });
  }
  return out;
}

std::string list_schema(const std::string& items, std::size_t max) {
  return R"({"type":"array","items":)" + items + R"(,"maxItems":)" + std::to_string(max) + "}";
}

std::string object_schema(const std::vector<Param>& members) {
  std::string out;
  {
    model::json::Object object(out);
    object("type", "object");
    {
      model::json::Object properties(object.key("properties"));
      for (const auto& m : members) properties.key(m.name) += m.schema;
    }
    std::vector<std::string_view> required;
    for (const auto& m : members) {
      if (m.required) required.push_back(m.name);
    }
    if (!required.empty()) {
      model::json::write_each(object.key("required"), required,
                              [&](std::string_view name) { model::json::write(out, name); });
    }
    object("additionalProperties", false);
  }
  return out;
}

bool Limit::read(In& in, Value& value, std::size_t& out) {
  std::int64_t number = 0;
  if (!read_integer(in, value, number, 1, limits::page_rows_max)) return false;
  out = static_cast<std::size_t>(number);
  return true;
}

bool read_enum_name(In& in, Value& value, std::string_view& out) {
  return read_view(in, value, out, enum_bytes_max);
}

bool no_such_name(In& in, const std::vector<std::string_view>& names) {
  std::string message = "Expected one of";
  for (const auto name : names) message.append(" ").append(name);
  return in.invalid(message.append("."));
}

bool ContactRef::read(In& in, Value& value, model::ContactId& out) {
  std::string_view text;
  if (!read_id_text(in, value, text, id_bytes_max)) return false;
  const auto id = model::ContactId::parse(text);
  if (!id) return missing(in, "contact");
  out = *id;
  return true;
}

bool read_ref(In& in, Value& value, std::string_view& out) {
  if (!read_id_text(in, value, out, id_bytes_max)) return false;
  if (!model::is_chosen_id(out)) out = {};
  return true;
}

bool no_such_id(In& in) {
  return missing(in, "id");
}

bool read_chosen(In& in, Value& value, std::string_view& out) {
  if (!read_view(in, value, out, limits::frame_bytes_max)) return false;
  return model::is_chosen_id(out) || in.invalid("Expected an id: [A-Za-z0-9_.-]{1,64}.");
}

namespace {

std::optional<model::ViewId> view_named(std::string_view text) {
  for (const auto& view : model::system_views()) {
    if (view.str() == text) return view;
  }
  constexpr std::string_view team = "team:";
  if (!text.starts_with(team)) return model::ViewId::find(text);
  // A team's list has a name because the team has one.
  if (!model::TeamId::find(text.substr(team.size()))) return std::nullopt;
  return model::ViewId(text);
}

}  // namespace

bool ViewRef::read(In& in, Value& value, model::ViewId& out) {
  std::string_view text;
  if (!read_id_text(in, value, text, view_bytes_max)) return false;
  const auto view = view_named(text);
  if (!view) return missing(in, "view");
  out = *view;
  return true;
}

bool SubRef::read(In& in, Value& value, actors::SubId& out) {
  std::string_view text;
  if (!read_id_text(in, value, text, id_bytes_max)) return false;
  const auto* end = text.data() + text.size();
  if (text.size() < 2 || text[0] != 's' || text[1] == '0') return missing(in, "subscription");
  const auto [stop, error] = std::from_chars(text.data() + 1, end, out.value);
  if (error != std::errc() || stop != end) return missing(in, "subscription");
  return true;
}

bool ChosenView::read(In& in, Value& value, std::string& out) {
  std::string_view text;
  if (!read_chosen(in, value, text) || !check_room<model::ViewId>(in, text)) return false;
  out = text;
  return true;
}

bool TagText::read(In& in, Value& value, std::string& out) {
  if (!read_text(in, value, out, limits::tag_bytes_max)) return false;
  if (out.empty()) return in.invalid("Expected a tag that is not empty.");
  return check_room<model::Tag>(in, out);
}

// Objects.

const std::vector<Param>& attachment_members() {
  using A = model::Attachment;
  static const std::vector<Param> members{
      param<&A::url, Text<limits::url_bytes_max, 1>>("url", true, "Where the file is."),
      param<&A::mime_type, Detail>("mime_type", false, "Its media type."),
      param<&A::name, Detail>("name", false, "Its name for people."),
      param<&A::bytes, Integer<>>("bytes", false, "Its size."),
  };
  return members;
}

const std::vector<Param>& location_members() {
  using L = model::Location;
  static const std::vector<Param> members{
      param<&L::latitude, Degrees<90>>("latitude", true, "Degrees north."),
      param<&L::longitude, Degrees<180>>("longitude", true, "Degrees east."),
      param<&L::name, Detail>("name", false, "What is there."),
      param<&L::address, Detail>("address", false, "Its postal address."),
  };
  return members;
}

const std::vector<Param>& template_members() {
  using T = model::Template;
  constexpr std::size_t parameters_max = 64;
  static const std::vector<Param> members{
      param<&T::name, Name>("name", true, "The template's name on the platform."),
      param<&T::language, Detail>("language", false, "Its language."),
      param<&T::parameters, List<Text<limits::field_value_bytes_max>, parameters_max>>(
          "parameters", false, "What goes into its gaps, in order."),
  };
  return members;
}

const std::vector<Param>& platform_error_members() {
  using E = model::PlatformError;
  static const std::vector<Param> members{
      param<&E::code, Detail>("code", true, "The platform's code."),
      param<&E::message, Text<limits::field_value_bytes_max>>("message", false,
                                                              "The platform's text."),
  };
  return members;
}

const std::vector<Param>& position_members() {
  using P = actors::StreamPosition;
  static const std::vector<Param> members{
      param<&P::epoch, Detail>("epoch", true, "The epoch that the offset belongs to."),
      param<&P::offset, OffsetNumber>("offset", true, "The last offset that was seen."),
  };
  return members;
}

const std::vector<Param>& identity_members() {
  using I = model::ExternalIdentity;
  static const std::vector<Param> members{
      param<&I::channel, Ref<model::ChannelId>>("channel", true, "The channel."),
      param<&I::external_id, ExternalId>("external_id", true, "The customer's id on it."),
  };
  return members;
}

const std::vector<Param>& note_members() {
  using N = model::ClosingNote;
  static const std::vector<Param> members{
      param<&N::category, Detail>("category", false, "What it was about."),
      param<&N::summary, Text<limits::note_bytes_max>>("summary", false, "What came of it."),
  };
  return members;
}

const std::vector<Param>& profile_members() {
  using D = model::Details;
  static const std::vector<Param> members{
      param<&D::first_name, Detail>("first_name", false, "Given name."),
      param<&D::last_name, Detail>("last_name", false, "Family name."),
      param<&D::phone, Detail>("phone", false, "E.164."),
      param<&D::email, Detail>("email", false, "Address."),
      param<&D::language, Detail>("language", false, "BCP 47, such as `es`."),
      param<&D::country, Detail>("country", false, "ISO 3166-1 alpha-2."),
      param<&D::avatar, Text<limits::url_bytes_max>>("avatar", false, "A URL."),
  };
  return members;
}

// Details: here null means something.

namespace {

using TextPatch = model::Patch<std::string> model::DetailsPatch::*;

struct TextDetail {
  std::string_view key;
  TextPatch member;
  std::size_t bytes_max;
};

constexpr TextDetail text_details[] = {
    {"first_name", &model::DetailsPatch::first_name, limits::name_bytes_max},
    {"last_name", &model::DetailsPatch::last_name, limits::name_bytes_max},
    {"phone", &model::DetailsPatch::phone, limits::name_bytes_max},
    {"email", &model::DetailsPatch::email, limits::name_bytes_max},
    {"language", &model::DetailsPatch::language, limits::name_bytes_max},
    {"country", &model::DetailsPatch::country, limits::name_bytes_max},
    {"avatar", &model::DetailsPatch::avatar, limits::url_bytes_max},
    {"lifecycle", &model::DetailsPatch::lifecycle, limits::name_bytes_max},
};

bool read_priority(In& in, Value& value, model::DetailsPatch& out) {
  if (out.priority) return in.invalid("It is given twice.");
  out.priority.emplace();
  return is_null(value) || PriorityName::read(in, value, out.priority->emplace());
}

bool read_detail(In& in, std::string_view key, Value& value, model::DetailsPatch& out) {
  for (const auto& detail : text_details) {
    if (detail.key != key) continue;
    auto& patch = out.*detail.member;
    if (patch) return in.invalid("It is given twice.");
    patch.emplace();
    return is_null(value) || read_text(in, value, patch->emplace(), detail.bytes_max);
  }
  if (key == "priority") return read_priority(in, value, out);
  if (key == "fields") return is_null(value) || FieldsSet::read(in, value, out.fields);
  return in.invalid("There is no such detail.");
}

bool read_field_value(In& in, Value& value, model::FieldValue& out) {
  using simdjson::ondemand::json_type;
  json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return in.invalid("Expected a value.");
  switch (type) {
    case json_type::string:
      return read_text(in, value, out.emplace<std::string>(), limits::field_value_bytes_max);
    case json_type::number: return read_number(in, value, out.emplace<double>());
    case json_type::boolean: return read_flag(in, value, out.emplace<bool>());
    case json_type::array:
      return List<Text<limits::field_value_bytes_max>, limits::field_options_max>::read(
          in, value, out.emplace<std::vector<std::string>>());
    default: return in.expected("a text, a number, a boolean or a list of texts", value);
  }
}

}  // namespace

bool DetailsSet::read(In& in, Value& value, model::DetailsPatch& out) {
  return read_object(in, value, [&](In& at, std::string_view key, Value& member) {
    return read_detail(at, key, member, out);
  });
}

bool FieldsSet::read(In& in, Value& value, type& out) {
  return read_object(in, value, [&](In& at, std::string_view key, Value& member) {
    const auto id = model::FieldId::find(key);
    if (!id) {
      at.missing("There is no such field.");
      model::FieldValue unused;
      return is_null(member) || read_field_value(at, member, unused);
    }
    const auto [place, fresh] = out.try_emplace(*id);
    if (!fresh) return at.invalid("It is given twice.");
    if (out.size() > limits::fields_max) return at.too_many(limits::fields_max);
    return is_null(member) || read_field_value(at, member, place->second.emplace());
  });
}

}  // namespace inboxd::net::kinds
