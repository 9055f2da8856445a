#include "model/workspace_json.hpp"

#include <array>
#include <cmath>
#include <vector>

#include "model/json.hpp"
#include "model/limits.hpp"
#include "model/overload.hpp"

namespace inboxd::model {
namespace {

using json::Object;
using json::write;
using json::write_each;

constexpr std::array all_statuses{Status::pending, Status::failed, Status::sent, Status::delivered,
                                  Status::read};

void write_statuses(std::string& out, StatusSet set) {
  std::vector<Status> named;
  for (const auto status : all_statuses) {
    if (set.has(status)) named.push_back(status);
  }
  write_each(out, named, [&](Status s) { write(out, name_of(s)); });
}

void write_texts(std::string& out, const std::vector<std::string>& texts) {
  write_each(out, texts, [&](const std::string& text) { write(out, text); });
}

/// Times and durations are whole: as a person would write them, not `1.7e+12`.
void write_number(std::string& out, double number) {
  constexpr auto exact = static_cast<double>(limits::integer_max);
  if (number == std::trunc(number) && std::abs(number) <= exact) {
    write(out, static_cast<std::int64_t>(number));
  } else {
    write(out, number);
  }
}

void write_throughput(std::string& out, const Throughput& rate) {
  Object{out}("count", rate.count)("per_ms", rate.per)("burst", rate.burst);
}

/// What is not there is left out, but for the two that were there from the beginning.
void write_channel_members(Object& object, std::string& out, const Channel& channel) {
  object("id", channel.id)("kind", name_of(channel.kind))("name", channel.name);
  object("window_ms", channel.window);
  if (channel.statuses) {
    write_statuses(object.key("statuses"), *channel.statuses);
  } else {
    object("statuses", nullptr);
  }
  if (channel.rate) write_throughput(object.key("rate"), *channel.rate);
  if (channel.customer_rate) write_throughput(object.key("customer_rate"), *channel.customer_rate);
  if (const auto& retry = channel.retry) {
    Object{object.key("retry")}("attempts", retry->attempts)("delay_ms", retry->delay)(
        "delay_max_ms", retry->delay_max)("ack_timeout_ms", retry->ack_timeout);
  }
  if (channel.paused) object("paused", true);
  if (channel.origins) {
    write_each(object.key("origins"), *channel.origins, [&](const auto& o) { write(out, o); });
  }
}

void write_rules(std::string& out, const KindRules& rules) {
  Object object(out);
  object("window_ms", rules.window)("tagged_window_ms", rules.tagged_window);
  object("templates", rules.templates)("must_have_written", rules.must_have_written);
  object("sends_per_inbound", rules.sends_per_inbound);
  write_statuses(object.key("statuses"), rules.reports);
}

void write_operand(std::string& out, const FilterValue& value) {
  std::visit(overload{
                 [&](std::monostate) { out += "null"; },
                 [&](const std::vector<std::string>& texts) { write_texts(out, texts); },
                 [&](double number) { write_number(out, number); },
                 [&](const std::vector<double>& numbers) {
                   write_each(out, numbers, [&](double n) { write_number(out, n); });
                 },
                 [&](const auto& plain) { write(out, plain); },
             },
             value);
}

void write_leaf(std::string& out, const Filter& leaf) {
  Object object(out);
  if (leaf.field == FilterField::custom) {
    object("field", "fields." + leaf.custom.str());
  } else {
    object("field", name_of(leaf.field));
  }
  object("op", name_of(leaf.op));
  if (!std::holds_alternative<std::monostate>(leaf.value)) {
    write_operand(object.key("value"), leaf.value);
  }
}

}  // namespace

void write_agent(std::string& out, const Agent& agent) {
  Object object(out);
  object("id", agent.id)("name", agent.name);
  if (agent.email.empty()) {
    object("email", nullptr);
  } else {
    object("email", agent.email);
  }
  object("role", name_of(agent.role))("visibility", name_of(agent.visibility));
  write_each(object.key("teams"), agent.teams, [&](const TeamId& team) { write(out, team); });
}

void write_team(std::string& out, const Team& team) {
  Object{out}("id", team.id)("name", team.name);
}

void write_channel(std::string& out, const Channel& channel) {
  Object object(out);
  write_channel_members(object, out, channel);
}

void write_channel_with_rules(std::string& out, const Channel& channel) {
  Object object(out);
  write_channel_members(object, out, channel);
  write_rules(object.key("rules"), rules_of(channel));
}

void write_kind_rules(std::string& out, const KindRules& rules) {
  write_rules(out, rules);
}

void write_field(std::string& out, const CustomField& field) {
  Object object(out);
  object("id", field.id)("name", field.name)("type", name_of(field.type));
  write_texts(object.key("options"), field.options);
}

void write_policy(std::string& out, const Policy& policy) {
  Object{out}("unassign_on_done", policy.unassign_on_done)(
      "assign_on_reply", policy.assign_on_reply)("reopen_on_inbound", policy.reopen_on_inbound)(
      "wake_on_inbound", policy.wake_on_inbound);
}

void write_view_definition(std::string& out, const ViewDefinition& view) {
  Object object(out);
  object("view", view.id)("name", view.name);
  write_filter(object.key("filter"), view.filter);
  object("sort", name_of(view.sort))("visibility", name_of(view.visibility));
  Object{object.key("owner")}("kind", name_of(view.owner.kind))("id", view.owner.id);
}

void write_filter(std::string& out, const Filter& filter) {
  const auto write_children = [&](std::string_view kind) {
    Object object(out);
    write_each(object.key(kind), filter.children, [&](const Filter& f) { write_filter(out, f); });
  };
  switch (filter.kind) {
    case Filter::Kind::all: return write_children("all");
    case Filter::Kind::any: return write_children("any");
    case Filter::Kind::negation: {
      Object object(out);
      return write_filter(object.key("not"), filter.children.front());
    }
    case Filter::Kind::leaf: return write_leaf(out, filter);
  }
}

void write_principal(std::string& out, const Principal& principal) {
  Object{out}("kind", name_of(principal.kind))("id", principal.id)("role", name_of(principal.role))
      .maybe("channel", principal.channel);
}

}  // namespace inboxd::model
