#include "net/method.hpp"

#include <bitset>

namespace inboxd::net {
namespace {

using model::PrincipalKind;

bool allows(const Access& access, PrincipalKind kind) {
  switch (kind) {
    case PrincipalKind::agent: return access.agents;
    case PrincipalKind::service: return access.services;
    case PrincipalKind::connector: return access.connectors;
    case PrincipalKind::system: return false;
  }
  return false;
}

constexpr std::size_t params_max = 64;

bool check_required(In& in, std::span<const Param> params, const std::bitset<params_max>& given) {
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (params[i].required && !given[i]) {
      return in.fail(model::invalid(in.path_to(params[i].name), "It is required."));
    }
  }
  return true;
}

}  // namespace

std::optional<model::Error> check_access(const Method& method, const model::Principal& principal,
                                         model::Role role) {
  const auto text = [&](std::string_view who) {
    std::string message(method.name);
    return model::forbidden(message.append(" is not for ").append(who).append("."));
  };
  if (!allows(method.access, principal.kind)) {
    return text(std::string(name_of(principal.kind)) + "s");
  }
  if (principal.kind != PrincipalKind::connector && role < method.access.role) {
    return text("the role " + std::string(name_of(role)));
  }
  return std::nullopt;
}

bool read_members(In& in, simdjson::ondemand::object object, std::span<const Param> params,
                  void* target) {
  std::bitset<params_max> seen, given;
  for (auto field : object) {
    std::string_view key;
    Value value;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS ||
        field.value().get(value) != simdjson::SUCCESS) {
      return in.invalid("Expected a member.");
    }
    const In::Step step(in, key);
    std::size_t i = 0;
    while (i < params.size() && params[i].name != key) ++i;
    if (i == params.size()) return in.invalid("There is no such param.");
    if (seen[i]) return in.invalid("It is given twice.");
    seen.set(i);
    if (is_null(value)) continue;
    given.set(i);
    if (!params[i].read(in, value, target)) return false;
  }
  return check_required(in, params, given);
}

bool read_params(In& in, std::string_view text, std::span<const Param> params, void* target) {
  if (text.empty()) return check_required(in, params, {});
  thread_local simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  const auto padded = text.size() + simdjson::SIMDJSON_PADDING;
  if (parser.iterate(text.data(), text.size(), padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return in.invalid("Expected an object in valid UTF-8.");
  }
  return read_members(in, object, params, target);
}

std::optional<model::Error> outcome(const In& in) {
  return in.error() ? in.error() : in.not_found();
}

}  // namespace inboxd::net
