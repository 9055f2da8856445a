// One table entry a method: its name, who may call it, its params, its result, and how the params
// become a request of the engine. From it come the decoder, the authorisation check, the OpenRPC
// document and the reference pages.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "actors/request.hpp"
#include "net/params.hpp"

namespace inboxd::net {

/// What net/ answers by itself.
struct OpenSession {
  std::string token;
};
struct RefreshSession {
  std::string token;
};
struct Discover {};

using Call = std::variant<actors::Request, OpenSession, RefreshSession, Discover>;

/// Who may call a method: kinds of principals (a set) and, of agents and services, from which role
/// on.
struct Access {
  bool agents = false;
  bool services = false;
  bool connectors = false;
  model::Role role = model::Role::agent;
};
namespace access {
inline constexpr Access people{.agents = true, .services = true};
inline constexpr Access admins{.agents = true, .services = true, .role = model::Role::admin};
inline constexpr Access connectors{.connectors = true};
inline constexpr Access everybody{.agents = true, .services = true, .connectors = true};
}  // namespace access

/// What a method does to the session.
enum class Effect : std::uint8_t {
  none,
  session,    // session.*: over WebSocket only, allowed before `session.open`
  subscribe,  // makes a subscription: over WebSocket only
  on_sub,     // names one
  local,      // answered without the engine
};

struct Param {
  std::string_view name;
  bool required = false;
  std::string_view doc;
  std::string schema;  // JSON Schema
  bool (*read)(In& in, Value& value, void* target) = nullptr;
};

struct Method {
  std::string_view name;
  std::string_view doc;
  Access access;
  Effect effect = Effect::none;
  std::vector<Param> params;
  std::string_view result_schema;
  std::string_view result_doc;
  /// Notifications that its subscription brings, by name.
  std::vector<std::string_view> notifications;
  /// `params` is an object's text with simdjson's padding readable behind it; empty: none given.
  std::function<model::Result<Call>(const Method&, In&, std::string_view params)> decode;
};

/// All methods, in the order of PROTOCOL.md, and one by its name (null: there is none). Any thread.
std::span<const Method> all_methods();
const Method* find_method(std::string_view name);

/// S6: may this principal, with the role that its session has now, call the method?
std::optional<model::Error> check_access(const Method& method, const model::Principal& principal,
                                         model::Role role);

/// Reads an object into `target` by the table: unknown and repeated members are refused by name,
/// null is absent, required ones must be there.
bool read_members(In& in, simdjson::ondemand::object object, std::span<const Param> params,
                  void* target);
bool read_params(In& in, std::string_view text, std::span<const Param> params, void* target);

/// The error that the reading ended with, if any (S6: invalid_params before not_found).
std::optional<model::Error> outcome(const In& in);

// The builder. `Kind` (net/kinds.hpp) has a `type`, `read(In&, Value&, type&)` and `schema()`.

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class Member>
struct MemberOf;
template <class P, class T>
struct MemberOf<T P::*> {
  using owner = P;
  using type = T;
};

/// A param that is read into a member of the params' struct.
template <auto member, class Kind>
Param param(std::string_view name, bool required, std::string_view doc) {
  using Owner = typename MemberOf<decltype(member)>::owner;
  using Type = typename MemberOf<decltype(member)>::type;
  const auto read = [](In& in, Value& value, void* target) {
    auto& place = static_cast<Owner*>(target)->*member;
    if constexpr (IsOptional<Type>::value) {
      return Kind::read(in, value, place.emplace());
    } else {
      return Kind::read(in, value, place);
    }
  };
  return {name, required, doc, Kind::schema(), read};
}

template <class P>
class Define {
 public:
  Define(std::string_view name, Access access, std::string_view doc) {
    m_.name = name;
    m_.access = access;
    m_.doc = doc;
  }
  template <auto member, class Kind>
  Define&& required(std::string_view name, std::string_view doc) && {
    m_.params.push_back(param<member, Kind>(name, true, doc));
    return std::move(*this);
  }
  template <auto member, class Kind>
  Define&& optional(std::string_view name, std::string_view doc) && {
    m_.params.push_back(param<member, Kind>(name, false, doc));
    return std::move(*this);
  }
  Define&& effect(Effect effect) && {
    m_.effect = effect;
    return std::move(*this);
  }
  Define&& notifies(std::vector<std::string_view> names) && {
    m_.notifications = std::move(names);
    return std::move(*this);
  }
  Define&& result(std::string_view schema, std::string_view doc) && {
    m_.result_schema = schema;
    m_.result_doc = doc;
    return std::move(*this);
  }
  /// `make` turns the params into a call, or says what is wrong with them together:
  /// `Result<Call>(P&&, In&)`.
  template <class Make>
  Method make(Make make) && {
    m_.decode = [make](const Method& method, In& in, std::string_view text) -> model::Result<Call> {
      P params{};
      read_params(in, text, method.params, &params);
      if (auto error = outcome(in)) return *std::move(error);
      return make(std::move(params), in);
    };
    return std::move(m_);
  }

 private:
  Method m_;
};

}  // namespace inboxd::net
