// The kinds of params: how each is read and how the OpenRPC document describes it. Used by the
// method tables as template arguments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/command.hpp"
#include "model/filter.hpp"
#include "model/limits.hpp"
#include "model/workspace.hpp"
#include "net/method.hpp"

namespace inboxd::net::kinds {

namespace limits = model::limits;

std::string text_schema(std::size_t bytes_min, std::size_t bytes_max);
std::string integer_schema(std::int64_t min, std::int64_t max);
std::string enum_schema(const std::vector<std::string_view>& names);
std::string list_schema(const std::string& items, std::size_t max);

/// A text of at most `max` bytes, and at least `min`.
template <std::size_t max, std::size_t min = 0>
struct Text {
  using type = std::string;
  static bool read(In& in, Value& value, std::string& out) {
    if (!read_text(in, value, out, max)) return false;
    return out.size() >= min || in.invalid("Expected a text that is not empty.");
  }
  static std::string schema() { return text_schema(min, max); }
};
using Name = Text<limits::name_bytes_max, 1>;
using Detail = Text<limits::name_bytes_max>;
using ExternalId = Text<limits::external_id_bytes_max, 1>;
using ClientId = Text<limits::client_id_bytes_max, 1>;

template <std::int64_t min = 0, std::int64_t max = limits::integer_max>
struct Integer {
  using type = std::int64_t;
  static bool read(In& in, Value& value, std::int64_t& out) {
    return read_integer(in, value, out, min, max);
  }
  static std::string schema() { return integer_schema(min, max); }
};

/// Rows or entries of a page: 1–200, never clamped (S38).
struct Limit {
  using type = std::size_t;
  static bool read(In& in, Value& value, std::size_t& out);
  static std::string schema() { return integer_schema(1, limits::page_rows_max); }
};

struct Time {
  using type = model::Timestamp;
  static bool read(In& in, Value& value, model::Timestamp& out) {
    return read_integer(in, value, out.ms, 0, limits::integer_max);
  }
  static std::string schema() { return R"({"$ref":"#/components/schemas/Time"})"; }
};

struct Length {
  using type = model::Duration;
  static bool read(In& in, Value& value, model::Duration& out) {
    return read_integer(in, value, out.ms, 0, limits::integer_max);
  }
  static std::string schema() { return integer_schema(0, limits::integer_max); }
};

/// A seq, version or offset, from `min`.
template <class Position, std::int64_t min>
struct Place {
  using type = Position;
  static bool read(In& in, Value& value, Position& out) {
    std::int64_t number = 0;
    if (!read_integer(in, value, number, min, limits::integer_max)) return false;
    out.value = static_cast<std::uint64_t>(number);
    return true;
  }
  static std::string schema() { return integer_schema(min, limits::integer_max); }
};
using SeqNumber = Place<model::Seq, 1>;
using SeqOrZero = Place<model::Seq, 0>;
using VersionNumber = Place<model::Version, 0>;
using OffsetNumber = Place<model::Offset, 0>;

struct Flag {
  using type = bool;
  static bool read(In& in, Value& value, bool& out) { return read_flag(in, value, out); }
  static std::string schema() { return R"({"type":"boolean"})"; }
};

struct Number {
  using type = double;
  static bool read(In& in, Value& value, double& out) { return read_number(in, value, out); }
  static std::string schema() { return R"({"type":"number"})"; }
};

/// Degrees.
template <int max>
struct Degrees {
  using type = double;
  static bool read(In& in, Value& value, double& out) {
    if (!read_number(in, value, out)) return false;
    return (out >= -max && out <= max) ||
           in.invalid("Expected degrees from -" + std::to_string(max) + " to " +
                      std::to_string(max) + ".");
  }
  static std::string schema() {
    const auto n = std::to_string(max);
    return R"({"type":"number","minimum":-)" + n + R"(,"maximum":)" + n + "}";
  }
};

bool read_enum_name(In& in, Value& value, std::string_view& out);
bool no_such_name(In& in, const std::vector<std::string_view>& names);

/// An enumeration by its wire names: `parse` is its `…_of`, `last` its last enumerator.
template <class E, std::optional<E> (*parse)(std::string_view), E last>
struct OneOf {
  using type = E;
  static std::vector<std::string_view> names() {
    std::vector<std::string_view> all;
    for (unsigned i = 0; i <= static_cast<unsigned>(last); ++i) {
      all.push_back(name_of(static_cast<E>(i)));
    }
    return all;
  }
  static bool read(In& in, Value& value, E& out) {
    std::string_view name;
    if (!read_enum_name(in, value, name)) return false;
    const auto found = parse(name);
    if (!found) return no_such_name(in, names());
    out = *found;
    return true;
  }
  static std::string schema() { return enum_schema(names()); }
};
using PriorityName = OneOf<model::Priority, model::priority_of, model::Priority::urgent>;
using StatusName = OneOf<model::Status, model::status_of, model::Status::read>;
using SortName = OneOf<model::Sort, model::sort_of, model::Sort::priority>;
using RoleName = OneOf<model::Role, model::role_of, model::Role::admin>;
using VisibilityName = OneOf<model::Visibility, model::visibility_of, model::Visibility::assigned>;
using SharingName = OneOf<model::Sharing, model::sharing_of, model::Sharing::workspace>;
using ChannelKindName =
    OneOf<model::ChannelKind, model::channel_kind_of, model::ChannelKind::custom>;
using FieldTypeName = OneOf<model::FieldType, model::field_type_of, model::FieldType::phone>;
using MessageTypeName =
    OneOf<model::MessageType, model::message_type_of, model::MessageType::unsupported>;

/// A contact that is named: text that no contact can have is `not_found` (S39).
struct ContactRef {
  using type = model::ContactId;
  static bool read(In& in, Value& value, model::ContactId& out);
  static std::string schema() { return R"({"$ref":"#/components/schemas/ContactId"})"; }
};

bool read_ref(In& in, Value& value, std::string_view& out);
bool read_chosen(In& in, Value& value, std::string_view& out);
bool no_such_id(In& in);

/// Whether a name may still become a symbol: it is one, or there is room (`limits::names_max`).
template <class Id>
bool check_room(In& in, std::string_view name) {
  if (Id::count() < limits::names_max || Id::find(name)) return true;
  return in.fail({.reason = model::Reason::limit_exceeded,
                  .message = "Too many different names were given since the engine was started.",
                  .field = in.path(),
                  .limit = limits::names_max});
}

/// Something that exists already, by its id (S39), and an id that is chosen here (S38). The former
/// is only looked up: what a client merely names leaves nothing behind.
template <class Id>
struct Ref {
  using type = Id;
  static bool read(In& in, Value& value, Id& out) {
    std::string_view text;
    if (!read_ref(in, value, text)) return false;
    const auto id = Id::find(text);
    if (!id) return no_such_id(in);
    out = *id;
    return true;
  }
  static std::string schema() { return R"({"$ref":"#/components/schemas/Id"})"; }
};
template <class Id>
struct Chosen {
  using type = Id;
  static bool read(In& in, Value& value, Id& out) {
    std::string_view text;
    if (!read_chosen(in, value, text) || !check_room<Id>(in, text)) return false;
    out = Id(text);
    return true;
  }
  static std::string schema() { return R"({"$ref":"#/components/schemas/Id"})"; }
};
/// The same for the id of a new view, which anybody may ask for: text, until the view is made.
struct ChosenView {
  using type = std::string;
  static bool read(In& in, Value& value, std::string& out);
  static std::string schema() { return R"({"$ref":"#/components/schemas/Id"})"; }
};
/// `all`, `mine`, `team:<id>`, … or a custom view's id.
struct ViewRef {
  using type = model::ViewId;
  static bool read(In& in, Value& value, model::ViewId& out);
  static std::string schema() { return R"({"$ref":"#/components/schemas/ViewId"})"; }
};
/// `"s7"`; text that no subscription can have is `not_found`.
struct SubRef {
  using type = actors::SubId;
  static bool read(In& in, Value& value, actors::SubId& out);
  static std::string schema() { return R"({"$ref":"#/components/schemas/Sub"})"; }
};

template <class Kind, std::size_t max>
struct List {
  using type = std::vector<typename Kind::type>;
  static bool read(In& in, Value& value, type& out) {
    return read_list(in, value, max,
                     [&](In& at, Value& item) { return Kind::read(at, item, out.emplace_back()); });
  }
  static std::string schema() { return list_schema(Kind::schema(), max); }
};

/// A tag is text, not empty (S11), and a symbol only once a contact has it.
struct TagText {
  using type = std::string;
  static bool read(In& in, Value& value, std::string& out);
  static std::string schema() { return text_schema(1, limits::tag_bytes_max); }
};
using Tags = List<TagText, limits::tags_max>;

/// An object with members of its own: `Table::members()` gives them.
template <class T, const std::vector<Param>& (*members)()>
struct Object {
  using type = T;
  static bool read(In& in, Value& value, T& out) {
    simdjson::ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) {
      return in.expected("an object", value);
    }
    return read_members(in, object, members(), &out);
  }
  static std::string schema();
};

std::string object_schema(const std::vector<Param>& members);
template <class T, const std::vector<Param>& (*members)()>
std::string Object<T, members>::schema() {
  return object_schema(members());
}

const std::vector<Param>& attachment_members();
const std::vector<Param>& location_members();
const std::vector<Param>& template_members();
const std::vector<Param>& platform_error_members();
const std::vector<Param>& position_members();
const std::vector<Param>& identity_members();
const std::vector<Param>& note_members();
const std::vector<Param>& profile_members();

using Attachments = List<Object<model::Attachment, attachment_members>, limits::attachments_max>;
using LocationObject = Object<model::Location, location_members>;
using TemplateObject = Object<model::Template, template_members>;
using PlatformErrorObject = Object<model::PlatformError, platform_error_members>;
using StreamPositionObject = Object<actors::StreamPosition, position_members>;
using Identities = List<Object<model::ExternalIdentity, identity_members>, limits::identities_max>;
using NoteObject = Object<model::ClosingNote, note_members>;
using ProfileObject = Object<model::Details, profile_members>;

/// `contact.update`'s `set`: null clears (S15).
struct DetailsSet {
  using type = model::DetailsPatch;
  static bool read(In& in, Value& value, model::DetailsPatch& out);
  static std::string schema() { return R"({"$ref":"#/components/schemas/DetailsSet"})"; }
};
/// Custom fields by id: null clears.
struct FieldsSet {
  using type = std::map<model::FieldId, std::optional<model::FieldValue>>;
  static bool read(In& in, Value& value, type& out);
  static std::string schema() { return R"({"$ref":"#/components/schemas/FieldsSet"})"; }
};

/// A tree of S29. Operators and operands are checked as far as that goes without the workspace:
/// what a custom field allows is the engine's to say.
struct FilterTree {
  using type = model::Filter;
  static bool read(In& in, Value& value, model::Filter& out);
  static std::string schema() { return R"({"$ref":"#/components/schemas/Filter"})"; }
};

}  // namespace inboxd::net::kinds
