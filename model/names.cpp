// The wire's names of all enumerations, in the order of their enumerators: the one table each of
// name_of() and …_of().
#include <array>
#include <string_view>

#include "model/channel.hpp"
#include "model/entry.hpp"
#include "model/filter.hpp"
#include "model/workspace.hpp"

namespace inboxd::model {
namespace {

template <std::size_t N>
using Names = std::array<std::string_view, N>;

template <class Enum, std::size_t N>
std::string_view name_in(const Names<N>& names, Enum value) {
  return names.at(static_cast<std::size_t>(value));
}

template <class Enum, std::size_t N>
std::optional<Enum> find_in(const Names<N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

constexpr Names<channel_kinds> channel_kind_names{"whatsapp", "messenger", "instagram", "telegram",
                                                  "line",     "viber",     "wechat",    "sms",
                                                  "email",    "webchat",   "custom"};
constexpr Names<5> statuses{"pending", "failed", "sent", "delivered", "read"};
constexpr Names<5> author_kinds{"contact", "agent", "service", "connector", "system"};
constexpr Names<2> directions{"in", "out"};
constexpr Names<5> message_types{"text", "attachment", "location", "template", "unsupported"};
constexpr Names<2> contact_statuses{"open", "done"};
constexpr Names<5> priorities{"none", "low", "medium", "high", "urgent"};
constexpr Names<7> causes{"manual", "inbound", "reply", "done", "timer", "policy", "merge"};
constexpr Names<std::variant_size_v<EventData>> events{
    "opened",  "reopened", "done",    "assigned",  "unassigned", "snoozed",      "woke",
    "updated", "tagged",   "blocked", "unblocked", "merged",     "channel_added"};
constexpr Names<5> sorts{"newest", "oldest", "longest_waiting", "unread_first", "priority"};
constexpr Names<22> filter_fields{"status",
                                  "assignee",
                                  "team",
                                  "unread",
                                  "snoozed",
                                  "blocked",
                                  "channel",
                                  "channel_kind",
                                  "tags",
                                  "priority",
                                  "language",
                                  "country",
                                  "lifecycle",
                                  "first_name",
                                  "last_name",
                                  "name",
                                  "phone",
                                  "email",
                                  "fields.",
                                  "last_inbound_at",
                                  "last_outbound_at",
                                  "last_activity_at"};
constexpr Names<16> operators{
    "eq", "ne", "in",      "not_in",  "exists",  "not_exists", "contains",   "starts_with",
    "lt", "gt", "between", "has_any", "has_all", "has_none",   "older_than", "newer_than"};
constexpr Names<3> roles{"agent", "manager", "admin"};
constexpr Names<3> visibilities{"all", "team", "assigned"};
constexpr Names<4> principal_kinds{"agent", "connector", "service", "system"};
constexpr Names<8> field_types{"text", "number", "bool", "date", "list", "url", "email", "phone"};
constexpr Names<3> sharings{"private", "team", "workspace"};

// The last of each is where the table would slip if one were forgotten.
static_assert(channel_kind_names[static_cast<std::size_t>(ChannelKind::custom)] == "custom");
static_assert(statuses[static_cast<std::size_t>(Status::read)] == "read");
static_assert(author_kinds[static_cast<std::size_t>(AuthorKind::system)] == "system");
static_assert(message_types[static_cast<std::size_t>(MessageType::unsupported)] == "unsupported");
static_assert(causes[static_cast<std::size_t>(Cause::merge)] == "merge");
static_assert(sorts[static_cast<std::size_t>(Sort::priority)] == "priority");
static_assert(filter_fields[static_cast<std::size_t>(FilterField::last_activity_at)] ==
              "last_activity_at");
static_assert(operators[static_cast<std::size_t>(Operator::newer_than)] == "newer_than");
static_assert(field_types[static_cast<std::size_t>(FieldType::phone)] == "phone");

}  // namespace

std::string_view name_of(ChannelKind kind) {
  return name_in(channel_kind_names, kind);
}
std::optional<ChannelKind> channel_kind_of(std::string_view name) {
  return find_in<ChannelKind>(channel_kind_names, name);
}

std::string_view name_of(Status status) {
  return name_in(statuses, status);
}
std::optional<Status> status_of(std::string_view name) {
  return find_in<Status>(statuses, name);
}

std::string_view name_of(AuthorKind kind) {
  return name_in(author_kinds, kind);
}
std::optional<AuthorKind> author_kind_of(std::string_view name) {
  return find_in<AuthorKind>(author_kinds, name);
}

std::string_view name_of(Direction direction) {
  return name_in(directions, direction);
}
std::optional<Direction> direction_of(std::string_view name) {
  return find_in<Direction>(directions, name);
}

std::string_view name_of(MessageType type) {
  return name_in(message_types, type);
}
std::optional<MessageType> message_type_of(std::string_view name) {
  return find_in<MessageType>(message_types, name);
}

std::string_view name_of(ContactStatus status) {
  return name_in(contact_statuses, status);
}
std::optional<ContactStatus> contact_status_of(std::string_view name) {
  return find_in<ContactStatus>(contact_statuses, name);
}

std::string_view name_of(Priority priority) {
  return name_in(priorities, priority);
}
std::optional<Priority> priority_of(std::string_view name) {
  return find_in<Priority>(priorities, name);
}

std::string_view name_of(Cause cause) {
  return name_in(causes, cause);
}
std::optional<Cause> cause_of(std::string_view name) {
  return find_in<Cause>(causes, name);
}

std::string_view name_of(const EventData& data) {
  return events.at(data.index());
}

std::string_view name_of(Sort sort) {
  return name_in(sorts, sort);
}
std::optional<Sort> sort_of(std::string_view name) {
  return find_in<Sort>(sorts, name);
}

std::string_view name_of(FilterField field) {
  return name_in(filter_fields, field);
}
std::optional<FilterField> filter_field_of(std::string_view name) {
  return find_in<FilterField>(filter_fields, name);
}

std::string_view name_of(Operator op) {
  return name_in(operators, op);
}
std::optional<Operator> operator_of(std::string_view name) {
  return find_in<Operator>(operators, name);
}

std::string_view name_of(Role role) {
  return name_in(roles, role);
}
std::optional<Role> role_of(std::string_view name) {
  return find_in<Role>(roles, name);
}

std::string_view name_of(Visibility visibility) {
  return name_in(visibilities, visibility);
}
std::optional<Visibility> visibility_of(std::string_view name) {
  return find_in<Visibility>(visibilities, name);
}

std::string_view name_of(PrincipalKind kind) {
  return name_in(principal_kinds, kind);
}
std::optional<PrincipalKind> principal_kind_of(std::string_view name) {
  return find_in<PrincipalKind>(principal_kinds, name);
}

std::string_view name_of(FieldType type) {
  return name_in(field_types, type);
}
std::optional<FieldType> field_type_of(std::string_view name) {
  return find_in<FieldType>(field_types, name);
}

std::string_view name_of(Sharing sharing) {
  return name_in(sharings, sharing);
}
std::optional<Sharing> sharing_of(std::string_view name) {
  return find_in<Sharing>(sharings, name);
}

}  // namespace inboxd::model
